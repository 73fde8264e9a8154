// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";
import {Deliveries} from "./Deliveries.sol";
import {vm} from "./Vm.sol";

/// fund
/// ├── given sound terms: it should take the money, note the history position and emit
/// ├── when the caller is not the buyer: it should revert
/// ├── when the parties are not two, or the arbiter is one of them: it should revert
/// ├── when there is no amount, or more could be withheld than there is: it should revert
/// ├── when bounds or transport end before they begin: it should revert
/// ├── when the deadline passed or lies beyond a year, or a wait is longer: it should revert
/// ├── when no contract lives at the token's address: it should revert
/// ├── when a field has stray bits: it should revert
/// ├── given the same terms were funded: it should revert
/// ├── given nobody recorded the product: it should revert
/// └── given the buyer holds the product: it should revert
/// pause
/// ├── it should stop funding and nothing else
/// ├── given it is paused: it should revert
/// └── when not permitted: it should revert
/// unpause
/// ├── it should allow funding again
/// ├── given it is not paused: it should revert
/// └── when not permitted: it should revert
contract DeliveryFundTest is Deliveries {
    IDeliveryEscrow.Terms private t;

    function setUp() public override {
        super.setUp();
        t = terms();
    }

    function test_Fund_TakesTheMoney() external {
        bytes32 id = keccak256(abi.encode(t));
        vm.assertEq(escrow.idOf(t), id);
        coin.mint(RETAILER, PRICE);
        vm.prank(RETAILER);
        coin.approve(address(escrow), PRICE);
        vm.expectEmit(address(escrow));
        emit IDeliveryEscrow.DeliveryFunded(id, LETTUCE, RETAILER, t);
        vm.prank(RETAILER);
        vm.assertEq(escrow.fund(t), id);
        vm.assertEq(coin.balanceOf(address(escrow)), PRICE);
        vm.assertEq(coin.balanceOf(RETAILER), 0);
    }

    function test_Fund_NotesTheHistoryPosition() external {
        farmerRecords(LETTUCE);
        bytes32 id = fund(t);
        (, uint40 deliveredAt, uint40 disputedAt, uint32 excursions, uint64 lastSeq, uint64 seq) =
            escrow.deliveryOf(id);
        vm.assertEq(statusOf(id), uint256(IDeliveryEscrow.Status.OPEN));
        vm.assertEq(uint256(deliveredAt) + disputedAt + excursions + lastSeq, 0);
        vm.assertEq(uint256(seq), 2);
    }

    function test_Fund_RevertWhen_NotTheBuyer() external {
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.NotBuyer.selector, RETAILER, ATTACKER)
        );
        vm.prank(ATTACKER);
        escrow.fund(t);
    }

    function test_Fund_RevertWhen_ThePartiesAreNotTwo(uint8 which) external {
        which = which % 4;
        if (which == 0) t.seller = address(0);
        if (which == 1) t.seller = RETAILER;
        if (which == 2) t.arbiter = RETAILER;
        if (which == 3) t.arbiter = FARMER;
        refused(
            abi.encodeWithSelector(
                IDeliveryEscrow.InvalidParties.selector, t.buyer, t.seller, t.arbiter
            )
        );
    }

    function test_Fund_MayNameNoArbiter() external {
        t.arbiter = address(0);
        fund(t);
    }

    function test_Fund_RevertWhen_TheAmountsContradict(uint8 which) external {
        which = which % 3;
        if (which == 0) (t.amount, t.cap) = (0, 0);
        if (which == 1) t.cap = t.amount + 1;
        if (which == 2) t.cutBps = 10_001;
        refused(
            abi.encodeWithSelector(
                IDeliveryEscrow.InvalidAmounts.selector, t.amount, t.cap, t.cutBps
            )
        );
    }

    function test_Fund_RevertWhen_BoundsEndBeforeTheyBegin(bool time) external {
        if (time) t.transportFrom = t.transportTo + 1;
        else t.lowerBound = t.upperBound + 1;
        refused(
            abi.encodeWithSelector(
                IDeliveryEscrow.InvalidBounds.selector,
                t.lowerBound,
                t.upperBound,
                t.transportFrom,
                t.transportTo
            )
        );
    }

    function test_Fund_RevertWhen_AWaitIsOutOfReason(uint8 which) external {
        which = which % 4;
        if (which == 0) t.deadline = uint64(START);
        if (which == 1) t.deadline = uint64(START + 365 days + 1);
        if (which == 2) t.inspectionTime = 365 days + 1;
        if (which == 3) t.arbitrationTime = 365 days + 1;
        refused(
            abi.encodeWithSelector(
                IDeliveryEscrow.InvalidTimes.selector,
                t.deadline,
                t.inspectionTime,
                t.arbitrationTime
            )
        );
    }

    function test_Fund_RevertWhen_TheTokenIsNoContract() external {
        t.token = ATTACKER;
        refused(abi.encodeWithSelector(IDeliveryEscrow.NotAToken.selector, ATTACKER));
    }

    /// @dev Else the same terms could be funded twice, under an id that no reader computes.
    function test_Fund_RevertWhen_TheTermsHaveStrayBits(uint8 field) external {
        field = field % 17;
        vm.assume(field != 4); // a bytes32 has no bits to spare
        bytes memory call_ = abi.encodeCall(escrow.fund, (t));
        call_[4 + 32 * uint256(field)] = 0x01;
        coin.mint(RETAILER, PRICE);
        vm.prank(RETAILER);
        coin.approve(address(escrow), PRICE);
        vm.prank(RETAILER);
        (bool done,) = address(escrow).call(call_);
        vm.assertTrue(!done, "funded with stray bits");
    }

    function test_Fund_RevertGiven_FundedBefore() external {
        bytes32 id = fund(t);
        refused(abi.encodeWithSelector(IDeliveryEscrow.AlreadyFunded.selector, id));
    }

    function test_Fund_RevertGiven_FundedBeforeAndClosed() external {
        bytes32 id = fund(t);
        vm.prank(FARMER);
        escrow.refund(t);
        refused(abi.encodeWithSelector(IDeliveryEscrow.AlreadyFunded.selector, id));
    }

    function test_Fund_RevertGiven_NobodyRecordedTheProduct() external {
        t.productId = SALAD;
        refused(abi.encodeWithSelector(IDeliveryEscrow.NothingToDeliver.selector, SALAD));
    }

    function test_Fund_RevertGiven_TheBuyerHoldsTheProduct() external {
        handOver(FARMER_KEY, RETAILER_KEY);
        refused(
            abi.encodeWithSelector(IDeliveryEscrow.AlreadyDelivered.selector, LETTUCE, RETAILER)
        );
    }

    function test_Pause_StopsFundingAndNothingElse() external {
        fund(t);
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.pause();
        t.deadline -= 1;
        refused(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        t.deadline += 1;

        escrow.confirm(t);
        prove(t, reading(2));
        vm.prank(RETAILER);
        escrow.settle(t);
        vm.prank(FARMER);
        escrow.withdraw(address(coin), FARMER);
        vm.assertEq(coin.balanceOf(FARMER), PRICE - PENALTY - PRICE / 20);
    }

    function test_Pause_RevertGiven_Paused() external {
        escrow.pause();
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        escrow.pause();
    }

    function test_Pause_RevertWhen_NotPermitted() external {
        expectUnauthorized();
        vm.prank(ATTACKER);
        escrow.pause();
    }

    function test_Unpause_AllowsFundingAgain() external {
        escrow.pause();
        escrow.unpause();
        fund(t);
    }

    function test_Unpause_RevertGiven_NotPaused() external {
        vm.expectRevert(abi.encodeWithSelector(Pausable.ExpectedPause.selector));
        escrow.unpause();
    }

    function test_Unpause_RevertWhen_NotPermitted() external {
        expectUnauthorized();
        vm.prank(ATTACKER);
        escrow.unpause();
    }

    function refused(bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(RETAILER);
        escrow.fund(t);
    }

    function expectUnauthorized() private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ATTACKER)
        );
    }
}
