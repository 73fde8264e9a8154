// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Forecasts} from "./Forecasts.sol";
import {vm} from "./Vm.sol";

/// @title Whatever forecasters, observers and strangers do in any order, the money is there
/// @dev The fuzzer calls the actions. Few forecasts, periods and values, so that calls meet.
contract ForecastActions is Forecasts {
    uint8 private constant FORECASTS = 6;
    uint64 private constant PERIODS = 2;

    mapping(bytes32 key => bytes32) private _committed;
    mapping(uint64 period => int256) private _said;
    mapping(uint64 period => bool) private _known;
    uint64[] private _cutoffs;
    uint8[] private _open;
    uint256 public presents;
    uint256 public scored;
    uint256 public broken; // facts that changed, and losses that are not the formula's

    constructor() {
        super.setUp();
        for (uint64 i; i < FORECASTS / 2; ++i) {
            _cutoffs.push(uint64(START + (i + 1) * 2 days));
        }
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    /* ACTIONS */

    function open(uint8 which, uint8 beneficiary, uint64 amount, bool bonded) external {
        (address who, uint64 cutoff) = chosen(which);
        bytes32 commitment = sealing(points(which));
        vm.deal(who, amount);
        vm.prank(who);
        if (bonded) {
            try ledger.commitBonded{value: amount}(
                series, commitment, cutoff, person(beneficiary)
            ) {
                opened(which, commitment);
            } catch {}
        } else {
            try ledger.commit(series, commitment, cutoff) {
                opened(which, commitment);
            } catch {}
        }
    }

    function show(uint8 which, bool wrong) external {
        which = among(which);
        (address who, uint64 cutoff) = chosen(which);
        bytes32 salt = wrong ? DOCUMENT : SALT;
        try ledger.reveal(who, series, cutoff, salt, DOCUMENT, points(which)) {
            if (wrong) ++broken;
        } catch {}
    }

    /// @dev An observer mostly waits for a cutoff, or hardly any forecast could be scored.
    function say(uint8 which, int64 first, int64 second, uint8 early) external {
        (, uint64 cutoff) = chosen(among(which));
        if (early % 8 != 0 && block.timestamp < cutoff) vm.warp(cutoff);
        tell(0, first);
        if (early % 4 != 1) tell(1, second);
    }

    function judge(uint8 which) external {
        which = among(which);
        (address who, uint64 cutoff) = chosen(which);
        try ledger.score(who, series, cutoff, points(which)) returns (uint128 loss) {
            ++scored;
            if (loss != expected(which)) ++broken;
        } catch {}
    }

    function forfeit(uint8 which) external {
        which = among(which);
        (address who, uint64 cutoff) = chosen(which);
        bool early = block.timestamp <= cutoff + 30 days;
        try ledger.forfeit(who, series, cutoff) {
            if (early) ++broken;
        } catch {}
    }

    function withdraw(uint8 who, uint8 to) external {
        vm.prank(person(who));
        try ledger.withdraw(payable(person(to))) {} catch {}
    }

    /// @dev By selfdestruct or as a block's reward: it cannot be refused.
    function give(uint32 amount) external {
        presents += amount;
        vm.deal(address(ledger), address(ledger).balance + amount);
    }

    function wait(uint32 time) external {
        vm.warp(block.timestamp + time % 5 days);
    }

    /* MODEL */

    function balance() external view returns (uint256) {
        return address(ledger).balance;
    }

    /// @notice What the ledger owes: bonds that wait, and credits.
    function owed() external view returns (uint256 sum) {
        for (uint8 i; i < FORECASTS; ++i) {
            (address who, uint64 cutoff) = chosen(i);
            (, uint96 amount) = ledger.bondOf(who, series, cutoff);
            sum += amount;
        }
        for (uint8 i; i < 4; ++i) {
            sum += ledger.creditOf(person(i));
        }
    }

    /// @notice How many facts on chain are not what was said first.
    function changed() external view returns (uint256 facts) {
        for (uint8 i; i < FORECASTS; ++i) {
            (address who, uint64 cutoff) = chosen(i);
            if (ledger.commitmentOf(who, series, cutoff) != _committed[keyOf(i)]) ++facts;
        }
        for (uint64 period; period < PERIODS; ++period) {
            (int64 value, uint64 reportedAt) = ledger.outcomeOf(series, period);
            if (value != _said[period] || (reportedAt != 0) != _known[period]) ++facts;
        }
    }

    function expected(uint8 which) private view returns (uint256 sum) {
        for (uint64 period; period < 2; ++period) {
            sum += lossBySpecification(quantiles(which, period), int64(_said[period]));
        }
    }

    function points(uint8 which) private pure returns (bytes memory) {
        return bytes.concat(point(0, quantiles(which, 0)), point(1, quantiles(which, 1)));
    }

    function quantiles(uint8 which, uint64 period) private pure returns (int64[5] memory) {
        int64 low = int64(uint64(which % FORECASTS)) * 1e17 - 3e17;
        int64 step = int64(period);
        return [low, low + step, low + 2 * step, low + 1000, type(int64).max];
    }

    function chosen(uint8 which) private view returns (address, uint64) {
        uint8 n = which % FORECASTS;
        return (person(n % 2), _cutoffs[n / 2]);
    }

    /// @dev One that was committed, once there is one.
    function among(uint8 which) private view returns (uint8) {
        return _open.length == 0 ? which : _open[which % _open.length];
    }

    function tell(uint64 period, int64 value) private {
        vm.prank(RETAILER);
        try ledger.report(NAME, period, value) {
            if (_known[period]) ++broken;
            (_known[period], _said[period]) = (true, value);
        } catch {}
    }

    function opened(uint8 which, bytes32 commitment) private {
        _committed[keyOf(which)] = commitment;
        _open.push(which % FORECASTS);
    }

    function keyOf(uint8 which) private view returns (bytes32) {
        (address who, uint64 cutoff) = chosen(which);
        return keccak256(abi.encode(who, cutoff));
    }

    function person(uint8 who) private view returns (address) {
        return [FARMER, CARRIER, RETAILER, AUDITOR][who % 4];
    }
}

contract ForecastInvariantsTest {
    ForecastActions private actions;

    function setUp() external {
        actions = new ForecastActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    /// @dev Equal, not just enough: nothing gets stuck either. Presents forced upon it are nobody's.
    function invariant_TheLedgerHoldsExactlyWhatItOwes() external view {
        vm.assertEq(actions.balance(), actions.owed() + actions.presents());
    }

    function invariant_WhatWasCommittedOrReportedNeverChanges() external view {
        vm.assertEq(actions.changed(), 0);
    }

    function invariant_ScoresAreTheFormulasAndBondsFallDueInTime() external view {
        vm.assertEq(actions.broken(), 0);
    }
}
