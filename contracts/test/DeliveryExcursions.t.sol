// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";
import {Deliveries} from "./Deliveries.sol";
import {vm} from "./Vm.sol";

/// proveExcursions
/// ├── given readings outside the bounds, ascending: it should lower the payout by the terms
/// ├── given the sum exceeds the cap: it should withhold the cap
/// ├── given the delivery is not confirmed yet: it should count them too
/// ├── when the caller is not the buyer: it should revert
/// ├── when a reading does not follow the last one proven: it should revert
/// ├── when it lies within the bounds: it should revert
/// ├── when it was measured before the transport, after it, or after confirmation: it should revert
/// ├── when batch, value, time or proof differ from what was attested: it should revert
/// ├── when it is about another product or of another device: it should revert
/// └── given inspection is over, or the delivery is not open: it should revert
/// withheld (fuzzed): never above the cap, and as written out here
contract DeliveryExcursionsTest is Deliveries {
    function test_Prove_LowersThePayout() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        uint128 once = PRICE / 20;
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.ExcursionProven(id, BATCH, 2, 9100, once + PENALTY);
        prove(t, reading(2));
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.ExcursionProven(id, BATCH, 3, -400, once + 2 * PENALTY);
        prove(t, reading(3));
        (,,, uint32 excursions, uint64 lastSeq,) = escrow.deliveryOf(id);
        vm.assertEq(uint256(excursions), 2);
        vm.assertEq(uint256(lastSeq), 3);
        vm.prank(RETAILER);
        escrow.settle(t);
        expectCredits(PRICE - once - 2 * PENALTY, once + 2 * PENALTY);
    }

    function test_Prove_SeveralAtOnce() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        IDeliveryEscrow.Excursion[] memory both = new IDeliveryEscrow.Excursion[](2);
        (both[0], both[1]) = (reading(2), reading(3));
        vm.prank(RETAILER);
        escrow.proveExcursions(t, both);
        (,,, uint32 excursions,,) = escrow.deliveryOf(id);
        vm.assertEq(uint256(excursions), 2);
    }

    function test_Prove_RevertWhen_TheSameTwiceAtOnce() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        IDeliveryEscrow.Excursion[] memory both = new IDeliveryEscrow.Excursion[](2);
        (both[0], both[1]) = (reading(2), reading(2));
        expectRepeated(2, 2);
        vm.prank(RETAILER);
        escrow.proveExcursions(t, both);
    }

    function test_Prove_GivenTheCapIsReached_WithholdsTheCap() external {
        IDeliveryEscrow.Terms memory t = terms();
        t.cap = PENALTY;
        fund(t);
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirm(t);
        prove(t, reading(2));
        vm.prank(RETAILER);
        escrow.settle(t);
        expectCredits(PRICE - PENALTY, PENALTY);
    }

    function test_Prove_GivenNotConfirmedYet() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        prove(t, reading(2));
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirm(t);
        (,,, uint32 excursions,,) = escrow.deliveryOf(id);
        vm.assertEq(uint256(excursions), 1);
    }

    function test_Prove_InTheLastSecondOfInspection() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        vm.warp(START + INSPECTION);
        prove(t, reading(2));
    }

    /// @dev Whoever could prove the last excursion first would shut out the others.
    function test_Prove_RevertWhen_NotTheBuyer() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.NotBuyer.selector, RETAILER, FARMER));
        vm.prank(FARMER);
        escrow.proveExcursion(t, reading(3));
    }

    function test_Prove_RevertWhen_ItDoesNotFollow() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        prove(t, reading(3));
        expectRepeated(3, 3);
        prove(t, reading(3));
        expectRepeated(2, 3);
        prove(t, reading(2));
    }

    function test_Prove_RevertWhen_WithinTheBounds() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        expectWithin(0);
        prove(t, reading(1));
        expectWithin(8000);
        prove(t, reading(4));
    }

    function test_Prove_RevertWhen_MeasuredOutsideTheTransport(bool late) external {
        IDeliveryEscrow.Terms memory t = terms();
        if (late) t.transportTo = measuredAt(2) - 1;
        else t.transportFrom = measuredAt(2) + 1;
        fund(t);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeliveryEscrow.OutsideTransport.selector,
                measuredAt(2),
                t.transportFrom,
                t.transportTo
            )
        );
        prove(t, reading(2));
    }

    function test_Prove_MeasuredAtTheEndsOfTheTransport() external {
        IDeliveryEscrow.Terms memory t = terms();
        (t.transportFrom, t.transportTo) = (measuredAt(2), measuredAt(3));
        bytes32 id = fund(t);
        prove(t, reading(2));
        prove(t, reading(3));
        (,,, uint32 excursions,,) = escrow.deliveryOf(id);
        vm.assertEq(uint256(excursions), 2);
    }

    function test_Prove_RevertWhen_MeasuredAfterConfirmation() external {
        vm.warp(START - 7 minutes);
        (IDeliveryEscrow.Terms memory t,) = delivered();
        prove(t, reading(2)); // eight minutes before START
        IDeliveryEscrow.Excursion memory warm = warmAtTheBuyers();
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeliveryEscrow.OutsideTransport.selector,
                measuredAt(4),
                t.transportFrom,
                NOW_MS - 7 * 60_000
            )
        );
        prove(t, warm);
    }

    function test_Prove_RevertWhen_NotWhatWasAttested(uint8 field) external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        IDeliveryEscrow.Excursion memory e = reading(2);
        field = field % 6;
        if (field == 0) e.batchId = DOCUMENT;
        if (field == 1) e.seq = 7;
        if (field == 2) e.value += 1;
        if (field == 3) e.measuredAt -= 1;
        if (field == 4) e.proof[0] = DOCUMENT;
        if (field == 5) e.proof = new bytes32[](0);
        expectNotAttested(e);
        prove(t, e);
    }

    function test_Prove_RevertWhen_OfAnotherDeviceOrProduct(bool device) external {
        IDeliveryEscrow.Terms memory t = terms();
        if (device) t.device = ATTACKER;
        else t.productId = SALAD;
        farmerRecords(SALAD);
        fund(t);
        expectNotAttested(reading(2));
        prove(t, reading(2));
    }

    function test_Prove_RevertGiven_InspectionIsOver() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        vm.warp(START + INSPECTION + 1);
        expectTooLate(START + INSPECTION);
        prove(t, reading(2));
    }

    function test_Prove_RevertGiven_Closed() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        vm.prank(RETAILER);
        escrow.settle(t);
        expectNotOpen(id, IDeliveryEscrow.Status.SETTLED);
        prove(t, reading(2));
    }

    function test_Withheld_FollowsTheTerms(uint128 penalty, uint16 cutBps, uint128 cap, uint8 some)
        external
    {
        IDeliveryEscrow.Terms memory t = terms();
        (t.penalty, t.cutBps, t.cap) = (penalty, cutBps % 10_001, cap % (PRICE + 1));
        fund(t);
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirm(t);
        uint256 count = some % 3;
        if (count > 0) prove(t, reading(2));
        if (count > 1) prove(t, reading(3));
        vm.prank(RETAILER);
        escrow.settle(t);

        uint256 sum = count == 0 ? 0 : uint256(PRICE) * t.cutBps / 10_000 + count * t.penalty;
        uint256 withheld = sum > t.cap ? t.cap : sum;
        expectCredits(PRICE - withheld, withheld);
    }

    /// @dev Attested, outside the bounds, but measured when the buyer had the goods.
    function warmAtTheBuyers() private returns (IDeliveryEscrow.Excursion memory e) {
        e = IDeliveryEscrow.Excursion(OTHER_DOCUMENT, 4, 9000, measuredAt(4), new bytes32[](0));
        bytes memory encoded = abi.encode(TRUCK, e.seq, LETTUCE, e.value, e.measuredAt);
        roots.attest(OTHER_DOCUMENT, keccak256(abi.encodePacked(keccak256(encoded))));
    }

    function expectRepeated(uint64 seq, uint64 lastSeq) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.ReadingRepeated.selector, seq, lastSeq)
        );
    }

    function expectWithin(int64 value_) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.WithinBounds.selector, value_, 0, 8000)
        );
    }

    function expectNotAttested(IDeliveryEscrow.Excursion memory e) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.ReadingNotAttested.selector, e.batchId, e.seq)
        );
    }
}
