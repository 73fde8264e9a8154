// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AnchorLog} from "../AnchorLog.sol";
import {IAnchorLog} from "../interfaces/IAnchorLog.sol";
import {Actors} from "./Actors.sol";
import {Vm, vm} from "./Vm.sol";

/// @title Publishers, and administrators who would like to change what was published
/// @dev Folds the events it sees, from the specification and with no code of the contract's.
contract AnchorActions is Actors {
    AnchorLog public log;
    address[] public people;
    string public fault;
    mapping(address publisher => bytes32) public toldTip;
    mapping(address publisher => bytes32[]) private _before;
    mapping(address publisher => IAnchorLog.Anchor[]) private _anchors;

    constructor() {
        super.setUp();
        log = AnchorLog(vm.deployCode("AnchorLog.sol:AnchorLog", ""));
        people = [FARMER, CARRIER, RETAILER, ATTACKER, REGULATOR, address(this)];
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    function peopleCount() external view returns (uint256) {
        return people.length;
    }

    function anchored(address publisher) public view returns (uint256) {
        return _anchors[publisher].length;
    }

    /// @dev A publisher's anchors from one of its last four on, and the tip before them.
    function latest(address publisher)
        external
        view
        returns (bytes32 tipBefore, IAnchorLog.Anchor[] memory some)
    {
        uint256 all = anchored(publisher);
        uint256 start = all < 4 ? 0 : all - 4;
        tipBefore = _before[publisher][start];
        some = new IAnchorLog.Anchor[](all - start);
        for (uint256 i; i < some.length; ++i) {
            some[i] = _anchors[publisher][start + i];
        }
    }

    /// @dev Few roots, so that the same batch comes again and from different publishers.
    function publish(uint8 who, uint8 root, uint8 count, bytes32 manifestHash) external {
        act(
            who,
            address(log),
            abi.encodeCall(AnchorLog.anchor, (bytes32(uint256(root % 8)), count, manifestHash))
        );
    }

    /// @dev Any function, also one that the contract does not have.
    function call(uint8 who, bytes4 selector, bytes calldata arguments) external {
        act(who, address(log), abi.encodePacked(selector, arguments));
    }

    /// @dev The administrator of everything else tries what closes and moves other contracts.
    function administer(uint8 how) external {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = AnchorLog.anchor.selector;
        if (how % 3 == 0) authority.setTargetClosed(address(log), true);
        if (how % 3 == 1) authority.setTargetFunctionRole(address(log), selectors, 77);
        if (how % 3 == 2) try authority.updateAuthority(address(log), ATTACKER) {} catch {}
    }

    function act(uint8 who, address target, bytes memory data) private {
        address sender = people[who % people.length];
        vm.recordLogs();
        vm.prank(sender);
        (bool done,) = target.call(data);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; done && i < logs.length; ++i) {
            read(sender, logs[i]);
        }
    }

    function read(address sender, Vm.Log memory entry) private {
        if (entry.topics[0] != IAnchorLog.EventsAnchored.selector) fault = "an unknown event";
        address publisher = address(uint160(uint256(entry.topics[1])));
        if (publisher != sender) fault = "an anchor in another's name";
        (bytes32 manifestHash, uint64 index, uint32 count) =
            abi.decode(entry.data, (bytes32, uint64, uint32));
        _before[publisher].push(toldTip[publisher]);
        _anchors[publisher].push(IAnchorLog.Anchor(entry.topics[2], count, manifestHash));
        if (index != anchored(publisher)) fault = "an index that does not follow the last";
        toldTip[publisher] = folded(toldTip[publisher], entry.topics[2], count, manifestHash);
    }

    function folded(bytes32 tip, bytes32 root, uint32 count, bytes32 manifestHash)
        private
        pure
        returns (bytes32)
    {
        bytes32 leaf = keccak256(abi.encode(root, count, manifestHash));
        uint256 hash = uint256(keccak256(abi.encodePacked(tip, leaf)));
        return bytes32((((uint256(tip) >> 192) + 1) << 192) | ((hash << 64) >> 64));
    }
}

contract AnchorInvariantsTest {
    AnchorActions private actions;

    function setUp() external {
        actions = new AnchorActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    /// @dev So no call by anybody but `anchor` by the publisher itself moves a tip.
    function invariant_ATipIsTheFoldOfItsEvents() external view {
        for (uint256 i; i < actions.peopleCount(); ++i) {
            address publisher = actions.people(i);
            vm.assertEq(actions.log().tipOf(publisher), actions.toldTip(publisher));
        }
    }

    function invariant_ATipCountsItsAnchors() external view {
        for (uint256 i; i < actions.peopleCount(); ++i) {
            address publisher = actions.people(i);
            uint256 index = uint256(actions.log().tipOf(publisher)) >> 192;
            vm.assertEq(index, actions.anchored(publisher));
        }
    }

    function invariant_WhatWasPublishedStaysProvable() external view {
        for (uint256 i; i < actions.peopleCount(); ++i) {
            address publisher = actions.people(i);
            if (actions.anchored(publisher) == 0) continue;
            (bytes32 tipBefore, IAnchorLog.Anchor[] memory some) = actions.latest(publisher);
            vm.assertTrue(actions.log().isPublished(publisher, tipBefore, some), "a lost anchor");
        }
    }

    /// @dev Indices grow by one, nobody publishes in another's name, nothing else is logged.
    function invariant_NoLogContradictsTheOnesBefore() external view {
        string memory fault = actions.fault();
        vm.assertTrue(bytes(fault).length == 0, fault);
    }
}
