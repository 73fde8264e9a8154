// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForecastLedger} from "./interfaces/IForecastLedger.sol";

contract ForecastLedger is IForecastLedger {
    uint256 public constant MAX_HORIZON = 3650 days;

    mapping(bytes32 key => bytes32) private _commitment;

    /// @inheritdoc IForecastLedger
    function commit(bytes32 seriesId, bytes32 commitment, uint64 cutoff) external {
        if (commitment == 0) revert EmptyCommitment();
        if (cutoff <= block.timestamp) revert CutoffPassed(cutoff, block.timestamp);
        if (cutoff > block.timestamp + MAX_HORIZON) revert CutoffTooFar(cutoff, block.timestamp);
        bytes32 key = _key(msg.sender, seriesId, cutoff);
        bytes32 earlier = _commitment[key];
        if (earlier != 0) revert AlreadyCommitted(seriesId, cutoff, earlier);

        _commitment[key] = commitment;
        emit ForecastCommitted(seriesId, msg.sender, commitment, cutoff);
    }

    /// @inheritdoc IForecastLedger
    function commitmentOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (bytes32)
    {
        return _commitment[_key(forecaster, seriesId, cutoff)];
    }

    function _key(address forecaster, bytes32 seriesId, uint64 cutoff)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(forecaster, seriesId, cutoff));
    }
}
