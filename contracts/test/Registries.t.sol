// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActorRegistry} from "../interfaces/IActorRegistry.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// register
/// ├── it should give the role and emit ActorRegistered
/// ├── when the caller has no permission: it should revert
/// ├── when the role, the actor or the identifier is empty: it should revert
/// └── given the actor has a role: it should revert until revoked
/// revoke
/// ├── it should take the role away
/// └── given no role: it should revert
contract ActorRegistryTest is Actors {
    string private constant GLN = "https://id.gs1.org/417/0860009999925";

    function test_Register_GivesTheRole() external {
        vm.expectEmit(address(registry));
        emit IActorRegistry.ActorRegistered(FARMER, 1, GLN, "Green Acres");
        registry.register(FARMER, 1, GLN, "Green Acres");
        vm.assertEq(registry.roleOf(FARMER), 1);
        vm.assertTrue(registry.isActive(FARMER), "a role makes active");
    }

    function test_Register_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        registry.register(ATTACKER, 5, GLN, "Food office");
    }

    function test_Register_RevertWhen_TheRoleDoesNotExist(uint8 role) external {
        vm.assume(role == 0 || role > 7);
        vm.expectRevert(abi.encodeWithSelector(IActorRegistry.InvalidRole.selector, role));
        registry.register(FARMER, role, GLN, "Green Acres");
    }

    function test_Register_TheRolesEndAtSeven() external {
        registry.register(FARMER, 7, GLN, "Green Acres");
        vm.expectRevert(abi.encodeWithSelector(IActorRegistry.InvalidRole.selector, 8));
        registry.register(ATTACKER, 8, GLN, "Green Acres");
    }

    function test_Register_RevertWhen_TheActorIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IActorRegistry.InvalidActor.selector, address(0)));
        registry.register(address(0), 1, GLN, "Nobody");
    }

    function test_Register_RevertWhen_TheIdentifierIsEmpty() external {
        vm.expectRevert(abi.encodeWithSelector(IActorRegistry.EmptyIdentifier.selector, FARMER));
        registry.register(FARMER, 1, "", "Green Acres");
    }

    function test_Register_RevertGiven_ARoleUntilRevoked() external {
        registry.register(FARMER, 1, GLN, "Green Acres");
        vm.expectRevert(
            abi.encodeWithSelector(IActorRegistry.AlreadyRegistered.selector, FARMER, 1)
        );
        registry.register(FARMER, 2, GLN, "Green Acres");
        registry.revoke(FARMER);
        registry.register(FARMER, 2, GLN, "Green Acres");
        vm.assertEq(registry.roleOf(FARMER), 2);
    }

    function test_Revoke_TakesTheRoleAway() external {
        registry.register(FARMER, 1, GLN, "Green Acres");
        vm.expectEmit(address(registry));
        emit IActorRegistry.ActorRevoked(FARMER);
        registry.revoke(FARMER);
        vm.assertEq(registry.roleOf(FARMER), 0);
        vm.assertTrue(!registry.isActive(FARMER), "no role, not active");
    }

    function test_Revoke_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        registry.revoke(REGULATOR);
    }

    function test_Revoke_RevertGiven_NoRole() external {
        vm.expectRevert(abi.encodeWithSelector(IActorRegistry.UnknownActor.selector, ATTACKER));
        registry.revoke(ATTACKER);
    }

    function expectUnauthorized(address caller) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller)
        );
    }
}
