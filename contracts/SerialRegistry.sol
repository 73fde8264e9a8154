// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ISerialRegistry} from "./interfaces/ISerialRegistry.sol";
import {SerialRanges} from "./libraries/SerialRanges.sol";

contract SerialRegistry is ISerialRegistry, AccessManaged {
    using SerialRanges for mapping(uint64 end => SerialRanges.Range);

    /// @dev Claimant and top share a slot: the permission costs a claim no storage access.
    struct Project {
        address claimant;
        uint64 top;
        mapping(uint64 end => SerialRanges.Range) byEnd;
    }

    mapping(bytes32 project => Project) private _projects;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc ISerialRegistry
    function assign(bytes32 project, address claimant) external restricted {
        _projects[project].claimant = claimant;
        emit ProjectAssigned(project, claimant);
    }

    /// @inheritdoc ISerialRegistry
    function claim(bytes32 project, uint64 start, uint64 end, uint64 hint) external {
        Project storage p = _projects[project];
        (address claimant, uint64 top) = (p.claimant, p.top);
        if (msg.sender != claimant) revert NotClaimant(project, claimant, msg.sender);

        uint64 newTop = p.byEnd.insert(top, start, end, hint);
        if (newTop != top) p.top = newTop;
        emit SerialsClaimed(project, claimant, start, end);
    }

    /* VIEWS */

    /// @inheritdoc ISerialRegistry
    function claimantOf(bytes32 project) external view returns (address) {
        return _projects[project].claimant;
    }

    /// @inheritdoc ISerialRegistry
    function topOf(bytes32 project) external view returns (uint64) {
        return _projects[project].top;
    }

    /// @inheritdoc ISerialRegistry
    function rangeEndingAt(bytes32 project, uint64 end)
        external
        view
        returns (uint64 start, uint64 previous)
    {
        SerialRanges.Range memory range = _projects[project].byEnd[end];
        return (range.start, range.previous);
    }

    /// @inheritdoc ISerialRegistry
    function hintFor(bytes32 project, uint64 end) external view returns (uint64) {
        Project storage p = _projects[project];
        uint64 hint = 0;
        uint64 next = p.top;
        while (next != 0 && p.byEnd[next].start >= end) {
            hint = next;
            next = p.byEnd[next].previous;
        }
        return hint;
    }

    /// @inheritdoc ISerialRegistry
    function rangeOf(bytes32 project, uint64 serial)
        external
        view
        returns (uint64 start, uint64 end)
    {
        Project storage p = _projects[project];
        uint64 next = p.top;
        while (next > serial) {
            SerialRanges.Range memory range = p.byEnd[next];
            if (range.start <= serial) return (range.start, next);
            next = range.previous;
        }
        return (0, 0);
    }
}
