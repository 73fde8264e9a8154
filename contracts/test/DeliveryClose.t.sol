// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";
import {Deliveries} from "./Deliveries.sol";
import {vm} from "./Vm.sol";

/// dispute
/// ├── given buyer or seller in time: it should call the arbiter
/// ├── when anybody else: it should revert
/// ├── given no arbiter, or disputed before, or not open: it should revert
/// └── given the deadline passed unconfirmed, or inspection is over: it should revert
/// resolve
/// ├── by the arbiter: it should divide the amount and close
/// ├── when anybody else, or more than all, or nothing disputed, or not open: it should revert
/// └── given the arbiter's time is over: it should revert
/// settle
/// ├── given inspection is over: it should pay, for any caller
/// ├── given the buyer calls: it should pay during inspection
/// ├── given a dispute: it should wait for the arbiter's time, then pay
/// └── given not confirmed, too early or not open: it should revert
/// refund
/// ├── given the deadline passed unconfirmed: it should return the amount, for any caller
/// ├── given the seller calls: it should return the amount at any time
/// ├── given a dispute: it should wait for the arbiter's time, then return the amount
/// └── given confirmed, too early or not open: it should revert
/// withdraw
/// ├── it should send all of the caller's credit to where the caller says
/// └── given none: it should revert
contract DeliveryCloseTest is Deliveries {
    /* DISPUTE */

    function test_Dispute_ByTheBuyerDuringInspection() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        vm.warp(START + INSPECTION);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryDisputed(id, RETAILER, DOCUMENT);
        dispute(RETAILER, t);
        (,, uint40 disputedAt,,,) = escrow.deliveryOf(id);
        vm.assertEq(uint256(disputedAt), START + INSPECTION);
    }

    function test_Dispute_ByTheSellerBeforeTheDeadline() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        vm.warp(LAST_DAY);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryDisputed(id, FARMER, DOCUMENT);
        dispute(FARMER, t);
    }

    function test_Dispute_RevertWhen_AnybodyElse() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.NotParty.selector, id, ATTACKER));
        dispute(ATTACKER, t);
    }

    function test_Dispute_RevertGiven_NoArbiter() external {
        IDeliveryEscrow.Terms memory t = terms();
        t.arbiter = address(0);
        bytes32 id = fund(t);
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.NoArbiter.selector, id));
        dispute(RETAILER, t);
    }

    function test_Dispute_RevertGiven_DisputedBefore() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = disputed();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.AlreadyDisputed.selector, id));
        dispute(FARMER, t);
    }

    function test_Dispute_RevertGiven_NotOpen() external {
        IDeliveryEscrow.Terms memory t = terms();
        expectNotOpen(keccak256(abi.encode(t)), IDeliveryEscrow.Status.NONE);
        dispute(RETAILER, t);
    }

    function test_Dispute_RevertGiven_TheDeadlinePassedUnconfirmed() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        vm.warp(LAST_DAY + 1);
        expectTooLate(LAST_DAY);
        dispute(FARMER, t);
    }

    function test_Dispute_RevertGiven_InspectionIsOver() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        vm.warp(START + INSPECTION + 1);
        expectTooLate(START + INSPECTION);
        dispute(RETAILER, t);
    }

    /* RESOLVE */

    function test_Resolve_DividesTheAmount(uint16 sellerBps) external {
        sellerBps = sellerBps % 10_001;
        (IDeliveryEscrow.Terms memory t, bytes32 id) = disputed();
        uint128 toSeller = uint128(uint256(PRICE) * sellerBps / 10_000);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryResolved(id, AUDITOR, sellerBps, OTHER_DOCUMENT);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryClosed(
            id, IDeliveryEscrow.Status.RESOLVED, toSeller, PRICE - toSeller
        );
        resolve(AUDITOR, t, sellerBps);
        expectCredits(toSeller, PRICE - toSeller);
        vm.assertEq(statusOf(id), uint256(IDeliveryEscrow.Status.RESOLVED));
    }

    function test_Resolve_InTheLastSecond() external {
        (IDeliveryEscrow.Terms memory t,) = disputed();
        vm.warp(START + ARBITRATION);
        resolve(AUDITOR, t, 10_000);
        expectCredits(PRICE, 0);
    }

    function test_Resolve_RevertWhen_AnybodyElse() external {
        (IDeliveryEscrow.Terms memory t,) = disputed();
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.NotArbiter.selector, AUDITOR, FARMER)
        );
        resolve(FARMER, t, 10_000);
    }

    function test_Resolve_RevertWhen_MoreThanAll() external {
        (IDeliveryEscrow.Terms memory t,) = disputed();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.InvalidSplit.selector, 10_001));
        resolve(AUDITOR, t, 10_001);
    }

    function test_Resolve_RevertGiven_NothingDisputed() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.NotDisputed.selector, id));
        resolve(AUDITOR, t, 10_000);
    }

    function test_Resolve_RevertGiven_NotOpen() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = disputed();
        resolve(AUDITOR, t, 10_000);
        expectNotOpen(id, IDeliveryEscrow.Status.RESOLVED);
        resolve(AUDITOR, t, 0);
    }

    function test_Resolve_RevertGiven_TheArbitersTimeIsOver() external {
        (IDeliveryEscrow.Terms memory t,) = disputed();
        vm.warp(START + ARBITRATION + 1);
        expectTooLate(START + ARBITRATION);
        resolve(AUDITOR, t, 10_000);
    }

    /* SETTLE */

    function test_Settle_GivenInspectionIsOver_ForAnyCaller() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        vm.warp(START + INSPECTION + 1);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryClosed(id, IDeliveryEscrow.Status.SETTLED, PRICE, 0);
        settle(RELAYER, t);
        expectCredits(PRICE, 0);
        vm.assertEq(statusOf(id), uint256(IDeliveryEscrow.Status.SETTLED));
    }

    function test_Settle_GivenTheBuyerAgrees() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        settle(RETAILER, t);
        expectCredits(PRICE, 0);
    }

    function test_Settle_GivenADispute_AfterTheArbitersSilence() external {
        (IDeliveryEscrow.Terms memory t,) = disputed();
        vm.warp(START + ARBITRATION);
        expectTooEarly(START + ARBITRATION);
        settle(RETAILER, t);
        vm.warp(START + ARBITRATION + 1);
        settle(FARMER, t);
        expectCredits(PRICE, 0);
    }

    function test_Settle_GivenADisputeAndLongInspection_AfterBoth() external {
        IDeliveryEscrow.Terms memory t = terms();
        t.arbitrationTime = 1;
        fund(t);
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirm(t);
        dispute(RETAILER, t);
        vm.warp(START + INSPECTION);
        expectTooEarly(START + INSPECTION);
        settle(FARMER, t);
    }

    function test_Settle_RevertGiven_InspectionRuns() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        vm.warp(START + INSPECTION);
        expectTooEarly(START + INSPECTION);
        settle(FARMER, t);
    }

    function test_Settle_RevertGiven_NotConfirmed() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.NotConfirmed.selector, id));
        settle(RETAILER, t);
    }

    function test_Settle_RevertGiven_NotOpen() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        settle(RETAILER, t);
        expectNotOpen(id, IDeliveryEscrow.Status.SETTLED);
        settle(RETAILER, t);
    }

    /* REFUND */

    function test_Refund_GivenTheDeadlinePassed_ForAnyCaller() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        vm.warp(LAST_DAY + 1);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryClosed(id, IDeliveryEscrow.Status.REFUNDED, 0, PRICE);
        refund(RELAYER, t);
        expectCredits(0, PRICE);
        vm.assertEq(statusOf(id), uint256(IDeliveryEscrow.Status.REFUNDED));
    }

    function test_Refund_GivenTheSellerGivesItBack() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        refund(FARMER, t);
        expectCredits(0, PRICE);
    }

    function test_Refund_GivenTheSellerGivesItBackInADispute() external {
        (IDeliveryEscrow.Terms memory t,) = disputed();
        refund(FARMER, t);
        expectCredits(0, PRICE);
    }

    function test_Refund_GivenADispute_AfterTheArbitersSilence() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        vm.warp(LAST_DAY);
        dispute(FARMER, t);
        vm.warp(LAST_DAY + ARBITRATION);
        expectTooEarly(LAST_DAY + ARBITRATION);
        refund(RETAILER, t);
        vm.warp(LAST_DAY + ARBITRATION + 1);
        refund(RETAILER, t);
        expectCredits(0, PRICE);
    }

    function test_Refund_RevertGiven_TheDeadlineLiesAhead() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        vm.warp(LAST_DAY);
        expectTooEarly(LAST_DAY);
        refund(RETAILER, t);
    }

    function test_Refund_RevertGiven_Confirmed() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        vm.warp(LAST_DAY + 1);
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.AlreadyConfirmed.selector, id));
        refund(RETAILER, t);
    }

    function test_Refund_RevertGiven_NotOpen() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        refund(FARMER, t);
        expectNotOpen(id, IDeliveryEscrow.Status.REFUNDED);
        refund(FARMER, t);
    }

    /* WITHDRAW */

    function test_Withdraw_SendsAllOfIt() external {
        (IDeliveryEscrow.Terms memory t,) = disputed();
        resolve(AUDITOR, t, 7500);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.PaymentWithdrawn(address(coin), FARMER, CARRIER, 750_000);
        vm.prank(FARMER);
        vm.assertEq(escrow.withdraw(address(coin), CARRIER), 750_000);
        vm.prank(RETAILER);
        escrow.withdraw(address(coin), RETAILER);
        vm.assertEq(coin.balanceOf(CARRIER), 750_000);
        vm.assertEq(coin.balanceOf(RETAILER), 250_000);
        vm.assertEq(coin.balanceOf(address(escrow)), 0);
        expectCredits(0, 0);
    }

    function test_Withdraw_RevertGiven_None() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeliveryEscrow.NothingToWithdraw.selector, address(coin), ATTACKER
            )
        );
        vm.prank(ATTACKER);
        escrow.withdraw(address(coin), ATTACKER);
    }

    function dispute(address who, IDeliveryEscrow.Terms memory t) private {
        vm.prank(who);
        escrow.dispute(t, DOCUMENT);
    }

    function resolve(address who, IDeliveryEscrow.Terms memory t, uint16 sellerBps) private {
        vm.prank(who);
        escrow.resolve(t, sellerBps, OTHER_DOCUMENT);
    }

    function settle(address who, IDeliveryEscrow.Terms memory t) private {
        vm.prank(who);
        escrow.settle(t);
    }

    function refund(address who, IDeliveryEscrow.Terms memory t) private {
        vm.prank(who);
        escrow.refund(t);
    }
}
