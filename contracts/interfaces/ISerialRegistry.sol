// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Which serials of which project are taken
/// @notice Serials of a carbon registry, one per kilogram, claimed in ranges `[start, end)` that
/// never overlap: the same kilogram cannot become a credit twice, in whatever order ranges come.
/// Each project belongs to one claimant, a token contract.
/// @dev Warning: a claim is for ever; no one can give serials back or take them away.
interface ISerialRegistry {
    /// @notice Only `claimant` may claim serials of the project from now on; zero = nobody.
    event ProjectAssigned(bytes32 indexed project, address indexed claimant);

    /// @notice `[start, end)` is taken.
    event SerialsClaimed(
        bytes32 indexed project, address indexed claimant, uint64 start, uint64 end
    );

    /// @notice The project's serials are another contract's to claim, or nobody's yet.
    error NotClaimant(bytes32 project, address claimant, address caller);

    /// @notice Says whose project it is; what was claimed stays claimed.
    function assign(bytes32 project, address claimant) external;

    /// @notice Takes a range, by the project's claimant; reverts when one serial of it is taken.
    /// @param hint end of the nearest claimed range above this one (`hintFor`), 0 when there is none
    function claim(bytes32 project, uint64 start, uint64 end, uint64 hint) external;

    /// @notice Zero = nobody may claim.
    function claimantOf(bytes32 project) external view returns (address);

    /// @notice End of the highest claimed range; from here on every serial is free.
    function topOf(bytes32 project) external view returns (uint64);

    /// @notice The claimed range that ends at `end`, and where the next lower one ends (0 = none).
    function rangeEndingAt(bytes32 project, uint64 end)
        external
        view
        returns (uint64 start, uint64 previous);

    /// @notice The hint for claiming a range that ends at `end`.
    /// @dev For readers off the chain: it walks down from the highest range.
    function hintFor(bytes32 project, uint64 end) external view returns (uint64);

    /// @notice The claimed range that holds a serial; two zeros when it is free.
    /// @dev For readers off the chain: it walks down from the highest range.
    function rangeOf(bytes32 project, uint64 serial)
        external
        view
        returns (uint64 start, uint64 end);
}
