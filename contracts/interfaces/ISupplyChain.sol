// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title The history of every product, one storage slot each
/// @notice `head(productId)` commits to everything ever recorded about a product:
///
///     head  = seq:64 | hash:192                      zero = never recorded
///     leaf  = keccak256(abi.encode(uint8 kind, address actor, address counterparty,
///                                  bytes32 dataHash, uint64 occurredAt))
///     head' = (seq + 1):64 | uint192(keccak256(abi.encodePacked(head, leaf)))
///
/// A reader who folds the leaves of all events and arrives at another head knows that one was
/// dropped, edited or reordered.
///
///     kind          event                              counterparty
///     1 to 15       EventRecorded, an EPCIS type       0
///     16            CustodyTransferred                 the receiver
///     17            EventCorrected                     the corrected seq, as an address
///     18, 19        ProductPacked, ProductUnpacked     low 20 bytes of the parent's id
///     0x20          RecallClosed                       0
///     0x20 | level  ProductRecalled                    0
///
/// Times `occurredAt` are Unix milliseconds, deadlines Unix seconds. Offers, packing,
/// transformations and delegation have interfaces of their own.
///
/// @dev Warning: nobody, not even the deployer, can edit or delete an entry.
/// Warning: whoever records a product first becomes its custodian; who that is stands in
/// ActorRegistry, and readers must look.
interface ISupplyChain {
    /// @notice One entry signed by its actor and relayed by anyone. `prevHead` is the nonce.
    struct Record {
        address actor;
        bytes32 productId;
        bytes32 prevHead;
        bytes32 dataHash;
        uint64 occurredAt;
        uint8 kind;
        uint64 deadline;
    }

    /// @notice One document about many products, signed once.
    struct RecordBatch {
        address actor;
        bytes32[] productIds;
        bytes32[] prevHeads;
        bytes32 dataHash;
        uint64 occurredAt;
        uint8 kind;
        uint64 deadline;
    }

    /// @notice One entry of a run: many of one product, its head written once.
    struct Entry {
        bytes32 dataHash;
        uint64 occurredAt;
        uint8 kind;
    }

    /// @notice An entry signed where heads are not known. `nonce` is any number not used before.
    struct UnorderedRecord {
        address actor;
        bytes32 productId;
        uint256 nonce;
        bytes32 dataHash;
        uint64 occurredAt;
        uint8 kind;
        uint64 deadline;
    }

    /// @notice A statement that an earlier entry was wrong, signed by its actor.
    struct Correction {
        address actor;
        bytes32 productId;
        bytes32 prevHead;
        uint64 correctedSeq;
        bytes32 dataHash;
        uint64 occurredAt;
        uint64 deadline;
    }

    /// @notice A change of custody; giver and receiver consent to this same struct.
    struct Handover {
        address from;
        address to;
        bytes32 productId;
        bytes32 prevHead;
        bytes32 dataHash;
        uint64 occurredAt;
        uint64 deadline;
    }

    /// @notice A recall signed by its actor and relayed by anyone.
    struct Recall {
        address actor;
        bytes32 productId;
        bytes32 prevHead;
        bytes32 noticeHash;
        uint64 occurredAt;
        uint8 level;
        uint64 deadline;
    }

    /// @notice A history entry by the product's custodian.
    event EventRecorded(
        bytes32 indexed productId,
        address indexed actor,
        bytes32 indexed dataHash,
        uint64 seq,
        uint64 occurredAt,
        uint8 kind
    );

    /// @notice An earlier entry was declared wrong; itself the history entry of kind 17. What it
    /// corrects stays where it is.
    event EventCorrected(
        bytes32 indexed productId,
        address indexed actor,
        bytes32 indexed dataHash,
        uint64 seq,
        uint64 occurredAt,
        uint64 correctedSeq
    );

    /// @notice One of many signed entries was left out: the product is at head `actual`, or, where
    /// both heads are equal, its actor may no longer write it.
    event RecordSkipped(
        bytes32 indexed productId, address indexed actor, bytes32 expected, bytes32 actual
    );

    /// @notice Nonces `256 * word + i` for every bit i of `mask` will not be accepted any more.
    event NoncesInvalidated(address indexed actor, uint256 word, uint256 mask);

    /// @notice Custody moved with the consent of both; itself the history entry of kind 16.
    event CustodyTransferred(
        bytes32 indexed productId,
        address indexed from,
        address indexed to,
        bytes32 dataHash,
        uint64 seq,
        uint64 occurredAt
    );

    /// @notice A product was recalled; itself the history entry of kind 0x20 | level.
    event ProductRecalled(
        bytes32 indexed productId,
        address indexed actor,
        bytes32 indexed noticeHash,
        uint64 seq,
        uint64 occurredAt,
        uint8 level
    );

    /// @notice The product's recall ended; itself the history entry of kind 0x20.
    event RecallClosed(
        bytes32 indexed productId,
        address indexed actor,
        bytes32 indexed noticeHash,
        uint64 seq,
        uint64 occurredAt
    );

    /// @notice The entry was signed for another state of the product's history.
    error StaleHead(bytes32 productId, bytes32 expected, bytes32 actual);
    /// @notice Only the custodian may write a product's history.
    error NotCustodian(bytes32 productId, address custodian, address actor);
    /// @notice Only the giver's own transaction counts as the giver's consent.
    error NotSender(address from, address sender);
    /// @notice The signed intent reached the chain too late.
    error Expired(uint64 deadline, uint256 timestamp);
    /// @notice The signature is malformed, malleable or somebody else's.
    error InvalidSignature(address expected);
    /// @notice `record` takes the EPCIS kinds 1 to 15.
    error InvalidKind(uint8 kind);
    /// @notice Recall levels are 1 (most severe) to 3.
    error InvalidRecallLevel(uint8 level);
    /// @notice The product carries a recall of this level: it cannot change hands, and only a more
    /// severe recall may follow.
    error ProductIsRecalled(bytes32 productId, uint8 level);
    /// @notice This many products inside are recalled: none of it changes hands before they are
    /// taken out or their recalls closed.
    error ContainsRecalled(bytes32 productId, uint256 recalled);
    /// @notice The product is inside another: take it out first.
    error ProductIsPacked(bytes32 productId, bytes32 parentId);
    /// @notice No recall stands that could be closed.
    error NotRecalled(bytes32 productId);
    /// @notice A custodian does not close a regulator's recall.
    error RecalledByRegulator(bytes32 productId);
    /// @notice The history has no such entry to correct.
    error UnknownEntry(bytes32 productId, uint64 correctedSeq);
    /// @notice The actor used or invalidated this nonce before.
    error NonceUsed(address actor, uint256 nonce);
    /// @notice Two lists that belong together differ in length.
    error CountMismatch(uint256 expected, uint256 actual);
    /// @notice There is no history to recall.
    error UnknownProduct(bytes32 productId);
    /// @notice The event lies further ahead than clocks may differ.
    error OccurredInFuture(uint64 occurredAt, uint256 timestamp);
    /// @notice A batch names at least one product.
    error EmptyBatch();
    /// @notice A batch must fit into one transaction on every chain.
    error BatchTooLarge(uint256 length, uint256 maximum);
    /// @notice Each product of a signed batch comes with its head.
    error LengthMismatch(uint256 productIds, uint256 prevHeads);

    /// @notice Adds an entry; the first one makes its actor the custodian.
    function record(bytes32 productId, bytes32 dataHash, uint64 occurredAt, uint8 kind) external;

    /// @notice Adds one document to the history of many products; all or none.
    /// A product listed twice gets two entries.
    function recordBatch(
        bytes32[] calldata productIds,
        bytes32 dataHash,
        uint64 occurredAt,
        uint8 kind
    ) external;

    /// @notice Adds many entries to one product's history; all or none.
    function recordRun(bytes32 productId, Entry[] calldata entries) external;

    /// @notice `record` for an actor who pays no gas.
    function recordSigned(Record calldata r, bytes calldata signature) external;

    /// @notice `recordBatch` for an actor who pays no gas.
    function recordBatchSigned(RecordBatch calldata r, bytes calldata signature) external;

    /// @notice `recordSigned` for many signers at once. An entry whose product moved on, or whose
    /// actor may no longer write it, is skipped, so that nobody spoils the others'; anything else
    /// reverts all. Keys only: a contract could approve for the relayer and then refuse.
    function recordSignedMany(Record[] calldata records, bytes[] calldata signatures) external;

    /// @notice `recordSigned` for an actor who signed without knowing the product's head.
    /// @dev Warning: whoever relays chooses the order; the deadline is what bounds it.
    function recordUnordered(UnorderedRecord calldata r, bytes calldata signature) external;

    /// @notice Voids signed but unused nonces of the caller.
    function invalidateNonces(uint256 word, uint256 mask) external;

    /// @notice Declares an earlier entry wrong (EPCIS errorDeclaration); nothing is erased.
    function correct(bytes32 productId, uint64 correctedSeq, bytes32 dataHash, uint64 occurredAt)
        external;

    /// @notice `correct` for an actor who pays no gas.
    function correctSigned(Correction calldata c, bytes calldata signature) external;

    /// @notice Moves custody from the caller to a receiver who signed for it.
    function handover(Handover calldata h, bytes calldata receiverSignature) external;

    /// @notice `handover` when neither side pays gas.
    function handoverSigned(
        Handover calldata h,
        bytes calldata senderSignature,
        bytes calldata receiverSignature
    ) external;

    /// @notice Marks a product as recalled, by its custodian or a registered regulator.
    function recall(bytes32 productId, bytes32 noticeHash, uint64 occurredAt, uint8 level) external;

    /// @notice `recall` for an actor who pays no gas.
    function recallSigned(Recall calldata r, bytes calldata signature) external;

    /// @notice Ends a recall: any, by a regulator; its own, by the custodian.
    function closeRecall(bytes32 productId, bytes32 noticeHash, uint64 occurredAt) external;

    /// @notice The commitment to the product's whole history.
    function head(bytes32 productId) external view returns (bytes32);

    /// @notice Who holds the product, or what it is packed in; zero = never recorded.
    function custodianOf(bytes32 productId) external view returns (address);

    /// @notice 0 = not recalled, otherwise 1 (most severe) to 3.
    function recallLevelOf(bytes32 productId) external view returns (uint8);

    /// @notice The used nonces `256 * word + i` of an actor, as bits i.
    function nonceBitmap(address actor, uint256 word) external view returns (uint256);
}
