// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IOffers} from "../interfaces/IOffers.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// offer
/// ├── given the caller holds the product
/// │  ├── it should keep the handover's hash and emit HandoverOffered
/// │  ├── it should move nothing
/// │  └── it should replace an earlier offer
/// ├── given a delegate of the giver: it should offer
/// ├── when the caller is neither: it should revert
/// ├── given the giver does not hold the product: it should revert
/// ├── given the head moved on: it should revert
/// ├── given the product is recalled, contains a recalled one, or is packed: it should revert
/// ├── when the deadline passed: it should revert
/// └── when it lies ahead: it should revert
/// accept
/// ├── it should move custody, emit CustodyTransferred and clear the offer
/// ├── given a delegate of the receiver: it should move custody to the receiver
/// ├── given accepted before: it should revert
/// ├── when the caller is not the receiver: it should revert
/// ├── when a field differs from the offer: it should revert
/// ├── given no offer, a cancelled or a replaced one: it should revert
/// ├── given the giver recorded since: it should revert with StaleHead
/// ├── given the giver handed it to another since: it should revert with StaleHead
/// ├── given it was packed and taken out again since: it should revert with StaleHead
/// ├── given it was recalled since: it should revert
/// └── when the deadline passed: it should revert
/// reject, cancel
/// ├── it should clear the offer and say so, also by a delegate
/// ├── when the caller is not the receiver, or not the giver: it should revert
/// └── given no such offer: it should revert
/// expire
/// ├── it should let anyone clear an offer after its deadline
/// ├── when the deadline has not passed: it should revert
/// └── given no such offer: it should revert
contract OfferTest is Actors {
    bytes32 private constant PALLET = keccak256("https://id.gs1.org/00/008600099999000015");

    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
    }

    /* OFFER */

    function test_Offer_KeepsTheHashAndTellsIt() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        vm.expectEmit(address(chain));
        emit IOffers.HandoverOffered(
            LETTUCE, FARMER, CARRIER, DOCUMENT, NOW_MS, DEADLINE, h.prevHead
        );
        vm.prank(FARMER);
        chain.offer(h);
        vm.assertEq(chain.offerOf(LETTUCE), hash(h));
    }

    function test_Offer_MovesNothing() external {
        ISupplyChain.Handover memory h = offered();
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
        vm.assertEq(chain.head(LETTUCE), h.prevHead);
    }

    function test_Offer_ReplacesAnEarlierOne() external {
        ISupplyChain.Handover memory first = offered();
        ISupplyChain.Handover memory second = lettuceToCarrier();
        second.to = RETAILER;
        vm.prank(FARMER);
        chain.offer(second);
        vm.assertEq(chain.offerOf(LETTUCE), hash(second));
        expectNotOffered();
        vm.prank(CARRIER);
        chain.accept(first);
    }

    function test_Offer_GivenADelegateOfTheGiver_Offers() external {
        delegate(FARMER, RELAYER);
        ISupplyChain.Handover memory h = lettuceToCarrier();
        vm.prank(RELAYER);
        chain.offer(h);
        vm.assertEq(chain.offerOf(LETTUCE), hash(h));
    }

    function test_Offer_RevertWhen_TheCallerIsNotTheGiver() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        expectNotSender(CARRIER);
        vm.prank(CARRIER);
        chain.offer(h);
    }

    function test_Offer_RevertGiven_TheGiverDoesNotHoldIt() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        h.from = ATTACKER;
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.offer(h);
    }

    function test_Offer_RevertGiven_TheHeadMovedOn() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        farmerRecords(LETTUCE);
        expectStaleHead(LETTUCE, h.prevHead);
        vm.prank(FARMER);
        chain.offer(h);
    }

    function test_Offer_RevertGiven_ItIsRecalled() external {
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 3);
        ISupplyChain.Handover memory h = lettuceToCarrier();
        expectRecalled(LETTUCE, 3);
        vm.prank(FARMER);
        chain.offer(h);
    }

    function test_Offer_RevertGiven_ItContainsARecalledOne() external {
        packLettuce();
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 3);
        ISupplyChain.Handover memory h = lettuceToCarrier();
        (h.productId, h.prevHead) = (PALLET, chain.head(PALLET));
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.ContainsRecalled.selector, PALLET, 1));
        vm.prank(FARMER);
        chain.offer(h);
    }

    function test_Offer_RevertGiven_ItIsPacked() external {
        packLettuce();
        ISupplyChain.Handover memory h = lettuceToCarrier();
        expectPacked(LETTUCE, PALLET);
        vm.prank(FARMER);
        chain.offer(h);
    }

    function test_Offer_RevertWhen_Expired() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        vm.warp(uint256(DEADLINE) + 1);
        expectExpired(uint256(DEADLINE) + 1);
        vm.prank(FARMER);
        chain.offer(h);
    }

    function test_Offer_RevertWhen_ItLiesAhead() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        h.occurredAt = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, h.occurredAt, START)
        );
        vm.prank(FARMER);
        chain.offer(h);
    }

    /* ACCEPT */

    function test_Accept_MovesCustodyAndClearsTheOffer() external {
        ISupplyChain.Handover memory h = offered();
        vm.expectEmit(address(chain));
        emit ISupplyChain.CustodyTransferred(LETTUCE, FARMER, CARRIER, DOCUMENT, 2, NOW_MS);
        vm.prank(CARRIER);
        chain.accept(h);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
        vm.assertEq(chain.head(LETTUCE), grown(h.prevHead, 16, FARMER, CARRIER));
        vm.assertEq(chain.offerOf(LETTUCE), bytes32(0));
    }

    function test_Accept_GivenADelegateOfTheReceiver_MovesCustodyToTheReceiver() external {
        ISupplyChain.Handover memory h = offered();
        delegate(CARRIER, RELAYER);
        vm.prank(RELAYER);
        chain.accept(h);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_Accept_RevertGiven_AcceptedBefore() external {
        ISupplyChain.Handover memory h = offered();
        vm.prank(CARRIER);
        chain.accept(h);
        expectNotOffered();
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertWhen_TheCallerIsNotTheReceiver() external {
        ISupplyChain.Handover memory h = offered();
        expectNotReceiver(FARMER);
        vm.prank(FARMER);
        chain.accept(h);
    }

    function test_Accept_RevertWhen_AFieldDiffers(uint8 field) external {
        ISupplyChain.Handover memory h = offered();
        field = field % 4;
        if (field == 0) h.from = ATTACKER;
        if (field == 1) h.prevHead = 0;
        if (field == 2) h.dataHash = OTHER_DOCUMENT;
        if (field == 3) h.deadline += 1;
        expectNotOffered();
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertGiven_NoOffer() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        expectNotOffered();
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertGiven_Cancelled() external {
        ISupplyChain.Handover memory h = offered();
        vm.prank(FARMER);
        chain.cancel(h);
        expectNotOffered();
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertGiven_TheGiverRecordedSince() external {
        ISupplyChain.Handover memory h = offered();
        farmerRecords(LETTUCE);
        expectStaleHead(LETTUCE, h.prevHead);
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertGiven_HandedToAnotherSince() external {
        ISupplyChain.Handover memory h = offered();
        handOver(LETTUCE, FARMER, RETAILER, RETAILER_KEY);
        expectStaleHead(LETTUCE, h.prevHead);
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertGiven_PackedAndTakenOutSince() external {
        ISupplyChain.Handover memory h = offered();
        packLettuce();
        vm.prank(FARMER);
        chain.unpack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
        expectStaleHead(LETTUCE, h.prevHead);
        vm.prank(CARRIER);
        chain.accept(h);
    }

    /// @dev A recall is an entry, so the head says it first.
    function test_Accept_RevertGiven_RecalledSince() external {
        ISupplyChain.Handover memory h = offered();
        vm.prank(REGULATOR);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
        expectStaleHead(LETTUCE, h.prevHead);
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertGiven_SomethingInsideWasRecalledSince() external {
        packLettuce();
        ISupplyChain.Handover memory h = lettuceToCarrier();
        (h.productId, h.prevHead) = (PALLET, chain.head(PALLET));
        vm.prank(FARMER);
        chain.offer(h);
        vm.prank(REGULATOR);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.ContainsRecalled.selector, PALLET, 1));
        vm.prank(CARRIER);
        chain.accept(h);
    }

    function test_Accept_RevertWhen_Expired() external {
        ISupplyChain.Handover memory h = offered();
        vm.warp(uint256(DEADLINE) + 1);
        expectExpired(uint256(DEADLINE) + 1);
        vm.prank(CARRIER);
        chain.accept(h);
    }

    /* REJECT, CANCEL, EXPIRE */

    function test_Reject_ClearsTheOffer() external {
        ISupplyChain.Handover memory h = offered();
        vm.expectEmit(address(chain));
        emit IOffers.HandoverRejected(LETTUCE, FARMER, CARRIER);
        vm.prank(CARRIER);
        chain.reject(h);
        vm.assertEq(chain.offerOf(LETTUCE), bytes32(0));
    }

    function test_Reject_GivenADelegateOfTheReceiver_ClearsTheOffer() external {
        ISupplyChain.Handover memory h = offered();
        delegate(CARRIER, RELAYER);
        vm.prank(RELAYER);
        chain.reject(h);
        vm.assertEq(chain.offerOf(LETTUCE), bytes32(0));
    }

    function test_Reject_RevertWhen_TheCallerIsNotTheReceiver() external {
        ISupplyChain.Handover memory h = offered();
        expectNotReceiver(ATTACKER);
        vm.prank(ATTACKER);
        chain.reject(h);
    }

    function test_Reject_RevertGiven_NoSuchOffer() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        expectNotOffered();
        vm.prank(CARRIER);
        chain.reject(h);
    }

    function test_Cancel_ClearsTheOffer() external {
        ISupplyChain.Handover memory h = offered();
        vm.expectEmit(address(chain));
        emit IOffers.HandoverCancelled(LETTUCE, FARMER, CARRIER);
        vm.prank(FARMER);
        chain.cancel(h);
        vm.assertEq(chain.offerOf(LETTUCE), bytes32(0));
    }

    function test_Cancel_GivenADelegateOfTheGiver_ClearsTheOffer() external {
        ISupplyChain.Handover memory h = offered();
        delegate(FARMER, RELAYER);
        vm.prank(RELAYER);
        chain.cancel(h);
        vm.assertEq(chain.offerOf(LETTUCE), bytes32(0));
    }

    function test_Cancel_RevertWhen_TheCallerIsNotTheGiver() external {
        ISupplyChain.Handover memory h = offered();
        expectNotSender(CARRIER);
        vm.prank(CARRIER);
        chain.cancel(h);
    }

    function test_Cancel_RevertGiven_NoSuchOffer() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        expectNotOffered();
        vm.prank(FARMER);
        chain.cancel(h);
    }

    function test_Expire_LetsAnyoneClearTheOffer() external {
        ISupplyChain.Handover memory h = offered();
        vm.warp(uint256(DEADLINE) + 1);
        vm.expectEmit(address(chain));
        emit IOffers.HandoverExpired(LETTUCE, FARMER, CARRIER);
        vm.prank(RELAYER);
        chain.expire(h);
        vm.assertEq(chain.offerOf(LETTUCE), bytes32(0));
    }

    function test_Expire_RevertWhen_TheDeadlineHasNotPassed() external {
        ISupplyChain.Handover memory h = offered();
        vm.warp(DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(IOffers.NotExpired.selector, DEADLINE, DEADLINE));
        chain.expire(h);
    }

    function test_Expire_RevertGiven_NoSuchOffer() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        vm.warp(uint256(DEADLINE) + 1);
        expectNotOffered();
        chain.expire(h);
    }

    /* STORIES */

    function offered() private returns (ISupplyChain.Handover memory h) {
        h = lettuceToCarrier();
        vm.prank(FARMER);
        chain.offer(h);
    }

    function packLettuce() private {
        vm.prank(FARMER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
    }

    function delegate(address account, address key) private {
        vm.prank(account);
        chain.setDelegate(key, uint64(START));
    }

    function hash(ISupplyChain.Handover memory h) private view returns (bytes32) {
        return keccak256(abi.encode(chain.HANDOVER_TYPEHASH(), h));
    }

    function expectNotOffered() private {
        vm.expectRevert(abi.encodeWithSelector(IOffers.NotOffered.selector, LETTUCE));
    }

    function expectNotSender(address sender) private {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.NotSender.selector, FARMER, sender));
    }

    function expectNotReceiver(address sender) private {
        vm.expectRevert(abi.encodeWithSelector(IOffers.NotReceiver.selector, CARRIER, sender));
    }
}
