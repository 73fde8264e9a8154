// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Whether an account agreed to a digest
/// @dev Recovery comes first: reading an account's code would cost every plain wallet 2,600 gas.
library Consent {
    /// @notice True for a key's low-s signature or an EIP-1271 contract's approval.
    function given(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        address signer = signerOf(digest, signature);
        if (signer == account && signer != address(0)) return true;
        return approved(account, digest, signature);
    }

    /// @notice The key behind a low-s signature; zero = malformed, which is nobody's consent.
    function signerOf(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        (address signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        return signer;
    }

    /// @notice True for an EIP-1271 contract's approval. A static call: it cannot come back in.
    function approved(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        return account.code.length > 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }
}
