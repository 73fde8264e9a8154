// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// recall
/// ├── given the custodian or a regulator
/// │  ├── it should set the level and emit ProductRecalled
/// │  └── it should fold kind 0x20 | level into the head
/// ├── given a stranger, or a regulator whose role was revoked
/// │  └── it should revert
/// ├── given the product is unknown
/// │  └── it should revert
/// ├── when the level is not 1 to 3, or it lies ahead
/// │  └── it should revert
/// └── given a recall stands
///    ├── it should accept a more severe one
///    └── it should revert on the same or a milder one
/// recallSigned
/// ├── it should recall for the signer
/// └── when replayed, signed by another or after the deadline: it should revert
contract RecallTest is Actors {
    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
    }

    function test_GivenTheCustodian_SetsTheLevel() external {
        vm.expectEmit(address(chain));
        emit ISupplyChain.ProductRecalled(LETTUCE, FARMER, DOCUMENT, 2, NOW_MS, 2);
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 2);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 2);
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
    }

    function test_GivenTheCustodian_FoldsTheLevelIntoTheHead() external {
        bytes32 before = chain.head(LETTUCE);
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 2);
        bytes32 leaf = keccak256(abi.encode(uint8(0x22), FARMER, address(0), DOCUMENT, NOW_MS));
        bytes32 hash = keccak256(abi.encodePacked(before, leaf));
        vm.assertEq(uint256(chain.head(LETTUCE)), (2 << 192) | uint256(uint192(uint256(hash))));
    }

    function test_GivenARegulator_SetsTheLevel() external {
        vm.prank(REGULATOR);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 1);
    }

    function test_RevertGiven_AStranger() external {
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
    }

    function test_RevertGiven_ARevokedRegulator() external {
        registry.revoke(REGULATOR);
        expectNotCustodian(LETTUCE, FARMER, REGULATOR);
        vm.prank(REGULATOR);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
    }

    function test_RevertGiven_AnUnknownProduct() external {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.UnknownProduct.selector, SALAD));
        vm.prank(REGULATOR);
        chain.recall(SALAD, DOCUMENT, NOW_MS, 1);
    }

    function test_RevertWhen_TheLevelDoesNotExist(uint8 level) external {
        vm.assume(level == 0 || level > 3);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.InvalidRecallLevel.selector, level));
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, level);
    }

    function test_RevertWhen_ItLiesAhead() external {
        uint64 later = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, later, START)
        );
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, later, 2);
    }

    function test_GivenARecall_OnlyAMoreSevereOneFollows(uint8 first, uint8 second) external {
        (first, second) = (first % 3 + 1, second % 3 + 1);
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, first);
        if (second >= first) {
            vm.expectRevert(
                abi.encodeWithSelector(ISupplyChain.ProductIsRecalled.selector, LETTUCE, first)
            );
        }
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, second);
        vm.assertEq(chain.recallLevelOf(LETTUCE), second < first ? second : first);
    }

    function test_Signed_RecallsForTheSignerOnce() external {
        ISupplyChain.Recall memory r = farmersRecall();
        bytes memory consent = signRecall(FARMER_KEY, r);
        vm.prank(RELAYER);
        chain.recallSigned(r, consent);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 3);
        expectStaleHead(LETTUCE, r.prevHead);
        chain.recallSigned(r, consent);
    }

    function test_Signed_RevertWhen_SignedByAnother() external {
        ISupplyChain.Recall memory r = farmersRecall();
        bytes memory consent = signRecall(ATTACKER_KEY, r);
        expectInvalidSignature(FARMER);
        chain.recallSigned(r, consent);
    }

    function test_Signed_RevertWhen_Expired() external {
        ISupplyChain.Recall memory r = farmersRecall();
        bytes memory consent = signRecall(FARMER_KEY, r);
        vm.warp(uint256(DEADLINE) + 1);
        expectExpired(uint256(DEADLINE) + 1);
        chain.recallSigned(r, consent);
    }

    function farmersRecall() private view returns (ISupplyChain.Recall memory) {
        return
            ISupplyChain.Recall(FARMER, LETTUCE, chain.head(LETTUCE), DOCUMENT, NOW_MS, 3, DEADLINE);
    }

    function signRecall(uint256 key, ISupplyChain.Recall memory r)
        private
        view
        returns (bytes memory)
    {
        return signStruct(key, keccak256(abi.encode(chain.RECALL_TYPEHASH(), r)));
    }
}
