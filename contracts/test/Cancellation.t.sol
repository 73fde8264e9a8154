// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

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
contract CancellationTest is Carbon {
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

    function expectZeroAmount() private {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.ZeroAmount.selector));
    }
}
