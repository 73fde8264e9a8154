// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SupplyChain} from "../SupplyChain.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";
import {Wallet} from "./Wallet.sol";

/// recordSigned
/// ├── it should record for the signer, whoever relays
/// ├── given the same signature was used
/// │  └── it should revert with StaleHead
/// ├── given the head moved on
/// │  └── it should revert with StaleHead
/// ├── when the deadline passed
/// │  └── it should revert
/// ├── when any field was changed after signing
/// │  └── it should revert
/// ├── when the signature is another person's, malleable, compact, cut or empty
/// │  └── it should revert
/// ├── when signed for another chain or contract
/// │  └── it should revert
/// └── given the actor is a contract
///    ├── it should record what the contract approves (EIP-1271)
///    └── it should revert when the contract does not
/// recordBatchSigned
/// ├── it should record every product for the signer
/// ├── given one head moved on: it should revert
/// ├── when a product is listed twice: it should revert
/// ├── when the deadline passed, none is listed or over 500: it should revert
/// └── when lengths differ: it should revert
contract RecordSignedTest is Actors {
    function test_RecordsForTheSigner() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(LETTUCE, FARMER, DOCUMENT, 1, NOW_MS, OBJECT);
        vm.prank(RELAYER);
        chain.recordSigned(r, consent);
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
    }

    function test_RevertGiven_AReplay() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        chain.recordSigned(r, consent);
        expectStaleHead(LETTUCE, r.prevHead);
        chain.recordSigned(r, consent);
    }

    function test_RevertGiven_TheHeadMovedOn() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        farmerRecords(LETTUCE);
        expectStaleHead(LETTUCE, r.prevHead);
        chain.recordSigned(r, consent);
    }

    function test_RevertWhen_Expired() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        vm.warp(uint256(DEADLINE) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.Expired.selector, DEADLINE, uint256(DEADLINE) + 1)
        );
        chain.recordSigned(r, consent);
    }

    function test_RevertWhen_AFieldWasChanged(uint8 field) external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        field = field % 6;
        if (field == 0) r.actor = ATTACKER;
        if (field == 1) r.productId = SALAD;
        if (field == 2) r.dataHash = OTHER_DOCUMENT;
        if (field == 3) r.occurredAt -= 1;
        if (field == 4) r.kind = 2;
        if (field == 5) r.deadline += 1;
        expectInvalidSignature(r.actor);
        chain.recordSigned(r, consent);
    }

    function test_RevertWhen_SignedByAnother() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(ATTACKER_KEY, r);
        expectInvalidSignature(FARMER);
        chain.recordSigned(r, consent);
    }

    function test_RevertWhen_TheSignatureIsMalleable() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes32 structHash = keccak256(abi.encode(chain.RECORD_TYPEHASH(), r));
        bytes32 digest = digestOf(address(chain), "SmartRetail360 SupplyChain", structHash);
        expectInvalidSignature(FARMER);
        chain.recordSigned(r, malleated(FARMER_KEY, digest));
    }

    function test_RevertWhen_TheSignatureIsCut(uint8 length) external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        length = length % 65;
        assembly {
            mstore(consent, length)
        }
        expectInvalidSignature(FARMER);
        chain.recordSigned(r, consent);
    }

    function test_RevertWhen_TheActorIsZero() external {
        ISupplyChain.Record memory r = farmersRecord();
        r.actor = address(0);
        expectInvalidSignature(address(0));
        chain.recordSigned(r, new bytes(65));
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        vm.chainId(1);
        expectInvalidSignature(FARMER);
        chain.recordSigned(r, consent);
    }

    function test_RevertWhen_SignedForAnotherContract() external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        SupplyChain other = SupplyChain(deployed("SupplyChain", address(registry)));
        expectInvalidSignature(FARMER);
        other.recordSigned(r, consent);
    }

    function test_GivenAContract_RecordsWhatItApproves() external {
        (ISupplyChain.Record memory r, Wallet wallet) = walletsRecord(DOCUMENT);
        chain.recordSigned(r, "");
        vm.assertEq(chain.custodianOf(LETTUCE), address(wallet));
    }

    function test_RevertGiven_AContractThatDoesNotApprove() external {
        (ISupplyChain.Record memory r, Wallet wallet) = walletsRecord(OTHER_DOCUMENT);
        expectInvalidSignature(address(wallet));
        chain.recordSigned(r, "");
    }

    function test_Batch_RecordsEveryProductForTheSigner() external {
        farmerRecords(SALAD);
        ISupplyChain.RecordBatch memory r = farmersBatch(LETTUCE, SALAD);
        bytes memory consent = signBatch(r);
        vm.prank(RELAYER);
        chain.recordBatchSigned(r, consent);
        vm.assertEq(uint256(chain.head(LETTUCE)) >> 192, 1);
        vm.assertEq(uint256(chain.head(SALAD)) >> 192, 2);
    }

    function test_Batch_RevertGiven_OneHeadMovedOn() external {
        ISupplyChain.RecordBatch memory r = farmersBatch(LETTUCE, SALAD);
        bytes memory consent = signBatch(r);
        farmerRecords(SALAD);
        expectStaleHead(SALAD, r.prevHeads[1]);
        chain.recordBatchSigned(r, consent);
    }

    function test_Batch_RevertWhen_AProductIsListedTwice() external {
        ISupplyChain.RecordBatch memory r = farmersBatch(LETTUCE, LETTUCE);
        bytes memory consent = signBatch(r);
        bytes32 leaf = keccak256(abi.encode(OBJECT, FARMER, address(0), DOCUMENT, NOW_MS));
        uint192 hash = uint192(uint256(keccak256(abi.encodePacked(bytes32(0), leaf))));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISupplyChain.StaleHead.selector,
                LETTUCE,
                bytes32(0),
                bytes32((uint256(1) << 192) | hash)
            )
        );
        chain.recordBatchSigned(r, consent);
    }

    function test_Batch_RevertWhen_Expired() external {
        ISupplyChain.RecordBatch memory r = farmersBatch(LETTUCE, SALAD);
        bytes memory consent = signBatch(r);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.Expired.selector, DEADLINE, DEADLINE + 1)
        );
        chain.recordBatchSigned(r, consent);
    }

    function test_Batch_RevertWhen_Empty() external {
        ISupplyChain.RecordBatch memory r = farmersBatch(LETTUCE, SALAD);
        r.productIds = r.prevHeads = new bytes32[](0);
        bytes memory consent = signBatch(r);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.EmptyBatch.selector));
        chain.recordBatchSigned(r, consent);
    }

    function test_Batch_RevertWhen_TooLarge() external {
        ISupplyChain.RecordBatch memory r = farmersBatch(LETTUCE, SALAD);
        r.productIds = r.prevHeads = new bytes32[](501);
        bytes memory consent = signBatch(r);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.BatchTooLarge.selector, 501, 500));
        chain.recordBatchSigned(r, consent);
    }

    function test_Batch_RevertWhen_LengthsDiffer() external {
        ISupplyChain.RecordBatch memory r = farmersBatch(LETTUCE, SALAD);
        r.prevHeads = new bytes32[](1);
        bytes memory consent = signBatch(r);
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.LengthMismatch.selector, 2, 1));
        chain.recordBatchSigned(r, consent);
    }

    function walletsRecord(bytes32 approvedDocument)
        private
        returns (ISupplyChain.Record memory r, Wallet wallet)
    {
        wallet = new Wallet();
        r = farmersRecord();
        r.actor = address(wallet);
        r.dataHash = approvedDocument;
        bytes32 structHash = keccak256(abi.encode(chain.RECORD_TYPEHASH(), r));
        wallet.approve(digestOf(address(chain), "SmartRetail360 SupplyChain", structHash));
        r.dataHash = DOCUMENT;
    }

    function farmersBatch(bytes32 first, bytes32 second)
        private
        view
        returns (ISupplyChain.RecordBatch memory r)
    {
        bytes32[] memory products = new bytes32[](2);
        bytes32[] memory heads = new bytes32[](2);
        (products[0], products[1]) = (first, second);
        (heads[0], heads[1]) = (chain.head(first), chain.head(second));
        r = ISupplyChain.RecordBatch(FARMER, products, heads, DOCUMENT, NOW_MS, OBJECT, DEADLINE);
    }

    function signBatch(ISupplyChain.RecordBatch memory r) private view returns (bytes memory) {
        bytes memory fields = abi.encode(
            chain.RECORD_BATCH_TYPEHASH(),
            r.actor,
            keccak256(abi.encodePacked(r.productIds)),
            keccak256(abi.encodePacked(r.prevHeads)),
            r.dataHash,
            r.occurredAt,
            r.kind,
            r.deadline
        );
        return signStruct(FARMER_KEY, keccak256(fields));
    }
}
