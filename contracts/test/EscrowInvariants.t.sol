// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";
import {CallingCoin, Coin, FeeCoin} from "./Coins.sol";
import {Deliveries} from "./Deliveries.sol";
import {vm} from "./Vm.sol";

/// @title Whatever buyers, sellers, arbiters and tokens do in any order, the money is there
/// @dev The fuzzer calls the actions; three tokens: a sane one, one that calls back into the escrow
/// in the middle of every transfer, and one that may start to charge a fee at any time.
contract EscrowActions is Deliveries {
    uint256 private constant MOST = 24;

    CallingCoin private calling;
    FeeCoin private fee;
    IDeliveryEscrow.Terms[] private all;
    mapping(address token => uint256) public presents;
    uint256 public closings;
    uint256 public overpaid; // closings whose shares are not the amount

    constructor() {
        super.setUp();
        (calling, fee) = (new CallingCoin(), new FeeCoin());
        fee.setPercent(0);
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    /* ACTIONS */

    function open(uint8 which, uint8 seller, uint128 amount, uint32 time, uint16 cut) external {
        if (all.length == MOST) return;
        IDeliveryEscrow.Terms memory t = terms();
        t.token = tokens()[which % 3];
        t.seller = seller % 2 == 0 ? FARMER : CARRIER;
        t.amount = amount % 1e18;
        t.cap = t.amount / 2;
        t.cutBps = cut % 10_001;
        t.penalty = t.amount / 7;
        t.deadline = uint64(block.timestamp + 1 + time % 3 days);
        t.transportTo = t.deadline * 1000;
        Coin(t.token).mint(RETAILER, t.amount);
        vm.prank(RETAILER);
        Coin(t.token).approve(address(escrow), type(uint256).max);
        vm.prank(RETAILER);
        try escrow.fund(t) {
            all.push(t);
        } catch {}
    }

    /// @dev The goods come back afterwards, so that the next delivery can be funded.
    function confirm(uint8 which, bool late) external {
        handOver(FARMER_KEY, RETAILER_KEY);
        if (late) handOver(RETAILER_KEY, FARMER_KEY);
        try escrow.confirm(chosen(which)) {} catch {}
        if (!late) handOver(RETAILER_KEY, FARMER_KEY);
    }

    function excursion(uint8 which, uint8 seq) external {
        IDeliveryEscrow.Terms memory t = chosen(which);
        vm.prank(t.buyer);
        try escrow.proveExcursion(t, reading(1 + seq % 4)) {} catch {}
    }

    function dispute(uint8 which, bool buyer) external {
        IDeliveryEscrow.Terms memory t = chosen(which);
        vm.prank(buyer ? t.buyer : t.seller);
        try escrow.dispute(t, DOCUMENT) {} catch {}
    }

    function resolve(uint8 which, uint16 bps) external {
        IDeliveryEscrow.Terms memory t = chosen(which);
        watch(t, AUDITOR, abi.encodeCall(escrow.resolve, (t, bps % 10_002, DOCUMENT)));
    }

    function settle(uint8 which, uint8 who) external {
        IDeliveryEscrow.Terms memory t = chosen(which);
        watch(t, party(t, who), abi.encodeCall(escrow.settle, (t)));
    }

    function refund(uint8 which, uint8 who) external {
        IDeliveryEscrow.Terms memory t = chosen(which);
        watch(t, party(t, who), abi.encodeCall(escrow.refund, (t)));
    }

    function withdraw(uint8 which, uint8 who, uint8 to) external {
        vm.prank(person(who));
        try escrow.withdraw(tokens()[which % 3], person(to)) {} catch {}
    }

    function listen(uint8 which, uint8 what) external {
        IDeliveryEscrow.Terms memory t = chosen(which);
        what = what % 4;
        if (what == 0) calling.listen(address(0), "");
        if (what == 1) calling.listen(address(escrow), abi.encodeCall(escrow.settle, (t)));
        if (what == 2) calling.listen(address(escrow), abi.encodeCall(escrow.refund, (t)));
        if (what == 3) calling.listen(address(escrow), abi.encodeCall(escrow.confirm, (t)));
    }

    function charge(uint8 percent) external {
        fee.setPercent(percent % 3);
    }

    function give(uint8 which, uint64 amount) external {
        address token = tokens()[which % 3];
        Coin(token).mint(address(escrow), amount);
        presents[token] += amount;
    }

    function wait(uint32 time) external {
        vm.warp(block.timestamp + time % 2 days);
    }

    /* MODEL */

    function tokens() public view returns (address[3] memory) {
        return [address(coin), address(calling), address(fee)];
    }

    function balance(address token) external view returns (uint256) {
        return Coin(token).balanceOf(address(escrow));
    }

    /// @notice What the escrow owes in a token: open amounts and credits.
    function owed(address token) external view returns (uint256 sum) {
        for (uint256 i; i < all.length; ++i) {
            bool open_ = statusOf(keccak256(abi.encode(all[i]))) == 1;
            if (all[i].token == token && open_) sum += all[i].amount;
        }
        for (uint8 i; i < 5; ++i) {
            sum += escrow.creditOf(token, person(i));
        }
    }

    /// @dev A closing must turn exactly the amount into credits of its two parties.
    function watch(IDeliveryEscrow.Terms memory t, address who, bytes memory call_) private {
        uint256 before = credits(t);
        vm.prank(who);
        (bool done,) = address(escrow).call(call_);
        if (done) ++closings;
        if (credits(t) != before + (done ? t.amount : 0)) ++overpaid;
    }

    function credits(IDeliveryEscrow.Terms memory t) private view returns (uint256) {
        return escrow.creditOf(t.token, t.buyer) + escrow.creditOf(t.token, t.seller);
    }

    function chosen(uint8 which) private view returns (IDeliveryEscrow.Terms memory) {
        return all.length == 0 ? terms() : all[which % all.length];
    }

    function party(IDeliveryEscrow.Terms memory t, uint8 who) private view returns (address) {
        return [t.buyer, t.seller, RELAYER][who % 3];
    }

    function person(uint8 who) private view returns (address) {
        return [FARMER, CARRIER, RETAILER, AUDITOR, ATTACKER][who % 5];
    }
}

contract EscrowInvariantsTest {
    EscrowActions private actions;

    function setUp() external {
        actions = new EscrowActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    /// @dev Equal, not just enough: nothing gets stuck either.
    function invariant_TheEscrowHoldsExactlyWhatItOwes() external view {
        address[3] memory tokens = actions.tokens();
        for (uint256 i; i < 3; ++i) {
            uint256 expected = actions.owed(tokens[i]) + actions.presents(tokens[i]);
            vm.assertEq(actions.balance(tokens[i]), expected);
        }
    }

    function invariant_AClosingDividesTheAmountAndNothingElse() external view {
        vm.assertEq(actions.overpaid(), 0);
    }
}
