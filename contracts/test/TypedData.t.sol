// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SensorOracle} from "../SensorOracle.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// @title What wallets are shown, word for word
/// @dev The other tests ask the contract for its type hashes, so a changed one would sign and verify
/// all the same, and lock out every wallet that was built for the old text.
///
/// it should hash each struct's text as published
/// it should name itself and its version to wallets
contract TypedDataTest is Carbon {
    SensorOracle private oracle;

    function setUp() public override {
        super.setUp();
        oracle = SensorOracle(deployed("SensorOracle", address(authority)));
    }

    function test_Record() external view {
        bytes32 told = keccak256(
            "Record(address actor,bytes32 productId,bytes32 prevHead,bytes32 dataHash,"
            "uint64 occurredAt,uint8 kind,uint64 deadline)"
        );
        vm.assertEq(chain.RECORD_TYPEHASH(), told);
    }

    function test_RecordBatch() external view {
        bytes32 told = keccak256(
            "RecordBatch(address actor,bytes32[] productIds,bytes32[] prevHeads,"
            "bytes32 dataHash,uint64 occurredAt,uint8 kind,uint64 deadline)"
        );
        vm.assertEq(chain.RECORD_BATCH_TYPEHASH(), told);
    }

    function test_Handover() external view {
        bytes32 told = keccak256(
            "Handover(address from,address to,bytes32 productId,bytes32 prevHead,"
            "bytes32 dataHash,uint64 occurredAt,uint64 deadline)"
        );
        vm.assertEq(chain.HANDOVER_TYPEHASH(), told);
    }

    function test_Recall() external view {
        bytes32 told = keccak256(
            "Recall(address actor,bytes32 productId,bytes32 prevHead,bytes32 noticeHash,"
            "uint64 occurredAt,uint8 level,uint64 deadline)"
        );
        vm.assertEq(chain.RECALL_TYPEHASH(), told);
    }

    function test_UnorderedRecord() external view {
        bytes32 told = keccak256(
            "UnorderedRecord(address actor,bytes32 productId,uint256 nonce,"
            "bytes32 dataHash,uint64 occurredAt,uint8 kind,uint64 deadline)"
        );
        vm.assertEq(chain.UNORDERED_RECORD_TYPEHASH(), told);
    }

    function test_Correction() external view {
        bytes32 told = keccak256(
            "Correction(address actor,bytes32 productId,bytes32 prevHead,"
            "uint64 correctedSeq,bytes32 dataHash,uint64 occurredAt,uint64 deadline)"
        );
        vm.assertEq(chain.CORRECTION_TYPEHASH(), told);
    }

    function test_Report() external view {
        bytes32 told = keccak256(
            "Report(bytes32 batchId,bytes32 productId,address device,bytes32 root,"
            "bytes32 manifestHash,int64 median,int64 minimum,int64 maximum,"
            "int64 lowerBound,int64 upperBound,uint32 count,uint32 excursions,"
            "uint64 fromTime,uint64 toTime,bytes32 configDigest)"
        );
        vm.assertEq(oracle.REPORT_TYPEHASH(), told);
    }

    function test_Retirement() external view {
        bytes32 told = keccak256(
            "Retirement(address holder,uint256 id,uint64 amount,address beneficiary,"
            "bytes32 purposeHash,bytes32 productId,address publisher,uint256 nonce,"
            "uint64 deadline)"
        );
        vm.assertEq(token.RETIREMENT_TYPEHASH(), told);
    }

    function test_Domain() external view {
        (, string memory name, string memory version,, address contract_,,) = chain.eip712Domain();
        vm.assertEq(keccak256(bytes(name)), keccak256("SmartRetail360 SupplyChain"));
        vm.assertEq(keccak256(bytes(version)), keccak256("1"));
        vm.assertEq(contract_, address(chain));
        (, name, version,, contract_,,) = oracle.eip712Domain();
        vm.assertEq(keccak256(bytes(name)), keccak256("SmartRetail360 SensorOracle"));
        vm.assertEq(keccak256(bytes(version)), keccak256("1"));
        vm.assertEq(contract_, address(oracle));
        (, name, version,, contract_,,) = token.eip712Domain();
        vm.assertEq(keccak256(bytes(name)), keccak256("SmartRetail360 CarbonToken"));
        vm.assertEq(keccak256(bytes(version)), keccak256("1"));
        vm.assertEq(contract_, address(token));
    }
}
