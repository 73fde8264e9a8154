// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";
import {Wallet} from "./Wallet.sol";

/// recordSignedMany
/// ├── it should record for every signer, whoever relays
/// ├── given one product's head moved on
/// │  ├── it should skip that entry, say so, and record the others
/// │  └── given because the same entry is listed twice: it should record it once
/// ├── given one actor is no longer custodian, its product's head unchanged
/// │  ├── given its parent was handed over: it should skip that entry
/// │  └── given its delegation ended: it should skip that entry
/// ├── given the actor is a delegate
/// │  └── it should record
/// ├── when one signature is another's or malformed
/// │  └── it should revert as a whole
/// ├── when one actor is zero, or a contract that would approve
/// │  └── it should revert as a whole
/// ├── when one deadline passed
/// │  └── it should revert as a whole
/// ├── when one kind does not exist
/// │  └── it should revert as a whole
/// └── when empty, over 500, or without a signature for each
///    └── it should revert
contract RecordManyTest is Actors {
    function test_RecordsForEverySigner() external {
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(LETTUCE, FARMER, DOCUMENT, 1, NOW_MS, OBJECT);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(SALAD, CARRIER, DOCUMENT, 1, NOW_MS, OBJECT);
        relay(farmersAndCarriers());
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
        vm.assertEq(chain.custodianOf(SALAD), CARRIER);
    }

    function test_GivenOneHeadMovedOn_SkipsOnlyThatEntry() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        farmerRecords(LETTUCE);
        bytes32 moved = chain.head(LETTUCE);
        vm.expectEmit(address(chain));
        emit ISupplyChain.RecordSkipped(LETTUCE, FARMER, bytes32(0), moved);
        relay(records);
        vm.assertEq(chain.head(LETTUCE), moved);
        vm.assertEq(chain.head(SALAD), grown(0, OBJECT, CARRIER, address(0)));
    }

    function test_GivenAnEntryListedTwice_RecordsItOnce() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        records[1] = records[0];
        bytes[] memory consents = new bytes[](2);
        consents[0] = consents[1] = signRecord(FARMER_KEY, records[0]);
        chain.recordSignedMany(records, consents);
        vm.assertEq(chain.head(LETTUCE), grown(0, OBJECT, FARMER, address(0)));
    }

    function test_GivenTheParentWasHandedOver_SkipsTheEntryOfItsChild() external {
        farmerRecords(LETTUCE);
        vm.prank(FARMER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        handOver(PALLET, FARMER, RETAILER, RETAILER_KEY);
        bytes32 unchanged = chain.head(LETTUCE);
        vm.expectEmit(address(chain));
        emit ISupplyChain.RecordSkipped(LETTUCE, FARMER, unchanged, unchanged);
        relay(records);
        vm.assertEq(chain.head(LETTUCE), unchanged);
        vm.assertEq(chain.custodianOf(SALAD), CARRIER);
    }

    function test_GivenTheDelegationEnded_SkipsTheEntry() external {
        ISupplyChain.Record[] memory records = drivers();
        vm.prank(FARMER);
        chain.setDelegate(CARRIER, 0);
        bytes32 unchanged = chain.head(LETTUCE);
        vm.expectEmit(address(chain));
        emit ISupplyChain.RecordSkipped(LETTUCE, CARRIER, unchanged, unchanged);
        relayAs(CARRIER_KEY, records);
        vm.assertEq(chain.head(LETTUCE), unchanged);
    }

    function test_GivenADelegate_Records() external {
        ISupplyChain.Record[] memory records = drivers();
        bytes32 before = chain.head(LETTUCE);
        relayAs(CARRIER_KEY, records);
        vm.assertEq(chain.head(LETTUCE), grown(before, OBJECT, CARRIER, address(0)));
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
    }

    function test_RevertWhen_OneSignatureIsAnothers() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        bytes[] memory consents = new bytes[](2);
        consents[0] = consents[1] = signRecord(FARMER_KEY, records[0]);
        expectInvalidSignature(CARRIER);
        chain.recordSignedMany(records, consents);
        vm.assertEq(chain.head(LETTUCE), bytes32(0));
    }

    function test_RevertWhen_OneActorIsZero() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        records[1].actor = address(0);
        bytes[] memory consents = new bytes[](2);
        consents[0] = signRecord(FARMER_KEY, records[0]);
        consents[1] = new bytes(65);
        expectInvalidSignature(address(0));
        chain.recordSignedMany(records, consents);
    }

    function test_RevertWhen_OneActorIsAContract() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        Wallet wallet = new Wallet();
        records[1].actor = address(wallet);
        bytes[] memory consents = new bytes[](2);
        consents[0] = signRecord(FARMER_KEY, records[0]);
        wallet.approve(digestOf(address(chain), "SmartRetail360 SupplyChain", hash(records[1])));
        expectInvalidSignature(address(wallet));
        chain.recordSignedMany(records, consents);
    }

    function test_RevertWhen_OneDeadlinePassed() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        records[0].deadline = DEADLINE + 10;
        vm.warp(uint256(DEADLINE) + 1);
        bytes[] memory consents = signed(records);
        expectExpired(uint256(DEADLINE) + 1);
        chain.recordSignedMany(records, consents);
    }

    function test_RevertWhen_OneKindDoesNotExist() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        records[1].kind = 17;
        bytes[] memory consents = signed(records);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.InvalidKind.selector, 17));
        chain.recordSignedMany(records, consents);
    }

    function test_RevertWhen_Empty() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        chain.recordSignedMany(new ISupplyChain.Record[](0), new bytes[](0));
    }

    function test_RevertWhen_TooLarge() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.BatchTooLarge.selector, 501, 500));
        chain.recordSignedMany(new ISupplyChain.Record[](501), new bytes[](501));
    }

    function test_RevertWhen_ASignatureIsMissing() external {
        ISupplyChain.Record[] memory records = farmersAndCarriers();
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.CountMismatch.selector, 2, 1));
        chain.recordSignedMany(records, new bytes[](1));
    }

    /* STORIES */

    bytes32 private constant PALLET = keccak256("https://id.gs1.org/00/008600099999000015");

    function farmersAndCarriers() private view returns (ISupplyChain.Record[] memory records) {
        records = new ISupplyChain.Record[](2);
        records[0] = farmersRecord();
        records[1] = farmersRecord();
        (records[1].actor, records[1].productId, records[1].prevHead) = (CARRIER, SALAD, 0);
    }

    /// @dev One entry of the carrier, delegate of the farmer who holds the lettuce.
    function drivers() private returns (ISupplyChain.Record[] memory records) {
        farmerRecords(LETTUCE);
        vm.prank(FARMER);
        chain.setDelegate(CARRIER, uint64(START));
        records = new ISupplyChain.Record[](1);
        records[0] = farmersRecord();
        records[0].actor = CARRIER;
    }

    function signed(ISupplyChain.Record[] memory records)
        private
        view
        returns (bytes[] memory consents)
    {
        consents = new bytes[](2);
        consents[0] = signRecord(FARMER_KEY, records[0]);
        consents[1] = signRecord(CARRIER_KEY, records[1]);
    }

    function relay(ISupplyChain.Record[] memory records) private {
        bytes[] memory consents = signed(records);
        vm.prank(RELAYER);
        chain.recordSignedMany(records, consents);
    }

    function relayAs(uint256 key, ISupplyChain.Record[] memory records) private {
        bytes[] memory consents = new bytes[](1);
        consents[0] = signRecord(key, records[0]);
        vm.prank(RELAYER);
        chain.recordSignedMany(records, consents);
    }

    function hash(ISupplyChain.Record memory r) private view returns (bytes32) {
        return keccak256(abi.encode(chain.RECORD_TYPEHASH(), r));
    }
}
