// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// registerProject
/// ├── it should keep document and buffer share and emit ProjectRegistered
/// ├── when the caller has no permission: it should revert
/// ├── when the document is missing: it should revert
/// ├── when the buffer share is above half: it should revert
/// └── given the project: it should revert
/// describeVintage
/// ├── it should keep the document and emit VintageDescribed
/// ├── when the caller has no permission: it should revert
/// ├── when the document is missing: it should revert
/// ├── given an unknown project: it should revert
/// └── given the vintage: it should revert
/// sealProject, sealBatch
/// ├── it should emit and show
/// ├── when the caller has no permission: it should revert
/// ├── given an unknown project or credit: it should revert
/// └── given the seal: it should revert
contract ProjectsTest is Carbon {
    /* PROJECTS */

    function test_RegisterProject_KeepsDocumentAndShare() external {
        vm.expectEmit(address(token));
        emit ICarbonToken.ProjectRegistered(WIND, DOCUMENT, 5_000);
        token.registerProject(WIND, DOCUMENT, 5_000);
        (bytes32 document, uint16 share, bool isSealed) = token.projectOf(WIND);
        vm.assertEq(document, DOCUMENT);
        vm.assertEq(share, 5_000);
        vm.assertTrue(!isSealed, "a new project is open");
    }

    function test_RegisterProject_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.registerProject(WIND, DOCUMENT, 0);
    }

    function test_RegisterProject_RevertWhen_TheDocumentIsMissing() external {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.MissingMetadata.selector, WIND));
        token.registerProject(WIND, 0, 0);
    }

    function test_RegisterProject_RevertWhen_TheShareIsAboveHalf() external {
        vm.expectRevert(
            abi.encodeWithSelector(ICarbonToken.InvalidBufferShare.selector, 5_001, 5_000)
        );
        token.registerProject(WIND, DOCUMENT, 5_001);
    }

    function test_RegisterProject_RevertGiven_TheProject() external {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.ProjectExists.selector, FOREST));
        token.registerProject(FOREST, OTHER_DOCUMENT, 0);
    }

    function test_DescribeVintage_KeepsTheDocument() external {
        vm.expectEmit(address(token));
        emit ICarbonToken.VintageDescribed(FOREST, VINTAGE, DOCUMENT);
        token.describeVintage(FOREST, VINTAGE, DOCUMENT);
        vm.assertEq(token.vintageOf(FOREST, VINTAGE), DOCUMENT);
        vm.assertEq(token.vintageOf(FOREST, VINTAGE + 1), bytes32(0));
    }

    function test_DescribeVintage_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.describeVintage(FOREST, VINTAGE, DOCUMENT);
    }

    function test_DescribeVintage_RevertWhen_TheDocumentIsMissing() external {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.MissingMetadata.selector, FOREST));
        token.describeVintage(FOREST, VINTAGE, 0);
    }

    function test_DescribeVintage_RevertGiven_AnUnknownProject() external {
        expectUnknownProject();
        token.describeVintage(WIND, VINTAGE, DOCUMENT);
    }

    function test_DescribeVintage_RevertGiven_TheVintage() external {
        token.describeVintage(FOREST, VINTAGE, DOCUMENT);
        vm.expectRevert(
            abi.encodeWithSelector(ICarbonToken.VintageExists.selector, FOREST, VINTAGE)
        );
        token.describeVintage(FOREST, VINTAGE, OTHER_DOCUMENT);
    }

    /* SEAL */

    function test_SealProject_EndsIssuing() external {
        uint256 id = issued();
        vm.expectEmit(address(token));
        emit ICarbonToken.ProjectSealed(FOREST);
        token.sealProject(FOREST);
        (,, bool isSealed) = token.projectOf(FOREST);
        vm.assertTrue(isSealed, "sealed");
        expectProjectIsSealed();
        token.issue(range(101, 201));
        expectProjectIsSealed();
        token.sealProject(FOREST);
        vm.prank(FARMER);
        token.retire(id, 100, FARMER, DOCUMENT);
    }

    function test_SealProject_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.sealProject(FOREST);
    }

    function test_SealProject_RevertGiven_AnUnknownProject() external {
        expectUnknownProject();
        token.sealProject(WIND);
    }

    function test_SealBatch_EndsIssuingOfTheCredit() external {
        uint256 id = issued();
        vm.expectEmit(address(token));
        emit ICarbonToken.BatchSealed(id);
        token.sealBatch(id);
        (,, bool isSealed) = token.batchOf(id);
        vm.assertTrue(isSealed, "sealed");
        expectBatchIsSealed(id);
        token.issue(range(101, 201));
        expectBatchIsSealed(id);
        token.sealBatch(id);
        ICarbonToken.Issue memory other = range(101, 201);
        other.batch = 2;
        token.issue(other);
    }

    function test_SealBatch_RevertWhen_NotPermitted() external {
        uint256 id = issued();
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.sealBatch(id);
    }

    function test_SealBatch_RevertGiven_AnUnknownCredit() external {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.UnknownCredit.selector, 7));
        token.sealBatch(7);
    }

    /* HELPERS */

    function expectProjectIsSealed() private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.ProjectIsSealed.selector, FOREST));
    }

    function expectBatchIsSealed(uint256 id) private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.BatchIsSealed.selector, id));
    }
}
