// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISensorOracle} from "../interfaces/ISensorOracle.sol";
import {Workers} from "./Workers.sol";
import {vm} from "./Vm.sol";

/// verifyReading
/// ├── given each reading of an attested batch and its proof: it should be true
/// ├── given a changed field, another proof or another batch: it should be false
/// └── given no such batch: it should be false
contract VerifyReadingTest is Workers {
    ISensorOracle.Reading[4] private readings;
    bytes32 private batch;

    function setUp() public override {
        super.setUp();
        for (uint64 i; i < 4; ++i) {
            readings[i] = ISensorOracle.Reading(CARRIER, i + 1, LETTUCE, 3900 + int64(i), NOW_MS);
        }
        ISensorOracle.Report memory r = coldTruck();
        r.root = parent(parent(leaf(0), leaf(1)), parent(leaf(2), leaf(3)));
        batch = r.batchId;
        oracle.report(r, signed(r, 0, 1));
    }

    function test_GivenAReadingAndItsProof_IsTrue() external view {
        for (uint256 i; i < 4; ++i) {
            vm.assertTrue(oracle.verifyReading(batch, readings[i], proofOf(i)), "not found");
        }
    }

    function test_GivenAChangedField_IsFalse(uint8 which, uint8 field) external view {
        ISensorOracle.Reading memory reading = readings[which % 4];
        field = field % 5;
        if (field == 0) reading.device = ATTACKER;
        if (field == 1) reading.seq += 1;
        if (field == 2) reading.productId = SALAD;
        if (field == 3) reading.value -= 1;
        if (field == 4) reading.measuredAt += 1;
        vm.assertTrue(
            !oracle.verifyReading(batch, reading, proofOf(which % 4)), "a changed reading was found"
        );
    }

    function test_GivenAnotherProof_IsFalse() external view {
        vm.assertTrue(!oracle.verifyReading(batch, readings[0], proofOf(1)), "wrong proof");
        vm.assertTrue(!oracle.verifyReading(batch, readings[0], new bytes32[](0)), "no proof");
        bytes32[] memory tooShort = new bytes32[](1);
        tooShort[0] = leaf(1);
        vm.assertTrue(!oracle.verifyReading(batch, readings[0], tooShort), "a node is no root");
    }

    function test_GivenNoSuchBatch_IsFalse() external view {
        vm.assertTrue(!oracle.verifyReading(DOCUMENT, readings[0], proofOf(0)), "no batch");
    }

    function proofOf(uint256 i) private view returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        proof[0] = leaf(i ^ 1);
        proof[1] = i < 2 ? parent(leaf(2), leaf(3)) : parent(leaf(0), leaf(1));
    }

    function leaf(uint256 i) private view returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(readings[i]))));
    }

    function parent(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return keccak256(a < b ? abi.encodePacked(a, b) : abi.encodePacked(b, a));
    }
}
