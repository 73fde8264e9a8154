// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForecastLedger} from "../interfaces/IForecastLedger.sol";
import {Forecasts} from "./Forecasts.sol";
import {vm} from "./Vm.sol";

/// commit
/// ├── it should keep the commitment and emit ForecastCommitted
/// ├── given one for the same forecaster, series and cutoff: it should revert
/// ├── given another forecaster or cutoff: it should keep both
/// ├── when the cutoff is not ahead: it should revert
/// ├── when the cutoff is over ten years ahead: it should revert
/// ├── when the commitment is zero: it should revert
/// └── when money comes along: it should revert
/// commitBonded
/// ├── it should keep commitment and bond and emit ForecastCommitted and BondPosted
/// ├── given a commitment without a bond: it should revert
/// ├── when the bond is nothing or too large for its slot: it should revert
/// └── when the beneficiary is nobody or the forecaster: it should revert
/// seriesIdOf
/// └── it should name observer and series
contract ForecastCommitTest is Forecasts {
    function test_KeepsTheCommitment() external {
        vm.expectEmit(address(ledger));
        emit IForecastLedger.ForecastCommitted(series, RETAILER, DOCUMENT, CUTOFF);
        vm.prank(RETAILER);
        ledger.commit(series, DOCUMENT, CUTOFF);
        vm.assertEq(ledger.commitmentOf(RETAILER, series, CUTOFF), DOCUMENT);
    }

    function test_RevertGiven_OneForTheSameCutoff() external {
        ledger.commit(series, DOCUMENT, CUTOFF);
        expectAlreadyCommitted(DOCUMENT);
        ledger.commit(series, OTHER_DOCUMENT, CUTOFF);
    }

    function test_GivenAnotherForecasterOrCutoff_KeepsBoth() external {
        ledger.commit(series, DOCUMENT, CUTOFF);
        ledger.commit(series, OTHER_DOCUMENT, CUTOFF + 1);
        vm.prank(RETAILER);
        ledger.commit(series, OTHER_DOCUMENT, CUTOFF);
        vm.assertEq(ledger.commitmentOf(address(this), series, CUTOFF), DOCUMENT);
        vm.assertEq(ledger.commitmentOf(RETAILER, series, CUTOFF), OTHER_DOCUMENT);
    }

    function test_RevertWhen_TheCutoffIsNotAhead(uint64 cutoff) external {
        vm.assume(cutoff <= START);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.CutoffPassed.selector, cutoff, START)
        );
        ledger.commit(series, DOCUMENT, cutoff);
    }

    function test_RevertWhen_TheCutoffIsTooFar(uint64 cutoff) external {
        vm.assume(cutoff > START + 3650 days);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.CutoffTooFar.selector, cutoff, START)
        );
        ledger.commit(series, DOCUMENT, cutoff);
    }

    function test_RevertWhen_TheCommitmentIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IForecastLedger.EmptyCommitment.selector));
        ledger.commit(series, 0, CUTOFF);
    }

    function test_RevertWhen_MoneyComesAlong() external {
        vm.prank(FARMER);
        (bool done,) = address(ledger).call{value: 1}(
            abi.encodeCall(ledger.commit, (series, DOCUMENT, CUTOFF))
        );
        vm.assertTrue(!done && address(ledger).balance == 0, "nobody could take it out again");
    }

    function test_Bonded_KeepsCommitmentAndBond() external {
        bytes32 commitment = sealing(twoDays());
        vm.expectEmit(address(ledger));
        emit IForecastLedger.ForecastCommitted(series, FARMER, commitment, CUTOFF);
        vm.expectEmit(address(ledger));
        emit IForecastLedger.BondPosted(series, FARMER, commitment, CUTOFF, RETAILER, BOND);
        commitBonded();
        vm.assertEq(ledger.commitmentOf(FARMER, series, CUTOFF), commitment);
        (address beneficiary, uint96 amount) = ledger.bondOf(FARMER, series, CUTOFF);
        vm.assertEq(beneficiary, RETAILER);
        vm.assertEq(amount, BOND);
        vm.assertEq(address(ledger).balance, BOND);
    }

    function test_Bonded_RevertGiven_ACommitment() external {
        bytes32 commitment = commit(twoDays());
        expectAlreadyCommitted(commitment);
        commitBonded();
    }

    function test_Bonded_RevertWhen_TheBondIsNothingOrTooLarge(uint256 amount) external {
        amount = amount == 0 ? 0 : amount | 1 << 96;
        vm.deal(FARMER, amount);
        vm.expectRevert(abi.encodeWithSelector(IForecastLedger.InvalidBond.selector, amount));
        vm.prank(FARMER);
        ledger.commitBonded{value: amount}(series, DOCUMENT, CUTOFF, RETAILER);
    }

    function test_Bonded_TakesTheLargestBond() external {
        vm.deal(FARMER, type(uint96).max);
        vm.prank(FARMER);
        ledger.commitBonded{value: type(uint96).max}(series, DOCUMENT, CUTOFF, RETAILER);
        expectBond(type(uint96).max);
    }

    function test_Bonded_RevertWhen_TheBeneficiaryIsNobodyOrTheForecaster(bool nobody) external {
        address beneficiary = nobody ? address(0) : FARMER;
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.InvalidBeneficiary.selector, beneficiary)
        );
        vm.prank(FARMER);
        ledger.commitBonded{value: BOND}(series, DOCUMENT, CUTOFF, beneficiary);
    }

    function test_SeriesId_NamesObserverAndSeries(address observer, bytes32 name) external view {
        vm.assertEq(ledger.seriesIdOf(observer, name), keccak256(abi.encode(observer, name)));
    }

    function expectAlreadyCommitted(bytes32 earlier) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IForecastLedger.AlreadyCommitted.selector, series, CUTOFF, earlier
            )
        );
    }
}
