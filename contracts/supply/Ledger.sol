// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Consent} from "../libraries/Consent.sol";
import {History} from "../libraries/History.sol";
import {Custody} from "./Custody.sol";

/// @title What every kind of entry shares: its checks, its consent and the way it is written
abstract contract Ledger is Custody, EIP712 {
    /* CONSTANTS */

    /// @notice Stays under the 16.7 million gas a transaction may use (EIP-7825).
    uint256 public constant MAX_BATCH = 500;
    /// @notice How far a signer's clock may run ahead of the chain's, in seconds.
    uint256 public constant MAX_CLOCK_SKEW = 15 minutes;

    constructor() EIP712("SmartRetail360 SupplyChain", "1") {}

    /* VIEWS */

    /// @inheritdoc ISupplyChain
    function head(bytes32 productId) external view returns (bytes32) {
        return _head[productId];
    }

    /* STATE CHANGES */

    /// @dev The first entry of a product makes its actor the custodian.
    function _record(
        bytes32 productId,
        bytes32 current,
        bytes32 leaf,
        address actor,
        bytes32 dataHash,
        uint64 occurredAt,
        uint8 kind
    ) internal {
        if (current == 0) _hold[productId].custodian = actor;
        else _checkWriter(productId, actor);
        uint64 seq = _append(productId, current, leaf);
        emit EventRecorded(productId, actor, dataHash, seq, occurredAt, kind);
    }

    /* CHECKS */

    function _checkConsent(address account, bytes32 structHash, bytes calldata signature)
        internal
        view
    {
        if (!Consent.given(account, _hashTypedDataV4(structHash), signature)) {
            revert InvalidSignature(account);
        }
    }

    function _checkDeadline(uint64 deadline) internal view {
        if (block.timestamp > deadline) revert Expired(deadline, block.timestamp);
    }

    function _checkTime(uint64 occurredAt) internal view {
        if (occurredAt / 1000 > block.timestamp + MAX_CLOCK_SKEW) {
            revert OccurredInFuture(occurredAt, block.timestamp);
        }
    }

    function _checkBatch(uint256 length) internal pure {
        if (length == 0) revert EmptyBatch();
        if (length > MAX_BATCH) revert BatchTooLarge(length, MAX_BATCH);
    }

    function _checkCount(uint256 expected, uint256 actual) internal pure {
        if (expected != actual) revert CountMismatch(expected, actual);
    }

    function _recordLeaf(address actor, bytes32 dataHash, uint64 occurredAt, uint8 kind)
        internal
        view
        returns (bytes32)
    {
        if (kind == 0 || kind > History.LAST_RECORD_KIND) revert InvalidKind(kind);
        _checkTime(occurredAt);
        return History.leaf(kind, actor, address(0), dataHash, occurredAt);
    }
}
