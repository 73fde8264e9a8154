// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPacking} from "../interfaces/IPacking.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {ITransformations} from "../interfaces/ITransformations.sol";
import {Vm, vm} from "./Vm.sol";

/// @title A reader who has nothing but SupplyChain's logs
/// @dev Shares no code with the contract: a model must not share what it checks. What a log may
/// not say, given those before it, is kept as `fault`.
abstract contract SupplyReplay {
    struct Told {
        bytes32 head;
        uint256 entries;
        address holder;
        uint8 recallLevel;
        bool packed;
        bytes32 parent;
        uint256 children;
    }

    bytes32[] public products;
    mapping(bytes32 product => Told) public told;
    mapping(bytes32 product => bool) private known;
    uint256 public declared;
    string public fault;

    /// @dev Takes the logs since the last call, and reads them if it succeeded.
    function replay(bool done) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (!done) return;
        for (uint256 i; i < logs.length; ++i) {
            read(logs[i]);
        }
    }

    function read(Vm.Log memory log) private {
        bytes32 name = log.topics[0];
        if (name == ISupplyChain.EventRecorded.selector) recorded(log);
        if (name == ISupplyChain.CustodyTransferred.selector) transferred(log);
        if (name == ISupplyChain.ProductRecalled.selector) recalled(log);
        if (name == ISupplyChain.RecallClosed.selector) closed(log);
        if (name == ISupplyChain.EventCorrected.selector) corrected(log);
        if (name == IPacking.ProductPacked.selector) packed(log);
        if (name == IPacking.ProductUnpacked.selector) unpacked(log);
        if (name == ITransformations.MassDeclared.selector) {
            declared += abi.decode(log.data, (uint128));
        }
    }

    /* ENTRIES */

    function recorded(Vm.Log memory log) private {
        (uint64 seq, uint64 time, uint8 kind) = abi.decode(log.data, (uint64, uint64, uint8));
        Told storage product = told[log.topics[1]];
        if (product.entries == 0) product.holder = account(log.topics[2]);
        grow(log.topics[1], seq, kind, account(log.topics[2]), address(0), log.topics[3], time);
        if (kind == 0 || kind > 15) fault = "a recorded kind that is none";
    }

    function transferred(Vm.Log memory log) private {
        (bytes32 document, uint64 seq, uint64 time) =
            abi.decode(log.data, (bytes32, uint64, uint64));
        (address from, address to) = (account(log.topics[2]), account(log.topics[3]));
        Told storage product = told[log.topics[1]];
        if (product.holder != from) fault = "given by somebody else";
        if (product.packed) fault = "given away out of its parent";
        if (product.recallLevel != 0) fault = "given away in spite of a recall";
        if (recalledInside(log.topics[1]) != 0) {
            fault = "given away with a recalled product inside";
        }
        product.holder = to;
        grow(log.topics[1], seq, 16, from, to, document, time);
    }

    function recalled(Vm.Log memory log) private {
        (uint64 seq, uint64 time, uint8 level) = abi.decode(log.data, (uint64, uint64, uint8));
        uint8 standing = told[log.topics[1]].recallLevel;
        if (standing != 0 && level > standing) fault = "a recall made milder";
        told[log.topics[1]].recallLevel = level;
        address actor = account(log.topics[2]);
        grow(log.topics[1], seq, 0x20 | level, actor, address(0), log.topics[3], time);
    }

    function closed(Vm.Log memory log) private {
        (uint64 seq, uint64 time) = abi.decode(log.data, (uint64, uint64));
        if (told[log.topics[1]].recallLevel == 0) fault = "no recall was there to close";
        told[log.topics[1]].recallLevel = 0;
        address actor = account(log.topics[2]);
        grow(log.topics[1], seq, 0x20, actor, address(0), log.topics[3], time);
    }

    function corrected(Vm.Log memory log) private {
        (uint64 seq, uint64 time, uint64 old) = abi.decode(log.data, (uint64, uint64, uint64));
        if (old == 0 || old >= seq) fault = "an entry corrected that was not there";
        address actor = account(log.topics[2]);
        grow(log.topics[1], seq, 17, actor, address(uint160(old)), log.topics[3], time);
    }

    function packed(Vm.Log memory log) private {
        (address actor, uint64 seq, uint64 time) = abi.decode(log.data, (address, uint64, uint64));
        Told storage child = told[log.topics[1]];
        bytes32 parent = log.topics[2];
        if (child.packed) fault = "a second parent";
        if (child.holder != actor || holderOf(parent) != actor) fault = "packed by a stranger";
        if (root(parent) == log.topics[1]) fault = "a product inside itself";
        if (told[parent].packed || told[parent].recallLevel != 0) {
            fault = "put into a closed parent";
        }
        (child.packed, child.parent, child.holder) = (true, parent, address(0));
        told[parent].children += 1;
        grow(log.topics[1], seq, 18, actor, low(parent), log.topics[3], time);
    }

    function unpacked(Vm.Log memory log) private {
        (address actor, uint64 seq, uint64 time) = abi.decode(log.data, (address, uint64, uint64));
        Told storage child = told[log.topics[1]];
        bytes32 parent = log.topics[2];
        if (!child.packed || child.parent != parent) fault = "taken out of another parent";
        if (holderOf(parent) != actor) fault = "taken out by a stranger";
        if (told[parent].packed || told[parent].recallLevel != 0) fault = "out of a closed parent";
        (child.packed, child.parent, child.holder) = (false, 0, actor);
        told[parent].children -= 1;
        grow(log.topics[1], seq, 19, actor, low(parent), log.topics[3], time);
    }

    function grow(
        bytes32 id,
        uint64 seq,
        uint8 kind,
        address actor,
        address counterparty,
        bytes32 document,
        uint64 time
    ) private {
        Told storage product = told[id];
        if (!known[id]) products.push(id);
        known[id] = true;
        product.entries += 1;
        if (seq != product.entries) fault = "a sequence number left out or used twice";
        bytes32 leaf = keccak256(abi.encode(kind, actor, counterparty, document, time));
        uint256 hash = uint256(keccak256(abi.encodePacked(product.head, leaf)));
        product.head = bytes32((product.entries << 192) | ((hash << 64) >> 64));
    }

    /* WHAT FOLLOWS */

    function count() external view returns (uint256) {
        return products.length;
    }

    function holderOf(bytes32 product) public view returns (address) {
        return told[root(product)].holder;
    }

    function height(bytes32 product) public view returns (uint256 steps) {
        while (told[product].packed) {
            product = told[product].parent;
            ++steps;
        }
    }

    /// @dev By looking at every product, where the contract keeps a count.
    function recalledInside(bytes32 product) public view returns (uint256 found) {
        for (uint256 i; i < products.length; ++i) {
            if (told[products[i]].recallLevel != 0 && isInside(products[i], product)) ++found;
        }
    }

    function isInside(bytes32 product, bytes32 ancestor) private view returns (bool) {
        while (told[product].packed) {
            product = told[product].parent;
            if (product == ancestor) return true;
        }
        return false;
    }

    function root(bytes32 product) private view returns (bytes32) {
        while (told[product].packed) {
            product = told[product].parent;
        }
        return product;
    }

    function account(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }

    function low(bytes32 id) private pure returns (address) {
        return address(uint160(uint256(id)));
    }
}
