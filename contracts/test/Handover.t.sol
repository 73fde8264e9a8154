// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// handover
/// ├── given the giver is custodian and the receiver signed
/// │  ├── it should move custody and emit CustodyTransferred
/// │  ├── it should fold giver and receiver into the head
/// │  ├── it should let the receiver record and stop the giver
/// │  └── given used before: it should revert with StaleHead
/// ├── when the caller is not the giver
/// │  └── it should revert
/// ├── when the receiver did not sign
/// │  └── it should revert
/// ├── when the deadline passed or the event lies ahead
/// │  └── it should revert
/// ├── given the giver is not custodian, or the product unknown
/// │  └── it should revert
/// └── given the product is recalled
///    └── it should revert
/// handoverSigned
/// ├── it should need both signatures
/// ├── when one is missing: it should revert
/// └── when the deadline passed: it should revert
contract HandoverTest is Actors {
    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
    }

    function test_GivenBothConsent_MovesCustody() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.expectEmit(address(chain));
        emit ISupplyChain.CustodyTransferred(LETTUCE, FARMER, CARRIER, DOCUMENT, 2, NOW_MS);
        vm.prank(FARMER);
        chain.handover(h, consent);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_GivenBothConsent_FoldsBothIntoTheHead() external {
        bytes32 before = chain.head(LETTUCE);
        carrierTakesOver();
        bytes32 leaf = keccak256(abi.encode(uint8(16), FARMER, CARRIER, DOCUMENT, NOW_MS));
        bytes32 hash = keccak256(abi.encodePacked(before, leaf));
        vm.assertEq(uint256(chain.head(LETTUCE)), (2 << 192) | uint256(uint192(uint256(hash))));
    }

    function test_GivenBothConsent_OnlyTheReceiverRecords() external {
        carrierTakesOver();
        vm.prank(CARRIER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
        expectNotCustodian(LETTUCE, CARRIER, FARMER);
        vm.prank(FARMER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    function test_RevertGiven_AReplay() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.prank(FARMER);
        chain.handover(h, consent);
        expectStaleHead(LETTUCE, h.prevHead);
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_RevertWhen_TheCallerIsNotTheGiver() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.NotSender.selector, FARMER, CARRIER));
        vm.prank(CARRIER);
        chain.handover(h, consent);
    }

    function test_RevertWhen_TheReceiverDidNotSign() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(FARMER_KEY, h);
        expectInvalidSignature(CARRIER);
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_RevertWhen_AFieldWasChanged(uint8 field) external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        field = field % 5;
        if (field == 0) h.to = RETAILER;
        if (field == 1) h.productId = SALAD;
        if (field == 2) h.dataHash = OTHER_DOCUMENT;
        if (field == 3) h.occurredAt -= 1;
        if (field == 4) h.deadline += 1;
        expectInvalidSignature(h.to);
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_RevertWhen_Expired() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.warp(uint256(DEADLINE) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.Expired.selector, DEADLINE, uint256(DEADLINE) + 1)
        );
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_RevertWhen_ItLiesAhead() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        h.occurredAt = NOW_MS + 1 days * 1000;
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, h.occurredAt, START)
        );
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_RevertGiven_TheGiverIsNotCustodian() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        h.from = ATTACKER;
        bytes memory consent = signHandover(CARRIER_KEY, h);
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.handover(h, consent);
    }

    function test_RevertGiven_TheProductIsUnknown() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        (h.productId, h.prevHead) = (SALAD, 0);
        bytes memory consent = signHandover(CARRIER_KEY, h);
        expectNotCustodian(SALAD, address(0), FARMER);
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_RevertGiven_TheProductIsRecalled() external {
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 2);
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.ProductIsRecalled.selector, LETTUCE, 2));
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_Signed_MovesCustodyWithBothSignatures() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory giver = signHandover(FARMER_KEY, h);
        bytes memory receiver = signHandover(CARRIER_KEY, h);
        vm.prank(RELAYER);
        chain.handoverSigned(h, giver, receiver);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_Signed_RevertWhen_TheGiverDidNotSign() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory receiver = signHandover(CARRIER_KEY, h);
        expectInvalidSignature(FARMER);
        chain.handoverSigned(h, receiver, receiver);
    }

    function test_Signed_RevertWhen_TheReceiverDidNotSign() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory giver = signHandover(FARMER_KEY, h);
        expectInvalidSignature(CARRIER);
        chain.handoverSigned(h, giver, giver);
    }

    function test_Signed_RevertWhen_Expired() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory giver = signHandover(FARMER_KEY, h);
        bytes memory receiver = signHandover(CARRIER_KEY, h);
        vm.warp(uint256(DEADLINE) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.Expired.selector, DEADLINE, uint256(DEADLINE) + 1)
        );
        chain.handoverSigned(h, giver, receiver);
    }

    function carrierTakesOver() private {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.prank(FARMER);
        chain.handover(h, consent);
    }
}
