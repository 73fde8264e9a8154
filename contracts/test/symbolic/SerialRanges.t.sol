// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SerialRanges} from "../../libraries/SerialRanges.sol";
import {vm} from "../Vm.sol";

/// @title No serial belongs to two ranges, whoever claims what in any order with any hint
/// @dev Proved by halmos for every input (`check_`), not run by forge.
contract SerialRangesSymbolic {
    struct Claim {
        uint64 start;
        uint64 end;
        uint64 hint;
    }

    mapping(uint64 end => SerialRanges.Range) private _byEnd;
    uint64 private _top;

    function claim(Claim memory c) external {
        _top = SerialRanges.insert(_byEnd, _top, c.start, c.end, c.hint);
    }

    /* FROM NOTHING */

    function check_Claims_AreDisjoint(Claim memory a, Claim memory b, Claim memory c) external {
        this.claim(a);
        this.claim(b);
        this.claim(c);
        assert(apart(a, b) && apart(b, c) && apart(a, c));
    }

    /// @dev Nobody can be kept from claiming what is free: without a hint the only other refusal is
    /// an empty range.
    function check_Claim_RefusesExactlyWhatOverlaps(Claim memory a, Claim memory b, Claim memory c)
        external
    {
        (a.hint, b.hint, c.hint) = (0, 0, 0);
        this.claim(a);
        this.claim(b);
        vm.assume(c.start != 0 && c.start < c.end);
        try this.claim(c) {
            assert(apart(a, c) && apart(b, c));
        } catch {
            assert(!apart(a, c) || !apart(b, c));
        }
    }

    /* FROM ANY ORDERED CHAIN */

    /// @dev The step of an induction over any number of ranges: two neighbours `high` above `low`,
    /// anywhere in a chain that goes on above and below them, and a claim that names the upper one.
    /// Wherever it lands, each range still ends before the next one starts.
    function check_Claim_KeepsNeighboursInOrder(
        Claim memory high,
        Claim memory low,
        Claim memory c,
        uint64 top,
        uint64 lowest
    ) external {
        vm.assume(0 < low.start && low.start < low.end && low.end <= high.start);
        vm.assume(high.start < high.end && high.end <= top && lowest <= low.start);
        (_top, _byEnd[high.end]) = (top, SerialRanges.Range(high.start, low.end));
        _byEnd[low.end] = SerialRanges.Range(low.start, lowest);
        c.hint = high.end;
        this.claim(c);

        assert(c.end <= high.start && apart(low, c));
        assert(_top == top && _byEnd[c.end].start == c.start);
        uint64 next = _byEnd[high.end].previous;
        if (c.start >= low.end) {
            assert(next == c.end && _byEnd[c.end].previous == low.end);
            assert(_byEnd[low.end].previous == lowest);
        } else {
            assert(next == low.end && _byEnd[low.end].previous == c.end);
            assert(c.end <= low.start && _byEnd[c.end].previous == lowest && lowest <= c.start);
        }
    }

    function apart(Claim memory a, Claim memory b) private pure returns (bool) {
        return a.end <= b.start || b.end <= a.start;
    }
}
