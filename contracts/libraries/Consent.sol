// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Whether an account agreed to a digest
library Consent {
    /// @notice True for a key's low-s signature or an EIP-1271 contract's approval.
    /// @dev Recovery first: reading the account's code would cost every plain wallet 2,600 gas.
    function given(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && signer == account) return true;
        return account.code.length > 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }
}
