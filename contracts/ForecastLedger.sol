// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForecastLedger} from "./interfaces/IForecastLedger.sol";
import {ForecastPoints} from "./libraries/ForecastPoints.sol";
import {Pinball} from "./libraries/Pinball.sol";

contract ForecastLedger is IForecastLedger {
    using ForecastPoints for bytes;

    /* TYPES: one slot each */

    struct Bond {
        address beneficiary;
        uint96 amount;
    }

    struct Outcome {
        int64 value;
        uint64 reportedAt;
    }

    struct Score {
        uint128 loss;
        uint32 steps;
    }

    /* CONSTANTS */

    uint256 public constant MAX_HORIZON = 3650 days;
    /// @dev From the cutoff: long enough for anyone who means to show a forecast.
    uint256 public constant REVEAL_PERIOD = 30 days;

    /* STORAGE */

    mapping(bytes32 key => bytes32) private _commitment;
    mapping(bytes32 key => bytes32) private _pointsHash;
    mapping(bytes32 key => Score) private _score;
    mapping(bytes32 key => Bond) private _bond;
    /// @inheritdoc IForecastLedger
    mapping(bytes32 seriesId => mapping(uint64 period => Outcome)) public outcomeOf;
    /// @inheritdoc IForecastLedger
    mapping(address account => uint256) public creditOf;

    /* COMMIT */

    /// @inheritdoc IForecastLedger
    function commit(bytes32 seriesId, bytes32 commitment, uint64 cutoff) external {
        _commit(seriesId, commitment, cutoff);
    }

    /// @inheritdoc IForecastLedger
    function commitBonded(bytes32 seriesId, bytes32 commitment, uint64 cutoff, address beneficiary)
        external
        payable
    {
        if (msg.value == 0 || msg.value > type(uint96).max) revert InvalidBond(msg.value);
        if (beneficiary == address(0) || beneficiary == msg.sender) {
            revert InvalidBeneficiary(beneficiary);
        }
        bytes32 key = _commit(seriesId, commitment, cutoff);

        _bond[key] = Bond(beneficiary, uint96(msg.value));
        emit BondPosted(seriesId, msg.sender, commitment, cutoff, beneficiary, msg.value);
    }

    /* REVEAL */

    /// @inheritdoc IForecastLedger
    function reveal(
        address forecaster,
        bytes32 seriesId,
        uint64 cutoff,
        bytes32 salt,
        bytes32 documentHash,
        bytes calldata points
    ) external {
        bytes32 key = _key(forecaster, seriesId, cutoff);
        bytes32 commitment = _commitment[key];
        if (commitment == 0) revert NotCommitted(forecaster, seriesId, cutoff);
        if (_pointsHash[key] != 0) revert AlreadyRevealed(seriesId, cutoff);
        _open(key, commitment, salt, documentHash, points);

        emit ForecastRevealed(seriesId, forecaster, commitment, cutoff, salt, documentHash, points);
        if (_bond[key].amount != 0) _settle(key, forecaster, seriesId, cutoff);
    }

    /* SCORE */

    /// @inheritdoc IForecastLedger
    function report(bytes32 nameHash, uint64 period, int64 value) external {
        bytes32 seriesId = seriesIdOf(msg.sender, nameHash);
        Outcome storage known = outcomeOf[seriesId][period];
        if (known.reportedAt != 0) revert AlreadyReported(seriesId, period, known.value);

        outcomeOf[seriesId][period] = Outcome(value, uint64(block.timestamp));
        emit OutcomeReported(seriesId, msg.sender, period, nameHash, value);
    }

    /// @inheritdoc IForecastLedger
    function score(address forecaster, bytes32 seriesId, uint64 cutoff, bytes calldata points)
        external
        returns (uint128 loss)
    {
        bytes32 key = _key(forecaster, seriesId, cutoff);
        bytes32 revealed = _pointsHash[key];
        if (revealed == 0) revert NotRevealed(forecaster, seriesId, cutoff);
        if (keccak256(points) != revealed) revert WrongPoints(keccak256(points), revealed);
        if (_score[key].steps != 0) revert AlreadyScored(seriesId, cutoff);
        // Neither can be cut off: 512 points at most lose less than 2^86.
        uint32 steps = uint32(points.count());
        loss = uint128(_loss(seriesId, cutoff, points, steps));

        _score[key] = Score(loss, steps);
        emit ForecastScored(seriesId, forecaster, _commitment[key], cutoff, loss, steps);
    }

    /* BOND */

    /// @inheritdoc IForecastLedger
    function forfeit(address forecaster, bytes32 seriesId, uint64 cutoff) external {
        bytes32 key = _key(forecaster, seriesId, cutoff);
        if (_bond[key].amount == 0) revert NoBond(forecaster, seriesId, cutoff);
        uint256 until = cutoff + REVEAL_PERIOD;
        if (block.timestamp <= until) revert RevealPeriodOpen(until, block.timestamp);

        _settle(key, forecaster, seriesId, cutoff);
    }

    /// @inheritdoc IForecastLedger
    function withdraw(address payable to) external returns (uint256 amount) {
        amount = creditOf[msg.sender];
        if (amount == 0) revert NoCredit(msg.sender);

        delete creditOf[msg.sender];
        emit BondWithdrawn(msg.sender, to, amount);
        (bool paid,) = to.call{value: amount}("");
        if (!paid) revert PaymentRefused(to, amount);
    }

    /* VIEWS */

    /// @inheritdoc IForecastLedger
    function commitmentOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (bytes32)
    {
        return _commitment[_key(forecaster, seriesId, cutoff)];
    }

    /// @inheritdoc IForecastLedger
    function pointsHashOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (bytes32)
    {
        return _pointsHash[_key(forecaster, seriesId, cutoff)];
    }

    /// @inheritdoc IForecastLedger
    function scoreOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (uint128, uint32)
    {
        Score storage found = _score[_key(forecaster, seriesId, cutoff)];
        return (found.loss, found.steps);
    }

    /// @inheritdoc IForecastLedger
    function bondOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (address, uint96)
    {
        Bond storage found = _bond[_key(forecaster, seriesId, cutoff)];
        return (found.beneficiary, found.amount);
    }

    /// @inheritdoc IForecastLedger
    function seriesIdOf(address observer, bytes32 nameHash) public pure returns (bytes32) {
        return keccak256(abi.encode(observer, nameHash));
    }

    /* STATE CHANGES */

    function _commit(bytes32 seriesId, bytes32 commitment, uint64 cutoff)
        private
        returns (bytes32 key)
    {
        if (commitment == 0) revert EmptyCommitment();
        if (cutoff <= block.timestamp) revert CutoffPassed(cutoff, block.timestamp);
        if (cutoff > block.timestamp + MAX_HORIZON) revert CutoffTooFar(cutoff, block.timestamp);
        key = _key(msg.sender, seriesId, cutoff);
        bytes32 earlier = _commitment[key];
        if (earlier != 0) revert AlreadyCommitted(seriesId, cutoff, earlier);

        _commitment[key] = commitment;
        emit ForecastCommitted(seriesId, msg.sender, commitment, cutoff);
    }

    function _open(
        bytes32 key,
        bytes32 commitment,
        bytes32 salt,
        bytes32 documentHash,
        bytes calldata points
    ) private {
        bytes32 pointsHash = keccak256(points);
        bytes32 opened = keccak256(abi.encode(salt, documentHash, pointsHash));
        if (opened != commitment) revert WrongOpening(opened, commitment);
        points.check();

        _pointsHash[key] = pointsHash;
    }

    /// @dev A reveal after the reveal period shows the forecast and saves no bond.
    function _settle(bytes32 key, address forecaster, bytes32 seriesId, uint64 cutoff) private {
        Bond memory bond = _bond[key];
        bool inTime = block.timestamp <= cutoff + REVEAL_PERIOD;
        address account = inTime ? forecaster : bond.beneficiary;

        delete _bond[key];
        creditOf[account] += bond.amount;
        emit BondSettled(seriesId, forecaster, account, cutoff, bond.amount);
    }

    /* CHECKS */

    function _loss(bytes32 seriesId, uint64 cutoff, bytes calldata points, uint256 steps)
        private
        view
        returns (uint256 sum)
    {
        for (uint256 i; i < steps; ++i) {
            (uint64 period, int64[5] memory quantiles) = points.at(i);
            Outcome memory outcome = outcomeOf[seriesId][period];
            if (outcome.reportedAt == 0) revert OutcomeMissing(seriesId, period);
            if (outcome.reportedAt < cutoff) {
                revert OutcomeBeforeCutoff(period, outcome.reportedAt, cutoff);
            }
            sum += Pinball.loss(quantiles, outcome.value);
        }
    }

    function _key(address forecaster, bytes32 seriesId, uint64 cutoff)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(forecaster, seriesId, cutoff));
    }
}
