// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDelegation} from "../interfaces/IDelegation.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";
import {Wallet} from "./Wallet.sol";

/// setDelegate
/// ├── it should keep the time and emit DelegateSet
/// └── it should end a delegation with an earlier time
/// given a delegate of the custodian
/// ├── it should record, in a batch and in a run, in its own name, and not become custodian
/// ├── it should record what is signed by it
/// ├── it should record what is packed in a parent its principal holds
/// ├── it should hand over for its principal, by transaction and by signature
/// ├── it should receive for its principal, by signature
/// ├── it should become custodian of a product it records first
/// ├── when its time is over: it should revert
/// ├── given its principal handed the product over: it should revert
/// ├── it should not recall, close a recall, pack, unpack, transform or declare a mass
/// └── it should not delegate on
/// given nobody is delegate
/// └── given the zero address was named: a malformed signature should still be nobody's
/// given the receiver is a contract
/// └── it should still take what the contract approves, and nothing else
contract DelegationTest is Actors {
    uint256 private constant DRIVER_KEY = 0xD1;
    address private immutable DRIVER = vm.addr(DRIVER_KEY);
    bytes32 private constant PALLET = keccak256("https://id.gs1.org/00/008600099999000015");

    function setUp() public override {
        super.setUp();
        farmerRecords(LETTUCE);
        vm.prank(FARMER);
        chain.setDelegate(DRIVER, DEADLINE);
    }

    function test_SetDelegate_KeepsTheTime(address key, uint64 until) external {
        vm.expectEmit(address(chain));
        emit IDelegation.DelegateSet(CARRIER, key, until);
        vm.prank(CARRIER);
        chain.setDelegate(key, until);
        vm.assertEq(uint256(chain.delegateUntil(CARRIER, key)), until);
        vm.assertEq(uint256(chain.delegateUntil(key, CARRIER)), 0);
    }

    function test_SetDelegate_EndsADelegation() external {
        vm.prank(FARMER);
        chain.setDelegate(DRIVER, uint64(START) - 1);
        expectNotCustodian(LETTUCE, FARMER, DRIVER);
        vm.prank(DRIVER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    function test_Delegate_RecordsInItsOwnName() external {
        bytes32 before = chain.head(LETTUCE);
        vm.prank(DRIVER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
        before = grown(before, OBJECT, DRIVER, address(0));
        vm.assertEq(chain.head(LETTUCE), before);

        vm.prank(DRIVER);
        chain.recordBatch(list(LETTUCE), DOCUMENT, NOW_MS, OBJECT);
        before = grown(before, OBJECT, DRIVER, address(0));
        ISupplyChain.Entry[] memory entries = new ISupplyChain.Entry[](1);
        entries[0] = ISupplyChain.Entry(DOCUMENT, NOW_MS, OBJECT);
        vm.prank(DRIVER);
        chain.recordRun(LETTUCE, entries);
        vm.assertEq(chain.head(LETTUCE), grown(before, OBJECT, DRIVER, address(0)));
        vm.assertEq(chain.custodianOf(LETTUCE), FARMER);
    }

    function test_Delegate_RecordsWhatItSigned() external {
        ISupplyChain.Record memory r = farmersRecord();
        r.actor = DRIVER;
        chain.recordSigned(r, signRecord(DRIVER_KEY, r));
        vm.assertEq(chain.head(LETTUCE), grown(r.prevHead, OBJECT, DRIVER, address(0)));
    }

    function test_Delegate_RecordsWhatIsPacked() external {
        vm.prank(FARMER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
        bytes32 before = chain.head(LETTUCE);
        vm.prank(DRIVER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
        vm.assertEq(chain.head(LETTUCE), grown(before, OBJECT, DRIVER, address(0)));
    }

    function test_Delegate_HandsOverByTransaction() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.prank(DRIVER);
        chain.handover(h, consent);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
        vm.assertEq(chain.head(LETTUCE), grown(h.prevHead, 16, FARMER, CARRIER));
    }

    function test_Delegate_HandsOverBySignature() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory giver = signHandover(DRIVER_KEY, h);
        bytes memory receiver = signHandover(CARRIER_KEY, h);
        chain.handoverSigned(h, giver, receiver);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_Delegate_ReceivesBySignature() external {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        vm.prank(CARRIER);
        chain.setDelegate(RETAILER, DEADLINE);
        bytes memory consent = signHandover(RETAILER_KEY, h);
        vm.prank(FARMER);
        chain.handover(h, consent);
        vm.assertEq(chain.custodianOf(LETTUCE), CARRIER);
    }

    function test_Delegate_BecomesCustodianOfWhatItRecordsFirst() external {
        vm.prank(DRIVER);
        chain.record(SALAD, DOCUMENT, NOW_MS, OBJECT);
        vm.assertEq(chain.custodianOf(SALAD), DRIVER);
    }

    function test_RevertWhen_ItsTimeIsOver() external {
        vm.warp(DEADLINE);
        vm.prank(DRIVER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
        vm.warp(uint256(DEADLINE) + 1);
        expectNotCustodian(LETTUCE, FARMER, DRIVER);
        vm.prank(DRIVER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    function test_RevertGiven_ItsPrincipalHandedOver() external {
        handOver(LETTUCE, FARMER, CARRIER, CARRIER_KEY);
        expectNotCustodian(LETTUCE, CARRIER, DRIVER);
        vm.prank(DRIVER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    function test_RevertWhen_ItRecalls() external {
        expectNotCustodian(LETTUCE, FARMER, DRIVER);
        vm.prank(DRIVER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
    }

    function test_RevertWhen_ItClosesARecall() external {
        vm.prank(FARMER);
        chain.recall(LETTUCE, DOCUMENT, NOW_MS, 1);
        expectNotCustodian(LETTUCE, FARMER, DRIVER);
        vm.prank(DRIVER);
        chain.closeRecall(LETTUCE, DOCUMENT, NOW_MS);
    }

    function test_RevertWhen_ItPacks() external {
        expectNotCustodian(LETTUCE, FARMER, DRIVER);
        vm.prank(DRIVER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
    }

    function test_RevertWhen_ItUnpacks() external {
        vm.prank(FARMER);
        chain.pack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
        expectNotCustodian(PALLET, FARMER, DRIVER);
        vm.prank(DRIVER);
        chain.unpack(PALLET, list(LETTUCE), DOCUMENT, NOW_MS);
    }

    function test_RevertWhen_ItDeclaresAMass() external {
        expectNotCustodian(LETTUCE, FARMER, DRIVER);
        vm.prank(DRIVER);
        chain.declareMass(LETTUCE, 1);
    }

    function test_RevertWhen_ADelegateOfTheDelegateRecords() external {
        vm.prank(DRIVER);
        chain.setDelegate(ATTACKER, DEADLINE);
        expectNotCustodian(LETTUCE, FARMER, ATTACKER);
        vm.prank(ATTACKER);
        chain.record(LETTUCE, DOCUMENT, NOW_MS, OBJECT);
    }

    /// @dev A malformed signature recovers to zero, which must never count as a delegate.
    function test_RevertGiven_TheZeroAddressIsDelegate() external {
        vm.prank(CARRIER);
        chain.setDelegate(address(0), DEADLINE);
        ISupplyChain.Handover memory h = lettuceToCarrier();
        expectInvalidSignature(CARRIER);
        vm.prank(FARMER);
        chain.handover(h, new bytes(65));
    }

    function test_GivenTheReceiverIsAContract_TakesWhatItApproves() external {
        (ISupplyChain.Handover memory h, Wallet wallet) = lettuceToWallet();
        bytes32 structHash = keccak256(abi.encode(chain.HANDOVER_TYPEHASH(), h));
        wallet.approve(digestOf(address(chain), "SmartRetail360 SupplyChain", structHash));
        vm.prank(FARMER);
        chain.handover(h, "");
        vm.assertEq(chain.custodianOf(LETTUCE), address(wallet));
    }

    function test_RevertGiven_TheReceivingContractDoesNotApprove() external {
        (ISupplyChain.Handover memory h, Wallet wallet) = lettuceToWallet();
        expectInvalidSignature(address(wallet));
        vm.prank(FARMER);
        chain.handover(h, "");
    }

    function lettuceToWallet() private returns (ISupplyChain.Handover memory h, Wallet wallet) {
        wallet = new Wallet();
        h = lettuceToCarrier();
        h.to = address(wallet);
    }
}
