// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {History} from "../libraries/History.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// @title Whatever four people do in any order, a head is the fold of what the events say
/// @dev The fuzzer calls the four actions; each keeps a model of what readers would compute.
contract Actions is Actors {
    bytes32[2] public products = [LETTUCE, SALAD];
    mapping(bytes32 product => bytes32) public folded;
    mapping(bytes32 product => address) public holder;
    mapping(bytes32 product => uint256) public entries;

    constructor() {
        super.setUp();
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    function head(bytes32 product) external view returns (bytes32) {
        return chain.head(product);
    }

    function custodian(bytes32 product) external view returns (address) {
        return chain.custodianOf(product);
    }

    function record(uint8 who, uint8 what, bytes32 document, uint8 kind) external {
        (address actor, bytes32 product) = (person(who), products[what % 2]);
        kind = kind % 18; // beyond 15 it must be refused
        vm.prank(actor);
        try chain.record(product, document, NOW_MS, kind) {
            if (holder[product] == address(0)) holder[product] = actor;
            grow(product, History.leaf(kind, actor, address(0), document, NOW_MS));
        } catch {}
    }

    function relay(uint8 who, uint8 what, bytes32 document) external {
        bytes32 product = products[what % 2];
        ISupplyChain.Record memory r = ISupplyChain.Record(
            person(who), product, chain.head(product), document, NOW_MS, OBJECT, DEADLINE
        );
        bytes memory consent = signRecord(key(who), r);
        try chain.recordSigned(r, consent) {
            if (holder[product] == address(0)) holder[product] = r.actor;
            grow(product, History.leaf(OBJECT, r.actor, address(0), document, NOW_MS));
        } catch {}
    }

    function handover(uint8 giver, uint8 receiver, uint8 what, bytes32 document) external {
        bytes32 product = products[what % 2];
        ISupplyChain.Handover memory h = ISupplyChain.Handover(
            person(giver),
            person(receiver),
            product,
            chain.head(product),
            document,
            NOW_MS,
            DEADLINE
        );
        bytes memory consent = signHandover(key(receiver), h);
        vm.prank(h.from);
        try chain.handover(h, consent) {
            holder[product] = h.to;
            grow(product, History.leaf(History.HANDOVER, h.from, h.to, document, NOW_MS));
        } catch {}
    }

    function recall(uint8 who, uint8 what, bytes32 notice, uint8 level) external {
        (address actor, bytes32 product) = (person(who), products[what % 2]);
        level = level % 5; // 0 and 4 must be refused
        vm.prank(actor);
        try chain.recall(product, notice, NOW_MS, level) {
            grow(product, History.leaf(0x20 | level, actor, address(0), notice, NOW_MS));
        } catch {}
    }

    /// @dev Written out, not History.grow: a model must not share the code it checks.
    function grow(bytes32 product, bytes32 leaf) private {
        entries[product] += 1;
        uint256 hash = uint256(keccak256(abi.encodePacked(folded[product], leaf)));
        folded[product] = bytes32((entries[product] << 192) | ((hash << 64) >> 64));
    }

    function key(uint8 who) private pure returns (uint256) {
        return [FARMER_KEY, CARRIER_KEY, RETAILER_KEY, ATTACKER_KEY][who % 4];
    }

    function person(uint8 who) private view returns (address) {
        return [FARMER, CARRIER, RETAILER, ATTACKER][who % 4];
    }
}

contract InvariantsTest {
    Actions private actions;

    function setUp() external {
        actions = new Actions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_AHeadIsTheFoldOfItsEvents() external view {
        for (uint256 i; i < 2; ++i) {
            bytes32 product = actions.products(i);
            vm.assertEq(actions.head(product), actions.folded(product));
        }
    }

    function invariant_TheCustodianIsWhoTheEventsSay() external view {
        for (uint256 i; i < 2; ++i) {
            bytes32 product = actions.products(i);
            vm.assertEq(actions.custodian(product), actions.holder(product));
        }
    }
}
