// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Keys that act for a custodian, such as a carrier's driver's
/// @notice A delegate records and corrects in its own name what its principal holds, and gives and
/// receives for it. It never recalls, packs, transforms or delegates on, and ends with custody:
/// whoever takes over did not name it.
/// @dev Warning: the first entry of a product makes its actor the custodian, also a delegate.
/// Warning: a delegate of both sides consents for both, with one signature.
interface IDelegation {
    /// @notice `delegate` acts for `account` until this second, inclusive; zero ends it.
    event DelegateSet(address indexed account, address indexed delegate, uint64 until);

    /// @notice Lets `delegate` act for the caller until a time, or ends that.
    function setDelegate(address delegate, uint64 until) external;

    /// @notice The last second at which `delegate` acts for `account`; zero = never.
    function delegateUntil(address account, address delegate) external view returns (uint64);
}
