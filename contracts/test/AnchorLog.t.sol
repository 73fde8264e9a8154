// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AnchorLog} from "../AnchorLog.sol";
import {IAnchorLog} from "../interfaces/IAnchorLog.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// anchor
/// ├── it should fold the batch into the caller's tip and emit EventsAnchored
/// ├── it should leave every other publisher's tip alone
/// ├── given the same batch again: it should be another anchor
/// └── when the root or the count is zero: it should revert
/// isPublished
/// ├── given the anchors since a tip, all and in order: it should be true
/// ├── when one is left out, swapped or altered: it should be false
/// ├── when there are none: it should be false
/// └── when they are another publisher's: it should be false
/// verifyLeaf
/// ├── given an event of the batch: it should be true
/// ├── when any field differs: it should be false
/// └── when there is no proof, or the leaf was hashed once: it should be false
contract AnchorLogTest is Actors {
    bytes32 private constant ROOT = keccak256("a root");
    bytes32 private constant OTHER_ROOT = keccak256("another root");

    AnchorLog private log;

    function setUp() public override {
        super.setUp();
        log = AnchorLog(vm.deployCode("AnchorLog.sol:AnchorLog", ""));
    }

    function test_Anchor_FoldsTheBatchIntoTheTip() external {
        vm.expectEmit(address(log));
        emit IAnchorLog.EventsAnchored(FARMER, ROOT, DOCUMENT, 1, 100);
        publish(FARMER, ROOT);
        vm.assertEq(log.tipOf(FARMER), grown(0, ROOT, 1));

        vm.expectEmit(address(log));
        emit IAnchorLog.EventsAnchored(FARMER, OTHER_ROOT, DOCUMENT, 2, 100);
        publish(FARMER, OTHER_ROOT);
        vm.assertEq(log.tipOf(FARMER), grown(grown(0, ROOT, 1), OTHER_ROOT, 2));
    }

    function test_Anchor_LeavesOtherTipsAlone() external {
        publish(FARMER, ROOT);
        publish(CARRIER, OTHER_ROOT);
        vm.assertEq(log.tipOf(FARMER), grown(0, ROOT, 1));
        vm.assertEq(log.tipOf(RETAILER), bytes32(0));
    }

    function test_Anchor_GivenTheSameBatch_IsAnother() external {
        publish(FARMER, ROOT);
        publish(FARMER, ROOT);
        vm.assertEq(log.tipOf(FARMER), grown(grown(0, ROOT, 1), ROOT, 2));
    }

    function test_Anchor_RevertWhen_TheRootIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.EmptyAnchor.selector, bytes32(0), 7));
        log.anchor(0, 7, DOCUMENT);
    }

    function test_Anchor_RevertWhen_TheCountIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IAnchorLog.EmptyAnchor.selector, ROOT, 0));
        log.anchor(ROOT, 0, DOCUMENT);
    }

    function test_Published_GivenAllAnchorsSinceATip(uint8 amount, uint8 from) external {
        IAnchorLog.Anchor[] memory all = story(1 + amount % 8);
        uint256 start = from % all.length;
        bytes32 before = publishAll(all, start);
        vm.assertTrue(log.isPublished(FARMER, before, since(all, start)), "its own anchors");
    }

    function test_Published_NotWhen_OneIsLeftOut() external {
        IAnchorLog.Anchor[] memory all = story(3);
        publishAll(all, 0);
        vm.assertTrue(!log.isPublished(FARMER, 0, since(all, 1)), "the first is missing");
        IAnchorLog.Anchor[] memory start = new IAnchorLog.Anchor[](2);
        (start[0], start[1]) = (all[0], all[1]);
        vm.assertTrue(!log.isPublished(FARMER, 0, start), "the last is missing");
    }

    function test_Published_NotWhen_TwoAreSwapped() external {
        IAnchorLog.Anchor[] memory all = story(3);
        publishAll(all, 0);
        (all[0], all[1]) = (all[1], all[0]);
        vm.assertTrue(!log.isPublished(FARMER, 0, all), "swapped");
    }

    function test_Published_NotWhen_OneIsAltered(uint8 field) external {
        IAnchorLog.Anchor[] memory all = story(3);
        publishAll(all, 0);
        field = field % 3;
        if (field == 0) all[1].root = ROOT;
        if (field == 1) all[1].count += 1;
        if (field == 2) all[1].manifestHash = OTHER_DOCUMENT;
        vm.assertTrue(!log.isPublished(FARMER, 0, all), "altered");
    }

    function test_Published_NotWhen_ThereAreNone() external {
        publishAll(story(2), 0);
        bytes32 tip = log.tipOf(FARMER);
        vm.assertTrue(!log.isPublished(FARMER, tip, new IAnchorLog.Anchor[](0)), "none");
        vm.assertTrue(!log.isPublished(CARRIER, 0, new IAnchorLog.Anchor[](0)), "never published");
    }

    function test_Published_NotWhen_AnothersAnchors() external {
        IAnchorLog.Anchor[] memory all = story(2);
        publishAll(all, 0);
        vm.assertTrue(!log.isPublished(CARRIER, 0, all), "the farmer's");
    }

    function test_Leaf_GivenAnEventOfTheBatch() external view {
        (bytes32 root, bytes32[] memory proof) = tree(harvest());
        vm.assertTrue(log.verifyLeaf(root, harvest(), proof), "its own leaf");
    }

    function test_Leaf_NotWhen_AFieldDiffers(uint8 field) external view {
        IAnchorLog.AnchoredEvent memory e = harvest();
        (bytes32 root, bytes32[] memory proof) = tree(e);
        field = field % 6;
        if (field == 0) e.productId = SALAD;
        if (field == 1) e.seq += 1;
        if (field == 2) e.prevLeaf = ROOT;
        if (field == 3) e.dataHash = OTHER_DOCUMENT;
        if (field == 4) e.occurredAt -= 1;
        if (field == 5) e.kind += 1;
        vm.assertTrue(!log.verifyLeaf(root, e, proof), "an altered event");
    }

    function test_Leaf_NotWhen_HashedOnce() external view {
        (bytes32 root,) = tree(harvest());
        IAnchorLog.AnchoredEvent memory e = harvest();
        vm.assertTrue(!log.verifyLeaf(root, e, new bytes32[](0)), "no proof");
        bytes32 inner = keccak256(abi.encode(e));
        vm.assertTrue(!log.verifyLeaf(inner, e, new bytes32[](0)), "hashed once");
    }

    function harvest() private pure returns (IAnchorLog.AnchoredEvent memory) {
        return IAnchorLog.AnchoredEvent(LETTUCE, 1, 0, DOCUMENT, NOW_MS, OBJECT);
    }

    /// @dev A tree of two: the event and another leaf, written out as the reader would.
    function tree(IAnchorLog.AnchoredEvent memory e)
        private
        pure
        returns (bytes32 root, bytes32[] memory proof)
    {
        bytes32 leaf = keccak256(
            abi.encodePacked(
                keccak256(
                    abi.encode(e.productId, e.seq, e.prevLeaf, e.dataHash, e.occurredAt, e.kind)
                )
            )
        );
        proof = new bytes32[](1);
        proof[0] = OTHER_ROOT;
        root = leaf < OTHER_ROOT
            ? keccak256(abi.encodePacked(leaf, OTHER_ROOT))
            : keccak256(abi.encodePacked(OTHER_ROOT, leaf));
    }

    function grown(bytes32 tip, bytes32 root, uint256 index) private pure returns (bytes32) {
        bytes32 leaf = keccak256(abi.encode(root, uint32(100), DOCUMENT));
        uint256 hash = uint256(keccak256(abi.encodePacked(tip, leaf)));
        return bytes32((index << 192) | ((hash << 64) >> 64));
    }

    function publish(address publisher, bytes32 root) private {
        vm.prank(publisher);
        log.anchor(root, 100, DOCUMENT);
    }

    function story(uint256 amount) private pure returns (IAnchorLog.Anchor[] memory all) {
        all = new IAnchorLog.Anchor[](amount);
        for (uint256 i; i < amount; ++i) {
            all[i] = IAnchorLog.Anchor(keccak256(abi.encode(i)), uint32(i + 1), DOCUMENT);
        }
    }

    /// @return before the tip before the anchor at `start`
    function publishAll(IAnchorLog.Anchor[] memory all, uint256 start)
        private
        returns (bytes32 before)
    {
        for (uint256 i; i < all.length; ++i) {
            if (i == start) before = log.tipOf(FARMER);
            vm.prank(FARMER);
            log.anchor(all[i].root, all[i].count, all[i].manifestHash);
        }
    }

    function since(IAnchorLog.Anchor[] memory all, uint256 start)
        private
        pure
        returns (IAnchorLog.Anchor[] memory rest)
    {
        rest = new IAnchorLog.Anchor[](all.length - start);
        for (uint256 i; i < rest.length; ++i) {
            rest[i] = all[start + i];
        }
    }
}
