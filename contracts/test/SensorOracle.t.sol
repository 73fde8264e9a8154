// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {SensorOracle} from "../SensorOracle.sol";
import {ISensorOracle} from "../interfaces/ISensorOracle.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// setConfig
/// ├── it should start an epoch with a digest of its own
/// ├── when the caller has no permission: it should revert
/// ├── when the threshold is 0 or out of reach: it should revert
/// └── when signers do not ascend: it should revert
/// report
/// ├── given k signatures in ascending order: it should attest and name the signers
/// ├── given the batch is attested: it should revert
/// ├── given another epoch or no configuration: it should revert
/// ├── when too few, repeated, unsorted, malleable or foreign signatures: it should revert
/// ├── when a field was changed after signing: it should revert
/// ├── when the statistics contradict each other: it should revert
/// └── when signed for another chain: it should revert
contract SensorOracleTest is Actors {
    SensorOracle private oracle;
    uint256[] private keys; // of the workers, ascending by address
    address[] private workers;

    function setUp() public override {
        super.setUp();
        oracle = SensorOracle(deployed("SensorOracle", address(authority)));
        keys = [uint256(11), 12, 13];
        sortKeys();
        for (uint256 i; i < keys.length; ++i) {
            workers.push(vm.addr(keys[i]));
        }
        oracle.setConfig(workers, 2);
    }

    function test_Config_StartsAnEpoch() external {
        bytes32 first = oracle.configDigest();
        vm.assertEq(first, keccak256(abi.encode(block.chainid, oracle, 1, workers, uint8(2))));
        oracle.setConfig(workers, 2);
        vm.assertEq(oracle.epoch(), 2);
        vm.assertTrue(oracle.configDigest() != first, "the digest names the epoch");
    }

    function test_Config_RevertWhen_NotPermitted() external {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ATTACKER)
        );
        vm.prank(ATTACKER);
        oracle.setConfig(workers, 2);
    }

    function test_Config_RevertWhen_TheThresholdIsOutOfReach(uint8 threshold) external {
        vm.assume(threshold == 0 || threshold > 3);
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.InvalidConfig.selector, 3, threshold));
        oracle.setConfig(workers, threshold);
    }

    function test_Config_RevertWhen_SignersDoNotAscend() external {
        workers[1] = workers[0];
        expectUnsorted(workers[0], workers[0]);
        oracle.setConfig(workers, 2);
        workers[0] = address(0);
        expectUnsorted(address(0), address(0));
        oracle.setConfig(workers, 2);
    }

    function test_Report_AttestsAndNamesTheSigners() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 0, 2);
        vm.expectEmit(address(oracle));
        emitAttested(r, 5);
        vm.prank(RELAYER);
        oracle.report(r, signatures);
        vm.assertEq(oracle.rootOf(r.batchId), r.root);
    }

    function test_Report_RevertGiven_TheBatchIsAttested() external {
        ISensorOracle.Report memory r = coldTruck();
        oracle.report(r, signed(r, 0, 1));
        r.root = OTHER_DOCUMENT;
        bytes[] memory signatures = signed(r, 1, 2);
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.AlreadyAttested.selector, r.batchId));
        oracle.report(r, signatures);
    }

    function test_Report_RevertGiven_AnotherEpoch() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 0, 1);
        oracle.setConfig(workers, 2);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISensorOracle.StaleConfig.selector, oracle.configDigest(), r.configDigest
            )
        );
        oracle.report(r, signatures);
    }

    function test_Report_RevertGiven_NoConfiguration() external {
        oracle = SensorOracle(deployed("SensorOracle", address(authority)));
        ISensorOracle.Report memory r = coldTruck();
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.TooFewSignatures.selector, 0, 0));
        oracle.report(r, new bytes[](0));
    }

    function test_Report_RevertWhen_TooFewSigned() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = signature(keys[0], reportDigest(r));
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.TooFewSignatures.selector, 1, 2));
        oracle.report(r, signatures);
    }

    function test_Report_RevertWhen_OneSignedTwice() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 1, 1);
        expectUnsorted(workers[1], workers[1]);
        oracle.report(r, signatures);
    }

    function test_Report_RevertWhen_Unsorted() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 2, 0);
        expectUnsorted(workers[2], workers[0]);
        oracle.report(r, signatures);
    }

    function test_Report_RevertWhen_AStrangerSigned() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 0, 1);
        signatures[1] = signature(ATTACKER_KEY, reportDigest(r));
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.UnknownSigner.selector, ATTACKER));
        oracle.report(r, signatures);
    }

    function test_Report_RevertWhen_ASignatureIsMalleable() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 0, 1);
        signatures[1] = malleated(keys[1], reportDigest(r));
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.UnknownSigner.selector, address(0)));
        oracle.report(r, signatures);
    }

    function test_Report_RevertWhen_AFieldWasChanged(uint8 field) external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 0, 1);
        field = field % 7;
        if (field == 0) r.batchId = OTHER_DOCUMENT;
        if (field == 1) r.productId = SALAD;
        if (field == 2) r.device = ATTACKER;
        if (field == 3) r.root = OTHER_DOCUMENT;
        if (field == 4) r.median += 1;
        if (field == 5) r.excursions -= 1;
        if (field == 6) r.manifestHash = OTHER_DOCUMENT;
        (bool done,) = address(oracle).call(abi.encodeCall(ISensorOracle.report, (r, signatures)));
        vm.assertTrue(!done, "a changed report was attested");
    }

    function test_Report_RevertWhen_Contradictory(uint8 field) external {
        ISensorOracle.Report memory r = coldTruck();
        field = field % 7;
        if (field == 0) r.count = 0;
        if (field == 1) r.excursions = r.count + 1;
        if (field == 2) r.minimum = r.median + 1;
        if (field == 3) r.maximum = r.median - 1;
        if (field == 4) r.lowerBound = r.upperBound + 1;
        if (field == 5) r.fromTime = r.toTime + 1;
        if (field == 6) r.root = 0;
        bytes[] memory signatures = signed(r, 0, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISensorOracle.InconsistentReport.selector, r.batchId)
        );
        oracle.report(r, signatures);
    }

    function test_Report_RevertWhen_SignedForAnotherChain() external {
        ISensorOracle.Report memory r = coldTruck();
        bytes[] memory signatures = signed(r, 0, 1);
        vm.chainId(1);
        (bool done,) = address(oracle).call(abi.encodeCall(ISensorOracle.report, (r, signatures)));
        vm.assertTrue(!done, "a report for another chain was attested");
    }

    function coldTruck() private view returns (ISensorOracle.Report memory) {
        return ISensorOracle.Report({
            batchId: keccak256("batch"),
            productId: LETTUCE,
            device: CARRIER,
            root: DOCUMENT,
            manifestHash: DOCUMENT,
            median: 3900,
            minimum: -200,
            maximum: 8700,
            lowerBound: 0,
            upperBound: 8000,
            count: 100,
            excursions: 3,
            fromTime: NOW_MS - 600_000,
            toTime: NOW_MS,
            configDigest: oracle.configDigest()
        });
    }

    function reportDigest(ISensorOracle.Report memory r) private view returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(oracle.REPORT_TYPEHASH(), r));
        return digestOf(address(oracle), "SmartRetail360 SensorOracle", structHash);
    }

    function signed(ISensorOracle.Report memory r, uint256 first, uint256 second)
        private
        view
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](2);
        signatures[0] = signature(keys[first], reportDigest(r));
        signatures[1] = signature(keys[second], reportDigest(r));
    }

    function emitAttested(ISensorOracle.Report memory r, uint256 bitmap) private {
        ISensorOracle.Attestation memory a = ISensorOracle.Attestation({
            root: r.root,
            manifestHash: r.manifestHash,
            median: r.median,
            minimum: r.minimum,
            maximum: r.maximum,
            lowerBound: r.lowerBound,
            upperBound: r.upperBound,
            count: r.count,
            excursions: r.excursions,
            fromTime: r.fromTime,
            toTime: r.toTime,
            epoch: 1,
            signerBitmap: bitmap
        });
        emit ISensorOracle.BatchAttested(r.batchId, r.productId, r.device, a);
    }

    function sortKeys() private {
        for (uint256 i; i < keys.length; ++i) {
            for (uint256 j = i + 1; j < keys.length; ++j) {
                if (vm.addr(keys[i]) > vm.addr(keys[j])) {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                }
            }
        }
    }

    function expectUnsorted(address previous, address next) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISensorOracle.UnsortedSigners.selector, previous, next)
        );
    }
}
