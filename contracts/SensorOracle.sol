// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {ISensorOracle} from "./interfaces/ISensorOracle.sol";
import {SignerSet} from "./libraries/SignerSet.sol";

contract SensorOracle is ISensorOracle, EIP712, AccessManaged {
    using SignerSet for bytes;

    /// @dev One slot: the only one of a feed that a report reads.
    struct Answer {
        int64 value;
        uint64 measuredAt;
        uint32 round;
        uint32 heartbeat;
        uint64 deviation;
    }

    struct Range {
        int64 minimum;
        int64 maximum;
    }

    /* CONSTANTS */

    bytes32 public constant REPORT_TYPEHASH = keccak256(
        "Report(bytes32 batchId,bytes32 productId,address device,bytes32 root,bytes32 manifestHash,int64 median,int64 minimum,int64 maximum,int64 lowerBound,int64 upperBound,uint32 count,uint32 excursions,uint64 fromTime,uint64 toTime,bytes32 configDigest)"
    );
    uint256 private constant REPORT_END = 4 + 15 * 32;
    uint256 public constant MAX_SIGNERS = 31;
    uint256 public constant MAX_CLOCK_SKEW = 5 minutes;

    /* STORAGE */

    /// @dev One slot: a report reads it, the signers' code and its own batch.
    address private _signers;
    /// @inheritdoc ISensorOracle
    uint32 public epoch;
    /// @inheritdoc ISensorOracle
    uint8 public threshold;

    /// @inheritdoc ISensorOracle
    mapping(bytes32 batchId => bytes32) public rootOf;
    mapping(bytes32 feedId => Answer) private _answer;
    mapping(bytes32 feedId => Range) private _range;

    constructor(address authority)
        EIP712("SmartRetail360 SensorOracle", "1")
        AccessManaged(authority)
    {}

    /* CONFIGURATION */

    /// @inheritdoc ISensorOracle
    function setConfig(address[] calldata signers_, uint8 threshold_) external restricted {
        if (threshold_ == 0 || threshold_ > signers_.length || signers_.length > MAX_SIGNERS) {
            revert InvalidConfig(signers_.length, threshold_);
        }
        address previous = address(0);
        for (uint256 i; i < signers_.length; ++i) {
            _checkAscending(previous, signers_[i]);
            previous = signers_[i];
        }

        uint32 next = ++epoch;
        bytes32 digest =
            keccak256(abi.encode(block.chainid, address(this), next, signers_, threshold_));
        threshold = threshold_;
        _signers = SignerSet.store(digest, signers_);
        emit ConfigSet(next, digest, signers_, threshold_);
    }

    /// @inheritdoc ISensorOracle
    function setFeed(bytes32 feedId, FeedConfig calldata config) external restricted {
        if (config.minimum >= config.maximum || config.heartbeat == 0) {
            revert InvalidFeed(feedId);
        }

        Answer storage answer = _answer[feedId];
        answer.deviation = config.deviation;
        answer.heartbeat = config.heartbeat;
        _range[feedId] = Range(config.minimum, config.maximum);
        emit FeedSet(feedId, config);
    }

    /* REPORTS */

    /// @inheritdoc ISensorOracle
    function report(Report calldata r, Signature[] calldata signatures) external {
        if (rootOf[r.batchId] != 0) revert AlreadyAttested(r.batchId);
        bytes memory signers_ = SignerSet.load(_signers);
        bytes32 expected = signers_.digestOf();
        if (r.configDigest != expected) revert StaleConfig(expected, r.configDigest);
        _checkConsistent(r);
        // The report as it came, after the selector: what is read of it below is checked there.
        bytes32 structHash = keccak256(bytes.concat(REPORT_TYPEHASH, msg.data[4:REPORT_END]));
        bytes32 digest = _hashTypedDataV4(structHash);
        uint256 signerBitmap = _countSigners(digest, signers_, signatures);

        rootOf[r.batchId] = r.root;
        emit BatchAttested(r.batchId, r.productId, r.device, _attestation(r, signerBitmap));
        _updateFeed(r);
    }

    /* FEEDS */

    /// @inheritdoc ISensorOracle
    function read(bytes32 feedId)
        external
        view
        returns (int64 value, uint64 measuredAt, uint32 round)
    {
        Answer storage answer = _answer[feedId];
        if (answer.heartbeat == 0) revert UnknownFeed(feedId);
        (value, measuredAt, round) = (answer.value, answer.measuredAt, answer.round);
        if (block.timestamp * 1000 > measuredAt + _millis(answer.heartbeat)) {
            revert StaleAnswer(feedId, measuredAt, block.timestamp);
        }
        Range memory range = _range[feedId];
        if (value <= range.minimum || value >= range.maximum) revert AnswerAtBound(feedId, value);
    }

    /// @inheritdoc ISensorOracle
    function latestAnswer(bytes32 feedId)
        external
        view
        returns (int64 value, uint64 measuredAt, uint32 round)
    {
        Answer storage answer = _answer[feedId];
        return (answer.value, answer.measuredAt, answer.round);
    }

    /// @inheritdoc ISensorOracle
    function feedOf(bytes32 feedId)
        external
        view
        returns (int64 minimum, int64 maximum, uint64 deviation, uint32 heartbeat)
    {
        Answer storage answer = _answer[feedId];
        Range memory range = _range[feedId];
        return (range.minimum, range.maximum, answer.deviation, answer.heartbeat);
    }

    /* VIEWS */

    /// @inheritdoc ISensorOracle
    function verifyReading(bytes32 batchId, Reading calldata reading, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        bytes32 root = rootOf[batchId];
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(reading))));
        return root != 0 && MerkleProof.verifyCalldata(proof, root, leaf);
    }

    /// @inheritdoc ISensorOracle
    function configDigest() external view returns (bytes32) {
        return SignerSet.load(_signers).digestOf();
    }

    /// @inheritdoc ISensorOracle
    function signers() external view returns (address[] memory list) {
        bytes memory set = SignerSet.load(_signers);
        list = new address[](set.count());
        for (uint256 i; i < list.length; ++i) {
            list[i] = set.signerAt(i);
        }
    }

    /* CHECKS */

    /// @dev Both lists ascend, so one walk through the set finds every signer.
    function _countSigners(bytes32 digest, bytes memory set, Signature[] calldata signatures)
        private
        view
        returns (uint256 bitmap)
    {
        uint256 needed = threshold;
        if (signatures.length < needed || needed == 0) {
            revert TooFewSignatures(signatures.length, needed);
        }
        uint256 place = 0;
        address previous = address(0);
        for (uint256 i; i < signatures.length; ++i) {
            Signature calldata signature = signatures[i];
            (address signer,,) = ECDSA.tryRecover(digest, signature.r, signature.vs);
            if (signer == address(0)) revert UnknownSigner(signer);
            _checkAscending(previous, signer);
            previous = signer;
            bool found;
            (found, place) = set.find(signer, place);
            if (!found) revert UnknownSigner(signer);
            bitmap |= 1 << place;
        }
    }

    function _checkAscending(address previous, address next) private pure {
        if (previous >= next) revert UnsortedSigners(previous, next);
    }

    function _checkConsistent(Report calldata r) private view {
        if (
            r.root == 0 || r.count == 0 || r.excursions > r.count || r.fromTime > r.toTime
                || r.minimum > r.median || r.median > r.maximum || r.lowerBound > r.upperBound
        ) revert InconsistentReport(r.batchId);
        if (r.toTime / 1000 > block.timestamp + MAX_CLOCK_SKEW) {
            revert MeasuredInFuture(r.toTime, block.timestamp);
        }
    }

    /* ANSWERS */

    /// @dev What hardly differs is not written again before half the heartbeat has passed.
    function _updateFeed(Report calldata r) private {
        Answer memory answer = _answer[r.productId];
        if (answer.heartbeat == 0 || r.toTime <= answer.measuredAt) return;
        uint256 moved = SignedMath.abs(int256(r.median) - answer.value);
        bool due = r.toTime - answer.measuredAt >= _millis(answer.heartbeat) / 2;
        if (moved <= answer.deviation && !due) return;

        answer.value = r.median;
        answer.measuredAt = r.toTime;
        ++answer.round;
        _answer[r.productId] = answer;
        emit AnswerUpdated(r.productId, r.median, answer.round, r.toTime);
    }

    function _millis(uint32 seconds_) private pure returns (uint256) {
        return uint256(seconds_) * 1000;
    }

    function _attestation(Report calldata r, uint256 signerBitmap)
        private
        view
        returns (Attestation memory)
    {
        return Attestation({
            root: r.root,
            manifestHash: r.manifestHash,
            median: r.median,
            minimum: r.minimum,
            maximum: r.maximum,
            lowerBound: r.lowerBound,
            upperBound: r.upperBound,
            count: r.count,
            excursions: r.excursions,
            fromTime: r.fromTime,
            toTime: r.toTime,
            epoch: epoch,
            signerBitmap: signerBitmap
        });
    }
}
