// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Carbon credits by the kilogram
/// @notice One ERC-1155 id per (project, vintage, batch); one unit is 1 kg CO2e. Each issue claims
/// a range of the project's registry serials that no other issue holds.
/// Always: issued == tradable + retired.
/// @dev Retiring can never be paused.
interface ICarbonToken {
    /// @notice Serials `[serialStart, serialEnd)`, one per kilogram, starting at 1.
    struct Issue {
        address to;
        bytes32 project;
        uint16 vintage;
        uint32 batch;
        uint64 serialStart;
        uint64 serialEnd;
        bytes32 metadataHash;
    }

    /// @notice `metadataHash` is the SHA-256 of the credit's document, also its IPFS address.
    event CreditIssued(
        uint256 indexed id,
        bytes32 indexed project,
        address indexed to,
        uint16 vintage,
        uint32 batch,
        uint64 serialStart,
        uint64 serialEnd,
        bytes32 metadataHash
    );

    /// @notice `amount` kilograms are gone for good, in favour of `beneficiary`.
    event CreditRetired(
        uint256 indexed id,
        address indexed holder,
        bytes32 indexed productId,
        uint256 retirementId,
        uint256 amount,
        address beneficiary,
        bytes32 purposeHash
    );

    /// @notice This (project, vintage, batch) exists.
    error AlreadyIssued(uint256 id);
    /// @notice Zero kilograms retire nothing.
    error ZeroAmount();

    /// @notice Creates the credits of one serial range.
    function issue(Issue calldata i) external returns (uint256 id);

    /// @notice Takes the caller's credits out of the world.
    /// @param productId the product whose footprint they stand against; zero = none
    /// @param purposeHash SHA-256 of a statement of purpose; zero = none
    function retire(
        uint256 id,
        uint256 amount,
        address beneficiary,
        bytes32 productId,
        bytes32 purposeHash
    ) external returns (uint256 retirementId);

    /// @notice Kilograms in each state.
    function supplyOf(uint256 id)
        external
        view
        returns (uint256 issued, uint256 tradable, uint256 retired);
}
