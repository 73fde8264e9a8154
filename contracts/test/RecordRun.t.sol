// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// recordRun
/// ├── given a product without history
/// │  └── it should make the actor custodian
/// ├── given the actor is custodian
/// │  ├── it should leave the head that as many records leave
/// │  └── it should emit EventRecorded for each entry
/// ├── given somebody else is custodian
/// │  └── it should revert
/// ├── when one kind is not 1 to 15
/// │  └── it should revert as a whole
/// ├── when one event lies ahead of the chain's clock
/// │  └── it should revert as a whole
/// ├── when empty
/// │  └── it should revert
/// └── when over 500 entries
///    └── it should revert
contract RecordRunTest is Actors {
    function test_GivenNoHistory_MakesTheActorCustodian() external {
        vm.prank(FARMER);
        chain.recordRun(LETTUCE, run(3));
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
        vm.assertEq(uint256(chain.head(LETTUCE)) >> 192, 3);
    }

    function test_GivenTheCustodian_LeavesTheHeadOfSingleRecords(uint8 length) external {
        ISupplyChain.Entry[] memory entries = run(uint256(length) % 20 + 1);
        farmerRecords(LETTUCE);
        farmerRecords(SALAD);
        for (uint256 i; i < entries.length; ++i) {
            ISupplyChain.Entry memory entry = entries[i];
            vm.prank(FARMER);
            chain.record(SALAD, entry.dataHash, entry.occurredAt, entry.kind);
        }
        vm.prank(FARMER);
        chain.recordRun(LETTUCE, entries);
        vm.assertEq(chain.head(LETTUCE), chain.head(SALAD));
    }

    function test_GivenTheCustodian_EmitsEventRecordedForEachEntry() external {
        farmerRecords(LETTUCE);
        ISupplyChain.Entry[] memory entries = run(2);
        for (uint64 i; i < 2; ++i) {
            ISupplyChain.Entry memory entry = entries[i];
            vm.expectEmit(address(chain));
            emit ISupplyChain.EventRecorded(
                LETTUCE, FARMER, entry.dataHash, i + 2, entry.occurredAt, entry.kind
            );
        }
        vm.prank(FARMER);
        chain.recordRun(LETTUCE, entries);
    }

    function test_RevertGiven_SomebodyElseIsCustodian() external {
        farmerRecords(LETTUCE);
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.recordRun(LETTUCE, run(2));
    }

    function test_RevertWhen_OneKindIsNoEpcisType() external {
        ISupplyChain.Entry[] memory entries = run(3);
        entries[2].kind = 16;
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.InvalidKind.selector, 16));
        chain.recordRun(LETTUCE, entries);
        vm.assertEq(chain.head(LETTUCE), bytes32(0));
    }

    function test_RevertWhen_OneEventLiesAhead() external {
        ISupplyChain.Entry[] memory entries = run(3);
        entries[1].occurredAt = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISupplyChain.OccurredInFuture.selector, entries[1].occurredAt, START
            )
        );
        chain.recordRun(LETTUCE, entries);
    }

    function test_RevertWhen_Empty() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        chain.recordRun(LETTUCE, new ISupplyChain.Entry[](0));
    }

    function test_RevertWhen_TooLong() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.BatchTooLarge.selector, 501, 500));
        chain.recordRun(LETTUCE, run(501));
    }

    function run(uint256 length) private pure returns (ISupplyChain.Entry[] memory entries) {
        entries = new ISupplyChain.Entry[](length);
        for (uint256 i; i < length; ++i) {
            bytes32 document = keccak256(abi.encode("document", i));
            entries[i] = ISupplyChain.Entry(document, NOW_MS + uint64(i), uint8(i % 15) + 1);
        }
    }
}
