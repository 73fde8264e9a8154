// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPacking} from "../interfaces/IPacking.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// pack
/// ├── given the caller holds the children
/// │  ├── given a new parent: it should make the caller its custodian
/// │  ├── given a parent of the caller: it should give it an entry of kind 2
/// │  ├── it should give each child an entry of kind 18 and emit ProductPacked
/// │  └── it should count the children and remember their parent
/// ├── given the parent is somebody else's, packed or recalled: it should revert
/// ├── given a child is somebody else's, unknown, or packed: it should revert
/// ├── when a child is listed twice, or is the parent: it should revert
/// ├── given four packings stand on each other: a fifth should revert, an empty one start anew
/// ├── given a low child beside a high one, before or after: the high one should count
/// └── when empty, too large, or ahead of the clock: it should revert
/// unpack
/// ├── it should give parent and child their entries, and the child to the caller
/// ├── given the parent was handed over: it should give the child to the receiver
/// ├── given the parent is somebody else's, packed or recalled: it should revert
/// ├── when a child is not in the parent, in another, or listed twice: it should revert
/// └── when empty or ahead of the clock: it should revert
/// given a product is packed
/// ├── it should be held by whoever holds its root, at any depth
/// ├── it should be recorded and recalled by that holder only
/// ├── it should refuse a handover of its own
/// ├── given it is recalled: every ancestor should count it and the root refuse a handover
/// ├── given recalled again more severely: it should be counted once
/// ├── given its recall is closed: the root should change hands again
/// ├── given it was recalled before it was packed: it should be counted
/// ├── given others beside it are recalled, packed or taken out with it or later: all should count
/// ├── given it is taken out: it should be counted no more, and its recall stay
/// └── it should name no account in its custodian's place
contract PackingTest is Actors {
    bytes32 private constant CASE = keccak256("https://id.gs1.org/00/008600099999000022");
    bytes32 private constant PALLET = keccak256("https://id.gs1.org/00/008600099999000015");
    bytes32 private constant CONTAINER = keccak256("https://id.gs1.org/8003/00860009999923");

    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
        farmerRecords(SALAD);
    }

    /* PACK */

    function test_Pack_GivenANewParent_MakesTheCallerCustodian() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        vm.assertEq(chain.custodianOf(PALLET), FARMER);
        vm.assertEq(chain.head(PALLET), grown(0, 2, FARMER, address(0)));
    }

    function test_Pack_GivenAParentOfTheCaller_AddsAnEntry() external {
        farmerRecords(PALLET);
        bytes32 before = chain.head(PALLET);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(PALLET, FARMER, DOCUMENT, 2, NOW_MS, 2);
        packAs(FARMER, PALLET, list(LETTUCE));
        vm.assertEq(chain.head(PALLET), grown(before, 2, FARMER, address(0)));
    }

    function test_Pack_GivesEachChildAnEntry() external {
        bytes32 before = chain.head(SALAD);
        vm.expectEmit(address(chain));
        emit IPacking.ProductPacked(LETTUCE, PALLET, DOCUMENT, FARMER, 2, NOW_MS);
        vm.expectEmit(address(chain));
        emit IPacking.ProductPacked(SALAD, PALLET, DOCUMENT, FARMER, 2, NOW_MS);
        packAs(FARMER, PALLET, list(LETTUCE, SALAD));
        address parent = address(uint160(uint256(PALLET)));
        vm.assertEq(chain.head(SALAD), grown(before, 18, FARMER, parent));
    }

    function test_Pack_CountsAndRemembers() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        packAs(FARMER, PALLET, list(SALAD));
        assertContent(PALLET, 2, 0);
        vm.assertEq(chain.parentOf(LETTUCE), PALLET);
        vm.assertEq(chain.parentOf(SALAD), PALLET);
        vm.assertEq(chain.parentOf(PALLET), bytes32(0));
    }

    function test_Pack_RevertGiven_TheParentIsSomebodyElses() external {
        vm.prank(CARRIER);
        chain.record(PALLET, DOCUMENT, NOW_MS, OBJECT);
        expectNotCustodian(PALLET, CARRIER, FARMER);
        packAs(FARMER, PALLET, list(LETTUCE));
    }

    function test_Pack_RevertGiven_TheParentIsPacked() external {
        farmerRecords(PALLET);
        packAs(FARMER, CONTAINER, list(PALLET));
        expectPacked(PALLET, CONTAINER);
        packAs(FARMER, PALLET, list(LETTUCE));
    }

    function test_Pack_RevertGiven_TheParentIsRecalled() external {
        farmerRecords(PALLET);
        recallAs(REGULATOR, PALLET, 2);
        expectRecalled(PALLET, 2);
        packAs(FARMER, PALLET, list(LETTUCE));
    }

    function test_Pack_RevertGiven_AChildIsSomebodyElses() external {
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        packAs(ATTACKER, PALLET, list(LETTUCE));
    }

    function test_Pack_RevertGiven_AChildIsUnknown() external {
        expectNotCustodian(CASE, address(0), FARMER);
        packAs(FARMER, PALLET, list(LETTUCE, CASE));
    }

    function test_Pack_RevertGiven_AChildIsPacked() external {
        packAs(FARMER, CASE, list(LETTUCE));
        expectPacked(LETTUCE, CASE);
        packAs(FARMER, PALLET, list(LETTUCE));
    }

    function test_Pack_RevertWhen_AChildIsListedTwice() external {
        expectPacked(LETTUCE, PALLET);
        packAs(FARMER, PALLET, list(LETTUCE, LETTUCE));
    }

    function test_Pack_RevertWhen_AChildIsTheParent() external {
        vm.expectRevert(abi.encodeWithSelector(IPacking.PackedInItself.selector, PALLET));
        packAs(FARMER, PALLET, list(PALLET));
    }

    /// @dev The way a cycle would close: the parent's own root as its child.
    function test_Pack_RevertWhen_AChildHoldsTheParent() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        expectPacked(LETTUCE, PALLET);
        packAs(FARMER, LETTUCE, list(PALLET));
    }

    function test_Pack_GivenFourLevels_RefusesAFifth() external {
        bytes32 top = tower();
        expectTooHigh("top");
        packAs(FARMER, "top", list(top));
        vm.assertEq(uint256(chain.MAX_HEIGHT()), 4);
    }

    function test_Pack_GivenFourLevels_LetsALowerOneIn() external {
        bytes32 top = tower();
        packAs(FARMER, top, list(SALAD));
        assertContent(top, 2, 0);
        expectTooHigh("top");
        packAs(FARMER, "top", list(top));
    }

    function test_Pack_GivenAnEmptiedParent_StartsAnew() external {
        bytes32 top = tower();
        unpackAs(FARMER, top, list(bytes32(uint256(3))));
        packAs(FARMER, top, list(SALAD));
        packAs(FARMER, "top", list(top));
        vm.assertEq(chain.parentOf(top), "top");
    }

    function test_Pack_GivenALowChildBesideAHighOne_TheHighOneCounts() external {
        bytes32 top = tower();
        expectTooHigh("top");
        packAs(FARMER, "top", list(top, SALAD));
    }

    function test_Pack_GivenALowChildIsTakenOut_TheHighOneCounts() external {
        bytes32 top = tower();
        packAs(FARMER, top, list(SALAD));
        unpackAs(FARMER, top, list(SALAD));
        expectTooHigh("top");
        packAs(FARMER, "top", list(top));
    }

    function test_Pack_GivenAnEmptiedOne_CarriesFourAgain() external {
        packAs(FARMER, CASE, list(SALAD));
        unpackAs(FARMER, CASE, list(SALAD));
        bytes32 top = CASE;
        for (uint256 i = 1; i < 5; ++i) {
            packAs(FARMER, bytes32(i), list(top));
            top = bytes32(i);
        }
        vm.assertEq(chain.parentOf(bytes32(uint256(3))), top);
    }

    function test_Pack_RevertWhen_Empty() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        packAs(FARMER, PALLET, new bytes32[](0));
    }

    function test_Pack_RevertWhen_TooLarge() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.BatchTooLarge.selector, 501, 500));
        packAs(FARMER, PALLET, new bytes32[](501));
    }

    function test_Pack_RevertWhen_ItLiesAhead() external {
        uint64 later = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, later, START)
        );
        vm.prank(FARMER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, later);
    }

    /* UNPACK */

    function test_Unpack_GivesEntriesAndTheChild() external {
        packAs(FARMER, PALLET, list(LETTUCE, SALAD));
        (bytes32 parent, bytes32 child) = (chain.head(PALLET), chain.head(LETTUCE));
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(PALLET, FARMER, DOCUMENT, 2, NOW_MS, 2);
        vm.expectEmit(address(chain));
        emit IPacking.ProductUnpacked(LETTUCE, PALLET, DOCUMENT, FARMER, 3, NOW_MS);
        unpackAs(FARMER, PALLET, list(LETTUCE));
        vm.assertEq(chain.head(PALLET), grown(parent, 2, FARMER, address(0)));
        vm.assertEq(
            chain.head(LETTUCE), grown(child, 19, FARMER, address(uint160(uint256(PALLET))))
        );
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
        vm.assertEq(chain.parentOf(LETTUCE), bytes32(0));
        assertContent(PALLET, 1, 0);
    }

    function test_Unpack_GivenTheParentWasHandedOver_GivesTheChildToTheReceiver() external {
        packAs(FARMER, PALLET, list(LETTUCE, SALAD));
        handOver(PALLET, FARMER, CARRIER, CARRIER_KEY);
        unpackAs(CARRIER, PALLET, list(SALAD));
        vm.assertEq(chain.custodianOf(SALAD), CARRIER);
        handOver(SALAD, CARRIER, RETAILER, RETAILER_KEY);
        vm.assertEq(chain.custodianOf(SALAD), RETAILER);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_Unpack_RevertGiven_TheParentIsSomebodyElses() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        expectNotCustodian(PALLET, FARMER, ATTACKER);
        unpackAs(ATTACKER, PALLET, list(LETTUCE));
    }

    function test_Unpack_RevertGiven_TheParentIsPacked() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        packAs(FARMER, CONTAINER, list(PALLET));
        expectPacked(PALLET, CONTAINER);
        unpackAs(FARMER, PALLET, list(LETTUCE));
    }

    function test_Unpack_RevertGiven_TheParentIsRecalled() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        recallAs(REGULATOR, PALLET, 1);
        expectRecalled(PALLET, 1);
        unpackAs(FARMER, PALLET, list(LETTUCE));
    }

    function test_Unpack_RevertWhen_AChildIsNotPacked() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        expectNotInside(SALAD, PALLET);
        unpackAs(FARMER, PALLET, list(SALAD));
    }

    function test_Unpack_RevertWhen_AChildIsInAnotherParent() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        packAs(FARMER, CASE, list(SALAD));
        expectNotInside(SALAD, PALLET);
        unpackAs(FARMER, PALLET, list(SALAD));
    }

    function test_Unpack_RevertWhen_AChildIsListedTwice() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        expectNotInside(LETTUCE, PALLET);
        unpackAs(FARMER, PALLET, list(LETTUCE, LETTUCE));
    }

    /// @dev Zero is a product like any other, and no child of a parent that is zero.
    function test_Unpack_GivenTheParentIsZero_KeepsCustody() external {
        packAs(FARMER, 0, list(LETTUCE));
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
        expectNotInside(SALAD, 0);
        unpackAs(FARMER, 0, list(SALAD));
        unpackAs(FARMER, 0, list(LETTUCE));
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
    }

    function test_Unpack_RevertWhen_Empty() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        unpackAs(FARMER, PALLET, new bytes32[](0));
    }

    function test_Unpack_RevertWhen_ItLiesAhead() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        uint64 later = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, later, START)
        );
        vm.prank(FARMER);
        chain.unpack(PALLET, list(LETTUCE), DOCUMENT, later);
    }

    /* PACKED */

    function test_Packed_IsHeldByTheHolderOfItsRoot() external {
        bytes32 top = tower();
        handOver(top, FARMER, CARRIER, CARRIER_KEY);
        for (uint256 i = 1; i < 5; ++i) {
            vm.assertEq(chain.custodianOf(bytes32(i)), CARRIER);
        }
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_Packed_IsRecordedByTheHolderOfItsRootOnly() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        handOver(PALLET, FARMER, CARRIER, CARRIER_KEY);
        vm.prank(CARRIER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
        expectNotCustodian(LETTUCE, CARRIER, FARMER);
        vm.prank(FARMER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    function test_Packed_IsRecalledByTheHolderOfItsRootOnly() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        handOver(PALLET, FARMER, CARRIER, CARRIER_KEY);
        expectNotCustodian(LETTUCE, CARRIER, FARMER);
        recallAs(FARMER, LETTUCE, 1);
        recallAs(CARRIER, LETTUCE, 1);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 1);
    }

    function test_Packed_RefusesAHandoverOfItsOwn() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        expectPacked(LETTUCE, PALLET);
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function test_Packed_GivenRecalled_EveryAncestorCountsIt() external {
        bytes32 top = tower();
        recallAs(REGULATOR, LETTUCE, 2);
        for (uint256 i = 1; i < 5; ++i) {
            assertContent(bytes32(i), 1, 1);
        }
        assertContent(LETTUCE, 0, 0);
        expectHandoverRefused(top, 1);
    }

    function test_Packed_GivenRecalledMoreSeverely_IsCountedOnce() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        recallAs(FARMER, LETTUCE, 2);
        recallAs(REGULATOR, LETTUCE, 1);
        assertContent(PALLET, 1, 1);
    }

    function test_Packed_GivenItsRecallIsClosed_TheRootChangesHandsAgain() external {
        bytes32 top = tower();
        recallAs(FARMER, LETTUCE, 2);
        vm.prank(FARMER);
        chain.closeRecall(LETTUCE, DOCUMENT, NOW_MS);
        for (uint256 i = 1; i < 5; ++i) {
            assertContent(bytes32(i), 1, 0);
        }
        handOver(top, FARMER, CARRIER, CARRIER_KEY);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_Packed_GivenRecalledBefore_IsCounted() external {
        recallAs(FARMER, LETTUCE, 2);
        packAs(FARMER, CASE, list(LETTUCE, SALAD));
        recallAs(FARMER, CASE, 3);
        packAs(FARMER, PALLET, list(CASE));
        assertContent(CASE, 2, 1);
        assertContent(PALLET, 1, 2);
        expectHandoverRefused(PALLET, 2);
    }

    function test_Packed_GivenOthersAreRecalled_AllCount() external {
        recallAs(FARMER, LETTUCE, 2);
        recallAs(FARMER, SALAD, 2);
        packAs(FARMER, PALLET, list(LETTUCE));
        packAs(FARMER, PALLET, list(SALAD));
        assertContent(PALLET, 2, 2);
        unpackAs(FARMER, PALLET, list(LETTUCE, SALAD));
        assertContent(PALLET, 0, 0);
    }

    function test_Packed_NamesNoAccountInItsCustodiansPlace() external {
        packAs(FARMER, PALLET, list(LETTUCE));
        expectNotCustodian(LETTUCE, FARMER, address(1));
        vm.prank(address(1));
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    function test_Packed_GivenItIsTakenOut_ItsRecallStays() external {
        packAs(FARMER, PALLET, list(LETTUCE, SALAD));
        recallAs(FARMER, LETTUCE, 2);
        unpackAs(FARMER, PALLET, list(LETTUCE));
        assertContent(PALLET, 1, 0);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 2);
        handOver(PALLET, FARMER, CARRIER, CARRIER_KEY);
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
    }

    /* STORIES */

    function packAs(address actor, bytes32 parent, bytes32[] memory children) private {
        vm.prank(actor);
        chain.pack(parent, children, DOCUMENT, NOW_MS);
    }

    function unpackAs(address actor, bytes32 parent, bytes32[] memory children) private {
        vm.prank(actor);
        chain.unpack(parent, children, DOCUMENT, NOW_MS);
    }

    function recallAs(address actor, bytes32 product, uint8 level) private {
        vm.prank(actor);
        chain.recall(product, DOCUMENT, NOW_MS, level);
    }

    /// @dev The lettuce in 1, that in 2, that in 3, that in 4.
    function tower() private returns (bytes32 top) {
        top = LETTUCE;
        for (uint256 i = 1; i < 5; ++i) {
            packAs(FARMER, bytes32(i), list(top));
            top = bytes32(i);
        }
    }

    function assertContent(bytes32 product, uint256 children, uint256 recalled) private view {
        (uint256 actual, uint256 actualRecalled) = chain.contentOf(product);
        vm.assertEq(actual, children);
        vm.assertEq(actualRecalled, recalled);
    }

    function expectTooHigh(bytes32 product) private {
        vm.expectRevert(abi.encodeWithSelector(IPacking.PackedTooHigh.selector, product, 5, 4));
    }

    function expectNotInside(bytes32 product, bytes32 parent) private {
        vm.expectRevert(abi.encodeWithSelector(IPacking.NotInside.selector, product, parent));
    }

    function expectHandoverRefused(bytes32 product, uint256 recalled) private {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        (h.productId, h.prevHead) = (product, chain.head(product));
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.ContainsRecalled.selector, product, recalled)
        );
        vm.prank(FARMER);
        chain.handover(h, consent);
    }
}
