// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Who stands behind an address
/// @notice Roles: 1 SUPPLIER, 2 CARRIER, 3 RETAILER, 4 CERTIFIER, 5 REGULATOR, 6 DEVICE, 7 ORACLE.
/// Names are public: register firms and devices here, never persons.
interface IActorRegistry {
    /// @notice `identifier` is a GS1 Digital Link: a party GLN (417) or a device GIAI (8004).
    event ActorRegistered(
        address indexed actor, uint8 indexed role, string identifier, string name
    );
    /// @notice The actor has no role any more; what it did before stays.
    event ActorRevoked(address indexed actor);

    /// @notice Roles are 1 to 7.
    error InvalidRole(uint8 role);
    /// @notice The zero address cannot act.
    error InvalidActor(address actor);
    /// @notice An actor without an identifier means nothing to a reader.
    error EmptyIdentifier(address actor);
    /// @notice Revoke first to change role, identifier or name.
    error AlreadyRegistered(address actor, uint8 role);
    /// @notice The actor has no role to revoke.
    error UnknownActor(address actor);

    /// @notice Gives an address a role and a public identity.
    function register(address actor, uint8 role, string calldata identifier, string calldata name)
        external;

    /// @notice Takes the role away.
    function revoke(address actor) external;

    /// @notice 0 = never registered or revoked.
    function roleOf(address actor) external view returns (uint8);

    /// @notice Whether the address has a role now.
    function isActive(address actor) external view returns (bool);
}
