// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Pinball} from "../../libraries/Pinball.sol";
import {vm} from "../Vm.sol";

/// @title A forecast pays for every unit it missed, by the share of its level and nothing else
/// @dev Proved by halmos for every input (`check_`), not run by forge. Farther misses are products of
/// two unknowns, which z3 does not decide in time: those are fuzzed, and compared with ml/score.py.
contract PinballSymbolic {
    function check_At_CostsNothingOnTheOutcome(int64 outcome) external pure {
        assert(Pinball.at(25, outcome, outcome) == 0);
        assert(Pinball.at(500, outcome, outcome) == 0);
        assert(Pinball.at(975, outcome, outcome) == 0);
    }

    function check_At_OneUnitTooLowCostsTheLevel(int64 outcome) external pure {
        vm.assume(outcome > type(int64).min);
        assert(Pinball.at(25, outcome - 1, outcome) == 25);
        assert(Pinball.at(975, outcome - 1, outcome) == 975);
    }

    function check_At_OneUnitTooHighCostsTheRest(int64 outcome) external pure {
        vm.assume(outcome < type(int64).max);
        assert(Pinball.at(25, outcome + 1, outcome) == 975);
        assert(Pinball.at(975, outcome + 1, outcome) == 25);
    }
}
