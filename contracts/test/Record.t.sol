// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// record
/// ├── given a product without history
/// │  ├── it should make the actor custodian
/// │  └── it should start the head at seq 1, in slot keccak256(productId, 0)
/// ├── given the actor is custodian
/// │  ├── it should fold the entry into the head
/// │  └── it should emit EventRecorded
/// ├── given somebody else is custodian
/// │  └── it should revert
/// ├── when the kind is not 1 to 15
/// │  └── it should revert
/// └── when the event lies ahead of the chain's clock
///    ├── it should accept 15 minutes
///    └── it should revert beyond
/// recordBatch
/// ├── it should record one document for every product
/// ├── when empty: it should revert
/// ├── when over 500 products: it should revert
/// └── given one product of somebody else: it should revert as a whole
contract RecordTest is Actors {
    function test_GivenNoHistory_MakesTheActorCustodian() external {
        farmerRecords(LETTUCE);
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
    }

    function test_GivenNoHistory_StartsTheHeadAtItsProvableSlot() external {
        farmerRecords(LETTUCE);
        bytes32 slot = keccak256(abi.encode(LETTUCE, uint256(0)));
        vm.assertEq(vm.load(address(chain), slot), chain.head(LETTUCE));
        vm.assertEq(uint256(chain.head(LETTUCE)) >> 192, 1);
    }

    function test_GivenTheCustodian_FoldsTheEntryIntoTheHead() external {
        farmerRecords(LETTUCE);
        bytes32 before = chain.head(LETTUCE);
        vm.prank(FARMER);
        chain.record(LETTUCE, OTHER_DOCUMENT, NOW_MS, 3);

        bytes32 leaf = keccak256(abi.encode(uint8(3), FARMER, address(0), OTHER_DOCUMENT, NOW_MS));
        bytes32 hash = keccak256(abi.encodePacked(before, leaf));
        uint256 expected = (2 << 192) | uint256(uint192(uint256(hash)));
        vm.assertEq(uint256(chain.head(LETTUCE)), expected);
    }

    function test_GivenTheCustodian_EmitsEventRecorded() external {
        farmerRecords(LETTUCE);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(LETTUCE, FARMER, DOCUMENT, 2, NOW_MS, OBJECT);
        farmerRecords(LETTUCE);
    }

    function test_RevertGiven_SomebodyElseIsCustodian() external {
        farmerRecords(LETTUCE);
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    function test_RevertWhen_TheKindIsNoEpcisType(uint8 kind) external {
        vm.assume(kind == 0 || kind > 15);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.InvalidKind.selector, kind));
        chain.record(LETTUCE, DOCUMENT, NOW_MS, kind);
    }

    function test_WhenAheadByClockSkew_Accepts() external {
        chain.record(LETTUCE, DOCUMENT, NOW_MS + 15 minutes * 1000, OBJECT);
        vm.assertEq(chain.custodianOf(LETTUCE), address(this));
    }

    function test_RevertWhen_AheadByASecondMore() external {
        uint64 occurredAt = NOW_MS + (15 minutes + 1) * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, occurredAt, START)
        );
        chain.record(LETTUCE, DOCUMENT, occurredAt, OBJECT);
    }

    function test_RevertWhen_AheadByMore(uint64 occurredAt) external {
        vm.assume(occurredAt >= NOW_MS + (15 minutes + 1) * 1000);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, occurredAt, START)
        );
        chain.record(LETTUCE, DOCUMENT, occurredAt, OBJECT);
    }

    function test_RecordBatch_RecordsOneDocumentForEveryProduct() external {
        bytes32[] memory products = both();
        vm.prank(FARMER);
        chain.recordBatch(products, DOCUMENT, NOW_MS, OBJECT);
        farmerRecords(OTHER_DOCUMENT);
        vm.assertEq(chain.head(LETTUCE), chain.head(SALAD));
        vm.assertEq(chain.head(LETTUCE), chain.head(OTHER_DOCUMENT));
    }

    function test_RecordBatch_WhenFull_RecordsAll() external {
        bytes32[] memory products = new bytes32[](500);
        for (uint256 i; i < 500; ++i) {
            products[i] = bytes32(i);
        }
        vm.prank(FARMER);
        chain.recordBatch(products, DOCUMENT, NOW_MS, OBJECT);
        vm.assertEq(chain.custodianOf(bytes32(uint256(499))), FARMER);
    }

    function test_RecordBatch_RevertWhen_Empty() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        chain.recordBatch(new bytes32[](0), DOCUMENT, NOW_MS, OBJECT);
    }

    function test_RecordBatch_RevertWhen_TooLarge() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.BatchTooLarge.selector, 501, 500));
        chain.recordBatch(new bytes32[](501), DOCUMENT, NOW_MS, OBJECT);
    }

    function test_RecordBatch_RevertGiven_OneProductOfSomebodyElse() external {
        farmerRecords(SALAD);
        expectNotCustodian(SALAD, FARMER, CARRIER);
        vm.prank(CARRIER);
        chain.recordBatch(both(), DOCUMENT, NOW_MS, OBJECT);
        vm.assertEq(chain.head(LETTUCE), bytes32(0));
    }

    function both() private pure returns (bytes32[] memory products) {
        products = new bytes32[](2);
        (products[0], products[1]) = (LETTUCE, SALAD);
    }
}
