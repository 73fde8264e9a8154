// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Registry serials that nobody can claim twice
/// @notice Ranges `[start, end)` of serials from 1, disjoint and linked from the highest downwards.
/// @dev Kept by their end: a range that goes on top is then known to be free from one number, the
/// end of the highest range so far, and no other range is read.
library SerialRanges {
    struct Range {
        uint64 start; // 0 = no range ends here
        uint64 previous; // end of the next lower range, 0 = none
    }

    /// @notice A range holds at least one serial, and serials start at 1.
    error InvalidSerials(uint64 start, uint64 end);
    /// @notice Another issue holds `[takenStart, takenEnd)`.
    error SerialsTaken(uint64 start, uint64 end, uint64 takenStart, uint64 takenEnd);
    /// @notice A hint names the end of a claimed range that lies above the new one.
    error WrongHint(uint64 hint, uint64 end);

    /// @notice Adds a range or reverts when it overlaps one.
    /// @param top end of the highest range, 0 = none
    /// @param hint end of a range above the new one, 0 = start at the top. The nearest one costs
    /// no step; from a higher one the search walks down.
    /// @return the end of the highest range now
    function insert(
        mapping(uint64 end => Range) storage byEnd,
        uint64 top,
        uint64 start,
        uint64 end,
        uint64 hint
    ) internal returns (uint64) {
        if (start == 0 || start >= end) revert InvalidSerials(start, end);
        uint64 above = hint;
        uint64 below = top;
        if (hint != 0) {
            Range memory hinted = byEnd[hint];
            // An end that nobody claimed has start 0, which lies below every range.
            if (hinted.start < end) revert WrongHint(hint, end);
            below = hinted.previous;
        }
        while (below > start) {
            Range memory range = byEnd[below];
            if (range.start < end) revert SerialsTaken(start, end, range.start, below);
            above = below;
            below = range.previous;
        }

        // Every range from `below` down ends before `start`, every one from `above` up starts
        // after `end`.
        byEnd[end] = Range(start, below);
        if (above == 0) return end;
        byEnd[above].previous = end;
        return top;
    }
}
