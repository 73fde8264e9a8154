// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What may be made of what was used, in grams
/// @notice Over all products, what is left never grows but by a declaration.
library MassBalance {
    struct Mass {
        uint128 made; // ever declared or made
        uint128 left; // of it, not yet used
    }

    /// @notice More of an input is used than is left of it.
    error MassExceeded(bytes32 productId, uint128 used, uint128 left);
    /// @notice A product's mass has to fit 128 bits.
    error MassTooLarge(bytes32 productId, uint256 grams);
    /// @notice The outputs weigh more than the inputs they are made of.
    error MassCreated(uint256 used, uint256 made);

    /// @notice The product after `grams` of it went into others.
    function use(bytes32 productId, Mass memory mass, uint128 grams)
        internal
        pure
        returns (Mass memory)
    {
        if (grams > mass.left) revert MassExceeded(productId, grams, mass.left);
        return Mass(mass.made, mass.left - grams);
    }

    /// @notice The product after `grams` of it were made.
    function add(bytes32 productId, Mass memory mass, uint128 grams)
        internal
        pure
        returns (Mass memory)
    {
        uint256 made = uint256(mass.made) + grams;
        if (made > type(uint128).max) revert MassTooLarge(productId, made);
        return Mass(uint128(made), mass.left + grams); // left is at most made
    }

    /// @notice Reverts when a transformation makes more than it uses.
    function check(uint256 used, uint256 made) internal pure {
        if (made > used) revert MassCreated(used, made);
    }
}
