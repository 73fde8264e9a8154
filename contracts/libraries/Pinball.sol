// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What a quantile forecast costs once the outcome is known
/// @notice Koenker and Bassett's loss: a quantile at level p that was too low by d costs p * d, one
/// that was too high by d costs (1 - p) * d. Whoever forecasts honestly expects to pay least. Levels
/// are in thousandths, and so is the loss, which makes it a whole number.
/// @dev Nothing can overflow: two int64 differ by less than 2^64, five times 975 * 2^64 is below
/// 2^77, and so is every sum of up to 2^50 points below 2^127.
library Pinball {
    /// @notice Thousandths of the series' unit, over the levels 25, 100, 500, 900 and 975.
    function loss(int64[5] memory quantiles, int64 outcome) internal pure returns (uint256) {
        unchecked {
            return at(25, quantiles[0], outcome) + at(100, quantiles[1], outcome)
                + at(500, quantiles[2], outcome) + at(900, quantiles[3], outcome)
                + at(975, quantiles[4], outcome);
        }
    }

    /// @notice The loss of one quantile; `level` is below 1,000.
    function at(uint256 level, int64 quantile, int64 outcome) internal pure returns (uint256) {
        unchecked {
            int256 missed = int256(outcome) - quantile;
            return missed < 0 ? (1000 - level) * uint256(-missed) : level * uint256(missed);
        }
    }
}
