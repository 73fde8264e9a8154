// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What a product's making emitted, and how much of it was compensated
/// @notice One footprint per product and publisher. Who holds a product (SupplyChain) and is
/// registered as supplier, carrier or retailer (ActorRegistry) may publish its footprint; only the
/// same publisher may replace it, by a higher version. The document is a PACT v3 footprint: its id,
/// its SHA-256 and its kilograms are anchored here.
///
/// Compensated once: kilograms retired against a footprint are counted here and never exceed the
/// version in force at that moment. The count belongs to product and publisher, not to a version:
/// replacing a footprint, also under a new PACT id (`precedingPfIds`), gives no room twice.
///
/// A version may state less than what is retired already, because a correction must not wait for
/// anybody: then nothing more can be retired until a version states more than the count.
/// @dev Warning: other publishers of the same product state footprints of their own, such as farm
/// gate and shelf; readers add nothing up across publishers.
interface IFootprintRegistry {
    /// @notice `pactId` is the document's `id` (a UUID), `documentHash` its SHA-256 and IPFS address,
    /// `kg` its CO2e rounded up. `version` counts up from 1 or skips ahead.
    struct Publication {
        bytes32 productId;
        bytes16 pactId;
        uint32 version;
        uint64 kg;
        bytes32 documentHash;
    }

    /// @notice This version is in force, whatever came before.
    event FootprintPublished(
        bytes32 indexed productId,
        address indexed publisher,
        bytes32 indexed documentHash,
        bytes16 pactId,
        uint32 version,
        uint64 kg
    );

    /// @notice A certifier states something about the footprint in force; readers weigh who it is.
    event FootprintVerified(
        bytes32 indexed productId,
        address indexed publisher,
        address indexed verifier,
        uint32 version,
        bytes32 statementHash
    );

    /// @notice Whether a token contract may count retirements.
    event RetirerSet(address indexed token, bool allowed);

    /// @notice Only registered suppliers, carriers and retailers publish.
    error NotPublisher(address account, uint8 role);
    /// @notice A first footprint is published by who holds the product.
    error NotHolder(bytes32 productId, address holder, address caller);
    /// @notice Versions only go up.
    error StaleVersion(uint32 current, uint32 given);
    /// @notice A footprint without a document proves nothing.
    error MissingDocument(bytes32 productId);
    /// @notice This publisher stated no footprint of this product.
    error UnknownFootprint(bytes32 productId, address publisher);
    /// @notice Only registered certifiers verify.
    error NotVerifier(address account, uint8 role);
    /// @notice The certifier looked at another document than the one in force.
    error DocumentReplaced(bytes32 documentHash, bytes32 inForce);
    /// @notice Only token contracts that were let in count retirements.
    error NotRetirer(address caller);
    /// @notice More would be retired than was emitted.
    error FootprintExceeded(
        bytes32 productId, address publisher, uint64 kg, uint64 retired, uint256 amount
    );

    /// @notice States a footprint or replaces the caller's earlier one.
    function publish(Publication calldata p) external;

    /// @notice Attaches a certifier's statement to the footprint in force.
    /// @param documentHash what the certifier looked at
    /// @param statementHash SHA-256 of the statement
    function verify(
        bytes32 productId,
        address publisher,
        bytes32 documentHash,
        bytes32 statementHash
    ) external;

    /// @notice Lets a token contract count retirements, or no longer.
    function setRetirer(address token, bool allowed) external;

    /// @notice Counts kilograms as retired against a footprint; reverts when there is no room.
    function claim(bytes32 productId, address publisher, uint256 kg) external;

    /// @notice The footprint in force; version 0 = none.
    function footprintOf(bytes32 productId, address publisher)
        external
        view
        returns (uint64 kg, uint64 retired, uint32 version, bytes16 pactId, bytes32 documentHash);

    /// @notice What a certifier said of a version; zero = nothing.
    function statementOf(bytes32 productId, address publisher, uint32 version, address verifier)
        external
        view
        returns (bytes32);

    /// @notice Whether a token contract may count retirements.
    function isRetirer(address token) external view returns (bool);
}
