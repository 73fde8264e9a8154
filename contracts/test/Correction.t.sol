// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// correct
/// ├── given the custodian and an entry of the product
/// │  ├── it should fold kind 17 and the corrected seq into the head, and emit EventCorrected
/// │  └── it should move neither custody nor recall
/// ├── given a delegate of the custodian
/// │  └── it should correct in the delegate's name
/// ├── given a stranger
/// │  └── it should revert
/// ├── when the seq is zero or beyond the last, or the product unknown
/// │  └── it should revert
/// └── when it lies ahead of the chain's clock
///    └── it should revert
/// correctSigned
/// ├── it should correct for the signer
/// ├── given it was used: it should revert with StaleHead
/// ├── when signed by another, or a field was changed: it should revert
/// └── when the deadline passed: it should revert
contract CorrectionTest is Actors {
    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
        farmerRecords(LETTUCE);
    }

    function test_GivenTheCustodian_FoldsTheCorrectedSeq() external {
        bytes32 before = chain.head(LETTUCE);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventCorrected(LETTUCE, FARMER, DOCUMENT, 3, NOW_MS, 2);
        vm.prank(FARMER);
        chain.correct(LETTUCE, 2, DOCUMENT, NOW_MS);
        vm.assertEq(chain.head(LETTUCE), grown(before, 17, FARMER, address(2)));
    }

    function test_GivenTheCustodian_MovesNeitherCustodyNorRecall() external {
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 2);
        vm.prank(FARMER);
        chain.correct(LETTUCE, 3, DOCUMENT, NOW_MS);
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
        vm.assertEq(chain.recallLevelOf(LETTUCE), 2);
    }

    function test_GivenADelegate_CorrectsInItsName() external {
        vm.prank(FARMER);
        chain.setDelegate(CARRIER, uint64(START));
        bytes32 before = chain.head(LETTUCE);
        vm.prank(CARRIER);
        chain.correct(LETTUCE, 1, DOCUMENT, NOW_MS);
        vm.assertEq(chain.head(LETTUCE), grown(before, 17, CARRIER, address(1)));
    }

    function test_RevertGiven_AStranger() external {
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.correct(LETTUCE, 1, DOCUMENT, NOW_MS);
    }

    function test_RevertWhen_TheEntryDoesNotExist(uint64 seq) external {
        vm.assume(seq == 0 || seq > 2);
        expectUnknown(LETTUCE, seq);
        vm.prank(FARMER);
        chain.correct(LETTUCE, seq, DOCUMENT, NOW_MS);
    }

    function test_RevertWhen_TheProductIsUnknown() external {
        expectUnknown(SALAD, 1);
        vm.prank(FARMER);
        chain.correct(SALAD, 1, DOCUMENT, NOW_MS);
    }

    function test_RevertWhen_ItLiesAhead() external {
        uint64 later = NOW_MS + 1 days * 1000;
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.OccurredInFuture.selector, later, START)
        );
        vm.prank(FARMER);
        chain.correct(LETTUCE, 1, DOCUMENT, later);
    }

    function test_Signed_CorrectsForTheSignerOnce() external {
        ISupplyChain.Correction memory c = farmersCorrection();
        bytes memory consent = sign(FARMER_KEY, c);
        vm.prank(RELAYER);
        chain.correctSigned(c, consent);
        vm.assertEq(chain.head(LETTUCE), grown(c.prevHead, 17, FARMER, address(1)));
        expectStaleHead(LETTUCE, c.prevHead);
        chain.correctSigned(c, consent);
    }

    function test_Signed_RevertWhen_SignedByAnother() external {
        ISupplyChain.Correction memory c = farmersCorrection();
        bytes memory consent = sign(ATTACKER_KEY, c);
        expectInvalidSignature(FARMER);
        chain.correctSigned(c, consent);
    }

    function test_Signed_RevertWhen_AFieldWasChanged(uint8 field) external {
        ISupplyChain.Correction memory c = farmersCorrection();
        bytes memory consent = sign(FARMER_KEY, c);
        field = field % 7;
        if (field == 0) c.actor = CARRIER;
        if (field == 1) c.productId = SALAD;
        if (field == 2) c.prevHead = 0;
        if (field == 3) c.correctedSeq += 1;
        if (field == 4) c.dataHash = OTHER_DOCUMENT;
        if (field == 5) c.occurredAt -= 1;
        if (field == 6) c.deadline += 1;
        expectInvalidSignature(c.actor);
        chain.correctSigned(c, consent);
    }

    function test_Signed_RevertWhen_Expired() external {
        ISupplyChain.Correction memory c = farmersCorrection();
        bytes memory consent = sign(FARMER_KEY, c);
        vm.warp(uint256(DEADLINE) + 1);
        expectExpired(uint256(DEADLINE) + 1);
        chain.correctSigned(c, consent);
    }

    function expectUnknown(bytes32 product, uint64 seq) private {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.UnknownEntry.selector, product, seq));
    }

    function farmersCorrection() private view returns (ISupplyChain.Correction memory) {
        return ISupplyChain.Correction(
            FARMER, LETTUCE, chain.head(LETTUCE), 1, DOCUMENT, NOW_MS, DEADLINE
        );
    }

    function sign(uint256 key, ISupplyChain.Correction memory c)
        private
        view
        returns (bytes memory)
    {
        return signStruct(key, keccak256(abi.encode(chain.CORRECTION_TYPEHASH(), c)));
    }
}
