// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForecastLedger} from "../interfaces/IForecastLedger.sol";
import {Forecasts} from "./Forecasts.sol";
import {vm} from "./Vm.sol";

/// report
/// ├── it should keep value and time and emit OutcomeReported
/// ├── given the period was reported, even with the same value: it should revert
/// └── when somebody else reports the same name: it should be another series
/// score
/// ├── it should keep loss and steps and emit ForecastScored
/// ├── when quantiles and outcomes are any int64: it should equal the formula to the unit
/// ├── when all quantiles and outcomes lie as far apart as can be: it should not overflow
/// ├── given it was not revealed: it should revert
/// ├── given it was scored: it should revert
/// ├── given a period without outcome: it should revert
/// ├── given an outcome from before the cutoff: it should revert
/// └── when the points are others: it should revert
contract ForecastScoreTest is Forecasts {
    function test_Report_KeepsValueAndTime(uint64 period, int64 value) external {
        vm.expectEmit(address(ledger));
        emit IForecastLedger.OutcomeReported(series, RETAILER, period, NAME, value);
        report(period, value);
        (int64 known, uint64 reportedAt) = ledger.outcomeOf(series, period);
        vm.assertEq(int256(known), value);
        vm.assertEq(reportedAt, START);
    }

    function test_Report_RevertGiven_ThePeriodWasReported(int64 value) external {
        report(MONDAY, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IForecastLedger.AlreadyReported.selector, series, MONDAY, int64(0)
            )
        );
        report(MONDAY, value);
    }

    function test_Report_WhenSomebodyElseReports_IsAnotherSeries() external {
        vm.prank(ATTACKER);
        ledger.report(NAME, MONDAY, 1);
        (, uint64 reportedAt) = ledger.outcomeOf(series, MONDAY);
        vm.assertEq(reportedAt, 0);
    }

    function test_Score_KeepsLossAndSteps() external {
        bytes memory points = revealed();
        vm.warp(CUTOFF);
        report(MONDAY, 10);
        report(TUESDAY, -5);
        // by hand: 10 over 6, 8, 9 and under 11, 12; -5 under all five
        uint128 monday = 25 * 4 + 100 * 2 + 500 * 1 + 100 * 1 + 25 * 2;
        uint128 tuesday = 975 * 2 + 900 * 3 + 500 * 5 + 100 * 30 + 25 * 31;
        vm.expectEmit(address(ledger));
        emit IForecastLedger.ForecastScored(
            series, FARMER, sealing(points), CUTOFF, monday + tuesday, 2
        );
        vm.prank(ATTACKER);
        vm.assertEq(score(points), monday + tuesday);
        (uint128 loss, uint32 steps) = ledger.scoreOf(FARMER, series, CUTOFF);
        vm.assertEq(loss, monday + tuesday);
        vm.assertEq(steps, 2);
    }

    function test_Score_EqualsTheFormula(int64[5] memory q, int64 monday, int64 tuesday) external {
        sort(q);
        bytes memory points = bytes.concat(point(MONDAY, q), point(TUESDAY, q));
        commit(points);
        reveal(points);
        vm.warp(CUTOFF);
        report(MONDAY, monday);
        report(TUESDAY, tuesday);
        uint256 expected = lossBySpecification(q, monday) + lossBySpecification(q, tuesday);
        vm.assertEq(score(points), expected);
    }

    function test_Score_DoesNotOverflow() external {
        (int64 low, int64 high) = (type(int64).min, type(int64).max);
        bytes memory points;
        vm.warp(CUTOFF - 1);
        for (uint64 i; i < 512; ++i) {
            points = bytes.concat(points, point(i, [low, low, low, low, low]));
        }
        commit(points);
        reveal(points);
        vm.warp(CUTOFF);
        for (uint64 i; i < 512; ++i) {
            report(i, high);
        }
        vm.assertEq(score(points), 512 * uint256(25 + 100 + 500 + 900 + 975) * (2 ** 64 - 1));
    }

    function test_Score_RevertGiven_NotRevealed() external {
        commit(twoDays());
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.NotRevealed.selector, FARMER, series, CUTOFF)
        );
        score(twoDays());
    }

    function test_Score_RevertGiven_ItWasScored() external {
        bytes memory points = revealed();
        vm.warp(CUTOFF);
        report(MONDAY, 10);
        report(TUESDAY, 10);
        score(points);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.AlreadyScored.selector, series, CUTOFF)
        );
        score(points);
    }

    function test_Score_RevertGiven_APeriodWithoutOutcome() external {
        bytes memory points = revealed();
        vm.warp(CUTOFF);
        report(MONDAY, 10);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.OutcomeMissing.selector, series, TUESDAY)
        );
        score(points);
    }

    function test_Score_RevertGiven_AnOutcomeFromBeforeTheCutoff() external {
        bytes memory points = revealed();
        vm.warp(CUTOFF - 1);
        report(MONDAY, 10);
        vm.warp(CUTOFF);
        report(TUESDAY, 10);
        vm.expectRevert(
            abi.encodeWithSelector(
                IForecastLedger.OutcomeBeforeCutoff.selector, MONDAY, CUTOFF - 1, CUTOFF
            )
        );
        score(points);
    }

    function test_Score_RevertWhen_ThePointsAreOthers() external {
        bytes memory points = revealed();
        bytes32 shown = keccak256(points);
        points[47] = 0x00;
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.WrongPoints.selector, keccak256(points), shown)
        );
        score(points);
    }

    function sort(int64[5] memory q) private pure {
        for (uint256 i = 1; i < 5; ++i) {
            for (uint256 j = i; j > 0 && q[j] < q[j - 1]; --j) {
                (q[j], q[j - 1]) = (q[j - 1], q[j]);
            }
        }
    }
}
