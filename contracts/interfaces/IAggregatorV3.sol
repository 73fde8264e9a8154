// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What readers of Chainlink's price feeds call
interface IAggregatorV3 {
    /// @notice How many digits of an answer stand behind the decimal point.
    function decimals() external view returns (uint8);

    /// @notice What the answers are about.
    function description() external view returns (string memory);

    /// @notice Of the adapter.
    function version() external view returns (uint256);

    /// @notice The round with this number. Times are Unix seconds.
    function getRoundData(uint80 roundId)
        external
        view
        returns (
            uint80 round,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredInRound
        );

    /// @notice The newest round. Times are Unix seconds.
    function latestRoundData()
        external
        view
        returns (
            uint80 roundId,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredInRound
        );
}
