// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISerialRegistry} from "../interfaces/ISerialRegistry.sol";
import {SerialRanges} from "../libraries/SerialRanges.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// assign
/// ├── it should name the claimant and emit ProjectAssigned
/// ├── when the caller has no permission: it should revert
/// └── given claims: they stay, and the former claimant claims no more
/// claim
/// ├── it should take the range and emit SerialsClaimed
/// ├── when the caller is not the claimant: it should revert
/// ├── given a project that is nobody's: it should revert
/// ├── when the range is empty or starts at 0: it should revert
/// ├── when the range touches others: it should take it, in any order
/// ├── given another project: the same serials are free
/// ├── when the range overlaps another: it should revert and name that one
/// │   ├── from below, from above, inside, around and exactly
/// │   └── whatever the hint
/// └── hint
///     ├── 0: it should search from the top
///     ├── the nearest range above: it should take the range without a search
///     ├── a higher one: it should search from there
///     ├── a range below, one that is overlapped, or no range: it should revert
///     └── it never changes what is taken
/// views
/// ├── hintFor: the nearest range above, 0 when there is none
/// ├── rangeOf: the range that holds a serial, zeros when it is free
/// └── rangeEndingAt: a link of the chain
contract SerialRegistryTest is Carbon {
    uint64 private constant TOP = type(uint64).max;

    function setUp() public override {
        super.setUp();
        serials.assign(WIND, address(this));
    }

    /* ASSIGN */

    function test_Assign_NamesTheClaimant() external {
        vm.expectEmit(address(serials));
        emit ISerialRegistry.ProjectAssigned(WIND, RETAILER);
        serials.assign(WIND, RETAILER);
        vm.assertEq(serials.claimantOf(WIND), RETAILER);
    }

    function test_Assign_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        serials.assign(WIND, ATTACKER);
    }

    function test_Assign_GivenClaims_KeepsThem() external {
        serials.claim(WIND, 10, 20, 0);
        serials.assign(WIND, RETAILER);
        expectNotClaimant(RETAILER, address(this));
        serials.claim(WIND, 20, 30, 0);
        expectTaken(15, 25, 10, 20);
        vm.prank(RETAILER);
        serials.claim(WIND, 15, 25, 0);
        vm.prank(RETAILER);
        serials.claim(WIND, 20, 25, 0);
        assertRange(12, 10, 20);
    }

    /* CLAIM */

    function test_Claim_TakesTheRange() external {
        vm.expectEmit(address(serials));
        emit ISerialRegistry.SerialsClaimed(WIND, address(this), 1, 101);
        serials.claim(WIND, 1, 101, 0);
        vm.assertEq(serials.topOf(WIND), 101);
        assertRange(1, 1, 101);
        assertRange(100, 1, 101);
        assertRange(101, 0, 0);
    }

    function test_Claim_RevertWhen_TheCallerIsNotTheClaimant() external {
        expectNotClaimant(address(this), ATTACKER);
        vm.prank(ATTACKER);
        serials.claim(WIND, 1, 101, 0);
    }

    function test_Claim_RevertGiven_AProjectThatIsNobodys() external {
        bytes32 nobodys = keccak256("nobody's");
        vm.expectRevert(
            abi.encodeWithSelector(
                ISerialRegistry.NotClaimant.selector, nobodys, address(0), address(this)
            )
        );
        serials.claim(nobodys, 1, 101, 0);
    }

    function test_Claim_RevertWhen_TheRangeHoldsNothing() external {
        expectInvalid(5, 5);
        serials.claim(WIND, 5, 5, 0);
        expectInvalid(6, 5);
        serials.claim(WIND, 6, 5, 0);
        expectInvalid(0, 5);
        serials.claim(WIND, 0, 5, 0);
        serials.claim(WIND, 1, 2, 0);
        serials.claim(WIND, TOP - 1, TOP, 0);
    }

    function test_Claim_WhenRangesTouch_TakesThemInAnyOrder() external {
        serials.claim(WIND, 200, 300, 0);
        serials.claim(WIND, 1, 100, 0);
        serials.claim(WIND, 300, 301, 0);
        serials.claim(WIND, 100, 200, 0);
        assertRange(150, 100, 200);
        vm.assertEq(serials.topOf(WIND), 301);
        assertLink(301, 300, 300);
        assertLink(300, 200, 200);
        assertLink(200, 100, 100);
        assertLink(100, 1, 0);
    }

    function test_Claim_GivenAnotherProject_IsFree() external {
        serials.claim(WIND, 1, 101, 0);
        vm.prank(address(token));
        serials.claim(FOREST, 1, 101, 0);
    }

    function test_Claim_RevertWhen_TheRangeOverlaps(uint64 start, uint64 end, bool hinted)
        external
    {
        vm.assume(start > 0 && start < end && start < 200 && end > 100 && end <= 1_000);
        serials.claim(WIND, 1_000, 1_001, 0);
        serials.claim(WIND, 100, 200, 0);
        expectTaken(start, end, 100, 200);
        serials.claim(WIND, start, end, hinted ? 1_001 : 0);
    }

    function test_Claim_RevertWhen_OneSerialOverlaps() external {
        serials.claim(WIND, 100, 200, 0);
        expectTaken(99, 101, 100, 200);
        serials.claim(WIND, 99, 101, 0);
        expectTaken(199, 201, 100, 200);
        serials.claim(WIND, 199, 201, 0);
        expectTaken(100, 200, 100, 200);
        serials.claim(WIND, 100, 200, 0);
        expectTaken(150, 151, 100, 200);
        serials.claim(WIND, 150, 151, 0);
        expectTaken(1, TOP, 100, 200);
        serials.claim(WIND, 1, TOP, 0);
    }

    /* HINT */

    function test_Hint_OfTheNearestRangeAbove_TakesTheRange() external {
        threeRanges();
        serials.claim(WIND, 150, 160, 210);
        assertLink(210, 200, 160);
        assertLink(160, 150, 110);
        vm.assertEq(serials.topOf(WIND), 310);
    }

    function test_Hint_OfAHigherRange_SearchesFromThere() external {
        threeRanges();
        serials.claim(WIND, 50, 60, 310);
        assertLink(110, 100, 60);
        assertLink(60, 50, 0);
    }

    function test_Hint_MayTouchTheRange() external {
        threeRanges();
        serials.claim(WIND, 110, 200, 210);
        assertLink(200, 110, 110);
    }

    function test_Hint_RevertWhen_NotAbove() external {
        threeRanges();
        expectWrongHint(110, 260);
        serials.claim(WIND, 250, 260, 110);
        expectWrongHint(210, 205);
        serials.claim(WIND, 150, 205, 210);
        expectWrongHint(211, 160);
        serials.claim(WIND, 150, 160, 211);
        expectWrongHint(310, 330);
        serials.claim(WIND, 320, 330, 310);
    }

    function test_Hint_NeverChangesWhatIsTaken() external {
        threeRanges();
        expectTaken(105, 108, 100, 110);
        serials.claim(WIND, 105, 108, 210);
        expectTaken(150, 205, 200, 210);
        serials.claim(WIND, 150, 205, 310);
    }

    /* VIEWS */

    function test_HintFor_NamesTheNearestRangeAbove() external {
        vm.assertEq(serials.hintFor(WIND, 5), 0);
        threeRanges();
        vm.assertEq(serials.hintFor(WIND, 0), 110);
        vm.assertEq(serials.hintFor(WIND, 100), 110);
        vm.assertEq(serials.hintFor(WIND, 101), 210);
        vm.assertEq(serials.hintFor(WIND, 300), 310);
        vm.assertEq(serials.hintFor(WIND, 301), 0);
    }

    function test_RangeOf_IsZeroWhereFree() external {
        threeRanges();
        assertRange(0, 0, 0);
        assertRange(99, 0, 0);
        assertRange(100, 100, 110);
        assertRange(109, 100, 110);
        assertRange(110, 0, 0);
        assertRange(205, 200, 210);
        assertRange(TOP, 0, 0);
    }

    /// @dev Ranges in random order and with the true hint against a plain list of serials.
    function test_Claim_AgreesWithAPlainList(uint8[12] memory starts, uint8[12] memory lengths)
        external
    {
        bool[300] memory taken;
        for (uint256 n; n < starts.length; ++n) {
            uint64 start = uint64(starts[n]) + 1;
            uint64 end = start + lengths[n] % 32 + 1;
            uint64 hint = n % 2 == 0 ? 0 : serials.hintFor(WIND, end);
            bool isFree = take(taken, start, end);
            try serials.claim(WIND, start, end, hint) {
                vm.assertTrue(isFree, "a taken serial was claimed again");
            } catch {
                vm.assertTrue(!isFree, "free serials were refused");
            }
        }
        for (uint64 serial = 1; serial < 300; ++serial) {
            (, uint64 end) = serials.rangeOf(WIND, serial);
            vm.assertTrue(taken[serial] == (end != 0), "rangeOf and the list disagree");
        }
    }

    /* HELPERS */

    function threeRanges() private {
        serials.claim(WIND, 100, 110, 0);
        serials.claim(WIND, 200, 210, 0);
        serials.claim(WIND, 300, 310, 0);
    }

    function take(bool[300] memory taken, uint64 start, uint64 end) private pure returns (bool) {
        for (uint64 serial = start; serial < end; ++serial) {
            if (taken[serial]) return false;
        }
        for (uint64 serial = start; serial < end; ++serial) {
            taken[serial] = true;
        }
        return true;
    }

    function assertRange(uint64 serial, uint64 start, uint64 end) private view {
        (uint64 from, uint64 to) = serials.rangeOf(WIND, serial);
        vm.assertEq(from, start);
        vm.assertEq(to, end);
    }

    function assertLink(uint64 end, uint64 start, uint64 previous) private view {
        (uint64 from, uint64 next) = serials.rangeEndingAt(WIND, end);
        vm.assertEq(from, start);
        vm.assertEq(next, previous);
    }

    function expectNotClaimant(address claimant, address caller) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISerialRegistry.NotClaimant.selector, WIND, claimant, caller)
        );
    }

    function expectInvalid(uint64 start, uint64 end) private {
        vm.expectRevert(abi.encodeWithSelector(SerialRanges.InvalidSerials.selector, start, end));
    }

    function expectTaken(uint64 start, uint64 end, uint64 from, uint64 to) private {
        vm.expectRevert(
            abi.encodeWithSelector(SerialRanges.SerialsTaken.selector, start, end, from, to)
        );
    }

    function expectWrongHint(uint64 hint, uint64 end) private {
        vm.expectRevert(abi.encodeWithSelector(SerialRanges.WrongHint.selector, hint, end));
    }
}
