// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SupplyChain} from "../SupplyChain.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {ITransformations} from "../interfaces/ITransformations.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// @dev Asked for its approval, it tries to write a history first.
contract ReentrantWallet {
    SupplyChain private immutable CHAIN;
    bytes32 private immutable PRODUCT;

    constructor(SupplyChain chain, bytes32 product) {
        (CHAIN, PRODUCT) = (chain, product);
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        CHAIN.record(PRODUCT, bytes32("smuggled"), 0, 1);
        return this.isValidSignature.selector;
    }
}

/// Attacks on SupplyChain
/// ├── relayed multicall spoofing (CVE-2023-49145)
/// │  ├── an address behind the call data should be nobody
/// │  └── there should be no multicall, no forwarder and no fallback to send one through
/// ├── signature replay across chain and contract: every signed call should revert
/// ├── malleable signatures: every signed call should revert
/// ├── reuse of a signature in another function: every pair should revert
/// ├── griefing by stale heads
/// │  ├── a stranger should not move a head that somebody signed for
/// │  ├── a signer who moves its own should not stop the others in one transaction
/// │  └── an unordered entry should outlive any number of entries before it
/// ├── reentrancy through an EIP-1271 account: it should find the contract read-only
/// └── evasion of a recall
///    ├── by unpacking a recalled parent: it should revert
///    ├── by making something else of the product: it should revert
///    └── by handing over what it is packed in, at any depth: it should revert
contract SupplyAttacksTest is Actors {
    bytes32 private constant PALLET = keccak256("https://id.gs1.org/00/008600099999000015");
    bytes32 private constant CONTAINER = keccak256("https://id.gs1.org/8003/00860009999923");

    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
    }

    /* CVE-2023-49145 */

    function test_CVE202349145_AnAppendedSenderIsNobody() external {
        bytes memory data = abi.encodeCall(ISupplyChain.record, (LETTUCE, DOCUMENT, NOW_MS, OBJECT));
        vm.prank(ATTACKER);
        (bool done, bytes memory answer) = address(chain).call(abi.encodePacked(data, FARMER));
        vm.assertTrue(!done, "recorded as the farmer");
        vm.assertEq(
            keccak256(answer),
            keccak256(
                abi.encodeWithSelector(
                    ISupplyChain.NotCustodian.selector, LETTUCE, FARMER, ATTACKER
                )
            )
        );
    }

    function test_CVE202349145_ThereIsNothingToRelayThrough() external {
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodePacked(
            abi.encodeCall(ISupplyChain.record, (LETTUCE, DOCUMENT, NOW_MS, OBJECT)), FARMER
        );
        expectNoSuchFunction(abi.encodeWithSignature("multicall(bytes[])", calls));
        expectNoSuchFunction(abi.encodeWithSignature("isTrustedForwarder(address)", ATTACKER));
        expectNoSuchFunction(abi.encodeWithSignature("trustedForwarder()"));
        expectNoSuchFunction("");
        expectNoSuchFunction(abi.encodePacked(FARMER));
    }

    /* REPLAY AND MALLEABILITY */

    function test_Replay_OnAnotherChain_Reverts(uint8 which) external {
        (bytes32 structHash,) = intent(which);
        bytes memory call_ = signed(which, signStruct(FARMER_KEY, structHash));
        vm.chainId(1);
        expectInvalidSignature(FARMER);
        send(address(chain), call_);
    }

    function test_Replay_OnAnotherContract_Reverts(uint8 which) external {
        (bytes32 structHash,) = intent(which);
        bytes memory call_ = signed(which, signStruct(FARMER_KEY, structHash));
        address other = deployed("SupplyChain", address(registry));
        expectInvalidSignature(FARMER);
        send(other, call_);
    }

    function test_Malleable_EverySignedCallReverts(uint8 which) external {
        (bytes32 structHash,) = intent(which);
        bytes32 digest = digestOf(address(chain), "SmartRetail360 SupplyChain", structHash);
        bytes memory call_ = signed(which, malleated(FARMER_KEY, digest));
        expectInvalidSignature(FARMER);
        send(address(chain), call_);
    }

    /// @dev The control: what the two above refuse is good where it was signed for.
    function test_Replay_WhereItWasSignedFor_IsTaken(uint8 which) external {
        (bytes32 structHash,) = intent(which);
        bytes32 before = chain.head(LETTUCE);
        send(address(chain), signed(which, signStruct(FARMER_KEY, structHash)));
        vm.assertTrue(chain.head(LETTUCE) != before, "nothing was written");
    }

    function test_Reuse_InAnotherFunction_Reverts(uint8 which, uint8 other) external {
        // What recordSigned takes, recordSignedMany takes too: the same struct, the same intent.
        vm.assume(kind(which) % 6 != kind(other) % 6);
        (bytes32 structHash,) = intent(which);
        bytes memory call_ = signed(other, signStruct(FARMER_KEY, structHash));
        expectInvalidSignature(FARMER);
        send(address(chain), call_);
    }

    /* STALE HEADS */

    function test_Griefing_AStrangerDoesNotMoveAHead(uint8 how) external {
        ISupplyChain.Record memory r = farmersRecord();
        bytes memory consent = signRecord(FARMER_KEY, r);
        vm.prank(ATTACKER);
        (bool moved,) = address(chain).call(strangers(how));
        vm.assertTrue(!moved, "a stranger wrote");
        chain.recordSigned(r, consent);
        vm.assertEq(chain.head(LETTUCE), grown(r.prevHead, OBJECT, FARMER, address(0)));
    }

    function test_Griefing_OneWhoMovesItsOwnHeadDoesNotStopTheOthers() external {
        ISupplyChain.Record[] memory records = new ISupplyChain.Record[](2);
        bytes[] memory consents = new bytes[](2);
        records[0] = farmersRecord();
        (records[0].actor, records[0].productId, records[0].prevHead) = (ATTACKER, SALAD, 0);
        records[1] = farmersRecord();
        consents[0] = signRecord(ATTACKER_KEY, records[0]);
        consents[1] = signRecord(FARMER_KEY, records[1]);
        vm.prank(ATTACKER);
        chain.record(SALAD, OTHER_DOCUMENT, NOW_MS, OBJECT);
        chain.recordSignedMany(records, consents);
        vm.assertEq(chain.head(LETTUCE), grown(records[1].prevHead, OBJECT, FARMER, address(0)));
    }

    function test_Griefing_AnUnorderedEntryOutlivesOthers(uint8 others) external {
        (bytes32 structHash,) = intent(1);
        bytes memory call_ = signed(1, signStruct(FARMER_KEY, structHash));
        for (uint256 i; i < others % 8; ++i) {
            farmerRecords(LETTUCE);
        }
        send(address(chain), call_);
        vm.assertEq(uint256(chain.head(LETTUCE)) >> 192, uint256(others % 8) + 2);
    }

    /* REENTRANCY */

    function test_Reentrancy_ThroughAnAccountsApproval_IsReadOnly() external {
        ReentrantWallet wallet = new ReentrantWallet(chain, SALAD);
        ISupplyChain.Handover memory h = lettuceToCarrier();
        h.to = address(wallet);
        expectInvalidSignature(address(wallet));
        vm.prank(FARMER);
        chain.handover{gas: 1_000_000}(h, ""); // a refused write burns all it gets
        vm.assertEq(chain.head(SALAD), bytes32(0));
    }

    /* RECALL */

    function test_Evasion_ByUnpacking_Reverts() external {
        vm.prank(FARMER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
        vm.prank(REGULATOR);
        chain.recall(PALLET, DOCUMENT, NOW_MS, 1);
        expectRecalled(PALLET, 1);
        vm.prank(FARMER);
        chain.unpack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
    }

    function test_Evasion_ByMakingSomethingElse_Reverts() external {
        vm.prank(REGULATOR);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
        ITransformations.Transformation memory t;
        (t.inputs, t.outputs, t.occurredAt) = (list(LETTUCE), list(SALAD), NOW_MS);
        expectRecalled(LETTUCE, 1);
        vm.prank(FARMER);
        chain.transform(t);
    }

    function test_Evasion_ByHandingOverTheContainer_Reverts() external {
        vm.prank(FARMER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
        vm.prank(FARMER);
        chain.pack(CONTAINER, list(PALLET), DOCUMENT, NOW_MS);
        vm.prank(REGULATOR);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
        ISupplyChain.Handover memory h = lettuceToCarrier();
        (h.productId, h.prevHead) = (CONTAINER, chain.head(CONTAINER));
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.ContainsRecalled.selector, CONTAINER, 1)
        );
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    /* WHAT THE FARMER SIGNS */

    function kind(uint8 which) private pure returns (uint8) {
        return which % 7;
    }

    /// @dev The struct hash of one of seven things the farmer may sign about the lettuce.
    function intent(uint8 which) private view returns (bytes32 structHash, bytes memory fields) {
        bytes32 current = chain.head(LETTUCE);
        which = kind(which);
        if (which == 0 || which == 6) fields = abi.encode(farmersRecord());
        if (which == 1) fields = abi.encode(unordered());
        if (which == 2) fields = abi.encode(correction(current));
        if (which == 3) fields = abi.encode(theRecall(current));
        if (which == 4) fields = abi.encode(backToFarmer(current));
        if (which == 5) return (batchHash(batch(current)), "");
        structHash = keccak256(bytes.concat(typeHash(which), fields));
    }

    function signed(uint8 which, bytes memory consent) private view returns (bytes memory) {
        bytes32 current = chain.head(LETTUCE);
        which = kind(which);
        if (which == 0) {
            return abi.encodeCall(ISupplyChain.recordSigned, (farmersRecord(), consent));
        }
        if (which == 1) {
            return abi.encodeCall(ISupplyChain.recordUnordered, (unordered(), consent));
        }
        if (which == 2) {
            return abi.encodeCall(ISupplyChain.correctSigned, (correction(current), consent));
        }
        if (which == 3) {
            return abi.encodeCall(ISupplyChain.recallSigned, (theRecall(current), consent));
        }
        if (which == 4) {
            return
                abi.encodeCall(
                    ISupplyChain.handoverSigned, (backToFarmer(current), consent, consent)
                );
        }
        if (which == 5) {
            return abi.encodeCall(ISupplyChain.recordBatchSigned, (batch(current), consent));
        }
        ISupplyChain.Record[] memory records = new ISupplyChain.Record[](1);
        bytes[] memory consents = new bytes[](1);
        (records[0], consents[0]) = (farmersRecord(), consent);
        return abi.encodeCall(ISupplyChain.recordSignedMany, (records, consents));
    }

    function typeHash(uint8 which) private view returns (bytes32) {
        if (which == 1) return chain.UNORDERED_RECORD_TYPEHASH();
        if (which == 2) return chain.CORRECTION_TYPEHASH();
        if (which == 3) return chain.RECALL_TYPEHASH();
        if (which == 4) return chain.HANDOVER_TYPEHASH();
        return chain.RECORD_TYPEHASH();
    }

    function unordered() private view returns (ISupplyChain.UnorderedRecord memory) {
        return ISupplyChain.UnorderedRecord(FARMER, LETTUCE, 7, DOCUMENT, NOW_MS, OBJECT, DEADLINE);
    }

    function correction(bytes32 current) private view returns (ISupplyChain.Correction memory) {
        return ISupplyChain.Correction(FARMER, LETTUCE, current, 1, DOCUMENT, NOW_MS, DEADLINE);
    }

    function theRecall(bytes32 current) private view returns (ISupplyChain.Recall memory) {
        return ISupplyChain.Recall(FARMER, LETTUCE, current, DOCUMENT, NOW_MS, 1, DEADLINE);
    }

    /// @dev From the farmer to the farmer: one key signs all seven.
    function backToFarmer(bytes32 current) private view returns (ISupplyChain.Handover memory) {
        return ISupplyChain.Handover(FARMER, FARMER, LETTUCE, current, DOCUMENT, NOW_MS, DEADLINE);
    }

    function batch(bytes32 current) private view returns (ISupplyChain.RecordBatch memory) {
        return ISupplyChain.RecordBatch(
            FARMER, list(LETTUCE), list(current), DOCUMENT, NOW_MS, OBJECT, DEADLINE
        );
    }

    function batchHash(ISupplyChain.RecordBatch memory r) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                chain.RECORD_BATCH_TYPEHASH(),
                r.actor,
                keccak256(abi.encodePacked(r.productIds)),
                keccak256(abi.encodePacked(r.prevHeads)),
                r.dataHash,
                r.occurredAt,
                r.kind,
                r.deadline
            )
        );
    }

    /* WHAT A STRANGER SENDS */

    function strangers(uint8 how) private view returns (bytes memory) {
        how = how % 6;
        if (how == 0) {
            return abi.encodeCall(ISupplyChain.record, (LETTUCE, DOCUMENT, NOW_MS, OBJECT));
        }
        if (how == 1) return abi.encodeCall(ISupplyChain.correct, (LETTUCE, 1, DOCUMENT, NOW_MS));
        if (how == 2) return abi.encodeCall(ISupplyChain.recall, (LETTUCE, DOCUMENT, NOW_MS, 1));
        if (how == 3) {
            return abi.encodeCall(chain.pack, (PALLET, list(LETTUCE), DOCUMENT, NOW_MS));
        }
        if (how == 4) {
            return
                abi.encodeCall(ISupplyChain.recordBatch, (list(LETTUCE), DOCUMENT, NOW_MS, OBJECT));
        }
        ITransformations.Transformation memory t;
        (t.inputs, t.outputs, t.occurredAt) = (list(LETTUCE), list(SALAD), NOW_MS);
        return abi.encodeCall(chain.transform, (t));
    }

    /// @dev Bubbles up, so that an expected revert is seen by the caller of this function.
    function send(address to, bytes memory data) private {
        (bool done, bytes memory answer) = to.call(data);
        if (done) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function expectNoSuchFunction(bytes memory data) private {
        (bool done, bytes memory answer) = address(chain).call(data);
        vm.assertTrue(!done && answer.length == 0, "somebody answered");
    }
}
