// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Money that waits for goods
/// @notice A buyer locks an ERC-20 amount under terms that nobody can change afterwards. It becomes
/// the seller's when SupplyChain says that the buyer holds the product; sensor readings outside the
/// agreed bounds, proven against SensorOracle, lower the payout; without delivery it returns to the
/// buyer. Everyone collects their own money, so nobody's trouble holds up the other side.
///
///     OPEN ── confirm ── (inspectionTime) ── settle ──────────────> SETTLED
///       │        └─ dispute ── resolve (arbiter) ─────────────────> RESOLVED
///       │                └─ (arbitrationTime of silence) ── settle or refund
///       └── refund: after the deadline, or whenever the seller wants ─> REFUNDED
///
/// Times are Unix seconds; `transportFrom`, `transportTo` and `measuredAt` are Unix milliseconds.
/// A delivery's `id` is keccak256(abi.encode(terms)); every call repeats the terms.
///
/// @dev Warning: a token must deliver what it is told to; what arrives short or long is refused at
/// funding. A token whose balances shrink later (rebasing) hurts those who chose it, and them only.
/// Warning: a buyer who receives a product inside a parent can hand the parent on before anybody
/// confirms; agree on an arbiter, or unpack before handing over.
interface IDeliveryEscrow {
    enum Status {
        NONE,
        OPEN,
        SETTLED,
        REFUNDED,
        RESOLVED
    }

    /// @notice What both sides agreed on. Readings of `device` about `productId` below `lowerBound`
    /// or above `upperBound`, measured in the transport window and before confirmation, are
    /// excursions: they lower the payout by `cutBps` of the amount once and by `penalty` each,
    /// together by `cap` at most. `arbiter` zero = no disputes.
    struct Terms {
        address buyer;
        address seller;
        address arbiter;
        address token;
        bytes32 productId;
        uint128 amount;
        address device;
        int64 lowerBound;
        int64 upperBound;
        uint64 transportFrom;
        uint64 transportTo;
        uint128 penalty;
        uint16 cutBps;
        uint128 cap;
        uint64 deadline;
        uint32 inspectionTime;
        uint32 arbitrationTime;
    }

    /// @notice One reading of the terms' device with its proof; `batchId` is SensorOracle's.
    struct Excursion {
        bytes32 batchId;
        uint64 seq;
        int64 value;
        uint64 measuredAt;
        bytes32[] proof;
    }

    /// @notice A handover to the buyer in the product's past, and the leaves of all entries since.
    struct PastHandover {
        bytes32 prevHead;
        address from;
        bytes32 dataHash;
        uint64 occurredAt;
        bytes32[] laterLeaves;
    }

    /// @notice The buyer's money waits under these terms; product and funder repeat two of them, for
    /// readers who search by topic.
    event DeliveryFunded(
        bytes32 indexed id, bytes32 indexed product, address indexed funder, Terms terms
    );

    /// @notice The buyer has, or had, the product; the time to inspect it runs.
    event DeliveryConfirmed(bytes32 indexed id, address indexed confirmer);

    /// @notice A reading outside the bounds; the buyer gets `withheld` back as things stand. When it
    /// was measured stands in the batch's manifest, by `seq`.
    event ExcursionProven(
        bytes32 indexed id, bytes32 indexed batchId, uint64 seq, int64 value, uint128 withheld
    );

    /// @notice `reasonHash` is the SHA-256 of the stated reason.
    event DeliveryDisputed(bytes32 indexed id, address indexed party, bytes32 reasonHash);

    /// @notice The arbiter's word: `sellerBps` of 10,000 parts go to the seller.
    event DeliveryResolved(
        bytes32 indexed id, address indexed arbiter, uint16 sellerBps, bytes32 reasonHash
    );

    /// @notice The money belongs to its owners now, who may withdraw it.
    event DeliveryClosed(bytes32 indexed id, Status status, uint128 toSeller, uint128 toBuyer);

    /// @notice An account took its money out.
    event PaymentWithdrawn(
        address indexed token, address indexed account, address indexed to, uint256 amount
    );

    /// @notice Only the buyer's own transaction funds the buyer's delivery.
    error NotBuyer(address buyer, address sender);
    /// @notice The same terms were funded before.
    error AlreadyFunded(bytes32 id);
    /// @notice Buyer and seller are two accounts, and the arbiter is neither.
    error InvalidParties(address buyer, address seller, address arbiter);
    /// @notice There is an amount, and no more than all of it can be withheld.
    error InvalidAmounts(uint128 amount, uint128 cap, uint16 cutBps);
    /// @notice Bounds and the transport window begin before they end.
    error InvalidBounds(int64 lower, int64 upper, uint64 transportFrom, uint64 transportTo);
    /// @notice The deadline lies ahead, and no wait is longer than a year.
    error InvalidTimes(uint64 deadline, uint32 inspectionTime, uint32 arbitrationTime);
    /// @notice No contract lives at the token's address.
    error NotAToken(address token);
    /// @notice Nobody recorded the product, so nobody could hand it over.
    error NothingToDeliver(bytes32 productId);
    /// @notice The buyer holds the product already.
    error AlreadyDelivered(bytes32 productId, address buyer);
    /// @notice The token moved another amount than it was told to.
    error AmountMismatch(address token, uint256 expected, uint256 received);
    /// @notice The delivery was never funded (0) or is over.
    error DeliveryNotOpen(bytes32 id, Status status);
    /// @notice Somebody else holds the product.
    error NotDelivered(bytes32 productId, address buyer, address custodian);
    /// @notice A delivery is confirmed once.
    error AlreadyConfirmed(bytes32 id);
    /// @notice The delivery is not confirmed.
    error NotConfirmed(bytes32 id);
    /// @notice The handover followed an entry older than the funding.
    error HandoverTooOld(uint64 prevSeq, uint64 fundedSeq);
    /// @notice The entries do not lead to the product's head.
    error WrongHistory(bytes32 productId, bytes32 folded, bytes32 head);
    /// @notice The time for this has passed.
    error TooLate(uint256 until, uint256 timestamp);
    /// @notice The time for this has not come.
    error TooEarly(uint256 until, uint256 timestamp);
    /// @notice Readings are proven in ascending order, so none counts twice.
    error ReadingRepeated(uint64 seq, uint64 lastSeq);
    /// @notice The reading was taken before or after the transport.
    error OutsideTransport(uint64 measuredAt, uint256 from, uint256 to);
    /// @notice The reading is no excursion.
    error WithinBounds(int64 value, int64 lower, int64 upper);
    /// @notice The reading is not in that attested batch.
    error ReadingNotAttested(bytes32 batchId, uint64 seq);
    /// @notice Only buyer and seller may dispute.
    error NotParty(bytes32 id, address sender);
    /// @notice The terms name no arbiter.
    error NoArbiter(bytes32 id);
    /// @notice Only the terms' arbiter decides.
    error NotArbiter(address arbiter, address sender);
    /// @notice A delivery is disputed once.
    error AlreadyDisputed(bytes32 id);
    /// @notice There is nothing to decide.
    error NotDisputed(bytes32 id);
    /// @notice A share has 10,000 parts.
    error InvalidSplit(uint16 sellerBps);
    /// @notice The account has nothing here in this token.
    error NothingToWithdraw(address token, address account);

    /// @notice Locks the caller's money under the terms.
    function fund(Terms calldata t) external returns (bytes32 id);

    /// @notice Confirms delivery while the buyer holds the product, sent by anyone.
    function confirm(Terms calldata t) external;

    /// @notice Confirms delivery by a handover since funding, even if the buyer passed the product
    /// on: the entries from then to now must fold into the product's head.
    function confirmByHistory(Terms calldata t, PastHandover calldata h) external;

    /// @notice Counts a reading outside the bounds, by the buyer; readings come in ascending order.
    /// @dev By the buyer alone: anybody else could prove a late reading first and so shut out the
    /// earlier ones.
    function proveExcursion(Terms calldata t, Excursion calldata e) external;

    /// @notice Counts many, in one transaction.
    function proveExcursions(Terms calldata t, Excursion[] calldata proven) external;

    /// @notice Calls the arbiter: before the deadline or, once confirmed, during inspection.
    function dispute(Terms calldata t, bytes32 reasonHash) external;

    /// @notice The arbiter divides the amount.
    function resolve(Terms calldata t, uint16 sellerBps, bytes32 reasonHash) external;

    /// @notice Pays a confirmed delivery when inspection is over, or as soon as the buyer agrees.
    function settle(Terms calldata t) external;

    /// @notice Returns the amount: when nothing was confirmed by the deadline, or by the seller.
    function refund(Terms calldata t) external;

    /// @notice Sends all that the caller owns here in a token to an address of its choice.
    function withdraw(address token, address to) external returns (uint256 amount);

    /// @notice Stops new funding; whatever waits here can be paid out all the same.
    function pause() external;

    /// @notice Allows funding again.
    function unpause() external;

    /// @notice The identifier of terms.
    function idOf(Terms calldata t) external pure returns (bytes32);

    /// @notice Where a delivery stands; zero times = not yet. `lastSeq` is the last reading proven,
    /// `fundedSeq` the product's history position at funding.
    function deliveryOf(bytes32 id)
        external
        view
        returns (
            Status status,
            uint40 deliveredAt,
            uint40 disputedAt,
            uint32 excursions,
            uint64 lastSeq,
            uint64 fundedSeq
        );

    /// @notice What an account can withdraw.
    function creditOf(address token, address account) external view returns (uint256);
}
