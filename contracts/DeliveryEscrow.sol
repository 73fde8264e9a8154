// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IDeliveryEscrow} from "./interfaces/IDeliveryEscrow.sol";
import {ISensorOracle} from "./interfaces/ISensorOracle.sol";
import {ISupplyChain} from "./interfaces/ISupplyChain.sol";
import {DeliveryTerms} from "./libraries/DeliveryTerms.sol";
import {History} from "./libraries/History.sol";

/// @dev Pausing is all that the authority can do here, and it stops only `fund`.
contract DeliveryEscrow is IDeliveryEscrow, AccessManaged, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using DeliveryTerms for Terms;

    /* TYPES */

    /// @dev One slot.
    struct Delivery {
        Status status;
        uint40 deliveredAt;
        uint40 disputedAt;
        uint32 excursions;
        uint64 lastSeq;
        uint64 fundedSeq;
    }

    /* CONSTANTS */

    /// @dev Of `Terms` in call data.
    uint256 private constant TERMS_SIZE = 17 * 32;

    ISupplyChain public immutable SUPPLY_CHAIN;
    ISensorOracle public immutable SENSOR_ORACLE;

    /* STORAGE */

    /// @inheritdoc IDeliveryEscrow
    mapping(bytes32 id => Delivery) public deliveryOf;
    /// @inheritdoc IDeliveryEscrow
    mapping(address token => mapping(address account => uint256)) public creditOf;

    constructor(ISupplyChain supplyChain, ISensorOracle sensorOracle, address authority)
        AccessManaged(authority)
    {
        SUPPLY_CHAIN = supplyChain;
        SENSOR_ORACLE = sensorOracle;
    }

    /* FUND */

    /// @inheritdoc IDeliveryEscrow
    function fund(Terms calldata t) external nonReentrant whenNotPaused returns (bytes32 id) {
        if (msg.sender != t.buyer) revert NotBuyer(t.buyer, msg.sender);
        t.check();
        id = _id();
        Delivery storage d = deliveryOf[id];
        if (d.status != Status.NONE) revert AlreadyFunded(id);
        _checkDeliverable(t);

        d.status = Status.OPEN;
        d.fundedSeq = _seq(SUPPLY_CHAIN.head(t.productId));
        emit DeliveryFunded(id, t.productId, t.buyer, t);
        _pull(t);
    }

    /* CONFIRM */

    /// @inheritdoc IDeliveryEscrow
    function confirm(Terms calldata t) external {
        // The buyer did not hold it at funding and cannot come to hold it without consenting.
        address custodian = SUPPLY_CHAIN.custodianOf(t.productId);
        if (custodian != t.buyer) revert NotDelivered(t.productId, t.buyer, custodian);
        _confirm(t);
    }

    /// @inheritdoc IDeliveryEscrow
    function confirmByHistory(Terms calldata t, PastHandover calldata h) external {
        uint64 fundedSeq = deliveryOf[_id()].fundedSeq;
        uint64 prevSeq = _seq(h.prevHead);
        if (prevSeq < fundedSeq) revert HandoverTooOld(prevSeq, fundedSeq);
        bytes32 head = SUPPLY_CHAIN.head(t.productId);
        bytes32 folded = _fold(t.buyer, h);
        if (folded != head) revert WrongHistory(t.productId, folded, head);
        _confirm(t);
    }

    /* EXCURSIONS */

    /// @inheritdoc IDeliveryEscrow
    function proveExcursion(Terms calldata t, Excursion calldata e) external {
        (bytes32 id, Delivery storage d) = _inspectable(t);
        _count(t, e, id, d);
    }

    /// @inheritdoc IDeliveryEscrow
    function proveExcursions(Terms calldata t, Excursion[] calldata proven) external {
        (bytes32 id, Delivery storage d) = _inspectable(t);
        for (uint256 i; i < proven.length; ++i) {
            _count(t, proven[i], id, d);
        }
    }

    /* DISPUTE */

    /// @inheritdoc IDeliveryEscrow
    function dispute(Terms calldata t, bytes32 reasonHash) external {
        bytes32 id = _id();
        Delivery storage d = _open(id);
        if (msg.sender != t.buyer && msg.sender != t.seller) revert NotParty(id, msg.sender);
        if (t.arbiter == address(0)) revert NoArbiter(id);
        if (d.disputedAt != 0) revert AlreadyDisputed(id);
        _checkNotAfter(d.deliveredAt == 0 ? t.deadline : _inspectionEnd(d, t));

        d.disputedAt = uint40(block.timestamp);
        emit DeliveryDisputed(id, msg.sender, reasonHash);
    }

    /// @inheritdoc IDeliveryEscrow
    function resolve(Terms calldata t, uint16 sellerBps, bytes32 reasonHash) external {
        if (msg.sender != t.arbiter) revert NotArbiter(t.arbiter, msg.sender);
        bytes32 id = _id();
        Delivery storage d = _open(id);
        if (d.disputedAt == 0) revert NotDisputed(id);
        _checkNotAfter(_arbitrationEnd(d, t));

        emit DeliveryResolved(id, msg.sender, sellerBps, reasonHash);
        _close(t, id, Status.RESOLVED, DeliveryTerms.share(t.amount, sellerBps));
    }

    /* CLOSE */

    /// @inheritdoc IDeliveryEscrow
    function settle(Terms calldata t) external {
        bytes32 id = _id();
        Delivery storage d = _open(id);
        if (d.deliveredAt == 0) revert NotConfirmed(id);
        if (d.disputedAt != 0) _checkAfter(_arbitrationEnd(d, t));
        if (msg.sender != t.buyer) _checkAfter(_inspectionEnd(d, t));

        _close(t, id, Status.SETTLED, t.amount - t.withheld(d.excursions));
    }

    /// @inheritdoc IDeliveryEscrow
    function refund(Terms calldata t) external {
        bytes32 id = _id();
        Delivery storage d = _open(id);
        // A seller may give the money back at any time: nobody else loses by it.
        if (msg.sender != t.seller) {
            if (d.deliveredAt != 0) revert AlreadyConfirmed(id);
            if (d.disputedAt != 0) _checkAfter(_arbitrationEnd(d, t));
            _checkAfter(t.deadline);
        }

        _close(t, id, Status.REFUNDED, 0);
    }

    /// @inheritdoc IDeliveryEscrow
    function withdraw(address token, address to) external nonReentrant returns (uint256 amount) {
        amount = creditOf[token][msg.sender];
        if (amount == 0) revert NothingToWithdraw(token, msg.sender);

        delete creditOf[token][msg.sender];
        emit PaymentWithdrawn(token, msg.sender, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /* PAUSE */

    /// @inheritdoc IDeliveryEscrow
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IDeliveryEscrow
    function unpause() external restricted {
        _unpause();
    }

    /* VIEWS */

    /// @inheritdoc IDeliveryEscrow
    function idOf(Terms calldata) external pure returns (bytes32) {
        return _id();
    }

    /* STATE CHANGES */

    /// @dev By comparing balances: a token that takes a fee would leave others to pay it.
    function _pull(Terms calldata t) private {
        IERC20 token = IERC20(t.token);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), t.amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != t.amount) revert AmountMismatch(t.token, t.amount, received);
    }

    function _count(Terms calldata t, Excursion calldata e, bytes32 id, Delivery storage d)
        private
    {
        (uint64 seq, uint64 lastSeq) = (e.seq, d.lastSeq);
        if (seq <= lastSeq) revert ReadingRepeated(seq, lastSeq);
        _checkExcursion(t, e, d.deliveredAt);

        d.lastSeq = seq;
        uint32 excursions;
        unchecked {
            // 2^32 proofs of one delivery cannot be paid for.
            excursions = ++d.excursions;
        }
        emit ExcursionProven(id, e.batchId, seq, e.value, t.withheld(excursions));
    }

    function _confirm(Terms calldata t) private {
        bytes32 id = _id();
        Delivery storage d = _open(id);
        if (d.deliveredAt != 0) revert AlreadyConfirmed(id);
        _checkNotAfter(t.deadline);

        d.deliveredAt = uint40(block.timestamp);
        emit DeliveryConfirmed(id, msg.sender);
    }

    function _close(Terms calldata t, bytes32 id, Status status, uint128 toSeller) private {
        uint128 toBuyer = t.amount - toSeller;
        deliveryOf[id].status = status;
        creditOf[t.token][t.seller] += toSeller;
        creditOf[t.token][t.buyer] += toBuyer;
        emit DeliveryClosed(id, status, toSeller, toBuyer);
    }

    /* CHECKS */

    /// @dev Every call begins with the terms, already encoded as `abi.encode` would. Spelled with
    /// stray bits they are the terms of nothing: funding reads each field and refuses those.
    function _id() private pure returns (bytes32) {
        return keccak256(msg.data[4:4 + TERMS_SIZE]);
    }

    function _open(bytes32 id) private view returns (Delivery storage d) {
        d = deliveryOf[id];
        if (d.status != Status.OPEN) revert DeliveryNotOpen(id, d.status);
    }

    function _inspectable(Terms calldata t) private view returns (bytes32 id, Delivery storage d) {
        if (msg.sender != t.buyer) revert NotBuyer(t.buyer, msg.sender);
        id = _id();
        d = _open(id);
        if (d.deliveredAt != 0) _checkNotAfter(_inspectionEnd(d, t));
    }

    function _checkDeliverable(Terms calldata t) private view {
        address custodian = SUPPLY_CHAIN.custodianOf(t.productId);
        if (custodian == address(0)) revert NothingToDeliver(t.productId);
        if (custodian == t.buyer) revert AlreadyDelivered(t.productId, t.buyer);
    }

    function _checkExcursion(Terms calldata t, Excursion calldata e, uint40 deliveredAt)
        private
        view
    {
        (int64 value, int64 lower, int64 upper) = (e.value, t.lowerBound, t.upperBound);
        if (value >= lower && value <= upper) revert WithinBounds(value, lower, upper);
        (uint64 at, uint64 from, uint256 to) = (e.measuredAt, t.transportFrom, t.transportTo);
        if (deliveredAt != 0) {
            // What happens after delivery is the buyer's own affair.
            uint256 delivery = uint256(deliveredAt) * 1000;
            if (delivery < to) to = delivery;
        }
        if (at < from || at > to) revert OutsideTransport(at, from, to);
        // The root of a batch that was never attested is zero, which no proof leads to.
        bytes32 root = SENSOR_ORACLE.rootOf(e.batchId);
        if (!MerkleProof.verifyCalldata(e.proof, root, t.leaf(e))) {
            revert ReadingNotAttested(e.batchId, e.seq);
        }
    }

    function _checkNotAfter(uint256 until) private view {
        if (block.timestamp > until) revert TooLate(until, block.timestamp);
    }

    function _checkAfter(uint256 until) private view {
        if (block.timestamp <= until) revert TooEarly(until, block.timestamp);
    }

    function _inspectionEnd(Delivery storage d, Terms calldata t) private view returns (uint256) {
        return uint256(d.deliveredAt) + t.inspectionTime;
    }

    function _arbitrationEnd(Delivery storage d, Terms calldata t) private view returns (uint256) {
        return uint256(d.disputedAt) + t.arbitrationTime;
    }

    function _fold(address buyer, PastHandover calldata h) private pure returns (bytes32 head) {
        bytes32 leaf = History.leaf(History.HANDOVER, h.from, buyer, h.dataHash, h.occurredAt);
        (head,) = History.grow(h.prevHead, leaf);
        for (uint256 i; i < h.laterLeaves.length; ++i) {
            (head,) = History.grow(head, h.laterLeaves[i]);
        }
    }

    /// @dev The first 64 bits of a head count its entries.
    function _seq(bytes32 head) private pure returns (uint64) {
        return uint64(uint256(head) >> 192);
    }
}
