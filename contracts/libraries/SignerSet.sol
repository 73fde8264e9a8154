// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

/// @title Signers kept as the code of a contract
/// @notice One code read costs what 1.3 storage slots cost, however many signers there are. The
/// code is a STOP byte, so that nobody can run it, the configuration's digest, and 20 bytes per
/// signer.
library SignerSet {
    uint256 private constant FIRST = 33;
    uint256 private constant SIZE = 20;
    /// @dev Returns whatever follows these ten bytes; `size` of it stands between the two halves.
    bytes1 private constant PUSH2 = 0x61;
    bytes7 private constant RETURN_THE_REST = 0x80600a3d393df3;
    bytes1 private constant STOP = 0x00;

    /// @dev The digest as salt: another configuration is another address.
    function store(bytes32 digest, address[] calldata signers) internal returns (address) {
        bytes memory packed = "";
        for (uint256 i; i < signers.length; ++i) {
            packed = bytes.concat(packed, bytes20(signers[i]));
        }
        bytes memory code = bytes.concat(
            PUSH2, bytes2(uint16(FIRST + packed.length)), RETURN_THE_REST, STOP, digest, packed
        );
        return Create2.deploy(0, digest, code);
    }

    /// @dev Empty where nothing was stored.
    function load(address at) internal view returns (bytes memory) {
        return at.code;
    }

    /// @dev Zero for the empty set.
    function digestOf(bytes memory set) internal pure returns (bytes32 digest) {
        if (set.length == 0) return 0;
        assembly ("memory-safe") {
            digest := mload(add(set, 33)) // a length of 32 bytes, then STOP
        }
    }

    function count(bytes memory set) internal pure returns (uint256) {
        return set.length == 0 ? 0 : (set.length - FIRST) / SIZE;
    }

    /// @dev The first place from `start` on whose signer is not below the wanted one.
    function find(bytes memory set, address signer, uint256 start)
        internal
        pure
        returns (bool found, uint256 place)
    {
        assembly ("memory-safe") {
            let first := add(set, 65)
            let end := add(add(set, 32), mload(set))
            let at := add(first, mul(start, 20))
            for {} lt(at, end) { at := add(at, 20) } {
                let candidate := shr(96, mload(at))
                if iszero(lt(candidate, signer)) {
                    found := eq(candidate, signer)
                    break
                }
            }
            place := div(sub(at, first), 20)
        }
    }

    /// @dev `place` counts from 0 and must be below `count`.
    function signerAt(bytes memory set, uint256 place) internal pure returns (address signer) {
        assembly ("memory-safe") {
            signer := shr(96, mload(add(add(set, 65), mul(place, 20)))) // length, STOP, digest
        }
    }
}
