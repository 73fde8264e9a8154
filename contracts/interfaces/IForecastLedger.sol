// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Forecasts fixed before their outcome
/// @notice A commitment is the Merkle root or hash of a forecast, its block time the proof that it
/// was made before `cutoff` (Unix seconds), when the outcome begins.
interface IForecastLedger {
    event ForecastCommitted(
        bytes32 indexed seriesId,
        address indexed forecaster,
        bytes32 indexed commitment,
        uint64 cutoff
    );

    /// @notice A forecast made after its cutoff forecasts nothing.
    error CutoffPassed(uint64 cutoff, uint256 timestamp);
    /// @notice No forecast reaches further than ten years; readers can rely on a date.
    error CutoffTooFar(uint64 cutoff, uint256 timestamp);
    /// @notice One forecast per forecaster, series and cutoff: no choosing the best one later.
    error AlreadyCommitted(bytes32 seriesId, uint64 cutoff, bytes32 commitment);
    /// @notice Zero stands for "none".
    error EmptyCommitment();

    /// @notice Fixes the caller's forecast of a series.
    function commit(bytes32 seriesId, bytes32 commitment, uint64 cutoff) external;

    /// @notice Zero = none.
    function commitmentOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (bytes32);
}
