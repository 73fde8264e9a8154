// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SupplyChain} from "../SupplyChain.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";
import {Wallet} from "./Wallet.sol";

/// recordUnordered
/// ├── it should record for the signer, whoever relays, whatever the head is
/// ├── it should take the nonces of a signer in any order
/// ├── given the nonce was used
/// │  └── it should revert
/// ├── given the nonce was invalidated
/// │  └── it should revert
/// ├── given another signer used that nonce
/// │  └── it should record
/// ├── given the signer is not custodian
/// │  └── it should revert
/// ├── when the deadline passed
/// │  └── it should revert
/// ├── when any field was changed after signing
/// │  └── it should revert
/// ├── when signed for another chain or contract
/// │  └── it should revert
/// └── given the actor is a contract
///    ├── it should record what the contract approves
///    └── it should revert when the contract does not
/// invalidateNonces
/// ├── it should void the masked nonces of the caller and emit NoncesInvalidated
/// └── it should leave used nonces used
contract RecordUnorderedTest is Actors {
    function test_RecordsWhateverTheHeadIs() external {
        ISupplyChain.UnorderedRecord memory r = farmersEntry(7);
        bytes memory consent = sign(FARMER_KEY, r);
        farmerRecords(LETTUCE);
        bytes32 before = chain.head(LETTUCE);
        vm.expectEmit(address(chain));
        emit ISupplyChain.EventRecorded(LETTUCE, FARMER, DOCUMENT, 2, NOW_MS, OBJECT);
        vm.prank(RELAYER);
        chain.recordUnordered(r, consent);
        vm.assertEq(chain.head(LETTUCE), grown(before, OBJECT, FARMER, address(0)));
    }

    function test_TakesNoncesInAnyOrder(uint256 first, uint256 second) external {
        vm.assume(first != second);
        use(first);
        use(second);
        vm.assertEq(uint256(chain.head(LETTUCE)) >> 192, 2);
        uint256 bits = 1 << (first & 0xff);
        if (first >> 8 == second >> 8) bits |= 1 << (second & 0xff);
        vm.assertEq(chain.nonceBitmap(FARMER, first >> 8), bits);
    }

    function test_RevertGiven_AUsedNonce(uint256 nonce) external {
        use(nonce);
        ISupplyChain.UnorderedRecord memory r = farmersEntry(nonce);
        r.dataHash = OTHER_DOCUMENT;
        bytes memory consent = sign(FARMER_KEY, r);
        expectUsed(nonce);
        chain.recordUnordered(r, consent);
    }

    function test_RevertGiven_AnInvalidatedNonce() external {
        vm.prank(FARMER);
        chain.invalidateNonces(1, 1 << 3);
        ISupplyChain.UnorderedRecord memory r = farmersEntry(256 + 3);
        bytes memory consent = sign(FARMER_KEY, r);
        expectUsed(256 + 3);
        chain.recordUnordered(r, consent);
    }

    function test_GivenAnotherSignersNonce_Records() external {
        use(7);
        ISupplyChain.UnorderedRecord memory r = farmersEntry(7);
        (r.actor, r.productId) = (CARRIER, SALAD);
        chain.recordUnordered(r, sign(CARRIER_KEY, r));
        vm.assertEq(chain.custodianOf(SALAD), CARRIER);
    }

    function test_RevertGiven_TheSignerIsNotCustodian() external {
        farmerRecords(LETTUCE);
        ISupplyChain.UnorderedRecord memory r = farmersEntry(7);
        r.actor = ATTACKER;
        bytes memory consent = sign(ATTACKER_KEY, r);
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        chain.recordUnordered(r, consent);
        vm.assertEq(chain.nonceBitmap(ATTACKER, 0), 0);
    }

    function test_RevertWhen_Expired() external {
        ISupplyChain.UnorderedRecord memory r = farmersEntry(7);
        bytes memory consent = sign(FARMER_KEY, r);
        vm.warp(uint256(DEADLINE) + 1);
        expectExpired(uint256(DEADLINE) + 1);
        chain.recordUnordered(r, consent);
    }

    function test_RevertWhen_AFieldWasChanged(uint8 field) external {
        ISupplyChain.UnorderedRecord memory r = farmersEntry(7);
        bytes memory consent = sign(FARMER_KEY, r);
        field = field % 7;
        if (field == 0) r.actor = CARRIER;
        if (field == 1) r.productId = SALAD;
        if (field == 2) r.nonce += 1;
        if (field == 3) r.dataHash = OTHER_DOCUMENT;
        if (field == 4) r.occurredAt -= 1;
        if (field == 5) r.kind += 1;
        if (field == 6) r.deadline += 1;
        expectInvalidSignature(r.actor);
        chain.recordUnordered(r, consent);
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        ISupplyChain.UnorderedRecord memory r = farmersEntry(7);
        bytes memory consent = sign(FARMER_KEY, r);
        vm.chainId(1);
        expectInvalidSignature(FARMER);
        chain.recordUnordered(r, consent);
    }

    function test_RevertWhen_SignedForAnotherContract() external {
        ISupplyChain.UnorderedRecord memory r = farmersEntry(7);
        bytes memory consent = sign(FARMER_KEY, r);
        SupplyChain other = SupplyChain(deployed("SupplyChain", address(registry)));
        expectInvalidSignature(FARMER);
        other.recordUnordered(r, consent);
    }

    function test_GivenAContract_RecordsWhatItApproves() external {
        (ISupplyChain.UnorderedRecord memory r, Wallet wallet) = walletsEntry();
        wallet.approve(digestOf(address(chain), "SmartRetail360 SupplyChain", hash(r)));
        chain.recordUnordered(r, "");
        vm.assertEq(chain.custodianOf(LETTUCE), address(wallet));
    }

    function test_RevertGiven_AContractThatDoesNotApprove() external {
        (ISupplyChain.UnorderedRecord memory r, Wallet wallet) = walletsEntry();
        expectInvalidSignature(address(wallet));
        chain.recordUnordered(r, "");
    }

    function test_Invalidate_VoidsTheMaskedNonces(uint256 word, uint256 mask) external {
        vm.expectEmit(address(chain));
        emit ISupplyChain.NoncesInvalidated(FARMER, word, mask);
        vm.prank(FARMER);
        chain.invalidateNonces(word, mask);
        vm.assertEq(chain.nonceBitmap(FARMER, word), mask);
        vm.assertEq(chain.nonceBitmap(CARRIER, word), 0);
    }

    function test_Invalidate_LeavesUsedNoncesUsed() external {
        use(0);
        vm.prank(FARMER);
        chain.invalidateNonces(0, 2);
        vm.assertEq(chain.nonceBitmap(FARMER, 0), 3);
    }

    function use(uint256 nonce) private {
        ISupplyChain.UnorderedRecord memory r = farmersEntry(nonce);
        chain.recordUnordered(r, sign(FARMER_KEY, r));
    }

    function expectUsed(uint256 nonce) private {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.NonceUsed.selector, FARMER, nonce));
    }

    function farmersEntry(uint256 nonce)
        private
        view
        returns (ISupplyChain.UnorderedRecord memory)
    {
        return ISupplyChain.UnorderedRecord(
            FARMER, LETTUCE, nonce, DOCUMENT, NOW_MS, OBJECT, DEADLINE
        );
    }

    function walletsEntry() private returns (ISupplyChain.UnorderedRecord memory r, Wallet wallet) {
        wallet = new Wallet();
        r = farmersEntry(7);
        r.actor = address(wallet);
    }

    function sign(uint256 key, ISupplyChain.UnorderedRecord memory r)
        private
        view
        returns (bytes memory)
    {
        return signStruct(key, hash(r));
    }

    function hash(ISupplyChain.UnorderedRecord memory r) private view returns (bytes32) {
        return keccak256(abi.encode(chain.UNORDERED_RECORD_TYPEHASH(), r));
    }
}
