// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {IFootprintRegistry} from "../interfaces/IFootprintRegistry.sol";
import {SerialRanges} from "../libraries/SerialRanges.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// @title A receiver that retires what it is sent, at once and again
contract Hasty {
    function onERC1155Received(address, address, uint256 id, uint256 amount, bytes calldata)
        external
        returns (bytes4)
    {
        ICarbonToken(msg.sender).retire(id, amount, address(this), 0);
        // A second time there is nothing left.
        (bool again,) =
            msg.sender.call(abi.encodeCall(ICarbonToken.retire, (id, 1, address(this), 0)));
        require(!again, "the same kilogram was retired twice");
        return this.onERC1155Received.selector;
    }
}

/// @title What went wrong elsewhere, tried here
contract CarbonAttacksTest is Carbon {
    /// @dev Toucan bridged batches whose serial ranges overlapped: one tonne, two tokens.
    function test_OverlappingSerials_Toucan() external {
        issued();
        ICarbonToken.Issue memory second = range(51, 151);
        second.batch = 2;
        vm.expectRevert(abi.encodeWithSelector(SerialRanges.SerialsTaken.selector, 51, 151, 1, 101));
        token.issue(second);
        // Nor by way of another vintage, or as retired elsewhere.
        (second.vintage, second.origin) = (2025, ICarbonToken.Origin.RETIRED);
        vm.expectRevert(abi.encodeWithSelector(SerialRanges.SerialsTaken.selector, 51, 151, 1, 101));
        token.issue(second);
    }

    /// @dev Retired registry serials were turned into tradable tokens until Verra forbade it.
    function test_TokensOfRetiredSerials_Verra() external {
        ICarbonToken.Issue memory dead = range(1, 101);
        dead.origin = ICarbonToken.Origin.RETIRED;
        uint256 id = token.issue(dead);
        expectBalance(FARMER, 0, 1, id);
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, id, 1, "");
        dead.origin = ICarbonToken.Origin.IMMOBILISED;
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.BatchDiffers.selector, id));
        token.issue(dead);
    }

    /// @dev One footprint, compensated by two parties: the second is refused, also after the number
    /// was corrected under a new PACT id.
    function test_DoubleClaim_OfOneFootprint() external {
        uint256 id = issued();
        farmerPublishes(40);
        vm.startPrank(FARMER);
        token.safeTransferFrom(FARMER, RETAILER, id, 50, "");
        token.retireAgainst(id, 40, FARMER, DOCUMENT, LETTUCE, FARMER);
        footprints.publish(
            IFootprintRegistry.Publication(LETTUCE, bytes16(uint128(7)), 2, 40, OTHER_DOCUMENT)
        );
        vm.stopPrank();
        vm.expectRevert(
            abi.encodeWithSelector(
                IFootprintRegistry.FootprintExceeded.selector, LETTUCE, FARMER, 40, 40, 1
            )
        );
        vm.prank(RETAILER);
        token.retireAgainst(id, 1, RETAILER, DOCUMENT, LETTUCE, FARMER);
    }

    /// @dev The same kilogram retired twice, from inside the transfer.
    function test_DoubleClaim_ByReentrancy() external {
        uint256 id = issued();
        Hasty hasty = new Hasty();
        vm.prank(FARMER);
        token.safeTransferFrom(FARMER, address(hasty), id, 30, "");
        assertSupply(id, 100, 30, 0);
        vm.assertEq(token.balanceOf(address(hasty), id), 0);
        ICarbonToken.Issue memory i = range(101, 111);
        i.to = address(hasty);
        token.issue(i);
        assertSupply(id, 110, 40, 0);
    }
}
