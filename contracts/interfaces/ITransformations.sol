// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Inputs that become outputs
/// @notice Lettuce becomes salad. Masses are optional; where they are given, no more is made than
/// is used, and no more used than is left of an input.
/// @dev Warning: the first mass of a product is its custodian's word, logged as MassDeclared.
interface ITransformations {
    /// @notice `used` and `made` are grams for each input and output, or both empty.
    struct Transformation {
        bytes32[] inputs;
        bytes32[] outputs;
        uint128[] used;
        uint128[] made;
        bytes32 dataHash;
        uint64 occurredAt;
    }

    /// @notice All inputs and outputs of one transformation; each has its EventRecorded too.
    event ProductsTransformed(
        bytes32 indexed dataHash,
        address indexed actor,
        bytes32[] inputs,
        bytes32[] outputs,
        uint128[] used,
        uint128[] made
    );

    /// @notice The custodian stated a product's mass.
    event MassDeclared(bytes32 indexed productId, address indexed actor, uint128 grams);

    /// @notice A product's mass is declared once, and not after it was made of others.
    error MassIsDeclared(bytes32 productId);
    /// @notice Zero grams declare nothing.
    error NoMass(bytes32 productId);

    /// @notice Adds an entry of kind 3 to every input and output; new outputs become the caller's.
    /// The caller holds the rest, nothing of it is packed, and no input is recalled.
    function transform(Transformation calldata t) external;

    /// @notice States the mass of a product the caller holds.
    function declareMass(bytes32 productId, uint128 grams) external;

    /// @notice Grams ever declared or made of a product, and how many of them are left to use.
    function massOf(bytes32 productId) external view returns (uint128 made, uint128 left);
}
