// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Consent} from "../libraries/Consent.sol";
import {History} from "../libraries/History.sol";
import {Ledger} from "./Ledger.sol";

/// @title Entries that only add to a history: recorded events and their corrections
abstract contract Records is Ledger {
    /* CONSTANTS */

    bytes32 public constant RECORD_TYPEHASH = keccak256(
        "Record(address actor,bytes32 productId,bytes32 prevHead,bytes32 dataHash,uint64 occurredAt,uint8 kind,uint64 deadline)"
    );
    bytes32 public constant RECORD_BATCH_TYPEHASH = keccak256(
        "RecordBatch(address actor,bytes32[] productIds,bytes32[] prevHeads,bytes32 dataHash,uint64 occurredAt,uint8 kind,uint64 deadline)"
    );
    bytes32 public constant UNORDERED_RECORD_TYPEHASH = keccak256(
        "UnorderedRecord(address actor,bytes32 productId,uint256 nonce,bytes32 dataHash,uint64 occurredAt,uint8 kind,uint64 deadline)"
    );
    bytes32 public constant CORRECTION_TYPEHASH = keccak256(
        "Correction(address actor,bytes32 productId,bytes32 prevHead,uint64 correctedSeq,bytes32 dataHash,uint64 occurredAt,uint64 deadline)"
    );

    /* STORAGE */

    mapping(address actor => mapping(uint256 word => uint256)) private _nonces;

    /* RECORD */

    /// @inheritdoc ISupplyChain
    function record(bytes32 productId, bytes32 dataHash, uint64 occurredAt, uint8 kind) external {
        bytes32 leaf = _recordLeaf(msg.sender, dataHash, occurredAt, kind);
        _record(productId, _head[productId], leaf, msg.sender, dataHash, occurredAt, kind);
    }

    /// @inheritdoc ISupplyChain
    function recordBatch(
        bytes32[] calldata productIds,
        bytes32 dataHash,
        uint64 occurredAt,
        uint8 kind
    ) external {
        _checkBatch(productIds.length);
        bytes32 leaf = _recordLeaf(msg.sender, dataHash, occurredAt, kind);
        for (uint256 i; i < productIds.length; ++i) {
            bytes32 productId = productIds[i];
            _record(productId, _head[productId], leaf, msg.sender, dataHash, occurredAt, kind);
        }
    }

    /// @inheritdoc ISupplyChain
    function recordRun(bytes32 productId, Entry[] calldata entries) external {
        _checkBatch(entries.length);
        bytes32 current = _head[productId];
        if (current == 0) _hold[productId].custodian = msg.sender;
        else _checkWriter(productId, msg.sender);
        for (uint256 i; i < entries.length; ++i) {
            current = _run(productId, current, entries[i]);
        }
        _head[productId] = current;
    }

    /* RECORD, SIGNED */

    /// @inheritdoc ISupplyChain
    function recordSigned(Record calldata r, bytes calldata signature) external {
        _checkDeadline(r.deadline);
        _checkConsent(r.actor, keccak256(abi.encode(RECORD_TYPEHASH, r)), signature);
        bytes32 leaf = _recordLeaf(r.actor, r.dataHash, r.occurredAt, r.kind);
        bytes32 current = _checkHead(r.productId, r.prevHead);
        _record(r.productId, current, leaf, r.actor, r.dataHash, r.occurredAt, r.kind);
    }

    /// @inheritdoc ISupplyChain
    function recordBatchSigned(RecordBatch calldata r, bytes calldata signature) external {
        _checkDeadline(r.deadline);
        _checkBatch(r.productIds.length);
        if (r.productIds.length != r.prevHeads.length) {
            revert LengthMismatch(r.productIds.length, r.prevHeads.length);
        }
        _checkConsent(r.actor, _batchHash(r), signature);
        bytes32 leaf = _recordLeaf(r.actor, r.dataHash, r.occurredAt, r.kind);
        for (uint256 i; i < r.productIds.length; ++i) {
            bytes32 productId = r.productIds[i];
            bytes32 current = _checkHead(productId, r.prevHeads[i]);
            _record(productId, current, leaf, r.actor, r.dataHash, r.occurredAt, r.kind);
        }
    }

    /// @inheritdoc ISupplyChain
    function recordSignedMany(Record[] calldata records, bytes[] calldata signatures) external {
        _checkBatch(records.length);
        _checkCount(records.length, signatures.length);
        for (uint256 i; i < records.length; ++i) {
            _recordOrSkip(records[i], signatures[i]);
        }
    }

    /// @inheritdoc ISupplyChain
    function recordUnordered(UnorderedRecord calldata r, bytes calldata signature) external {
        _checkDeadline(r.deadline);
        _checkConsent(r.actor, keccak256(abi.encode(UNORDERED_RECORD_TYPEHASH, r)), signature);
        _useNonce(r.actor, r.nonce);
        bytes32 leaf = _recordLeaf(r.actor, r.dataHash, r.occurredAt, r.kind);
        _record(r.productId, _head[r.productId], leaf, r.actor, r.dataHash, r.occurredAt, r.kind);
    }

    /// @inheritdoc ISupplyChain
    function invalidateNonces(uint256 word, uint256 mask) external {
        _nonces[msg.sender][word] |= mask;
        emit NoncesInvalidated(msg.sender, word, mask);
    }

    /* CORRECT */

    /// @inheritdoc ISupplyChain
    function correct(bytes32 productId, uint64 correctedSeq, bytes32 dataHash, uint64 occurredAt)
        external
    {
        _correct(productId, _head[productId], msg.sender, correctedSeq, dataHash, occurredAt);
    }

    /// @inheritdoc ISupplyChain
    function correctSigned(Correction calldata c, bytes calldata signature) external {
        _checkDeadline(c.deadline);
        _checkConsent(c.actor, keccak256(abi.encode(CORRECTION_TYPEHASH, c)), signature);
        bytes32 current = _checkHead(c.productId, c.prevHead);
        _correct(c.productId, current, c.actor, c.correctedSeq, c.dataHash, c.occurredAt);
    }

    /* VIEWS */

    /// @inheritdoc ISupplyChain
    function nonceBitmap(address actor, uint256 word) external view returns (uint256) {
        return _nonces[actor][word];
    }

    /* STATE CHANGES */

    function _run(bytes32 productId, bytes32 current, Entry calldata entry)
        private
        returns (bytes32 next)
    {
        // Each read of call data is checked again: once is enough.
        (bytes32 dataHash, uint64 occurredAt, uint8 kind) =
            (entry.dataHash, entry.occurredAt, entry.kind);
        uint64 seq;
        (next, seq) = History.grow(current, _recordLeaf(msg.sender, dataHash, occurredAt, kind));
        emit EventRecorded(productId, msg.sender, dataHash, seq, occurredAt, kind);
    }

    /// @dev Skips what a stranger can bring about between a relayer's simulation and its block:
    /// a head that moved on, a parent that was handed over, a delegation that ended.
    function _recordOrSkip(Record calldata r, bytes calldata signature) private {
        _checkDeadline(r.deadline);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(RECORD_TYPEHASH, r)));
        address signer = Consent.signerOf(digest, signature);
        if (signer != r.actor || signer == address(0)) revert InvalidSignature(r.actor);
        bytes32 leaf = _recordLeaf(r.actor, r.dataHash, r.occurredAt, r.kind);
        bytes32 current = _head[r.productId];
        if (current != r.prevHead || (current != 0 && !_actsFor(_custodian(r.productId), r.actor)))
        {
            emit RecordSkipped(r.productId, r.actor, r.prevHead, current);
        } else {
            _record(r.productId, current, leaf, r.actor, r.dataHash, r.occurredAt, r.kind);
        }
    }

    function _useNonce(address actor, uint256 nonce) private {
        uint256 used = _nonces[actor][nonce >> 8];
        uint256 bit = 1 << (nonce & 0xff);
        if (used & bit != 0) revert NonceUsed(actor, nonce);
        _nonces[actor][nonce >> 8] = used | bit;
    }

    function _correct(
        bytes32 productId,
        bytes32 current,
        address actor,
        uint64 correctedSeq,
        bytes32 dataHash,
        uint64 occurredAt
    ) private {
        _checkTime(occurredAt);
        if (correctedSeq == 0 || correctedSeq > History.seqOf(current)) {
            revert UnknownEntry(productId, correctedSeq);
        }
        _checkWriter(productId, actor);
        address corrected = address(uint160(correctedSeq));
        bytes32 leaf = History.leaf(History.CORRECTION, actor, corrected, dataHash, occurredAt);
        uint64 seq = _append(productId, current, leaf);
        emit EventCorrected(productId, actor, dataHash, seq, occurredAt, correctedSeq);
    }

    function _batchHash(RecordBatch calldata r) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                RECORD_BATCH_TYPEHASH,
                r.actor,
                keccak256(abi.encodePacked(r.productIds)),
                keccak256(abi.encodePacked(r.prevHeads)),
                r.dataHash,
                r.occurredAt,
                r.kind,
                r.deadline
            )
        );
    }
}
