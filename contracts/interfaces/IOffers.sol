// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "./ISupplyChain.sol";

/// @title A handover in two transactions, for two sides who are not there at the same time
/// @notice The giver offers, the receiver accepts the same struct before its deadline. An offer
/// moves nothing, and any later entry of the product makes it stale. Delegates act for either side.
/// @dev Warning: an offer says nothing of signatures. To cancel it leaves a signed handover valid
/// until its deadline or the product's next entry.
interface IOffers {
    /// @notice The giver's consent; it replaces an earlier offer of the product.
    event HandoverOffered(
        bytes32 indexed productId,
        address indexed from,
        address indexed to,
        bytes32 dataHash,
        uint64 occurredAt,
        uint64 deadline,
        bytes32 prevHead
    );

    /// @notice The receiver will not take the product.
    event HandoverRejected(bytes32 indexed productId, address indexed from, address indexed to);

    /// @notice The giver withdrew its offer.
    event HandoverCancelled(bytes32 indexed productId, address indexed from, address indexed to);

    /// @notice An offer was cleared away after its deadline.
    event HandoverExpired(bytes32 indexed productId, address indexed from, address indexed to);

    /// @notice This handover is not on offer: never, no longer, or with other words.
    error NotOffered(bytes32 productId);
    /// @notice Only the receiver takes or refuses an offer.
    error NotReceiver(address to, address sender);
    /// @notice An offer stands until its deadline.
    error NotExpired(uint64 deadline, uint256 timestamp);

    /// @notice Offers a product to a receiver, who has until the deadline.
    function offer(ISupplyChain.Handover calldata h) external;

    /// @notice Takes an offered product; custody moves now.
    function accept(ISupplyChain.Handover calldata h) external;

    /// @notice Refuses an offered product.
    function reject(ISupplyChain.Handover calldata h) external;

    /// @notice Takes an offer back.
    function cancel(ISupplyChain.Handover calldata h) external;

    /// @notice Clears an offer after its deadline, by anyone.
    function expire(ISupplyChain.Handover calldata h) external;

    /// @notice The EIP-712 struct hash of the handover on offer; zero = none. It may be stale.
    function offerOf(bytes32 productId) external view returns (bytes32);
}
