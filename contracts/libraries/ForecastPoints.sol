// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForecastLedger} from "../interfaces/IForecastLedger.sol";

/// @title The points of a forecast, packed: 48 bytes for each period
/// @notice The period (uint64), then its five quantiles (int64), all big-endian. A quarter of what
/// `abi.encode` takes, and any language packs it in a line.
library ForecastPoints {
    uint256 internal constant SIZE = 48;
    /// @dev Over a year of days; a reveal and a score of so many fit a block with room to spare.
    uint256 internal constant MOST = 512;

    /// @notice How many there are. Reverts unless they are whole, and 1 to 512.
    function count(bytes calldata points) internal pure returns (uint256 n) {
        n = points.length / SIZE;
        if (n == 0 || n > MOST || points.length % SIZE != 0) {
            revert IForecastLedger.InvalidPoints(points.length);
        }
    }

    /// @notice Reverts unless periods ascend, and quantiles within each.
    function check(bytes calldata points) internal pure {
        uint256 n = count(points);
        uint64 previous;
        for (uint256 i; i < n; ++i) {
            (uint64 period, int64[5] memory quantiles) = at(points, i);
            if (i != 0 && period <= previous) {
                revert IForecastLedger.PeriodsNotAscending(period, previous);
            }
            for (uint256 k = 1; k < 5; ++k) {
                if (quantiles[k] < quantiles[k - 1]) {
                    revert IForecastLedger.QuantilesNotAscending(period);
                }
            }
            previous = period;
        }
    }

    /// @notice Point `i`, counted from zero.
    function at(bytes calldata points, uint256 i)
        internal
        pure
        returns (uint64 period, int64[5] memory quantiles)
    {
        uint256 from = i * SIZE;
        period = _word(points, from);
        for (uint256 k; k < 5; ++k) {
            quantiles[k] = int64(_word(points, from + 8 * (k + 1)));
        }
    }

    function _word(bytes calldata points, uint256 from) private pure returns (uint64) {
        return uint64(bytes8(points[from:from + 8]));
    }
}
