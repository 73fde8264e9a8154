// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title A contract account that approves one digest at a time (EIP-1271)
contract Wallet {
    bytes32 private approved;

    function approve(bytes32 digest) external {
        approved = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == approved ? this.isValidSignature.selector : bytes4(0);
    }
}
