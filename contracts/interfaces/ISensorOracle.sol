// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Sensor readings vouched for by k of n oracle workers
/// @notice A report is one batch of one device's readings: their Merkle root, their manifest's
/// address and the statistics a reader wants first. Values are milli-degrees Celsius, times Unix
/// milliseconds. Leaves are OpenZeppelin StandardMerkleTree leaves of
/// (address device, uint64 seq, bytes32 productId, int64 value, uint64 measuredAt).
interface ISensorOracle {
    struct Report {
        bytes32 batchId;
        bytes32 productId;
        address device;
        bytes32 root;
        bytes32 manifestHash;
        int64 median;
        int64 minimum;
        int64 maximum;
        int64 lowerBound;
        int64 upperBound;
        uint32 count;
        uint32 excursions;
        uint64 fromTime;
        uint64 toTime;
        bytes32 configDigest;
    }

    /// @notice An ECDSA signature in the 64 bytes of EIP-2098.
    struct Signature {
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A leaf of an attested root.
    struct Reading {
        address device;
        uint64 seq;
        bytes32 productId;
        int64 value;
        uint64 measuredAt;
    }

    /// @notice A feed answers with the newest median of a product, a store room or whatever else
    /// has an identifier. An answer at `minimum` or `maximum`, or beyond, is not to be trusted: a
    /// sensor at its limit shows the limit. `deviation` and `heartbeat` (seconds) say when a
    /// report replaces the answer: it differs by more, or half the heartbeat has passed.
    struct FeedConfig {
        int64 minimum;
        int64 maximum;
        uint64 deviation;
        uint32 heartbeat;
    }

    /// @notice `signerBitmap` has bit i set when signer i of the epoch's list signed.
    struct Attestation {
        bytes32 root;
        bytes32 manifestHash;
        int64 median;
        int64 minimum;
        int64 maximum;
        int64 lowerBound;
        int64 upperBound;
        uint32 count;
        uint32 excursions;
        uint64 fromTime;
        uint64 toTime;
        uint32 epoch;
        uint256 signerBitmap;
    }

    /// @notice k workers checked every reading of the batch and agree on what it says.
    event BatchAttested(
        bytes32 indexed batchId,
        bytes32 indexed productId,
        address indexed device,
        Attestation attestation
    );

    /// @notice From now on only reports over `configDigest` count.
    event ConfigSet(uint32 indexed epoch, bytes32 configDigest, address[] signers, uint8 threshold);

    /// @notice From now on the feed judges its answers by `config`.
    event FeedSet(bytes32 indexed feedId, FeedConfig config);

    /// @notice The feed has a new answer, measured at `measuredAt` (Unix milliseconds).
    event AnswerUpdated(
        bytes32 indexed feedId, int64 indexed value, uint32 indexed round, uint64 measuredAt
    );

    /// @notice The batch is on chain already: to its sender, success.
    error AlreadyAttested(bytes32 batchId);
    /// @notice The workers signed under a configuration that no longer holds.
    error StaleConfig(bytes32 expected, bytes32 actual);
    /// @notice Fewer signatures than the threshold.
    error TooFewSignatures(uint256 count, uint256 threshold);
    /// @notice A signature is malformed, malleable or by nobody of the configuration.
    error UnknownSigner(address signer);
    /// @notice Signers ascend by address, so none counts twice.
    error UnsortedSigners(address previous, address next);
    /// @notice Count, times or statistics contradict each other.
    error InconsistentReport(bytes32 batchId);
    /// @notice No reading is measured after the block that attests it, but for clocks running fast.
    error MeasuredInFuture(uint64 toTime, uint256 timestamp);
    /// @notice Between 1 and 31 signers, and a threshold they can reach.
    error InvalidConfig(uint256 signers, uint8 threshold);
    /// @notice A feed needs a minimum below its maximum, and a heartbeat.
    error InvalidFeed(bytes32 feedId);
    /// @notice Nobody set up this feed.
    error UnknownFeed(bytes32 feedId);
    /// @notice The newest answer is older than the feed's heartbeat, or there is none (0).
    error StaleAnswer(bytes32 feedId, uint64 measuredAt, uint256 timestamp);
    /// @notice The newest answer is at or beyond a bound, where the true value is not known.
    error AnswerAtBound(bytes32 feedId, int64 value);

    /// @notice Replaces the signers and starts a new epoch.
    function setConfig(address[] calldata signers, uint8 threshold) external;

    /// @notice Opens a feed or changes how it judges; its answer stays.
    function setFeed(bytes32 feedId, FeedConfig calldata config) external;

    /// @notice Puts a batch on chain, sent by anyone. Signatures ascend by signer address. A newer
    /// median becomes the answer of the feed of that product, if there is one.
    function report(Report calldata r, Signature[] calldata signatures) external;

    /// @notice The answer of a feed, or a revert when nobody should act on it: it is stale, or at
    /// a bound.
    function read(bytes32 feedId)
        external
        view
        returns (int64 value, uint64 measuredAt, uint32 round);

    /// @notice The answer of a feed, unjudged; round 0 = none yet.
    function latestAnswer(bytes32 feedId)
        external
        view
        returns (int64 value, uint64 measuredAt, uint32 round);

    /// @notice How a feed judges; a heartbeat of 0 = no such feed.
    function feedOf(bytes32 feedId)
        external
        view
        returns (int64 minimum, int64 maximum, uint64 deviation, uint32 heartbeat);

    /// @notice Whether a reading is one of an attested batch.
    function verifyReading(bytes32 batchId, Reading calldata reading, bytes32[] calldata proof)
        external
        view
        returns (bool);

    /// @notice What workers sign into each report: chain, contract, epoch, signers and threshold.
    function configDigest() external view returns (bytes32);

    /// @notice Counts configurations; 0 = none yet.
    function epoch() external view returns (uint32);

    /// @notice Who may sign in this epoch, ascending.
    function signers() external view returns (address[] memory);

    /// @notice Signatures needed.
    function threshold() external view returns (uint8);

    /// @notice Root of an attested batch; zero = not attested.
    function rootOf(bytes32 batchId) external view returns (bytes32);
}
