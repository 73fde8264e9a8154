// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPacking} from "../interfaces/IPacking.sol";
import {History} from "../libraries/History.sol";
import {Ledger} from "./Ledger.sol";

/// @title Aggregation: a parent carries its children along when it changes hands
/// @dev Only a parent that is not packed itself takes or gives up children, so whoever consents to
/// a root's head consents to all that is in it, and every check below is one read.
abstract contract Packing is Ledger, IPacking {
    /* TYPES */

    struct Packed {
        bytes32 parentId;
        bytes32 dataHash;
        bytes32 leaf;
        uint64 occurredAt;
        uint256 height;
        uint256 recalled;
    }

    /* CONSTANTS */

    /// @notice How many packings may stand on each other; a custodian is found in as many steps.
    uint8 public constant MAX_HEIGHT = 4;

    /* PACK */

    /// @inheritdoc IPacking
    function pack(
        bytes32 parentId,
        bytes32[] calldata childIds,
        bytes32 dataHash,
        uint64 occurredAt
    ) external {
        _checkBatch(childIds.length);
        if (_head[parentId] != 0) _checkOpen(parentId);
        _recordParent(parentId, dataHash, occurredAt);
        Packed memory p = _packed(History.PACKED, parentId, dataHash, occurredAt);
        for (uint256 i; i < childIds.length; ++i) {
            _putIn(childIds[i], p);
        }
        Hold storage parent = _hold[parentId];
        if (p.height > MAX_HEIGHT) revert PackedTooHigh(parentId, p.height, MAX_HEIGHT);
        if (p.height > parent.height) parent.height = uint8(p.height);
        parent.children += uint32(childIds.length);
        parent.recalledInside += uint32(p.recalled);
    }

    /// @inheritdoc IPacking
    function unpack(
        bytes32 parentId,
        bytes32[] calldata childIds,
        bytes32 dataHash,
        uint64 occurredAt
    ) external {
        _checkBatch(childIds.length);
        _checkOpen(parentId);
        _recordParent(parentId, dataHash, occurredAt);
        Packed memory p = _packed(History.UNPACKED, parentId, dataHash, occurredAt);
        for (uint256 i; i < childIds.length; ++i) {
            _takeOut(childIds[i], p);
        }
        Hold storage parent = _hold[parentId];
        parent.children -= uint32(childIds.length);
        parent.recalledInside -= uint32(p.recalled);
        if (parent.children == 0) parent.height = 0;
    }

    /* VIEWS */

    /// @inheritdoc IPacking
    function parentOf(bytes32 productId) external view returns (bytes32) {
        return _parent[productId];
    }

    /// @inheritdoc IPacking
    function contentOf(bytes32 productId)
        external
        view
        returns (uint256 children, uint256 recalledInside)
    {
        return (_hold[productId].children, _hold[productId].recalledInside);
    }

    /* STATE CHANGES */

    function _putIn(bytes32 childId, Packed memory p) private {
        if (childId == p.parentId) revert PackedInItself(childId);
        Hold storage child = _checkHeld(childId, msg.sender);
        if (child.height >= p.height) p.height = uint256(child.height) + 1;
        p.recalled += _recalled(child);

        (child.custodian, child.packed) = (address(0), true);
        _parent[childId] = p.parentId;
        uint64 seq = _append(childId, _head[childId], p.leaf);
        emit ProductPacked(childId, p.parentId, p.dataHash, msg.sender, seq, p.occurredAt);
    }

    function _takeOut(bytes32 childId, Packed memory p) private {
        Hold storage child = _hold[childId];
        if (!child.packed || _parent[childId] != p.parentId) revert NotInside(childId, p.parentId);
        p.recalled += _recalled(child);

        (child.custodian, child.packed) = (msg.sender, false);
        delete _parent[childId];
        uint64 seq = _append(childId, _head[childId], p.leaf);
        emit ProductUnpacked(childId, p.parentId, p.dataHash, msg.sender, seq, p.occurredAt);
    }

    function _recordParent(bytes32 parentId, bytes32 dataHash, uint64 occurredAt) private {
        bytes32 leaf = _recordLeaf(msg.sender, dataHash, occurredAt, History.AGGREGATION);
        bytes32 current = _head[parentId];
        _record(parentId, current, leaf, msg.sender, dataHash, occurredAt, History.AGGREGATION);
    }

    /* CHECKS */

    /// @dev A recalled parent keeps its content: else unpacking would free it from the recall.
    function _checkOpen(bytes32 parentId) private view {
        uint8 level = _checkHeld(parentId, msg.sender).recallLevel;
        if (level != 0) revert ProductIsRecalled(parentId, level);
    }

    function _recalled(Hold storage child) private view returns (uint256) {
        return child.recalledInside + (child.recallLevel == 0 ? 0 : 1);
    }

    function _packed(uint8 kind, bytes32 parentId, bytes32 dataHash, uint64 occurredAt)
        private
        view
        returns (Packed memory)
    {
        address parent = address(uint160(uint256(parentId)));
        bytes32 leaf = History.leaf(kind, msg.sender, parent, dataHash, occurredAt);
        return Packed(parentId, dataHash, leaf, occurredAt, 0, 0);
    }
}
