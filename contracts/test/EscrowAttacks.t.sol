// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";
import {
    BlockingCoin,
    CallingCoin,
    Coin,
    FalseCoin,
    FeeCoin,
    LyingCoin,
    SilentCoin
} from "./Coins.sol";
import {Deliveries} from "./Deliveries.sol";
import {vm} from "./Vm.sol";

/// Tokens as they are
/// ├── one that keeps a fee (Balancer's STA drain, 2020): it should be refused at funding
/// ├── one that says false and moves nothing: it should be refused
/// ├── one that says nothing (USDT): it should work
/// ├── one that blocks an account (USDC): the other side should be paid, the blocked one elsewhere
/// ├── one that calls back (the imBTC drain of Uniswap, 2020): a nested call should be refused
/// └── one that lies about balances: it should cost its own users only
/// Buyers as they are
/// ├── one that hands the goods on before confirmation: see DeliveryConfirm, confirmByHistory
/// └── one that received the goods before funding: it should not be able to replay that handover
contract EscrowAttacksTest is Deliveries {
    function test_FeeOnTransfer_IsRefused() external {
        FeeCoin fee = new FeeCoin();
        IDeliveryEscrow.Terms memory t = termsIn(address(fee));
        ready(t);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeliveryEscrow.AmountMismatch.selector, address(fee), PRICE, PRICE * 99 / 100
            )
        );
        vm.prank(RETAILER);
        escrow.fund(t);
    }

    /// @dev A token that begins to charge later leaves less with its receiver, never in the escrow.
    function test_FeeOnTransfer_ThatStartsLater_HurtsItsReceiverOnly() external {
        FeeCoin fee = new FeeCoin();
        fee.setPercent(0);
        IDeliveryEscrow.Terms memory t = termsIn(address(fee));
        fund(t);
        t.deadline -= 1;
        fund(t);
        fee.setPercent(1);
        vm.prank(FARMER);
        escrow.refund(t);
        vm.prank(RETAILER);
        escrow.withdraw(address(fee), RETAILER);
        vm.assertEq(fee.balanceOf(RETAILER), PRICE * 99 / 100);
        vm.assertEq(fee.balanceOf(address(escrow)), PRICE);
    }

    function test_FalseReturn_IsRefused() external {
        FalseCoin coin_ = new FalseCoin();
        IDeliveryEscrow.Terms memory t = termsIn(address(coin_));
        vm.expectRevert(
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(coin_))
        );
        vm.prank(RETAILER);
        escrow.fund(t);
    }

    function test_NoReturn_Works() external {
        SilentCoin silent = new SilentCoin();
        silent.mint(RETAILER, PRICE);
        IDeliveryEscrow.Terms memory t = termsIn(address(silent));
        vm.prank(RETAILER);
        escrow.fund(t);
        vm.prank(FARMER);
        escrow.refund(t);
        vm.prank(RETAILER);
        escrow.withdraw(address(silent), RETAILER);
        vm.assertEq(silent.balanceOf(RETAILER), PRICE);
    }

    function test_ABlockedSeller_DoesNotHoldUpTheBuyer() external {
        BlockingCoin blocking = new BlockingCoin();
        IDeliveryEscrow.Terms memory t = termsIn(address(blocking));
        fund(t);
        blocking.setBlocked(FARMER);
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirm(t);
        prove(t, reading(2));
        vm.prank(RETAILER);
        escrow.settle(t);
        vm.prank(RETAILER);
        escrow.withdraw(address(blocking), RETAILER);
        vm.assertEq(blocking.balanceOf(RETAILER), PENALTY + PRICE / 20);

        vm.expectRevert(abi.encodeWithSelector(BlockingCoin.Blocked.selector, FARMER));
        vm.prank(FARMER);
        escrow.withdraw(address(blocking), FARMER);
        vm.prank(FARMER);
        escrow.withdraw(address(blocking), CARRIER);
        vm.assertEq(blocking.balanceOf(CARRIER), PRICE - PENALTY - PRICE / 20);
    }

    function test_ABlockedBuyer_DoesNotHoldUpTheSeller() external {
        BlockingCoin blocking = new BlockingCoin();
        IDeliveryEscrow.Terms memory t = termsIn(address(blocking));
        fund(t);
        blocking.setBlocked(RETAILER);
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirm(t);
        vm.warp(START + INSPECTION + 1);
        escrow.settle(t);
        vm.prank(FARMER);
        escrow.withdraw(address(blocking), FARMER);
        vm.assertEq(blocking.balanceOf(FARMER), PRICE);
    }

    function test_Reentrancy_IntoWithdraw() external {
        CallingCoin calling = new CallingCoin();
        IDeliveryEscrow.Terms memory t = termsIn(address(calling));
        fund(t);
        vm.prank(FARMER);
        escrow.refund(t);
        calling.listen(
            address(escrow), abi.encodeCall(escrow.withdraw, (address(calling), ATTACKER))
        );
        expectReentrant();
        vm.prank(RETAILER);
        escrow.withdraw(address(calling), RETAILER);
    }

    function test_Reentrancy_IntoFund() external {
        CallingCoin calling = new CallingCoin();
        IDeliveryEscrow.Terms memory t = termsIn(address(calling));
        ready(t);
        calling.listen(address(escrow), abi.encodeCall(escrow.fund, (t)));
        expectReentrant();
        vm.prank(RETAILER);
        escrow.fund(t);
    }

    /// @dev Closing a delivery in the middle of its own funding pays nothing that has not arrived.
    function test_Reentrancy_FromFundIntoRefund() external {
        CallingCoin calling = new CallingCoin();
        IDeliveryEscrow.Terms memory t = termsIn(address(calling));
        t.seller = address(calling);
        ready(t);
        calling.listen(address(escrow), abi.encodeCall(escrow.refund, (t)));
        vm.prank(RETAILER);
        escrow.fund(t);
        vm.assertEq(escrow.creditOf(address(calling), RETAILER), PRICE);
        vm.assertEq(calling.balanceOf(address(escrow)), PRICE);
    }

    function test_ALyingToken_CostsItsOwnUsersOnly() external {
        LyingCoin lying = new LyingCoin();
        (IDeliveryEscrow.Terms memory sane,) = funded();
        IDeliveryEscrow.Terms memory t = termsIn(address(lying));
        (t.buyer, t.seller) = (ATTACKER, CARRIER);
        vm.prank(ATTACKER);
        escrow.fund(t);
        vm.prank(CARRIER);
        escrow.refund(t);
        vm.prank(ATTACKER);
        escrow.withdraw(address(lying), ATTACKER);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeliveryEscrow.NothingToWithdraw.selector, address(coin), ATTACKER
            )
        );
        vm.prank(ATTACKER);
        escrow.withdraw(address(coin), ATTACKER);
        vm.assertEq(coin.balanceOf(address(escrow)), sane.amount);
    }

    function test_APresent_ChangesNobodysMoney() external {
        (IDeliveryEscrow.Terms memory t,) = funded();
        coin.mint(address(escrow), 5);
        vm.prank(FARMER);
        escrow.refund(t);
        expectCredits(0, PRICE);
    }

    function termsIn(address token) private view returns (IDeliveryEscrow.Terms memory t) {
        t = terms();
        t.token = token;
    }

    function ready(IDeliveryEscrow.Terms memory t) private {
        Coin(t.token).mint(RETAILER, PRICE);
        vm.prank(RETAILER);
        Coin(t.token).approve(address(escrow), PRICE);
    }

    function expectReentrant() private {
        vm.expectRevert(
            abi.encodeWithSelector(ReentrancyGuard.ReentrancyGuardReentrantCall.selector)
        );
    }
}
