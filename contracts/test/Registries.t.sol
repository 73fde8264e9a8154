// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ForecastLedger} from "../ForecastLedger.sol";
import {IActorRegistry} from "../interfaces/IActorRegistry.sol";
import {IForecastLedger} from "../interfaces/IForecastLedger.sol";
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

/// commit
/// ├── it should keep the commitment and emit ForecastCommitted
/// ├── given one for the same forecaster, series and cutoff: it should revert
/// ├── given another forecaster or cutoff: it should keep both
/// ├── when the cutoff is not ahead: it should revert
/// ├── when the cutoff is over ten years ahead: it should revert
/// └── when the commitment is zero: it should revert
contract ForecastLedgerTest is Actors {
    bytes32 private constant SERIES = keccak256("salad, store 1");

    ForecastLedger private ledger;

    function setUp() public override {
        super.setUp();
        ledger = ForecastLedger(vm.deployCode("ForecastLedger.sol:ForecastLedger", ""));
    }

    function test_KeepsTheCommitment() external {
        vm.expectEmit(address(ledger));
        emit IForecastLedger.ForecastCommitted(SERIES, RETAILER, DOCUMENT, DEADLINE);
        vm.prank(RETAILER);
        ledger.commit(SERIES, DOCUMENT, DEADLINE);
        vm.assertEq(ledger.commitmentOf(RETAILER, SERIES, DEADLINE), DOCUMENT);
    }

    function test_RevertGiven_OneForTheSameCutoff() external {
        ledger.commit(SERIES, DOCUMENT, DEADLINE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IForecastLedger.AlreadyCommitted.selector, SERIES, DEADLINE, DOCUMENT
            )
        );
        ledger.commit(SERIES, OTHER_DOCUMENT, DEADLINE);
    }

    function test_GivenAnotherForecasterOrCutoff_KeepsBoth() external {
        ledger.commit(SERIES, DOCUMENT, DEADLINE);
        ledger.commit(SERIES, OTHER_DOCUMENT, DEADLINE + 1);
        vm.prank(RETAILER);
        ledger.commit(SERIES, OTHER_DOCUMENT, DEADLINE);
        vm.assertEq(ledger.commitmentOf(address(this), SERIES, DEADLINE), DOCUMENT);
        vm.assertEq(ledger.commitmentOf(RETAILER, SERIES, DEADLINE), OTHER_DOCUMENT);
    }

    function test_RevertWhen_TheCutoffIsNotAhead(uint64 cutoff) external {
        vm.assume(cutoff <= START);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.CutoffPassed.selector, cutoff, START)
        );
        ledger.commit(SERIES, DOCUMENT, cutoff);
    }

    function test_RevertWhen_TheCutoffIsTooFar(uint64 cutoff) external {
        vm.assume(cutoff > START + 3650 days);
        vm.expectRevert(
            abi.encodeWithSelector(IForecastLedger.CutoffTooFar.selector, cutoff, START)
        );
        ledger.commit(SERIES, DOCUMENT, cutoff);
    }

    function test_RevertWhen_TheCommitmentIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IForecastLedger.EmptyCommitment.selector));
        ledger.commit(SERIES, 0, DEADLINE);
    }
}
