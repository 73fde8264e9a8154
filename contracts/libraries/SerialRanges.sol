// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Registry serials that nobody can claim twice
/// @notice Ranges `[start, end)` of serials from 1, disjoint and linked in descending order.
library SerialRanges {
    struct Range {
        uint64 end;
        uint64 previous; // start of the next lower range, 0 = none
    }

    struct Ranges {
        uint64 highest; // start of the highest range, 0 = none
        mapping(uint64 start => Range) byStart;
    }

    /// @notice A range holds at least one serial, and serials start at 1.
    error InvalidSerials(uint64 start, uint64 end);
    /// @notice Another issue holds `[takenStart, takenEnd)`.
    error SerialsTaken(uint64 start, uint64 end, uint64 takenStart, uint64 takenEnd);

    /// @notice Adds a range or reverts when it overlaps one.
    /// @dev Walks down from the highest range: one step for the usual ascending order.
    function claim(Ranges storage self, uint64 start, uint64 end) internal {
        if (start == 0 || start >= end) revert InvalidSerials(start, end);
        uint64 above = 0;
        uint64 below = self.highest;
        while (below >= end) {
            above = below;
            below = self.byStart[below].previous;
        }
        // Every range below `below` ends before `below` starts, so it alone can overlap.
        uint64 takenEnd = self.byStart[below].end;
        if (takenEnd > start) revert SerialsTaken(start, end, below, takenEnd);

        self.byStart[start] = Range(end, below);
        if (above == 0) self.highest = start;
        else self.byStart[above].previous = start;
    }
}
