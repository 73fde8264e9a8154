// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ForecastLedger} from "../ForecastLedger.sol";
import {IForecastLedger} from "../interfaces/IForecastLedger.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// @title A farmer who forecasts what a retailer will sell, on two days
abstract contract Forecasts is Actors {
    bytes32 internal constant NAME = keccak256("salad, store 1");
    bytes32 internal constant SALT = keccak256("a salt");
    uint64 internal constant CUTOFF = DEADLINE;
    uint64 internal constant MONDAY = DEADLINE;
    uint64 internal constant TUESDAY = DEADLINE + 1 days;
    uint256 internal constant REVEAL_UNTIL = uint256(CUTOFF) + 30 days;
    uint256 internal constant BOND = 1 ether;

    ForecastLedger internal ledger;
    bytes32 internal series;

    function setUp() public virtual override {
        super.setUp();
        ledger = ForecastLedger(vm.deployCode("ForecastLedger.sol:ForecastLedger", ""));
        series = keccak256(abi.encode(RETAILER, NAME));
        vm.deal(FARMER, 10 ether);
    }

    /* WHAT IS FORECAST */

    function point(uint64 period, int64[5] memory q) internal pure returns (bytes memory) {
        return abi.encodePacked(period, q[0], q[1], q[2], q[3], q[4]);
    }

    function twoDays() internal pure returns (bytes memory) {
        return bytes.concat(
            point(MONDAY, [int64(6), 8, 9, 11, 12]), point(TUESDAY, [int64(-3), -2, 0, 25, 26])
        );
    }

    function sealing(bytes memory points) internal pure returns (bytes32) {
        return keccak256(bytes.concat(SALT, DOCUMENT, keccak256(points)));
    }

    /* STORY */

    function commit(bytes memory points) internal returns (bytes32 commitment) {
        commitment = sealing(points);
        vm.prank(FARMER);
        ledger.commit(series, commitment, CUTOFF);
    }

    function commitBonded() internal returns (bytes32 commitment) {
        commitment = sealing(twoDays());
        vm.prank(FARMER);
        ledger.commitBonded{value: BOND}(series, commitment, CUTOFF, RETAILER);
    }

    function reveal(bytes memory points) internal {
        ledger.reveal(FARMER, series, CUTOFF, SALT, DOCUMENT, points);
    }

    function revealed() internal returns (bytes memory points) {
        points = twoDays();
        commit(points);
        reveal(points);
    }

    function report(uint64 period, int64 value) internal {
        vm.prank(RETAILER);
        ledger.report(NAME, period, value);
    }

    function score(bytes memory points) internal returns (uint128) {
        return ledger.score(FARMER, series, CUTOFF, points);
    }

    /* EXPECTATIONS */

    function expectBond(uint256 amount) internal view {
        (, uint96 waiting) = ledger.bondOf(FARMER, series, CUTOFF);
        vm.assertEq(waiting, amount);
    }

    function expectCredits(uint256 farmer, uint256 retailer) internal view {
        vm.assertEq(ledger.creditOf(FARMER), farmer);
        vm.assertEq(ledger.creditOf(RETAILER), retailer);
    }

    /// @dev What the contract must compute, as the paper has it: max(p * d, (p - 1) * d).
    function lossBySpecification(int64[5] memory q, int64 outcome) internal pure returns (uint256) {
        int256[5] memory levels = [int256(25), 100, 500, 900, 975];
        int256 sum;
        for (uint256 i; i < 5; ++i) {
            int256 low = levels[i] * (int256(outcome) - q[i]);
            int256 high = (levels[i] - 1000) * (int256(outcome) - q[i]);
            sum += low > high ? low : high;
        }
        return uint256(sum);
    }
}
