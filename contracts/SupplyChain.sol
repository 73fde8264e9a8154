// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IActorRegistry} from "./interfaces/IActorRegistry.sol";
import {ISupplyChain} from "./interfaces/ISupplyChain.sol";
import {Consent} from "./libraries/Consent.sol";
import {History} from "./libraries/History.sol";
import {Roles} from "./libraries/Roles.sol";

/// @dev First in the inheritance list, so that heads live at slot 0: a reader proves a head with
/// `eth_getProof` of keccak256(abi.encode(productId, 0)).
abstract contract Heads {
    mapping(bytes32 productId => bytes32) internal _head;
}

contract SupplyChain is Heads, ISupplyChain, EIP712 {
    /* TYPES */

    struct Custody {
        address custodian;
        uint8 recallLevel;
    }

    /* CONSTANTS */

    /// @notice Stays under the 16.7 million gas a transaction may use (EIP-7825).
    uint256 public constant MAX_BATCH = 500;
    /// @notice How far a signer's clock may run ahead of the chain's, in seconds.
    uint256 public constant MAX_CLOCK_SKEW = 15 minutes;

    bytes32 public constant RECORD_TYPEHASH = keccak256(
        "Record(address actor,bytes32 productId,bytes32 prevHead,bytes32 dataHash,uint64 occurredAt,uint8 kind,uint64 deadline)"
    );
    bytes32 public constant RECORD_BATCH_TYPEHASH = keccak256(
        "RecordBatch(address actor,bytes32[] productIds,bytes32[] prevHeads,bytes32 dataHash,uint64 occurredAt,uint8 kind,uint64 deadline)"
    );
    bytes32 public constant HANDOVER_TYPEHASH = keccak256(
        "Handover(address from,address to,bytes32 productId,bytes32 prevHead,bytes32 dataHash,uint64 occurredAt,uint64 deadline)"
    );
    bytes32 public constant RECALL_TYPEHASH = keccak256(
        "Recall(address actor,bytes32 productId,bytes32 prevHead,bytes32 noticeHash,uint64 occurredAt,uint8 level,uint64 deadline)"
    );

    IActorRegistry public immutable REGISTRY;

    /* STORAGE */

    mapping(bytes32 productId => Custody) private _custody;

    constructor(IActorRegistry registry) EIP712("SmartRetail360 SupplyChain", "1") {
        REGISTRY = registry;
    }

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

    /* HANDOVER */

    /// @inheritdoc ISupplyChain
    function handover(Handover calldata h, bytes calldata receiverSignature) external {
        if (msg.sender != h.from) revert NotSender(h.from, msg.sender);
        _checkDeadline(h.deadline);
        _checkConsent(h.to, keccak256(abi.encode(HANDOVER_TYPEHASH, h)), receiverSignature);
        _handover(h);
    }

    /// @inheritdoc ISupplyChain
    function handoverSigned(
        Handover calldata h,
        bytes calldata senderSignature,
        bytes calldata receiverSignature
    ) external {
        _checkDeadline(h.deadline);
        bytes32 structHash = keccak256(abi.encode(HANDOVER_TYPEHASH, h));
        _checkConsent(h.from, structHash, senderSignature);
        _checkConsent(h.to, structHash, receiverSignature);
        _handover(h);
    }

    /* RECALL */

    /// @inheritdoc ISupplyChain
    function recall(bytes32 productId, bytes32 noticeHash, uint64 occurredAt, uint8 level)
        external
    {
        _recall(productId, _head[productId], msg.sender, noticeHash, occurredAt, level);
    }

    /// @inheritdoc ISupplyChain
    function recallSigned(Recall calldata r, bytes calldata signature) external {
        _checkDeadline(r.deadline);
        _checkConsent(r.actor, keccak256(abi.encode(RECALL_TYPEHASH, r)), signature);
        bytes32 current = _checkHead(r.productId, r.prevHead);
        _recall(r.productId, current, r.actor, r.noticeHash, r.occurredAt, r.level);
    }

    /* VIEWS */

    /// @inheritdoc ISupplyChain
    function head(bytes32 productId) external view returns (bytes32) {
        return _head[productId];
    }

    /// @inheritdoc ISupplyChain
    function custodianOf(bytes32 productId) external view returns (address) {
        return _custody[productId].custodian;
    }

    /// @inheritdoc ISupplyChain
    function recallLevelOf(bytes32 productId) external view returns (uint8) {
        return _custody[productId].recallLevel;
    }

    /* STATE CHANGES */

    function _record(
        bytes32 productId,
        bytes32 current,
        bytes32 leaf,
        address actor,
        bytes32 dataHash,
        uint64 occurredAt,
        uint8 kind
    ) private {
        if (current == 0) _custody[productId].custodian = actor;
        else _checkCustodian(productId, _custody[productId].custodian, actor);
        uint64 seq = _append(productId, current, leaf);
        emit EventRecorded(productId, actor, dataHash, seq, occurredAt, kind);
    }

    function _handover(Handover calldata h) private {
        _checkTime(h.occurredAt);
        bytes32 current = _checkHead(h.productId, h.prevHead);
        Custody storage custody = _custody[h.productId];
        _checkCustodian(h.productId, custody.custodian, h.from);
        if (custody.recallLevel != 0) revert ProductIsRecalled(h.productId, custody.recallLevel);

        custody.custodian = h.to;
        bytes32 leaf = History.leaf(History.HANDOVER, h.from, h.to, h.dataHash, h.occurredAt);
        uint64 seq = _append(h.productId, current, leaf);
        emit CustodyTransferred(h.productId, h.from, h.to, h.dataHash, seq, h.occurredAt);
    }

    function _recall(
        bytes32 productId,
        bytes32 current,
        address actor,
        bytes32 noticeHash,
        uint64 occurredAt,
        uint8 level
    ) private {
        _checkTime(occurredAt);
        if (level == 0 || level > 3) revert InvalidRecallLevel(level);
        if (current == 0) revert UnknownProduct(productId);
        Custody storage custody = _custody[productId];
        // A regulator's word counts on any product; only a more severe level may replace a recall.
        if (actor != custody.custodian && REGISTRY.roleOf(actor) != Roles.REGULATOR) {
            revert NotCustodian(productId, custody.custodian, actor);
        }
        if (custody.recallLevel != 0 && level >= custody.recallLevel) {
            revert ProductIsRecalled(productId, custody.recallLevel);
        }

        custody.recallLevel = level;
        bytes32 leaf =
            History.leaf(History.RECALL | level, actor, address(0), noticeHash, occurredAt);
        uint64 seq = _append(productId, current, leaf);
        emit ProductRecalled(productId, actor, noticeHash, seq, occurredAt, level);
    }

    function _append(bytes32 productId, bytes32 current, bytes32 leaf)
        private
        returns (uint64 seq)
    {
        bytes32 next;
        (next, seq) = History.grow(current, leaf);
        _head[productId] = next;
    }

    /* CHECKS */

    function _checkHead(bytes32 productId, bytes32 expected)
        private
        view
        returns (bytes32 current)
    {
        current = _head[productId];
        if (current != expected) revert StaleHead(productId, expected, current);
    }

    function _checkConsent(address account, bytes32 structHash, bytes calldata signature)
        private
        view
    {
        if (!Consent.given(account, _hashTypedDataV4(structHash), signature)) {
            revert InvalidSignature(account);
        }
    }

    function _checkCustodian(bytes32 productId, address custodian, address actor) private pure {
        if (custodian != actor) revert NotCustodian(productId, custodian, actor);
    }

    function _checkDeadline(uint64 deadline) private view {
        if (block.timestamp > deadline) revert Expired(deadline, block.timestamp);
    }

    function _checkTime(uint64 occurredAt) private view {
        if (occurredAt / 1000 > block.timestamp + MAX_CLOCK_SKEW) {
            revert OccurredInFuture(occurredAt, block.timestamp);
        }
    }

    function _checkBatch(uint256 length) private pure {
        if (length == 0) revert EmptyBatch();
        if (length > MAX_BATCH) revert BatchTooLarge(length, MAX_BATCH);
    }

    function _recordLeaf(address actor, bytes32 dataHash, uint64 occurredAt, uint8 kind)
        private
        view
        returns (bytes32)
    {
        if (kind == 0 || kind > History.LAST_RECORD_KIND) revert InvalidKind(kind);
        _checkTime(occurredAt);
        return History.leaf(kind, actor, address(0), dataHash, occurredAt);
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
