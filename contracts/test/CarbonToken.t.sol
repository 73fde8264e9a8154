// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {CarbonToken} from "../CarbonToken.sol";
import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {SerialRanges} from "../libraries/SerialRanges.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// issue
/// ├── it should mint one unit per serial and emit CreditIssued
/// ├── when the caller has no permission: it should revert
/// ├── given the same project, vintage and batch: it should revert
/// ├── when the range is empty or starts at 0: it should revert
/// ├── when the range touches others without overlap: it should mint
/// ├── when the range overlaps another of the project: it should revert
/// └── given another project: it should mint
/// retire
/// ├── it should burn, count and emit CreditRetired with a fresh id
/// ├── when the amount is zero: it should revert
/// └── when the holder has less: it should revert
/// always: issued == tradable + retired == balances + retired
contract CarbonTokenTest is Actors {
    bytes32 private constant FOREST = keccak256("a forest");
    bytes32 private constant WIND = keccak256("a wind farm");

    CarbonToken private token;
    uint32 private batches;

    function setUp() public override {
        super.setUp();
        token = CarbonToken(deployed("CarbonToken", address(authority)));
    }

    function test_Issue_MintsOneUnitPerSerial() external {
        ICarbonToken.Issue memory i = range(FOREST, 1, 101);
        uint256 id = uint256(keccak256(abi.encode(FOREST, i.vintage, i.batch)));
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditIssued(id, FOREST, FARMER, i.vintage, i.batch, 1, 101, DOCUMENT);
        vm.assertEq(token.issue(i), id);
        vm.assertEq(token.balanceOf(FARMER, id), 100);
        assertSupply(id, 100, 0);
    }

    function test_Issue_RevertWhen_NotPermitted() external {
        ICarbonToken.Issue memory i = range(FOREST, 1, 101);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ATTACKER)
        );
        vm.prank(ATTACKER);
        token.issue(i);
    }

    function test_Issue_RevertGiven_TheSameBatch() external {
        uint256 id = token.issue(range(FOREST, 1, 101));
        ICarbonToken.Issue memory again = range(FOREST, 500, 600);
        again.batch = 0;
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.AlreadyIssued.selector, id));
        token.issue(again);
    }

    function test_Issue_RevertWhen_TheRangeHoldsNothing() external {
        expectInvalidSerials(5, 5);
        token.issue(range(FOREST, 5, 5));
        expectInvalidSerials(6, 5);
        token.issue(range(FOREST, 6, 5));
        expectInvalidSerials(0, 5);
        token.issue(range(FOREST, 0, 5));
    }

    function test_Issue_WhenRangesTouch_MintsInAnyOrder() external {
        token.issue(range(FOREST, 200, 300));
        token.issue(range(FOREST, 1, 100));
        token.issue(range(FOREST, 300, 301));
        token.issue(range(FOREST, 100, 200));
        expectSerialsTaken(150, 151, 100, 200);
        token.issue(range(FOREST, 150, 151));
    }

    function test_Issue_RevertWhen_TheRangeOverlaps(uint64 start, uint64 end) external {
        vm.assume(start > 0 && start < end && start < 200 && end > 100);
        token.issue(range(FOREST, 1_000_000, 1_000_001));
        token.issue(range(FOREST, 100, 200));
        vm.assume(end <= 1_000_000);
        expectSerialsTaken(start, end, 100, 200);
        token.issue(range(FOREST, start, end));
    }

    function test_Issue_GivenAnotherProject_Mints() external {
        token.issue(range(FOREST, 1, 101));
        uint256 id = token.issue(range(WIND, 1, 101));
        assertSupply(id, 100, 0);
    }

    /// @dev Ranges in random order against a plain list of taken serials.
    function test_Issue_AgreesWithAPlainList(uint8[12] memory starts, uint8[12] memory lengths)
        external
    {
        bool[300] memory taken;
        for (uint256 n; n < starts.length; ++n) {
            uint64 start = uint64(starts[n]) + 1;
            uint64 end = start + lengths[n] % 32 + 1;
            bool isFree = claim(taken, start, end);
            (bool done,) =
                address(token).call(abi.encodeCall(ICarbonToken.issue, (range(FOREST, start, end))));
            vm.assertTrue(done == isFree, "the contract and the list disagree");
        }
    }

    function test_Retire_BurnsAndCounts() external {
        uint256 id = token.issue(range(FOREST, 1, 101));
        vm.expectEmit(address(token));
        emit ICarbonToken.CreditRetired(id, FARMER, LETTUCE, 1, 30, RETAILER, DOCUMENT);
        vm.prank(FARMER);
        uint256 first = token.retire(id, 30, RETAILER, LETTUCE, DOCUMENT);
        vm.prank(FARMER);
        uint256 second = token.retire(id, 70, RETAILER, LETTUCE, DOCUMENT);
        vm.assertEq(first + 1, second);
        assertSupply(id, 100, 100);
    }

    function test_Retire_RevertWhen_Zero() external {
        uint256 id = token.issue(range(FOREST, 1, 101));
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.ZeroAmount.selector));
        vm.prank(FARMER);
        token.retire(id, 0, FARMER, LETTUCE, DOCUMENT);
    }

    function test_Retire_RevertWhen_TheHolderHasLess() external {
        uint256 id = token.issue(range(FOREST, 1, 101));
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, id, 60, "");
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC1155Errors.ERC1155InsufficientBalance.selector, FARMER, 40, 41, id
            )
        );
        vm.prank(FARMER);
        token.retire(id, 41, FARMER, LETTUCE, DOCUMENT);
    }

    function test_Supply_AddsUp(uint64 amount, uint64 moved, uint64 retired) external {
        amount = amount % 1_000_000 + 1;
        moved = moved % (amount + 1);
        uint256 id = token.issue(range(FOREST, 1, amount + 1));
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, id, moved, "");
        retired = retired % (moved + 1);
        if (retired > 0) {
            vm.prank(RETAILER);
            token.retire(id, retired, FARMER, LETTUCE, DOCUMENT);
        }
        assertSupply(id, amount, retired);
        uint256 held = token.balanceOf(FARMER, id) + token.balanceOf(RETAILER, id);
        vm.assertEq(held, amount - retired);
    }

    function range(bytes32 project, uint64 start, uint64 end)
        private
        returns (ICarbonToken.Issue memory)
    {
        return ICarbonToken.Issue(FARMER, project, 2026, batches++, start, end, DOCUMENT);
    }

    function claim(bool[300] memory taken, uint64 start, uint64 end) private pure returns (bool) {
        for (uint64 serial = start; serial < end; ++serial) {
            if (taken[serial]) return false;
        }
        for (uint64 serial = start; serial < end; ++serial) {
            taken[serial] = true;
        }
        return true;
    }

    function assertSupply(uint256 id, uint256 issued, uint256 retired) private view {
        (uint256 allIssued, uint256 tradable, uint256 allRetired) = token.supplyOf(id);
        vm.assertEq(allIssued, issued);
        vm.assertEq(tradable, issued - retired);
        vm.assertEq(allRetired, retired);
    }

    function expectInvalidSerials(uint64 start, uint64 end) private {
        vm.expectRevert(abi.encodeWithSelector(SerialRanges.InvalidSerials.selector, start, end));
    }

    function expectSerialsTaken(uint64 start, uint64 end, uint64 from, uint64 to) private {
        vm.expectRevert(
            abi.encodeWithSelector(SerialRanges.SerialsTaken.selector, start, end, from, to)
        );
    }
}
