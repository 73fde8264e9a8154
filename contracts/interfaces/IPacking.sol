// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Cases on a pallet, pallets in a container
/// @notice Whoever holds a parent holds all that is in it, and hands it over as one. What is packed
/// does not change hands on its own. Only a parent that is not packed itself is opened.
interface IPacking {
    /// @notice A product was put into a parent; itself the child's history entry of kind 18.
    event ProductPacked(
        bytes32 indexed productId,
        bytes32 indexed parentId,
        bytes32 indexed dataHash,
        address actor,
        uint64 seq,
        uint64 occurredAt
    );

    /// @notice A product was taken out; itself the child's history entry of kind 19.
    event ProductUnpacked(
        bytes32 indexed productId,
        bytes32 indexed parentId,
        bytes32 indexed dataHash,
        address actor,
        uint64 seq,
        uint64 occurredAt
    );

    /// @notice A product cannot be put into itself.
    error PackedInItself(bytes32 productId);
    /// @notice Too many packings stand on each other.
    error PackedTooHigh(bytes32 parentId, uint256 height, uint256 maximum);
    /// @notice The product is not directly in this parent.
    error NotInside(bytes32 productId, bytes32 parentId);

    /// @notice Puts products into a parent, all held by the caller; a new parent becomes the
    /// caller's. The parent gets an entry of kind 2, each child one of kind 18.
    function pack(
        bytes32 parentId,
        bytes32[] calldata childIds,
        bytes32 dataHash,
        uint64 occurredAt
    ) external;

    /// @notice Takes products out of a parent; they are then held by the caller, who holds it.
    function unpack(
        bytes32 parentId,
        bytes32[] calldata childIds,
        bytes32 dataHash,
        uint64 occurredAt
    ) external;

    /// @notice What the product is in; zero = nothing.
    function parentOf(bytes32 productId) external view returns (bytes32);

    /// @notice How many products are directly in this one, and how many at any depth are recalled.
    function contentOf(bytes32 productId)
        external
        view
        returns (uint256 children, uint256 recalledInside);
}
