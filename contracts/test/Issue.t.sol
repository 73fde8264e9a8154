// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {ISerialRegistry} from "../interfaces/ISerialRegistry.sol";
import {SerialRanges} from "../libraries/SerialRanges.sol";
import {Carbon} from "./Carbon.sol";
import {Vm, vm} from "./Vm.sol";

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
/// │   ├── given no share: it should mint once
/// │   └── nobody can move it
/// ├── while paused: it should revert, and go on after unpause
/// └── given a seal: it should revert
/// pause, unpause
/// ├── when the caller has no permission: it should revert
/// └── transfers and retirements go on
contract IssueTest is Carbon {
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

    function test_Issue_GivenNoShare_MintsOnce() external {
        vm.recordLogs();
        token.issue(range(1, 101));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 minted;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IERC1155.TransferSingle.selector) ++minted;
        }
        vm.assertEq(minted, 1);
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

    /* HELPERS */

    /// @dev The forest's serials 1 to 101.
    function expectTaken(uint64 start, uint64 end) private {
        vm.expectRevert(
            abi.encodeWithSelector(SerialRanges.SerialsTaken.selector, start, end, 1, 101)
        );
    }
}
