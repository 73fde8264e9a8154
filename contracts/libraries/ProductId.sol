// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title The id under which a product's history is kept
/// @notice The contracts take any 32 bytes; these two derivations are the ones readers know.
/// @dev Twin of core/crypto/product_id.py; both are tested against the same vectors.
library ProductId {
    /// @notice For a product that anyone who reads its code may look up: the hash of its canonical
    /// GS1 Digital Link URI.
    function plain(string memory uri) internal pure returns (bytes32) {
        return keccak256(bytes(uri));
    }

    /// @notice For a product whose identity is confidential: only who was told the salt can tell
    /// that a history is this product's.
    /// @dev Warning: draw the salt at random, all 32 bytes. A serial number is quickly guessed,
    /// and a guessable salt hides nothing.
    function blinded(bytes32 salt, string memory uri) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(salt, uri));
    }
}
