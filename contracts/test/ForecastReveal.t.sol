// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForecastLedger} from "../interfaces/IForecastLedger.sol";
import {Forecasts} from "./Forecasts.sol";
import {vm} from "./Vm.sol";

/// reveal
/// ├── it should keep the points' hash, not the commitment's place, and emit ForecastRevealed
/// ├── given nothing committed: it should revert
/// ├── given it was revealed: it should revert
/// ├── when salt, document or a point is another: it should revert
/// ├── when the points are none, not whole, or over 512: it should revert
/// ├── when a period does not follow the one before: it should revert
/// ├── when a quantile is lower than the one before: it should revert
/// ├── when there are 512 points of any ascending values: it should take them
/// └── given a bond
///     ├── when sent by anyone in the reveal period: it should return it to the forecaster
///     └── when sent later: it should give it to the beneficiary
/// forfeit
/// ├── given no bond, or a settled one: it should revert
/// ├── when the reveal period is not over: it should revert
/// └── when it is over: it should give the bond to the beneficiary, and a reveal stays possible
contract ForecastRevealTest is Forecasts {
    function test_Reveal_KeepsThePointsHash() external {
        bytes32 commitment = commit(twoDays());
        vm.expectEmit(address(ledger));
        emit IForecastLedger.ForecastRevealed(
            series, FARMER, commitment, CUTOFF, SALT, DOCUMENT, twoDays()
        );
        vm.prank(ATTACKER);
        reveal(twoDays());
        vm.assertEq(ledger.pointsHashOf(FARMER, series, CUTOFF), keccak256(twoDays()));
        vm.assertEq(ledger.commitmentOf(FARMER, series, CUTOFF), commitment);
    }

    function test_Reveal_RevertGiven_NothingCommitted() external {
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.NotCommitted.selector, FARMER, series, CUTOFF)
        );
        reveal(twoDays());
    }

    function test_Reveal_RevertGiven_Revealed() external {
        revealed();
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.AlreadyRevealed.selector, series, CUTOFF)
        );
        reveal(twoDays());
    }

    function test_Reveal_RevertWhen_SaltDocumentOrAPointIsAnother(uint8 which, uint8 at) external {
        bytes32 commitment = commit(twoDays());
        bytes memory points = twoDays();
        if (which % 3 == 0) points[at % points.length] ^= 0x01;
        bytes32 salt = which % 3 == 1 ? DOCUMENT : SALT;
        bytes32 document = which % 3 == 2 ? OTHER_DOCUMENT : DOCUMENT;
        bytes32 opened = keccak256(bytes.concat(salt, document, keccak256(points)));
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.WrongOpening.selector, opened, commitment)
        );
        ledger.reveal(FARMER, series, CUTOFF, salt, document, points);
    }

    function test_Reveal_RevertWhen_ThePointsAreNoneOrNotWhole(uint8 length) external {
        vm.assume(length % 48 != 0 || length == 0);
        expectInvalid(new bytes(length));
    }

    function test_Reveal_RevertWhen_ThereAreOver512Points() external {
        expectInvalid(new bytes(513 * 48));
    }

    function test_Reveal_RevertWhen_APeriodDoesNotFollow(uint64 second) external {
        vm.assume(second <= MONDAY);
        int64[5] memory q;
        bytes memory points = bytes.concat(point(MONDAY, q), point(second, q));
        commit(points);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.PeriodsNotAscending.selector, second, MONDAY)
        );
        reveal(points);
    }

    function test_Reveal_RevertWhen_AQuantileIsLower(uint8 which, int64 value) external {
        uint256 k = 1 + which % 4;
        int64[5] memory q = [value, value, value, value, value];
        vm.assume(value != type(int64).min);
        for (uint256 i = k; i < 5; ++i) {
            q[i] = value - 1;
        }
        bytes memory points = bytes.concat(point(0, [int64(1), 1, 2, 2, 3]), point(MONDAY, q));
        commit(points);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.QuantilesNotAscending.selector, MONDAY)
        );
        reveal(points);
    }

    function test_Reveal_TakesAsManyAs512OfAnyValue() external {
        (int64 low, int64 high) = (type(int64).min, type(int64).max);
        bytes memory points;
        for (uint64 i; i < 512; ++i) {
            points = bytes.concat(points, point(i, [low, low, low, high, high]));
        }
        commit(points);
        reveal(points);
        vm.assertEq(ledger.pointsHashOf(FARMER, series, CUTOFF), keccak256(points));
    }

    function test_Reveal_InThePeriod_ReturnsTheBond(uint32 time) external {
        commitBonded();
        vm.warp(START + time % (REVEAL_UNTIL - START + 1));
        vm.expectEmit(address(ledger));
        emit IForecastLedger.BondSettled(series, FARMER, FARMER, CUTOFF, BOND);
        vm.prank(ATTACKER);
        reveal(twoDays());
        expectCredits(BOND, 0);
        expectBond(0);
    }

    function test_Reveal_Later_GivesTheBondToTheBeneficiary() external {
        commitBonded();
        vm.warp(REVEAL_UNTIL + 1);
        vm.expectEmit(address(ledger));
        emit IForecastLedger.BondSettled(series, FARMER, RETAILER, CUTOFF, BOND);
        reveal(twoDays());
        expectCredits(0, BOND);
        expectBond(0);
    }

    function test_Forfeit_RevertGiven_NoBond() external {
        commit(twoDays());
        vm.warp(REVEAL_UNTIL + 1);
        expectNoBond();
        ledger.forfeit(FARMER, series, CUTOFF);
    }

    function test_Forfeit_RevertGiven_ASettledBond() external {
        commitBonded();
        vm.warp(REVEAL_UNTIL + 1);
        ledger.forfeit(FARMER, series, CUTOFF);
        expectNoBond();
        ledger.forfeit(FARMER, series, CUTOFF);
    }

    function test_Forfeit_RevertWhen_ThePeriodIsNotOver() external {
        commitBonded();
        vm.warp(REVEAL_UNTIL);
        vm.expectRevert(
            abi.encodeWithSelector(
                IForecastLedger.RevealPeriodOpen.selector, REVEAL_UNTIL, REVEAL_UNTIL
            )
        );
        ledger.forfeit(FARMER, series, CUTOFF);
    }

    function test_Forfeit_GivesTheBondToTheBeneficiary() external {
        commitBonded();
        vm.warp(REVEAL_UNTIL + 1);
        vm.expectEmit(address(ledger));
        emit IForecastLedger.BondSettled(series, FARMER, RETAILER, CUTOFF, BOND);
        vm.prank(ATTACKER);
        ledger.forfeit(FARMER, series, CUTOFF);
        expectBond(0);
        reveal(twoDays());
        expectCredits(0, BOND);
    }

    function expectInvalid(bytes memory points) private {
        commit(points);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.InvalidPoints.selector, points.length)
        );
        reveal(points);
    }

    function expectNoBond() private {
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.NoBond.selector, FARMER, series, CUTOFF)
        );
    }
}
