// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IActorRegistry} from "../interfaces/IActorRegistry.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {History} from "../libraries/History.sol";
import {Roles} from "../libraries/Roles.sol";
import {Ledger} from "./Ledger.sol";

/// @title Recalls by custodian or regulator, and their end
abstract contract Recalls is Ledger {
    /* CONSTANTS */

    bytes32 public constant RECALL_TYPEHASH = keccak256(
        "Recall(address actor,bytes32 productId,bytes32 prevHead,bytes32 noticeHash,uint64 occurredAt,uint8 level,uint64 deadline)"
    );

    IActorRegistry public immutable REGISTRY;

    constructor(IActorRegistry registry) {
        REGISTRY = registry;
    }

    /* RECALL */

    /// @inheritdoc ISupplyChain
    function recall(bytes32 productId, bytes32 noticeHash, uint64 occurredAt, uint8 level)
        external
    {
        _recall(productId, _head[productId], msg.sender, noticeHash, occurredAt, level);
    }

    /// @inheritdoc ISupplyChain
    function recallSigned(Recall calldata r, bytes calldata signature) external {
        _checkDeadline(r.deadline);
        _checkConsent(r.actor, keccak256(abi.encode(RECALL_TYPEHASH, r)), signature);
        bytes32 current = _checkHead(r.productId, r.prevHead);
        _recall(r.productId, current, r.actor, r.noticeHash, r.occurredAt, r.level);
    }

    /// @inheritdoc ISupplyChain
    function closeRecall(bytes32 productId, bytes32 noticeHash, uint64 occurredAt) external {
        _checkTime(occurredAt);
        Hold storage hold = _hold[productId];
        if (hold.recallLevel == 0) revert NotRecalled(productId);
        _checkCloser(productId, hold.recalledByRegulator);

        (hold.recallLevel, hold.recalledByRegulator) = (0, false);
        for (bytes32 id = productId; _hold[id].packed;) {
            id = _parent[id];
            --_hold[id].recalledInside;
        }
        bytes32 leaf = History.leaf(History.RECALL, msg.sender, address(0), noticeHash, occurredAt);
        uint64 seq = _append(productId, _head[productId], leaf);
        emit RecallClosed(productId, msg.sender, noticeHash, seq, occurredAt);
    }

    /* STATE CHANGES */

    function _recall(
        bytes32 productId,
        bytes32 current,
        address actor,
        bytes32 noticeHash,
        uint64 occurredAt,
        uint8 level
    ) private {
        _checkTime(occurredAt);
        if (level == 0 || level > 3) revert InvalidRecallLevel(level);
        if (current == 0) revert UnknownProduct(productId);
        _raise(productId, level, _recallsAsRegulator(productId, actor));
        bytes32 leaf =
            History.leaf(History.RECALL | level, actor, address(0), noticeHash, occurredAt);
        uint64 seq = _append(productId, current, leaf);
        emit ProductRecalled(productId, actor, noticeHash, seq, occurredAt, level);
    }

    /// @dev Only a more severe recall may follow, but a regulator also takes over a custodian's:
    /// else a custodian could recall first, keep the regulator's recall out and then close its own.
    function _raise(bytes32 productId, uint8 level, bool regulator) private {
        Hold storage hold = _hold[productId];
        uint8 standing = hold.recallLevel;
        if (standing != 0 && level >= standing) {
            bool takesOver = regulator && level == standing && !hold.recalledByRegulator;
            if (!takesOver) revert ProductIsRecalled(productId, standing);
        }
        hold.recallLevel = level;
        // Stays when the custodian recalls more severely: a regulator's recall is the regulator's.
        if (regulator) hold.recalledByRegulator = true;
        if (standing != 0) return;
        for (bytes32 id = productId; _hold[id].packed;) {
            id = _parent[id];
            ++_hold[id].recalledInside;
        }
    }

    /* CHECKS */

    /// @dev A regulator's word counts on any product; the custodian's alone needs no register.
    function _recallsAsRegulator(bytes32 productId, address actor) private view returns (bool) {
        address custodian = _custodian(productId);
        if (actor == custodian) return false;
        if (!_isRegulator(actor)) revert NotCustodian(productId, custodian, actor);
        return true;
    }

    function _checkCloser(bytes32 productId, bool regulatorsRecall) private view {
        if (_isRegulator(msg.sender)) return;
        address custodian = _custodian(productId);
        if (msg.sender != custodian) revert NotCustodian(productId, custodian, msg.sender);
        if (regulatorsRecall) revert RecalledByRegulator(productId);
    }

    function _isRegulator(address actor) private view returns (bool) {
        return REGISTRY.roleOf(actor) == Roles.REGULATOR;
    }
}
