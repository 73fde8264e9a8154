// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {ISensorOracle} from "./interfaces/ISensorOracle.sol";

contract SensorOracle is ISensorOracle, EIP712, AccessManaged {
    /* CONSTANTS */

    bytes32 public constant REPORT_TYPEHASH = keccak256(
        "Report(bytes32 batchId,bytes32 productId,address device,bytes32 root,bytes32 manifestHash,int64 median,int64 minimum,int64 maximum,int64 lowerBound,int64 upperBound,uint32 count,uint32 excursions,uint64 fromTime,uint64 toTime,bytes32 configDigest)"
    );

    /* STORAGE */

    /// @inheritdoc ISensorOracle
    bytes32 public configDigest;
    /// @inheritdoc ISensorOracle
    uint32 public epoch;
    /// @inheritdoc ISensorOracle
    uint8 public threshold;

    /// @dev Place in the epoch's list counted from 1, so that 0 means no signer.
    mapping(uint32 epoch => mapping(address signer => uint256)) private _place;
    /// @inheritdoc ISensorOracle
    mapping(bytes32 batchId => bytes32) public rootOf;

    constructor(address authority)
        EIP712("SmartRetail360 SensorOracle", "1")
        AccessManaged(authority)
    {}

    /// @inheritdoc ISensorOracle
    function setConfig(address[] calldata signers, uint8 threshold_) external restricted {
        if (threshold_ == 0 || threshold_ > signers.length || signers.length > type(uint8).max) {
            revert InvalidConfig(signers.length, threshold_);
        }

        uint32 next = ++epoch;
        threshold = threshold_;
        configDigest =
            keccak256(abi.encode(block.chainid, address(this), next, signers, threshold_));
        address previous = address(0);
        for (uint256 i; i < signers.length; ++i) {
            _checkAscending(previous, signers[i]);
            previous = signers[i];
            _place[next][previous] = i + 1;
        }
        emit ConfigSet(next, configDigest, signers, threshold_);
    }

    /// @inheritdoc ISensorOracle
    function report(Report calldata r, bytes[] calldata signatures) external {
        if (rootOf[r.batchId] != 0) revert AlreadyAttested(r.batchId);
        if (r.configDigest != configDigest) revert StaleConfig(configDigest, r.configDigest);
        _checkConsistent(r);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(REPORT_TYPEHASH, r)));
        uint256 signerBitmap = _countSigners(digest, signatures);

        rootOf[r.batchId] = r.root;
        emit BatchAttested(r.batchId, r.productId, r.device, _attestation(r, signerBitmap));
    }

    /* CHECKS */

    function _countSigners(bytes32 digest, bytes[] calldata signatures)
        private
        view
        returns (uint256 bitmap)
    {
        if (signatures.length < threshold || threshold == 0) {
            revert TooFewSignatures(signatures.length, threshold);
        }
        uint32 current = epoch;
        address previous = address(0);
        for (uint256 i; i < signatures.length; ++i) {
            address signer = _signer(digest, signatures[i]);
            uint256 place = _place[current][signer];
            if (place == 0) revert UnknownSigner(signer);
            _checkAscending(previous, signer);
            previous = signer;
            bitmap |= 1 << (place - 1);
        }
    }

    function _signer(bytes32 digest, bytes calldata signature) private pure returns (address) {
        (address signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        return signer;
    }

    function _checkAscending(address previous, address next) private pure {
        if (previous >= next) revert UnsortedSigners(previous, next);
    }

    function _checkConsistent(Report calldata r) private pure {
        if (
            r.root == 0 || r.count == 0 || r.excursions > r.count || r.fromTime > r.toTime
                || r.minimum > r.median || r.median > r.maximum || r.lowerBound > r.upperBound
        ) revert InconsistentReport(r.batchId);
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
