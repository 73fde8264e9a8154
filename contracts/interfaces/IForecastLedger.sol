// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Forecasts fixed before their outcome, shown, and scored by nobody's opinion
/// @notice A forecaster commits to a forecast of a series before `cutoff` (Unix seconds), when its
/// outcome begins. Later the quantiles are shown, the series' observer reports what came, and anyone
/// has the loss computed.
///
///     commit ── (cutoff) ── reveal ──────────────┐
///                  └─────── report, each period ─┴─ score
///
/// A series names its observer: `seriesId` is keccak256(abi.encode(observer, nameHash)), so nobody
/// else can report for it, and a forecast of it says at commit whose word it will be judged by.
///
/// The commitment is keccak256(salt ‖ documentHash ‖ keccak256(points)): `documentHash` stands for
/// all that the chain need not understand, `points` for what it scores: 48 bytes a period, which are
/// the period's start (uint64, Unix seconds) and its quantiles at 2.5, 10, 50, 90 and 97.5 per cent
/// (five int64 in the series' smallest unit), all big-endian.
///
/// A bond is optional, in the chain's own coin. It returns to a forecaster whose forecast is shown
/// within REVEAL_PERIOD of the cutoff, and otherwise goes to a beneficiary named at commit: who
/// keeps silent about a bad forecast pays for it. Everyone collects their own money, and no role can
/// touch it.
///
/// @dev Warning: an observer decides what came true. Whoever reads a score must know whose word it
/// is. Warning: an outcome reported before a forecast's cutoff could have been known to it; such a
/// forecast can never be scored.
interface IForecastLedger {
    event ForecastCommitted(
        bytes32 indexed seriesId,
        address indexed forecaster,
        bytes32 indexed commitment,
        uint64 cutoff
    );

    /// @notice Money stands behind the promise to show this forecast.
    event BondPosted(
        bytes32 indexed seriesId,
        address indexed forecaster,
        bytes32 indexed commitment,
        uint64 cutoff,
        address beneficiary,
        uint256 amount
    );

    /// @notice Everybody can read the forecast now; salt and hash let anyone check it anew.
    event ForecastRevealed(
        bytes32 indexed seriesId,
        address indexed forecaster,
        bytes32 indexed commitment,
        uint64 cutoff,
        bytes32 salt,
        bytes32 documentHash,
        bytes points
    );

    /// @notice What came in the period that starts at `period`; said once, for good.
    event OutcomeReported(
        bytes32 indexed seriesId,
        address indexed observer,
        uint64 indexed period,
        bytes32 nameHash,
        int64 value
    );

    /// @notice `loss` is the pinball loss in thousandths of the series' smallest unit, summed over
    /// five quantiles of `steps` periods; divided by 5,000 * steps it is the mean.
    event ForecastScored(
        bytes32 indexed seriesId,
        address indexed forecaster,
        bytes32 indexed commitment,
        uint64 cutoff,
        uint128 loss,
        uint32 steps
    );

    /// @notice A bond belongs to `account` now, which may withdraw it: to the forecaster if the
    /// forecast was shown in time, else to the beneficiary.
    event BondSettled(
        bytes32 indexed seriesId,
        address indexed forecaster,
        address indexed account,
        uint64 cutoff,
        uint256 amount
    );

    /// @notice An account took its money out.
    event BondWithdrawn(address indexed account, address indexed to, uint256 amount);

    /// @notice A forecast made after its cutoff forecasts nothing.
    error CutoffPassed(uint64 cutoff, uint256 timestamp);
    /// @notice No forecast reaches further than ten years; readers can rely on a date.
    error CutoffTooFar(uint64 cutoff, uint256 timestamp);
    /// @notice One forecast per forecaster, series and cutoff: no choosing the best one later.
    error AlreadyCommitted(bytes32 seriesId, uint64 cutoff, bytes32 commitment);
    /// @notice Zero stands for "none".
    error EmptyCommitment();
    /// @notice A bond is at least one wei and below 2^96 wei.
    error InvalidBond(uint256 amount);
    /// @notice Somebody else than the forecaster gets what is forfeited.
    error InvalidBeneficiary(address beneficiary);
    /// @notice Nothing was committed.
    error NotCommitted(address forecaster, bytes32 seriesId, uint64 cutoff);
    /// @notice What is shown hashes to something else than what was committed.
    error WrongOpening(bytes32 opened, bytes32 commitment);
    /// @notice A forecast is revealed once.
    error AlreadyRevealed(bytes32 seriesId, uint64 cutoff);
    /// @notice Points take 48 bytes each, and there are 1 to 512.
    error InvalidPoints(uint256 length);
    /// @notice Each period comes after the one before, so none counts twice.
    error PeriodsNotAscending(uint64 period, uint64 previous);
    /// @notice A higher quantile is no lower.
    error QuantilesNotAscending(uint64 period);
    /// @notice An outcome is reported once.
    error AlreadyReported(bytes32 seriesId, uint64 period, int64 value);
    /// @notice Only what has been shown can be scored.
    error NotRevealed(address forecaster, bytes32 seriesId, uint64 cutoff);
    /// @notice These are not the points that were revealed.
    error WrongPoints(bytes32 shown, bytes32 revealed);
    /// @notice A forecast is scored once.
    error AlreadyScored(bytes32 seriesId, uint64 cutoff);
    /// @notice A period of the forecast has no outcome yet.
    error OutcomeMissing(bytes32 seriesId, uint64 period);
    /// @notice The outcome was public before the cutoff, so the forecast could have been hindsight.
    error OutcomeBeforeCutoff(uint64 period, uint64 reportedAt, uint64 cutoff);
    /// @notice No bond waits for this forecast.
    error NoBond(address forecaster, bytes32 seriesId, uint64 cutoff);
    /// @notice The forecaster still has time to show the forecast.
    error RevealPeriodOpen(uint256 until, uint256 timestamp);
    /// @notice The account has no money here.
    error NoCredit(address account);
    /// @notice The receiver refused the payment.
    error PaymentRefused(address to, uint256 amount);

    /// @notice Fixes the caller's forecast of a series.
    function commit(bytes32 seriesId, bytes32 commitment, uint64 cutoff) external;

    /// @notice The same, with the value sent along as a bond.
    function commitBonded(bytes32 seriesId, bytes32 commitment, uint64 cutoff, address beneficiary)
        external
        payable;

    /// @notice Shows a forecast, sent by anyone who can open its commitment, and settles its bond.
    function reveal(
        address forecaster,
        bytes32 seriesId,
        uint64 cutoff,
        bytes32 salt,
        bytes32 documentHash,
        bytes calldata points
    ) external;

    /// @notice Says what came in a period of the caller's series of this name. There is no way back.
    function report(bytes32 nameHash, uint64 period, int64 value) external;

    /// @notice Computes the loss of a revealed forecast when all its periods are known.
    function score(address forecaster, bytes32 seriesId, uint64 cutoff, bytes calldata points)
        external
        returns (uint128 loss);

    /// @notice Gives a bond to its beneficiary when REVEAL_PERIOD is over and nothing was shown.
    function forfeit(address forecaster, bytes32 seriesId, uint64 cutoff) external;

    /// @notice Sends all that the caller owns here to an address of its choice.
    function withdraw(address payable to) external returns (uint256 amount);

    /// @notice Zero = none.
    function commitmentOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (bytes32);

    /// @notice keccak256 of the points that were revealed; zero = not yet.
    function pointsHashOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (bytes32);

    /// @notice The loss in thousandths over `steps` periods; no steps = not scored.
    function scoreOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (uint128 loss, uint32 steps);

    /// @notice The bond that waits for a forecast to be shown; zero = none.
    function bondOf(address forecaster, bytes32 seriesId, uint64 cutoff)
        external
        view
        returns (address beneficiary, uint96 amount);

    /// @notice What came in a period, and when that was reported (Unix seconds; zero = not yet).
    function outcomeOf(bytes32 seriesId, uint64 period)
        external
        view
        returns (int64 value, uint64 reportedAt);

    /// @notice What an account can withdraw.
    function creditOf(address account) external view returns (uint256);

    /// @notice The identifier of a series: whose word counts, and the hash of its name.
    function seriesIdOf(address observer, bytes32 nameHash) external pure returns (bytes32);
}
