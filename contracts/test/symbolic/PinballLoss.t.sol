// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Pinball} from "../../libraries/Pinball.sol";
import {vm} from "../Vm.sol";

/// @title The loss of a forecast is what the formula says, and never gets out of bounds
/// @dev Proved by halmos for every input (`check_`), not run by forge.
contract PinballLossSymbolic {
    uint256 private constant FARTHEST = 2 ** 64 - 1;

    /// @dev max(p * d, (p - 1) * d), in checked arithmetic, at each level the ledger uses.
    function check_At_IsTheReferenceFormula(int64 quantile, int64 outcome) external pure {
        int256 missed = int256(outcome) - quantile;
        assert(Pinball.at(25, quantile, outcome) == formula(25, missed));
        assert(Pinball.at(100, quantile, outcome) == formula(100, missed));
        assert(Pinball.at(500, quantile, outcome) == formula(500, missed));
        assert(Pinball.at(900, quantile, outcome) == formula(900, missed));
        assert(Pinball.at(975, quantile, outcome) == formula(975, missed));
    }

    function check_Loss_IsTheSumOverTheLevels(int64[5] memory q, int64 outcome) external pure {
        uint256 sum = Pinball.at(25, q[0], outcome);
        sum += Pinball.at(100, q[1], outcome);
        sum += Pinball.at(500, q[2], outcome);
        sum += Pinball.at(900, q[3], outcome);
        sum += Pinball.at(975, q[4], outcome);
        assert(Pinball.loss(q, outcome) == sum);
    }

    function check_At_IsZeroExactlyOnTheOutcome(int64 quantile, int64 outcome) external pure {
        bool met = quantile == outcome;
        assert((Pinball.at(25, quantile, outcome) == 0) == met);
        assert((Pinball.at(500, quantile, outcome) == 0) == met);
        assert((Pinball.at(975, quantile, outcome) == 0) == met);
    }

    /// @dev Of two quantiles on the same side of the outcome, the farther one costs more.
    function check_At_GrowsWithTheDistance(int64 near, int64 far, int64 outcome) external pure {
        vm.assume((outcome <= near && near < far) || (far < near && near <= outcome));
        assert(Pinball.at(25, near, outcome) < Pinball.at(25, far, outcome));
        assert(Pinball.at(500, near, outcome) < Pinball.at(500, far, outcome));
        assert(Pinball.at(975, near, outcome) < Pinball.at(975, far, outcome));
    }

    /// @dev So five levels of 512 points stay below 2^86, and no sum in the ledger can overflow.
    function check_At_StaysInBounds(int64 quantile, int64 outcome) external pure {
        assert(Pinball.at(25, quantile, outcome) <= 975 * FARTHEST);
        assert(Pinball.at(500, quantile, outcome) <= 500 * FARTHEST);
        assert(Pinball.at(975, quantile, outcome) <= 975 * FARTHEST);
    }

    function formula(int256 level, int256 missed) private pure returns (uint256) {
        int256 low = level * missed;
        int256 high = (level - 1000) * missed;
        return uint256(low > high ? low : high);
    }
}
