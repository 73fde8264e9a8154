// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAggregatorV3} from "./interfaces/IAggregatorV3.sol";
import {ISensorOracle} from "./interfaces/ISensorOracle.sol";

/// @title One feed of SensorOracle as a Chainlink aggregator
/// @notice Deployed by whoever wants to read it so: it holds nothing and nobody owns it. Answers
/// are thousandths (milli-degrees Celsius).
/// @dev Warning: `latestRoundData` reverts where an aggregator of Chainlink returns a stale answer
/// or its bound. Contracts that forgot to look have lost millions to that (Venus, May 2022).
contract SensorFeed is IAggregatorV3 {
    /// @inheritdoc IAggregatorV3
    uint8 public constant decimals = 3;
    /// @inheritdoc IAggregatorV3
    uint256 public constant version = 1;

    ISensorOracle public immutable oracle;
    bytes32 public immutable feedId;
    /// @inheritdoc IAggregatorV3
    string public description;

    /// @notice Only the newest round is kept; the others are AnswerUpdated events of the oracle.
    error NoDataPresent(uint80 roundId);

    constructor(ISensorOracle oracle_, bytes32 feedId_, string memory description_) {
        oracle = oracle_;
        feedId = feedId_;
        description = description_;
    }

    /// @inheritdoc IAggregatorV3
    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80, int256, uint256, uint256, uint80)
    {
        (int64 value, uint64 measuredAt, uint32 round) = oracle.latestAnswer(feedId);
        if (roundId == 0 || roundId != round) revert NoDataPresent(roundId);
        return _round(value, measuredAt, round);
    }

    /// @inheritdoc IAggregatorV3
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        (int64 value, uint64 measuredAt, uint32 round) = oracle.read(feedId);
        return _round(value, measuredAt, round);
    }

    function _round(int64 value, uint64 measuredAt, uint32 round)
        private
        pure
        returns (uint80, int256, uint256, uint256, uint80)
    {
        uint256 updatedAt = measuredAt / 1000;
        return (round, value, updatedAt, updatedAt, round);
    }
}
