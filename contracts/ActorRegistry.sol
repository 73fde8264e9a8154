// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IActorRegistry} from "./interfaces/IActorRegistry.sol";
import {Roles} from "./libraries/Roles.sol";

contract ActorRegistry is IActorRegistry, AccessManaged {
    mapping(address actor => uint8) private _role;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IActorRegistry
    function register(address actor, uint8 role, string calldata identifier, string calldata name)
        external
        restricted
    {
        if (actor == address(0)) revert InvalidActor(actor);
        if (role == 0 || role > Roles.ORACLE) revert InvalidRole(role);
        if (bytes(identifier).length == 0) revert EmptyIdentifier(actor);
        if (_role[actor] != 0) revert AlreadyRegistered(actor, _role[actor]);

        _role[actor] = role;
        emit ActorRegistered(actor, role, identifier, name);
    }

    /// @inheritdoc IActorRegistry
    function revoke(address actor) external restricted {
        if (_role[actor] == 0) revert UnknownActor(actor);

        delete _role[actor];
        emit ActorRevoked(actor);
    }

    /// @inheritdoc IActorRegistry
    function roleOf(address actor) external view returns (uint8) {
        return _role[actor];
    }

    /// @inheritdoc IActorRegistry
    function isActive(address actor) external view returns (bool) {
        return _role[actor] != 0;
    }
}
