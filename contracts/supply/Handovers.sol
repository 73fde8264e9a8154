// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IOffers} from "../interfaces/IOffers.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Consent} from "../libraries/Consent.sol";
import {History} from "../libraries/History.sol";
import {Ledger} from "./Ledger.sol";

/// @title Custody moves when giver and receiver agree, at once or one after the other
abstract contract Handovers is Ledger, IOffers {
    /* CONSTANTS */

    bytes32 public constant HANDOVER_TYPEHASH = keccak256(
        "Handover(address from,address to,bytes32 productId,bytes32 prevHead,bytes32 dataHash,uint64 occurredAt,uint64 deadline)"
    );

    /* STORAGE */

    mapping(bytes32 productId => bytes32 structHash) private _offer;

    /* HANDOVER */

    /// @inheritdoc ISupplyChain
    function handover(Handover calldata h, bytes calldata receiverSignature) external {
        _checkSender(h.from);
        _checkDeadline(h.deadline);
        _checkParty(h.to, _hash(h), receiverSignature);
        _handover(h);
    }

    /// @inheritdoc ISupplyChain
    function handoverSigned(
        Handover calldata h,
        bytes calldata senderSignature,
        bytes calldata receiverSignature
    ) external {
        _checkDeadline(h.deadline);
        bytes32 structHash = _hash(h);
        _checkParty(h.from, structHash, senderSignature);
        _checkParty(h.to, structHash, receiverSignature);
        _handover(h);
    }

    /* OFFER */

    /// @inheritdoc IOffers
    function offer(Handover calldata h) external {
        _checkSender(h.from);
        _checkDeadline(h.deadline);
        _checkTime(h.occurredAt);
        _checkHead(h.productId, h.prevHead);
        _checkFree(h.productId, h.from);

        _offer[h.productId] = _hash(h);
        emit HandoverOffered(
            h.productId, h.from, h.to, h.dataHash, h.occurredAt, h.deadline, h.prevHead
        );
    }

    /// @inheritdoc IOffers
    function accept(Handover calldata h) external {
        _checkReceiver(h.to);
        _checkDeadline(h.deadline);
        _withdraw(h);
        _handover(h);
    }

    /// @inheritdoc IOffers
    function reject(Handover calldata h) external {
        _checkReceiver(h.to);
        _withdraw(h);
        emit HandoverRejected(h.productId, h.from, h.to);
    }

    /// @inheritdoc IOffers
    function cancel(Handover calldata h) external {
        _checkSender(h.from);
        _withdraw(h);
        emit HandoverCancelled(h.productId, h.from, h.to);
    }

    /// @inheritdoc IOffers
    function expire(Handover calldata h) external {
        if (block.timestamp <= h.deadline) revert NotExpired(h.deadline, block.timestamp);
        _withdraw(h);
        emit HandoverExpired(h.productId, h.from, h.to);
    }

    /* VIEWS */

    /// @inheritdoc IOffers
    function offerOf(bytes32 productId) external view returns (bytes32) {
        return _offer[productId];
    }

    /* STATE CHANGES */

    function _handover(Handover calldata h) private {
        _checkTime(h.occurredAt);
        bytes32 current = _checkHead(h.productId, h.prevHead);
        Hold storage hold = _checkFree(h.productId, h.from);

        hold.custodian = h.to;
        bytes32 leaf = History.leaf(History.HANDOVER, h.from, h.to, h.dataHash, h.occurredAt);
        uint64 seq = _append(h.productId, current, leaf);
        emit CustodyTransferred(h.productId, h.from, h.to, h.dataHash, seq, h.occurredAt);
    }

    function _withdraw(Handover calldata h) private {
        if (_offer[h.productId] != _hash(h)) revert NotOffered(h.productId);
        delete _offer[h.productId];
    }

    /* CHECKS */

    function _checkSender(address from) private view {
        if (!_actsFor(from, msg.sender)) revert NotSender(from, msg.sender);
    }

    function _checkReceiver(address to) private view {
        if (!_actsFor(to, msg.sender)) revert NotReceiver(to, msg.sender);
    }

    /// @dev A delegate consents with a key; a malformed signature is signed by nobody, also for
    /// an account that made nobody its delegate.
    function _checkParty(address party, bytes32 structHash, bytes calldata signature) private view {
        bytes32 digest = _hashTypedDataV4(structHash);
        address signer = Consent.signerOf(digest, signature);
        if (signer != address(0) && _actsFor(party, signer)) return;
        if (!Consent.approved(party, digest, signature)) revert InvalidSignature(party);
    }

    function _hash(Handover calldata h) private pure returns (bytes32) {
        return keccak256(abi.encode(HANDOVER_TYPEHASH, h));
    }
}
