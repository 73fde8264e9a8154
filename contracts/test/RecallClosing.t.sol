// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// closeRecall
/// ├── given a recall by the custodian
/// │  ├── given the custodian closes it
/// │  │  ├── it should fold kind 0x20 into the head, set level 0 and emit RecallClosed
/// │  │  ├── it should let the product change hands again
/// │  │  └── it should let a milder recall follow
/// │  └── given a regulator closes it: it should set level 0
/// ├── given a recall by a regulator
/// │  ├── given a regulator closes it: it should set level 0, and a later one is the custodian's
/// │  ├── given the custodian closes it: it should revert
/// │  └── given the custodian recalled more severely since: it should still revert
/// ├── given a stranger, or a regulator whose role was revoked: it should revert
/// ├── given no recall stands: it should revert
/// └── when it lies ahead: it should revert
/// recall, by a regulator over a custodian's
/// ├── given the same level: it should become the regulator's
/// ├── given the same level, and the regulator's already: it should revert
/// └── given a milder one: it should revert
contract RecallClosingTest is Actors {
    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
    }

    function test_GivenTheCustodiansOwn_ClosesIt() external {
        recallAs(FARMER, 2);
        bytes32 before = chain.head(LETTUCE);
        vm.expectEmit(address(chain));
        emit ISupplyChain.RecallClosed(LETTUCE, FARMER, DOCUMENT, 3, NOW_MS);
        closeAs(FARMER);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 0);
        vm.assertEq(chain.head(LETTUCE), grown(before, 0x20, FARMER, address(0)));
    }

    function test_GivenItIsClosed_TheProductChangesHandsAgain() external {
        recallAs(FARMER, 2);
        closeAs(FARMER);
        handOver(LETTUCE, FARMER, CARRIER, CARRIER_KEY);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_GivenItIsClosed_AMilderOneMayFollow() external {
        recallAs(FARMER, 1);
        closeAs(FARMER);
        recallAs(FARMER, 3);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 3);
    }

    function test_GivenARegulator_ClosesTheCustodians() external {
        recallAs(FARMER, 2);
        closeAs(REGULATOR);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 0);
    }

    function test_GivenARegulator_ClosesItsOwnAndTheNextIsTheCustodians() external {
        recallAs(REGULATOR, 1);
        closeAs(REGULATOR);
        recallAs(FARMER, 2);
        closeAs(FARMER);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 0);
    }

    function test_RevertGiven_TheCustodianClosesARegulators() external {
        recallAs(REGULATOR, 2);
        expectRegulators();
        closeAs(FARMER);
    }

    function test_RevertGiven_TheCustodianRecalledARegulatorsMoreSeverely() external {
        recallAs(REGULATOR, 2);
        recallAs(FARMER, 1);
        expectRegulators();
        closeAs(FARMER);
    }

    function test_RevertGiven_AStranger() external {
        recallAs(FARMER, 2);
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        closeAs(ATTACKER);
    }

    function test_RevertGiven_ARevokedRegulator() external {
        recallAs(REGULATOR, 2);
        registry.revoke(REGULATOR);
        expectNotCustodian(LETTUCE, FARMER, REGULATOR);
        closeAs(REGULATOR);
    }

    function test_RevertGiven_NoRecallStands() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.NotRecalled.selector, LETTUCE));
        closeAs(REGULATOR);
    }

    function test_RevertWhen_ItLiesAhead() external {
        recallAs(FARMER, 2);
        uint64 later = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, later, START)
        );
        vm.prank(FARMER);
        chain.closeRecall(LETTUCE, DOCUMENT, later);
    }

    /// @dev Else a custodian could recall first, keep the regulator out, and close its own.
    function test_GivenTheSameLevel_BecomesTheRegulators() external {
        recallAs(FARMER, 1);
        recallAs(REGULATOR, 1);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 1);
        expectRegulators();
        closeAs(FARMER);
    }

    function test_RevertGiven_TheSameLevelOfARegulator() external {
        recallAs(REGULATOR, 1);
        expectRecalled(LETTUCE, 1);
        recallAs(REGULATOR, 1);
    }

    function test_RevertGiven_AMilderOneByARegulator() external {
        recallAs(FARMER, 1);
        expectRecalled(LETTUCE, 1);
        recallAs(REGULATOR, 2);
    }

    function recallAs(address actor, uint8 level) private {
        vm.prank(actor);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, level);
    }

    function closeAs(address actor) private {
        vm.prank(actor);
        chain.closeRecall(LETTUCE, DOCUMENT, NOW_MS);
    }

    function expectRegulators() private {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.RecalledByRegulator.selector, LETTUCE));
    }
}
