// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MassBalance} from "../../libraries/MassBalance.sol";
import {vm} from "../Vm.sol";

/// @title Mass moves between products and is never made from nothing
/// @dev Proved by halmos for every input (`check_`), not run by forge.
contract MassBalanceSymbolic {
    bytes32 private constant LOT = keccak256("a lot");

    function use(MassBalance.Mass memory mass, uint128 grams)
        external
        pure
        returns (MassBalance.Mass memory)
    {
        return MassBalance.use(LOT, mass, grams);
    }

    function add(MassBalance.Mass memory mass, uint128 grams)
        external
        pure
        returns (MassBalance.Mass memory)
    {
        return MassBalance.add(LOT, mass, grams);
    }

    function balance(uint256 used, uint256 made) external pure {
        MassBalance.check(used, made);
    }

    function check_Use_TakesExactlyTheGrams(uint128 made, uint128 left, uint128 grams)
        external
        view
    {
        try this.use(MassBalance.Mass(made, left), grams) returns (MassBalance.Mass memory next) {
            assert(next.made == made);
            assert(uint256(next.left) + grams == left);
        } catch {
            assert(grams > left);
        }
    }

    function check_Add_PutsExactlyTheGrams(uint128 made, uint128 left, uint128 grams)
        external
        view
    {
        vm.assume(left <= made);
        try this.add(MassBalance.Mass(made, left), grams) returns (MassBalance.Mass memory next) {
            assert(uint256(next.made) == uint256(made) + grams);
            assert(uint256(next.left) == uint256(left) + grams);
            assert(next.left <= next.made);
        } catch {
            assert(uint256(made) + grams > type(uint128).max);
        }
    }

    function check_Balance_RefusesExactlyWhatMakesMore(uint256 used, uint256 made) external view {
        try this.balance(used, made) {
            assert(made <= used);
        } catch {
            assert(made > used);
        }
    }

    /// @dev As `transform` does it with one input and one output. With more the two laws above carry
    /// over: each part moves exactly its grams, and the balance is over their sums.
    function check_Transformation_GivesNoMoreThanItTakes(
        MassBalance.Mass memory input,
        MassBalance.Mass memory output,
        uint128 used,
        uint128 made
    ) external pure {
        MassBalance.check(used, made);
        uint128 taken = input.left - MassBalance.use(LOT, input, used).left;
        uint128 given = MassBalance.add(LOT, output, made).left - output.left;
        assert(given <= taken);
    }
}
