// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegation} from "../interfaces/IDelegation.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Heads} from "./Heads.sol";

/// @title Who holds a product, who acts for the holder, and what stands in a handover's way
abstract contract Custody is Heads, ISupplyChain, IDelegation {
    /* TYPES */

    /// @dev One slot. A packed product names no custodian: it is held by whoever holds the root.
    struct Hold {
        address custodian;
        uint8 recallLevel;
        bool recalledByRegulator;
        bool packed;
        uint8 height; // packings below it, at most; exact again once it is empty
        uint32 children;
        uint32 recalledInside; // recalled products at any depth below it
    }

    /* STORAGE */

    mapping(bytes32 productId => Hold) internal _hold;
    mapping(bytes32 productId => bytes32) internal _parent;
    mapping(address account => mapping(address delegate => uint64)) private _delegateUntil;

    /* DELEGATION */

    /// @inheritdoc IDelegation
    function setDelegate(address delegate, uint64 until) external {
        _delegateUntil[msg.sender][delegate] = until;
        emit DelegateSet(msg.sender, delegate, until);
    }

    /* VIEWS */

    /// @inheritdoc IDelegation
    function delegateUntil(address account, address delegate) external view returns (uint64) {
        return _delegateUntil[account][delegate];
    }

    /// @inheritdoc ISupplyChain
    function custodianOf(bytes32 productId) external view returns (address) {
        return _custodian(productId);
    }

    /// @inheritdoc ISupplyChain
    function recallLevelOf(bytes32 productId) external view returns (uint8) {
        return _hold[productId].recallLevel;
    }

    /* WHO */

    function _custodian(bytes32 productId) internal view returns (address) {
        Hold storage hold = _hold[productId];
        while (hold.packed) {
            productId = _parent[productId];
            hold = _hold[productId];
        }
        return hold.custodian;
    }

    function _actsFor(address principal, address actor) internal view returns (bool) {
        return actor == principal || _delegateUntil[principal][actor] >= block.timestamp;
    }

    /* CHECKS */

    /// @dev The custodian of a product that is not packed is found with one read.
    function _checkWriter(bytes32 productId, address actor) internal view {
        if (_hold[productId].custodian == actor) return;
        address custodian = _custodian(productId);
        if (!_actsFor(custodian, actor)) revert NotCustodian(productId, custodian, actor);
    }

    /// @dev Held by `account` itself, and not inside another product.
    function _checkHeld(bytes32 productId, address account)
        internal
        view
        returns (Hold storage hold)
    {
        hold = _hold[productId];
        address custodian = hold.custodian;
        if (custodian == account) return hold;
        if (hold.packed) revert ProductIsPacked(productId, _parent[productId]);
        revert NotCustodian(productId, custodian, account);
    }

    /// @dev Held, and nothing in or on it is recalled: it may change hands or become another.
    function _checkFree(bytes32 productId, address account)
        internal
        view
        returns (Hold storage hold)
    {
        hold = _checkHeld(productId, account);
        if (hold.recallLevel != 0) revert ProductIsRecalled(productId, hold.recallLevel);
        if (hold.recalledInside != 0) revert ContainsRecalled(productId, hold.recalledInside);
    }

    function _checkHead(bytes32 productId, bytes32 expected)
        internal
        view
        returns (bytes32 current)
    {
        current = _head[productId];
        if (current != expected) revert StaleHead(productId, expected, current);
    }
}
