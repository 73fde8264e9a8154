// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {SensorOracle} from "../SensorOracle.sol";
import {ISensorOracle} from "../interfaces/ISensorOracle.sol";
import {Workers} from "./Workers.sol";
import {vm} from "./Vm.sol";

/// setConfig
/// ├── it should start an epoch with a digest and signers of its own
/// ├── given 31 signers: it should keep them all
/// ├── when the caller has no permission: it should revert
/// ├── when there are more than 31 signers: it should revert
/// ├── when the threshold is 0 or out of reach: it should revert
/// └── when signers do not ascend: it should revert
/// signers, configDigest
/// └── given no configuration: they should be empty
contract OracleConfigTest is Workers {
    function test_StartsAnEpoch() external {
        bytes32 first = oracle.configDigest();
        vm.assertEq(first, keccak256(abi.encode(block.chainid, oracle, 1, workers, uint8(2))));
        bytes32 second = keccak256(abi.encode(block.chainid, oracle, 2, workers, uint8(3)));
        vm.expectEmit(address(oracle));
        emit ISensorOracle.ConfigSet(2, second, workers, 3);
        oracle.setConfig(workers, 3);
        vm.assertEq(oracle.epoch(), 2);
        vm.assertEq(oracle.threshold(), 3);
        vm.assertEq(oracle.configDigest(), second);
    }

    function test_Given31Signers_KeepsThemAll() external {
        hire(31);
        oracle.setConfig(workers, 31);
        vm.assertEq(keccak256(abi.encode(oracle.signers())), keccak256(abi.encode(workers)));
    }

    function test_TheSignersCodeCannotRun() external {
        bytes32 digest = oracle.configDigest();
        bytes memory packed = abi.encodePacked(workers[0], workers[1], workers[2]);
        bytes memory code = abi.encodePacked(
            hex"61", uint16(33 + packed.length), hex"80600a3d393df300", digest, packed
        );
        address at = address(
            uint160(
                uint256(
                    keccak256(abi.encodePacked(hex"ff", address(oracle), digest, keccak256(code)))
                )
            )
        );
        vm.assertEq(keccak256(at.code), keccak256(abi.encodePacked(hex"00", digest, packed)));
        (bool done, bytes memory answer) = at.call(hex"12345678");
        vm.assertTrue(done && answer.length == 0, "code stops at its first byte");
    }

    function test_RevertWhen_NotPermitted() external {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ATTACKER)
        );
        vm.prank(ATTACKER);
        oracle.setConfig(workers, 2);
    }

    function test_RevertWhen_ThereAreMoreThan31() external {
        hire(32);
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.InvalidConfig.selector, 32, 2));
        oracle.setConfig(workers, 2);
    }

    function test_RevertWhen_TheThresholdIsOutOfReach(uint8 threshold) external {
        vm.assume(threshold == 0 || threshold > 3);
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.InvalidConfig.selector, 3, threshold));
        oracle.setConfig(workers, threshold);
    }

    function test_RevertWhen_SignersDoNotAscend() external {
        workers[1] = workers[0];
        expectUnsorted(workers[0], workers[0]);
        oracle.setConfig(workers, 2);
        workers[0] = address(0);
        expectUnsorted(address(0), address(0));
        oracle.setConfig(workers, 2);
    }

    function test_GivenNoConfiguration_IsEmpty() external {
        oracle = SensorOracle(deployed("SensorOracle", address(authority)));
        vm.assertEq(oracle.configDigest(), bytes32(0));
        vm.assertEq(oracle.signers().length, 0);
        vm.assertEq(oracle.epoch(), 0);
    }

    function expectUnsorted(address previous, address next) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISensorOracle.UnsortedSigners.selector, previous, next)
        );
    }
}

/// report
/// ├── given k signatures in ascending order: it should attest and name the signers
/// ├── given 11 of 31 signed: it should attest
/// ├── given the batch is attested: it should revert
/// ├── given another epoch or no configuration: it should revert
/// ├── when too few, repeated, unsorted, malleable or foreign signatures: it should revert
/// ├── when a field was changed after signing: it should revert
/// ├── when a value does not fit its type: it should revert
/// ├── when the statistics contradict each other: it should revert
/// ├── when the last reading is ahead of the block: it should revert beyond a clock's skew
/// └── when signed for another chain or contract: it should revert
contract ReportTest is Workers {
    function test_AttestsAndNamesTheSigners() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 2);
        vm.expectEmit(address(oracle));
        emitAttested(r, 5);
        vm.prank(RELAYER);
        oracle.report(r, signatures);
        vm.assertEq(oracle.rootOf(r.batchId), r.root);
    }

    function test_Given11Of31_Attests() external {
        hire(31);
        oracle.setConfig(workers, 11);
        ISensorOracle.Report memory r = coldTruck();
        oracle.report(r, signedBy(11, r));
        vm.assertEq(oracle.rootOf(r.batchId), r.root);
    }

    function test_RevertGiven_TheBatchIsAttested() external {
        ISensorOracle.Report memory r = coldTruck();
        oracle.report(r, signed(r, 0, 1));
        r.root = OTHER_DOCUMENT;
        ISensorOracle.Signature[] memory signatures = signed(r, 1, 2);
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.AlreadyAttested.selector, r.batchId));
        oracle.report(r, signatures);
    }

    function test_RevertGiven_AnotherEpoch() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        oracle.setConfig(workers, 2);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISensorOracle.StaleConfig.selector, oracle.configDigest(), r.configDigest
            )
        );
        oracle.report(r, signatures);
    }

    function test_RevertGiven_NoConfiguration() external {
        oracle = SensorOracle(deployed("SensorOracle", address(authority)));
        ISensorOracle.Report memory r = coldTruck();
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.TooFewSignatures.selector, 0, 0));
        oracle.report(r, new ISensorOracle.Signature[](0));
    }

    function test_RevertWhen_TooFewSigned() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signedBy(1, r);
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.TooFewSignatures.selector, 1, 2));
        oracle.report(r, signatures);
    }

    function test_RevertWhen_OneSignedTwice() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 1, 1);
        expectUnsorted(workers[1], workers[1]);
        oracle.report(r, signatures);
    }

    function test_RevertWhen_Unsorted() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 2, 0);
        expectUnsorted(workers[2], workers[0]);
        oracle.report(r, signatures);
    }

    function test_RevertWhen_AStrangerSigned() external {
        ISensorOracle.Report memory r = coldTruck();
        address last = workers[2];
        // Before, between and after the signers, all of whom but one are asked.
        for (uint256 key = 1000; key < 1040; ++key) {
            address stranger = vm.addr(key);
            ISensorOracle.Signature[] memory signatures = signed(r, 0, 2);
            uint256 place = stranger < last ? 0 : 1;
            signatures[place] = compact(key, reportDigest(r));
            vm.expectRevert(abi.encodeWithSelector(ISensorOracle.UnknownSigner.selector, stranger));
            oracle.report(r, signatures);
        }
    }

    function test_RevertWhen_ASignatureIsMalleable() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        // The high s fits the 255 bits that EIP-2098 leaves; flipping its parity would be the
        // malleated signature.
        uint256 s = uint256(signatures[1].vs) & (type(uint256).max >> 1);
        signatures[1].vs = bytes32(CURVE_ORDER - s);
        expectUnknownOrUnsorted(r, signatures);
    }

    function test_RevertWhen_ASignatureIsEmpty() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        signatures[0] = ISensorOracle.Signature(0, 0);
        vm.expectRevert(abi.encodeWithSelector(ISensorOracle.UnknownSigner.selector, address(0)));
        oracle.report(r, signatures);
    }

    function test_RevertWhen_AFieldWasChanged(uint8 field) external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        field = field % 14;
        if (field == 0) r.batchId = OTHER_DOCUMENT;
        if (field == 1) r.productId = SALAD;
        if (field == 2) r.device = ATTACKER;
        if (field == 3) r.root = OTHER_DOCUMENT;
        if (field == 4) r.median += 1;
        if (field == 5) r.excursions -= 1;
        if (field == 6) r.manifestHash = OTHER_DOCUMENT;
        if (field == 7) r.minimum -= 1;
        if (field == 8) r.maximum += 1;
        if (field == 9) r.lowerBound -= 1;
        if (field == 10) r.upperBound += 1;
        if (field == 11) r.count += 1;
        if (field == 12) r.fromTime -= 1;
        if (field == 13) r.toTime -= 1;
        (bool done,) = address(oracle).call(abi.encodeCall(ISensorOracle.report, (r, signatures)));
        vm.assertTrue(!done, "a changed report was attested");
    }

    function test_RevertWhen_Contradictory(uint8 field) external {
        ISensorOracle.Report memory r = coldTruck();
        field = field % 7;
        if (field == 0) r.count = 0;
        if (field == 1) r.excursions = r.count + 1;
        if (field == 2) r.minimum = r.median + 1;
        if (field == 3) r.maximum = r.median - 1;
        if (field == 4) r.lowerBound = r.upperBound + 1;
        if (field == 5) r.fromTime = r.toTime + 1;
        if (field == 6) r.root = 0;
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISensorOracle.InconsistentReport.selector, r.batchId)
        );
        oracle.report(r, signatures);
    }

    function test_AttestsAtEveryEdgeOfConsistency() external {
        ISensorOracle.Report memory r = measured(OTHER_DOCUMENT, 3900, NOW_MS);
        (r.lowerBound, r.upperBound) = (3900, 3900);
        (r.count, r.excursions) = (1, 1);
        oracle.report(r, signed(r, 0, 1));
        vm.assertEq(oracle.rootOf(r.batchId), r.root);
    }

    function test_WhenAheadByAClocksSkew_Attests() external {
        ISensorOracle.Report memory r = coldTruck();
        r.toTime = NOW_MS + 300_999;
        oracle.report(r, signed(r, 0, 1));
        vm.assertEq(oracle.rootOf(r.batchId), r.root);
    }

    function test_RevertWhen_AheadOfTheBlock() external {
        ISensorOracle.Report memory r = coldTruck();
        r.toTime = NOW_MS + 301_000;
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISensorOracle.MeasuredInFuture.selector, r.toTime, START)
        );
        oracle.report(r, signatures);
    }

    /// @dev Signed with the stray bits in it, as the contract hashes the report's bytes as they come.
    function test_RevertWhen_AFieldOverflows(uint8 field) external {
        ISensorOracle.Report memory r = coldTruck();
        field = [2, 5, 6, 7, 8, 9, 10, 11, 12, 13][field % 10];
        bytes memory words = abi.encode(r);
        words[32 * uint256(field)] = 0x80;
        bytes32 structHash = keccak256(bytes.concat(oracle.REPORT_TYPEHASH(), words));
        bytes32 digest = digestOf(address(oracle), "SmartRetail360 SensorOracle", structHash);
        ISensorOracle.Signature[] memory signatures = new ISensorOracle.Signature[](2);
        signatures[0] = compact(keys[0], digest);
        signatures[1] = compact(keys[1], digest);
        bytes memory data = abi.encodeCall(ISensorOracle.report, (r, signatures));
        data[4 + 32 * uint256(field)] = 0x80;
        (bool done, bytes memory answer) = address(oracle).call(data);
        vm.assertTrue(!done && answer.length == 0, "a value beyond its type was attested");
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        vm.chainId(1);
        expectUnknownOrUnsorted(r, signatures);
    }

    function test_RevertWhen_SignedForAnotherContract() external {
        ISensorOracle.Report memory r = coldTruck();
        ISensorOracle.Signature[] memory signatures = signed(r, 0, 1);
        oracle = SensorOracle(vm.deployCode("SensorOracle.sol:SensorOracle", abi.encode(authority)));
        oracle.setConfig(workers, 2);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISensorOracle.StaleConfig.selector, oracle.configDigest(), r.configDigest
            )
        );
        oracle.report(r, signatures);
    }

    function expectUnsorted(address previous, address next) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISensorOracle.UnsortedSigners.selector, previous, next)
        );
    }

    /// @dev Recovering from another digest or signature gives somebody, nobody knows who.
    function expectUnknownOrUnsorted(
        ISensorOracle.Report memory r,
        ISensorOracle.Signature[] memory signatures
    ) private {
        (bool done, bytes memory answer) =
            address(oracle).call(abi.encodeCall(ISensorOracle.report, (r, signatures)));
        bytes4 reason = bytes4(answer);
        vm.assertTrue(
            !done
                && (reason == ISensorOracle.UnknownSigner.selector
                    || reason == ISensorOracle.UnsortedSigners.selector),
            "signatures of others must not attest"
        );
        vm.assertEq(oracle.rootOf(r.batchId), bytes32(0));
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
}
