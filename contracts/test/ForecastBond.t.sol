// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ForecastLedger} from "../ForecastLedger.sol";
import {IForecastLedger} from "../interfaces/IForecastLedger.sol";
import {Forecasts} from "./Forecasts.sol";
import {vm} from "./Vm.sol";

/// @dev Takes its money and asks for it again while it arrives (The DAO, 2016).
contract Reentrant {
    ForecastLedger private immutable LEDGER;
    bytes public refusal;

    constructor(ForecastLedger ledger) {
        LEDGER = ledger;
    }

    function commit(bytes32 series, bytes32 commitment, uint64 cutoff) external payable {
        LEDGER.commitBonded{value: msg.value}(series, commitment, cutoff, address(1));
    }

    function withdraw() external {
        LEDGER.withdraw(payable(this));
    }

    receive() external payable {
        (, refusal) = address(LEDGER).call(abi.encodeCall(LEDGER.withdraw, (payable(this))));
    }
}

/// @dev Wants no money.
contract Refusing {}

/// withdraw
/// ├── it should send all the caller's credit where it says and emit BondWithdrawn
/// ├── given no credit: it should revert
/// ├── when the receiver refuses: it should revert and keep the credit
/// └── when the receiver calls back (The DAO): it should pay once
contract ForecastBondTest is Forecasts {
    address payable private constant PURSE = payable(address(0x9145E));

    function test_Withdraw_SendsAllWhereTheCallerSays() external {
        settled();
        vm.expectEmit(address(ledger));
        emit IForecastLedger.BondWithdrawn(FARMER, PURSE, BOND);
        vm.prank(FARMER);
        vm.assertEq(ledger.withdraw(PURSE), BOND);
        vm.assertEq(PURSE.balance, BOND);
        expectCredits(0, 0);
    }

    function test_Withdraw_RevertGiven_NoCredit() external {
        settled();
        vm.expectRevert(abi.encodeWithSelector(IForecastLedger.NoCredit.selector, ATTACKER));
        vm.prank(ATTACKER);
        ledger.withdraw(PURSE);
    }

    function test_Withdraw_RevertWhen_TheReceiverRefuses() external {
        settled();
        address payable refusing = payable(address(new Refusing()));
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.PaymentRefused.selector, refusing, BOND)
        );
        vm.prank(FARMER);
        ledger.withdraw(refusing);
        expectCredits(BOND, 0);
    }

    function test_Withdraw_WhenTheReceiverCallsBack_PaysOnce() external {
        commitBonded(); // somebody else's money lies beside it
        Reentrant thief = new Reentrant(ledger);
        vm.deal(address(this), BOND);
        thief.commit{value: BOND}(series, sealing(twoDays()), CUTOFF);
        ledger.reveal(address(thief), series, CUTOFF, SALT, DOCUMENT, twoDays());
        thief.withdraw();
        vm.assertEq(address(thief).balance, BOND);
        vm.assertEq(address(ledger).balance, BOND);
        vm.assertEq(
            keccak256(thief.refusal()),
            keccak256(abi.encodeWithSelector(IForecastLedger.NoCredit.selector, address(thief)))
        );
    }

    function settled() private {
        commitBonded();
        reveal(twoDays());
    }
}
