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
    /// @notice Between 1 and 255 signers, and a threshold they can reach.
    error InvalidConfig(uint256 signers, uint8 threshold);

    /// @notice Replaces the signers and starts a new epoch.
    function setConfig(address[] calldata signers, uint8 threshold) external;

    /// @notice Puts a batch on chain, sent by anyone. Signatures ascend by signer address.
    function report(Report calldata r, bytes[] calldata signatures) external;

    /// @notice What workers sign into each report: chain, contract, epoch, signers and threshold.
    function configDigest() external view returns (bytes32);

    /// @notice Counts configurations; 0 = none yet.
    function epoch() external view returns (uint32);

    /// @notice Signatures needed.
    function threshold() external view returns (uint8);

    /// @notice Root of an attested batch; zero = not attested.
    function rootOf(bytes32 batchId) external view returns (bytes32);
}
