// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SupplyActions} from "./SupplyActions.sol";
import {vm} from "./Vm.sol";

/// @title What stays true of SupplyChain whatever people do in any order
/// @dev Compared with a reader of the logs; see SupplyReplay.
contract InvariantsTest {
    SupplyActions private actions;

    function setUp() external {
        actions = new SupplyActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_AHeadIsTheFoldOfItsEvents() external view {
        for (uint256 i; i < actions.count(); ++i) {
            bytes32 product = actions.products(i);
            (bytes32 head,,,,,,) = actions.told(product);
            vm.assertEq(actions.supplyChain().head(product), head);
        }
    }

    function invariant_TheCustodianIsTheOneHolderTheEventsName() external view {
        for (uint256 i; i < actions.count(); ++i) {
            bytes32 product = actions.products(i);
            address holder = actions.holderOf(product);
            vm.assertTrue(holder != address(0), "a product nobody holds");
            vm.assertEq(actions.supplyChain().custodianOf(product), holder);
        }
    }

    function invariant_RecallsAndContentAreWhatTheEventsSay() external view {
        for (uint256 i; i < actions.count(); ++i) {
            bytes32 product = actions.products(i);
            (,,, uint8 level,, bytes32 parent, uint256 children) = actions.told(product);
            (uint256 counted, uint256 recalled) = actions.supplyChain().contentOf(product);
            vm.assertEq(uint256(actions.supplyChain().recallLevelOf(product)), level);
            vm.assertEq(actions.supplyChain().parentOf(product), parent);
            vm.assertEq(counted, children);
            vm.assertEq(recalled, actions.recalledInside(product));
            vm.assertTrue(actions.height(product) <= 4, "packed too high");
        }
    }

    function invariant_MassIsNeverCreated() external view {
        uint256 left;
        for (uint256 i; i < actions.count(); ++i) {
            (uint128 made, uint128 remaining) = actions.supplyChain().massOf(actions.products(i));
            vm.assertTrue(remaining <= made, "more left than was made");
            left += remaining;
        }
        vm.assertTrue(left <= actions.declared(), "more left than was declared");
    }

    /// @dev Also: no nonce is used twice, nothing recalled changes hands, nobody gives or takes out
    /// what another holds, no sequence number is left out. SupplyReplay and SupplyActions say which.
    function invariant_NoLogContradictsTheOnesBefore() external view {
        string memory fault = actions.fault();
        vm.assertTrue(bytes(fault).length == 0, fault);
    }
}
