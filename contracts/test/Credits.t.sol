// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {ISerialRegistry} from "../interfaces/ISerialRegistry.sol";
import {SerialRanges} from "../libraries/SerialRanges.sol";
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
/// issue
/// ├── it should mint one unit per serial, claim the serials and emit CreditIssued
/// ├── it should lead to the document by its IPFS address
/// ├── when the caller has no permission: it should revert
/// ├── when the origin is neither immobilised nor retired: it should revert
/// ├── when the document is missing: it should revert
/// ├── given an unknown project: it should revert
/// ├── given a project whose serials are another's to claim: it should revert
/// ├── given taken serials: it should revert
/// ├── given the credit
/// │   ├── with the same document and origin: it should add to it
/// │   ├── with another document: it should revert
/// │   └── with another origin: it should revert
/// ├── origin RETIRED
/// │   ├── it should count as retired and mint nothing
/// │   └── it should take the serials all the same
/// ├── buffer
/// │   ├── it should set the share aside, to the kilogram of a large issue, rounded up
/// │   └── nobody can move it
/// ├── while paused: it should revert, and go on after unpause
/// └── given a seal: it should revert
/// sealProject, sealBatch
/// ├── it should emit and show
/// ├── when the caller has no permission: it should revert
/// ├── given an unknown project or credit: it should revert
/// └── given the seal: it should revert
/// pause, unpause
/// ├── when the caller has no permission: it should revert
/// └── transfers and retirements go on
/// cancel
/// ├── it should burn the caller's own, count and emit CreditCancelled
/// ├── when the caller has no permission: it should revert
/// ├── when the amount is zero: it should revert
/// └── when the caller has less: it should revert
/// reversal
/// ├── it should cancel from the buffer, of any project, and emit ReversalRecorded
/// ├── when the caller has no permission: it should revert
/// ├── given an unknown project: it should revert
/// ├── when ids and amounts differ in number, or are none: it should revert
/// └── when the buffer holds less: it should revert
contract CreditsTest is Carbon {
    uint16 private constant TENTH = 1_000;

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

    /* ISSUE */

    function test_Issue_MintsOneUnitPerSerial() external {
        uint256 id = uint256(keccak256(abi.encode(FOREST, VINTAGE, uint32(1))));
        vm.expectEmit(address(serials));
        emit ISerialRegistry.SerialsClaimed(FOREST, address(token), 1, 101);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditIssued(
            id, FOREST, FARMER, VINTAGE, 1, 1, 101, DOCUMENT, ICarbonToken.Origin.IMMOBILISED
        );
        vm.expectEmit(address(token));
        emit IERC1155.TransferSingle(address(this), address(0), FARMER, id, 100);
        vm.assertEq(issued(), id);
        vm.assertEq(token.creditId(FOREST, VINTAGE, 1), id);
        vm.assertEq(token.balanceOf(FARMER, id), 100);
        assertSupply(id, 100, 0, 0);
        (bytes32 document, ICarbonToken.Origin origin, bool isSealed) = token.batchOf(id);
        vm.assertEq(document, DOCUMENT);
        vm.assertEq(uint256(origin), 1);
        vm.assertTrue(!isSealed, "a new credit is open");
    }

    function test_Issue_LeadsToItsDocument() external {
        ICarbonToken.Issue memory i = range(1, 2);
        i.metadataHash = 0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff;
        string memory address_ = "ipfs://f0155122000112233445566778899aabbccddeeff"
            "00112233445566778899aabbccddeeff";
        uint256 id = token.creditId(FOREST, VINTAGE, 1);
        vm.assertEq(token.uri(id), "");
        vm.expectEmit(address(token));
        emit IERC1155.URI(address_, id);
        token.issue(i);
        vm.assertEq(token.uri(id), address_);
    }

    function test_Issue_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.issue(range(1, 101));
    }

    function test_Issue_RevertWhen_TheOriginIsNone() external {
        ICarbonToken.Issue memory i = range(1, 101);
        i.origin = ICarbonToken.Origin.NONE;
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.InvalidOrigin.selector, FOREST));
        token.issue(i);
    }

    function test_Issue_RevertWhen_TheDocumentIsMissing() external {
        ICarbonToken.Issue memory i = range(1, 101);
        i.metadataHash = 0;
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.MissingMetadata.selector, FOREST));
        token.issue(i);
    }

    function test_Issue_RevertGiven_AnUnknownProject() external {
        expectUnknownProject();
        token.issue(windRange(1, 101));
    }

    function test_Issue_RevertGiven_SerialsOfAnother() external {
        token.registerProject(WIND, DOCUMENT, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISerialRegistry.NotClaimant.selector, WIND, address(0), address(token)
            )
        );
        token.issue(windRange(1, 101));
    }

    function test_Issue_RevertGiven_TakenSerials() external {
        issued();
        ICarbonToken.Issue memory i = range(100, 200);
        i.batch = 2;
        expectTaken(100, 200);
        token.issue(i);
    }

    function test_Issue_GivenTheCredit_AddsToIt() external {
        uint256 id = issued();
        ICarbonToken.Issue memory i = range(501, 551);
        (i.to, i.hint) = (RETAILER, 0);
        vm.assertEq(token.issue(i), id);
        vm.assertEq(token.balanceOf(FARMER, id), 100);
        vm.assertEq(token.balanceOf(RETAILER, id), 50);
        assertSupply(id, 150, 0, 0);
    }

    function test_Issue_RevertGiven_AnotherDocumentOfTheCredit() external {
        uint256 id = issued();
        ICarbonToken.Issue memory i = range(101, 102);
        i.metadataHash = OTHER_DOCUMENT;
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.BatchDiffers.selector, id));
        token.issue(i);
    }

    function test_Issue_RevertGiven_AnotherOriginOfTheCredit() external {
        uint256 id = issued();
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.BatchDiffers.selector, id));
        token.issue(deadRange(101, 102));
    }

    /* ORIGIN */

    function test_Issue_WhenRetiredAtOrigin_MintsNothing() external {
        openProject(WIND, TENTH);
        ICarbonToken.Issue memory i = deadRange(1, 101);
        i.project = WIND;
        uint256 id = token.creditId(WIND, VINTAGE, 1);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(id, FARMER, 0, 1, 100, FARMER, 0);
        token.issue(i);
        vm.assertEq(token.balanceOf(FARMER, id), 0);
        vm.assertEq(token.balanceOf(address(token), id), 0);
        assertSupply(id, 100, 100, 0);
        (i.serialStart, i.serialEnd) = (101, 111);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(id, FARMER, 0, 101, 10, FARMER, 0);
        token.issue(i);
        assertSupply(id, 110, 110, 0);
    }

    function test_Issue_WhenRetiredAtOrigin_TakesTheSerials() external {
        token.issue(deadRange(1, 101));
        ICarbonToken.Issue memory i = range(1, 101);
        i.batch = 2;
        expectTaken(1, 101);
        token.issue(i);
    }

    /* BUFFER */

    function test_Issue_SetsTheShareAside() external {
        uint256 id = buffered(1, 101);
        vm.assertEq(token.balanceOf(FARMER, id), 90);
        vm.assertEq(token.balanceOf(address(token), id), 10);
        (uint256 all, uint256 tradable,,, uint256 aside) = token.supplyOf(id);
        vm.assertEq(all, 100);
        vm.assertEq(tradable, 100);
        vm.assertEq(aside, 10);
    }

    function test_Issue_SetsTheShareOfALargeIssueAsideToTheKilogram() external {
        uint256 id = buffered(1, 1_000_000_001);
        vm.assertEq(token.balanceOf(address(token), id), 100_000_000);
    }

    function test_Issue_RoundsTheShareUp() external {
        uint256 id = buffered(1, 12);
        vm.assertEq(token.balanceOf(address(token), id), 2);
        token.issue(windRange(12, 13));
        vm.assertEq(token.balanceOf(address(token), id), 3);
        vm.assertEq(token.balanceOf(FARMER, id), 9);
    }

    function test_Buffer_NobodyMovesIt() external {
        uint256 id = buffered(1, 101);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC1155Errors.ERC1155MissingApprovalForAll.selector, address(this), address(token)
            )
        );
        token.safeTransferFrom(address(token), FARMER, id, 1, "");
        expectBalance(address(this), 0, 1, id);
        token.cancel(id, 1, DOCUMENT);
    }

    function test_Buffer_TakesNothingFromHolders() external {
        uint256 id = buffered(1, 101);
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(token))
        );
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, address(token), id, 1, "");
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

    /* PAUSE */

    function test_Pause_StopsIssuing() external {
        token.pause();
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        token.issue(range(1, 101));
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        token.pause();
        token.unpause();
        issued();
        vm.expectRevert(abi.encodeWithSelector(Pausable.ExpectedPause.selector));
        token.unpause();
    }

    function test_Pause_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.pause();
        token.pause();
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.unpause();
    }

    function test_Pause_HoldersMoveAndRetireAllTheSame() external {
        uint256 id = issued();
        farmerPublishes(10);
        token.pause();
        vm.startPrank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, id, 10, "");
        token.retire(id, 10, FARMER, DOCUMENT);
        token.retireAgainst(id, 10, FARMER, DOCUMENT, LETTUCE, FARMER);
        vm.stopPrank();
        ICarbonToken.Retirement memory r = retirement(id, 5);
        token.retireFor(r, signRetirement(FARMER_KEY, r));
        assertSupply(id, 100, 25, 0);
    }

    /* CANCEL */

    function test_Cancel_BurnsTheCallersOwn() external {
        uint256 id = issued();
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, AUDITOR, id, 40, "");
        permitCancelling(AUDITOR);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditCancelled(id, AUDITOR, DOCUMENT, 30);
        vm.prank(AUDITOR);
        token.cancel(id, 30, DOCUMENT);
        vm.assertEq(token.balanceOf(AUDITOR, id), 10);
        assertSupply(id, 100, 0, 30);
        vm.prank(AUDITOR);
        token.cancel(id, 10, DOCUMENT);
        assertSupply(id, 100, 0, 40);
    }

    function test_Cancel_RevertWhen_NotPermitted() external {
        uint256 id = issued();
        expectUnauthorized(FARMER);
        vm.prank(FARMER);
        token.cancel(id, 1, DOCUMENT);
    }

    function test_Cancel_RevertWhen_Zero() external {
        uint256 id = issued();
        expectZeroAmount();
        token.cancel(id, 0, DOCUMENT);
    }

    function test_Cancel_RevertWhen_TheCallerHasLess() external {
        uint256 id = issued();
        expectBalance(address(this), 0, 1, id);
        token.cancel(id, 1, DOCUMENT);
    }

    /* REVERSAL */

    function test_Reversal_CancelsFromTheBufferOfAnyProject() external {
        uint256 id = buffered(1, 101);
        ICarbonToken.Issue memory second = windRange(101, 301);
        second.batch = 2;
        uint256 other = token.issue(second);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditCancelled(id, address(token), DOCUMENT, 7);
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditCancelled(other, address(token), DOCUMENT, 20);
        vm.expectEmit(address(token));
        emit ICarbonToken.ReversalRecorded(FOREST, DOCUMENT, 27);
        token.reversal(FOREST, pair(id, other), pair(7, 20), DOCUMENT);
        assertSupply(id, 100, 0, 7);
        assertSupply(other, 200, 0, 20);
        vm.assertEq(token.balanceOf(address(token), id), 3);
        vm.assertEq(token.balanceOf(address(token), other), 0);
    }

    function test_Reversal_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        token.reversal(FOREST, pair(1, 2), pair(1, 1), DOCUMENT);
    }

    function test_Reversal_RevertGiven_AnUnknownProject() external {
        expectUnknownProject();
        token.reversal(WIND, pair(1, 2), pair(1, 1), DOCUMENT);
    }

    function test_Reversal_RevertWhen_TheNumbersDiffer() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidArrayLength.selector, 2, 0)
        );
        token.reversal(FOREST, pair(1, 2), new uint256[](0), DOCUMENT);
    }

    function test_Reversal_RevertWhen_NothingIsListed() external {
        expectZeroAmount();
        token.reversal(FOREST, new uint256[](0), new uint256[](0), DOCUMENT);
    }

    function test_Reversal_RevertWhen_TheBufferHoldsLess() external {
        uint256 id = buffered(1, 101);
        expectBalance(address(token), 3, 4, id);
        token.reversal(WIND, pair(id, id), pair(7, 4), DOCUMENT);
    }

    /* HELPERS */

    /// @dev Of a project that sets a tenth aside.
    function buffered(uint64 start, uint64 end) private returns (uint256) {
        openProject(WIND, TENTH);
        return token.issue(windRange(start, end));
    }

    function windRange(uint64 start, uint64 end)
        private
        view
        returns (ICarbonToken.Issue memory i)
    {
        i = range(start, end);
        i.project = WIND;
    }

    function deadRange(uint64 start, uint64 end)
        private
        view
        returns (ICarbonToken.Issue memory i)
    {
        i = range(start, end);
        i.origin = ICarbonToken.Origin.RETIRED;
    }

    function permitCancelling(address account) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = ICarbonToken.cancel.selector;
        authority.setTargetFunctionRole(address(token), selectors, 77);
        authority.grantRole(77, account, 0);
    }

    function pair(uint256 one, uint256 two) private pure returns (uint256[] memory both) {
        both = new uint256[](2);
        (both[0], both[1]) = (one, two);
    }

    function expectUnknownProject() private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.UnknownProject.selector, WIND));
    }

    function expectProjectIsSealed() private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.ProjectIsSealed.selector, FOREST));
    }

    function expectBatchIsSealed(uint256 id) private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.BatchIsSealed.selector, id));
    }

    function expectZeroAmount() private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.ZeroAmount.selector));
    }

    /// @dev The forest's serials 1 to 101.
    function expectTaken(uint64 start, uint64 end) private {
        vm.expectRevert(
            abi.encodeWithSelector(SerialRanges.SerialsTaken.selector, start, end, 1, 101)
        );
    }
}
