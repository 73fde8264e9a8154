// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Thousands of events in one transaction, and no batch left out unseen
/// @notice A publisher anchors the Merkle root of a batch of events. `tipOf(publisher)` commits to
/// every anchor it ever published, as a product's head does to its entries:
///
///     tip  = index:64 | hash:192                     zero = never published
///     leaf = keccak256(abi.encode(root, uint32 count, manifestHash))
///     tip' = (index + 1):64 | uint192(keccak256(abi.encodePacked(tip, leaf)))
///
/// A reader who folds the anchors it was given and arrives at another tip knows that one was
/// dropped, edited or reordered. Inside the batches each product's events number themselves:
/// `seq` counts from 1 and `prevLeaf` is the leaf of the same product's event before.
///
/// @dev Warning: an anchored event moves no custody and needs none. It says "this publisher said
/// so, not later than this block", and nothing about who holds the product.
interface IAnchorLog {
    /// @notice One event of a batch: a leaf of an OpenZeppelin StandardMerkleTree, in this order of
    /// fields. `dataHash`, `occurredAt` and `kind` are those of ISupplyChain.
    struct AnchoredEvent {
        bytes32 productId;
        uint64 seq;
        bytes32 prevLeaf;
        bytes32 dataHash;
        uint64 occurredAt;
        uint8 kind;
    }

    /// @notice One batch as the tip commits to it.
    struct Anchor {
        bytes32 root;
        uint32 count;
        bytes32 manifestHash;
    }

    /// @notice `manifestHash` is the SHA-256 of the list of events, also its IPFS address; zero
    /// when the publisher keeps the list to itself. `index` counts a publisher's anchors from 1.
    event EventsAnchored(
        address indexed publisher,
        bytes32 indexed root,
        bytes32 manifestHash,
        uint64 index,
        uint32 count
    );

    /// @notice An anchor has a root and counts at least one event.
    error EmptyAnchor(bytes32 root, uint32 count);

    /// @notice Publishes a batch in the caller's name.
    function anchor(bytes32 root, uint32 count, bytes32 manifestHash) external;

    /// @notice The commitment to all of a publisher's anchors.
    function tipOf(address publisher) external view returns (bytes32);

    /// @notice Whether a publisher's anchors end with `anchors`, after `tipBefore`.
    /// The way for another contract to know that the first of them was really published.
    function isPublished(address publisher, bytes32 tipBefore, Anchor[] calldata anchors)
        external
        view
        returns (bool);

    /// @notice Whether an event is under a root.
    /// @dev Who anchored the root, and whether anybody did, `isPublished` or the log tells.
    function verifyLeaf(bytes32 root, AnchoredEvent calldata e, bytes32[] calldata proof)
        external
        pure
        returns (bool);
}
