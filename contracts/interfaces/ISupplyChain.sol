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
/// `counterparty` is the receiver of a handover and zero otherwise. A reader who folds the leaves
/// of all events and arrives at another head knows that one was dropped, edited or reordered.
///
/// Kinds: 1 to 15 are EPCIS event types (recorded), 16 is a handover, 0x20 | level is a recall.
/// Times `occurredAt` are Unix milliseconds, deadlines Unix seconds.
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

    /// @notice `record` for an actor who pays no gas.
    function recordSigned(Record calldata r, bytes calldata signature) external;

    /// @notice `recordBatch` for an actor who pays no gas.
    function recordBatchSigned(RecordBatch calldata r, bytes calldata signature) external;

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

    /// @notice The commitment to the product's whole history.
    function head(bytes32 productId) external view returns (bytes32);

    /// @notice Who holds the product; zero = never recorded.
    function custodianOf(bytes32 productId) external view returns (address);

    /// @notice 0 = not recalled, otherwise 1 (most severe) to 3.
    function recallLevelOf(bytes32 productId) external view returns (uint8);
}
