// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {History} from "../libraries/History.sol";
import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";
import {Deliveries} from "./Deliveries.sol";
import {vm} from "./Vm.sol";

/// confirm
/// ├── given the buyer holds the product: it should start inspection, for any caller
/// ├── given anybody else holds it: it should revert
/// ├── given it is confirmed, not funded or closed: it should revert
/// └── given the deadline passed: it should revert
/// confirmByHistory
/// ├── given a handover to the buyer since funding: it should confirm, wherever the product is now
/// ├── given the handover was before funding: it should revert
/// ├── when an entry is missing, altered or another's: it should revert
/// └── given it is confirmed, or the deadline passed: it should revert
contract DeliveryConfirmTest is Deliveries {
    function test_Confirm_StartsInspection() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        handOver(FARMER_KEY, CARRIER_KEY);
        handOver(CARRIER_KEY, RETAILER_KEY);
        vm.warp(START + 60);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryConfirmed(id, RELAYER);
        vm.prank(RELAYER);
        escrow.confirm(t);
        vm.assertEq(deliveredAt(id), START + 60);
    }

    function test_Confirm_AtTheDeadline() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        handOver(FARMER_KEY, RETAILER_KEY);
        vm.warp(LAST_DAY);
        escrow.confirm(t);
        vm.assertEq(deliveredAt(id), LAST_DAY);
    }

    function test_Confirm_RevertGiven_SomebodyElseHoldsIt() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        handOver(FARMER_KEY, CARRIER_KEY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeliveryEscrow.NotDelivered.selector, LETTUCE, RETAILER, CARRIER
            )
        );
        escrow.confirm(t);
    }

    function test_Confirm_RevertGiven_Confirmed() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = delivered();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.AlreadyConfirmed.selector, id));
        escrow.confirm(t);
    }

    function test_Confirm_RevertGiven_NotFunded() external {
        handOver(FARMER_KEY, RETAILER_KEY);
        IDeliveryEscrow.Terms memory t = terms();
        expectNotOpen(keccak256(abi.encode(t)), IDeliveryEscrow.Status.NONE);
        escrow.confirm(t);
    }

    function test_Confirm_RevertWhen_TheTermsWereChanged() external {
        (IDeliveryEscrow.Terms memory t,) = delivered();
        t.cap = 0;
        expectNotOpen(keccak256(abi.encode(t)), IDeliveryEscrow.Status.NONE);
        escrow.confirm(t);
    }

    function test_Confirm_RevertGiven_Closed() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        vm.prank(FARMER);
        escrow.refund(t);
        handOver(FARMER_KEY, RETAILER_KEY);
        expectNotOpen(id, IDeliveryEscrow.Status.REFUNDED);
        escrow.confirm(t);
    }

    function test_Confirm_RevertGiven_TheDeadlinePassed() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        handOver(FARMER_KEY, RETAILER_KEY);
        vm.warp(LAST_DAY + 1);
        expectTooLate(LAST_DAY);
        escrow.confirm(t);
    }

    /// @dev The buyer takes the goods and passes them on before anybody can confirm.
    function test_History_GivenTheProductMovedOn() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        IDeliveryEscrow.PastHandover memory h = passedOn();
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryConfirmed(id, FARMER);
        vm.prank(FARMER);
        escrow.confirmByHistory(t, h);
        vm.assertEq(deliveredAt(id), START);
    }

    function test_History_GivenTheProductIsStillThere() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        IDeliveryEscrow.PastHandover memory h = past(chain.head(LETTUCE), FARMER, 0);
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirmByHistory(t, h);
        vm.assertEq(deliveredAt(id), START);
    }

    function test_History_RevertGiven_TheHandoverWasBeforeFunding() external {
        IDeliveryEscrow.PastHandover memory h = passedOn();
        (IDeliveryEscrow.Terms memory t,) = funded();
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.HandoverTooOld.selector, 1, 3));
        escrow.confirmByHistory(t, h);
    }

    function test_History_RevertWhen_ItLeadsElsewhere(uint8 field) external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        IDeliveryEscrow.PastHandover memory h = passedOn();
        field = field % 5;
        if (field == 0) h.prevHead = bytes32(uint256(h.prevHead) ^ 1);
        if (field == 1) h.from = ATTACKER;
        if (field == 2) h.dataHash = OTHER_DOCUMENT;
        if (field == 3) h.occurredAt += 1;
        if (field == 4) h.laterLeaves = new bytes32[](0);
        bytes32 head = chain.head(LETTUCE);
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.WrongHistory.selector, LETTUCE, fold(h), head)
        );
        escrow.confirmByHistory(t, h);
    }

    function test_History_RevertWhen_ItWasHandedToSomebodyElse() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        IDeliveryEscrow.PastHandover memory h = past(chain.head(LETTUCE), FARMER, 0);
        handOver(FARMER_KEY, CARRIER_KEY);
        bytes32 head = chain.head(LETTUCE);
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.WrongHistory.selector, LETTUCE, fold(h), head)
        );
        escrow.confirmByHistory(t, h);
    }

    function test_History_RevertGiven_Confirmed() external {
        (IDeliveryEscrow.Terms memory t, bytes32 id) = funded();
        IDeliveryEscrow.PastHandover memory h = passedOn();
        escrow.confirmByHistory(t, h);
        vm.expectRevert(abi.encodeWithSelector(IDeliveryEscrow.AlreadyConfirmed.selector, id));
        escrow.confirmByHistory(t, h);
    }

    function test_History_RevertGiven_TheDeadlinePassed() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        IDeliveryEscrow.PastHandover memory h = passedOn();
        vm.warp(LAST_DAY + 1);
        expectTooLate(LAST_DAY);
        escrow.confirmByHistory(t, h);
    }

    /// @dev Farmer to retailer and on to the carrier; what proves the first of the two.
    function passedOn() private returns (IDeliveryEscrow.PastHandover memory h) {
        h = past(chain.head(LETTUCE), FARMER, 1);
        handOver(FARMER_KEY, RETAILER_KEY);
        h.laterLeaves[0] = History.leaf(16, RETAILER, CARRIER, DOCUMENT, NOW_MS);
        handOver(RETAILER_KEY, CARRIER_KEY);
    }

    function past(bytes32 prevHead, address from, uint256 later)
        private
        pure
        returns (IDeliveryEscrow.PastHandover memory)
    {
        return IDeliveryEscrow.PastHandover(prevHead, from, DOCUMENT, NOW_MS, new bytes32[](later));
    }

    function fold(IDeliveryEscrow.PastHandover memory h) private view returns (bytes32 head) {
        head = grown(
            h.prevHead, keccak256(abi.encode(16, h.from, RETAILER, h.dataHash, h.occurredAt))
        );
        for (uint256 i; i < h.laterLeaves.length; ++i) {
            head = grown(head, h.laterLeaves[i]);
        }
    }

    function grown(bytes32 head, bytes32 leaf) private pure returns (bytes32) {
        uint256 hash = uint256(keccak256(abi.encodePacked(head, leaf)));
        return bytes32((((uint256(head) >> 192) + 1) << 192) | ((hash << 64) >> 64));
    }

    function deliveredAt(bytes32 id) private view returns (uint256 at) {
        (, at,,,,) = escrow.deliveryOf(id);
    }
}
