// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {IFootprintRegistry} from "../interfaces/IFootprintRegistry.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// @title What holders, the issuer and publishers do with credits, in any order
/// @dev The fuzzer calls the actions; beside the contracts stands a plain list of taken serials and
/// plain sums, which share no code with what they check.
contract CarbonActions is Carbon {
    uint64 public constant SERIALS_END = 440;

    mapping(uint64 serial => bool) public taken;
    uint256[] public ids;
    mapping(uint256 id => uint256) public issuedKg;
    mapping(uint256 id => uint256) public retiredKg;
    mapping(uint256 id => uint256) public cancelledKg;
    mapping(uint256 id => bool) public known;
    mapping(uint256 id => bool) public dead;
    uint256 public compensated;
    uint256 public highestFootprint;
    bool public disagreed;
    uint32 private version;

    constructor() {
        super.setUp();
        openProject(WIND, 1_000);
        farmerPublishes(50);
        (version, highestFootprint) = (1, 50);
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    function count() external view returns (uint256) {
        return ids.length;
    }

    /* ACTIONS */

    function issue(uint16 from, uint8 length, uint8 batch, bool isDead, bool hinted) external {
        ICarbonToken.Issue memory i = range(from % 400, from % 400 + length % 40);
        (i.project, i.batch, i.to) = (WIND, batch % 4, person(batch));
        i.origin = isDead ? ICarbonToken.Origin.RETIRED : ICarbonToken.Origin.IMMOBILISED;
        if (hinted) i.hint = serials.hintFor(WIND, i.serialEnd);
        uint256 id = token.creditId(WIND, VINTAGE, i.batch);
        bool allowed = isFree(i.serialStart, i.serialEnd) && (!known[id] || dead[id] == isDead);
        vm.prank(address(this));
        try token.issue(i) {
            if (!allowed) disagreed = true;
            remember(id, i, isDead);
        } catch {
            if (allowed) disagreed = true;
        }
    }

    function move(uint8 from, uint8 to, uint8 which, uint16 amount) external {
        if (ids.length == 0) return;
        vm.prank(person(from));
        try token.safeTransferFrom(
            person(from), person(to), ids[which % ids.length], amount % 50, ""
        ) {}
            catch {}
    }

    function retire(uint8 who, uint8 which, uint16 amount) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        vm.prank(person(who));
        try token.retire(id, amount % 50, RETAILER, DOCUMENT) returns (uint256 firstKg) {
            if (firstKg != retiredKg[id] + 1) disagreed = true;
            retiredKg[id] += amount % 50;
        } catch {}
    }

    function retireAgainst(uint8 who, uint8 which, uint16 amount) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        vm.prank(person(who));
        try token.retireAgainst(id, amount % 50, RETAILER, DOCUMENT, LETTUCE, FARMER) {
            retiredKg[id] += amount % 50;
            compensated += amount % 50;
            // At this moment, under the version in force.
            (uint64 kg, uint64 retired,,,) = footprints.footprintOf(LETTUCE, FARMER);
            if (retired > kg) disagreed = true;
        } catch {}
    }

    function retireMany(uint8 who, uint8 which, uint8 first, uint8 second) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        ICarbonToken.Portion[] memory portions = new ICarbonToken.Portion[](2);
        portions[0] = ICarbonToken.Portion(first % 20, FARMER, DOCUMENT, 0, address(0));
        portions[1] = ICarbonToken.Portion(second % 20, FARMER, DOCUMENT, LETTUCE, FARMER);
        vm.prank(person(who));
        try token.retireMany(id, portions) {
            retiredKg[id] += uint256(first % 20) + second % 20;
            compensated += second % 20;
        } catch {}
    }

    function retireFor(uint8 which, uint8 amount, uint8 nonce) external {
        if (ids.length == 0) return;
        ICarbonToken.Retirement memory r = retirement(ids[which % ids.length], amount % 30);
        r.nonce = nonce % 4 == 0 ? r.nonce + 1 : r.nonce; // one in four must be refused
        try token.retireFor(r, signRetirement(FARMER_KEY, r)) {
            if (nonce % 4 == 0) disagreed = true;
            retiredKg[r.id] += r.amount;
        } catch {}
    }

    function cancel(uint8 which, uint16 amount, uint8 from) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        vm.prank(person(from));
        try token.safeTransferFrom(person(from), address(this), id, amount % 30, "") {} catch {}
        try token.cancel(id, amount % 30, DOCUMENT) {
            cancelledKg[id] += amount % 30;
        } catch {}
    }

    function reverse(uint8 which, uint8 amount) external {
        if (ids.length == 0) return;
        (uint256[] memory list, uint256[] memory amounts) = (new uint256[](1), new uint256[](1));
        (list[0], amounts[0]) = (ids[which % ids.length], amount % 8);
        try token.reversal(WIND, list, amounts, DOCUMENT) {
            cancelledKg[list[0]] += amounts[0];
        } catch {}
    }

    function restate(uint16 kg) external {
        vm.prank(FARMER);
        footprints.publish(
            IFootprintRegistry.Publication(LETTUCE, PACT_ID, ++version, kg % 500, DOCUMENT)
        );
        if (kg % 500 > highestFootprint) highestFootprint = kg % 500;
    }

    /* READINGS */

    function onERC1155Received(address, address, uint256, uint256, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return this.onERC1155Received.selector;
    }

    function supply(uint256 id) external view returns (uint256[4] memory s) {
        (s[0], s[1], s[2], s[3],) = token.supplyOf(id);
    }

    function balances(uint256 id) external view returns (uint256 sum) {
        for (uint8 n; n < 4; ++n) {
            sum += token.balanceOf(person(n), id);
        }
        return sum + token.balanceOf(address(token), id) + token.balanceOf(address(this), id);
    }

    function footprintState() external view returns (uint256 kg, uint256 retired) {
        (kg, retired,,,) = footprints.footprintOf(LETTUCE, FARMER);
    }

    function isTaken(uint64 serial) external view returns (bool) {
        (, uint64 end) = serials.rangeOf(WIND, serial);
        return end != 0;
    }

    /// @dev Walks the chain of ranges downwards; each must end where or before the last one began.
    function rangesDescend() external view returns (bool) {
        uint64 end = serials.topOf(WIND);
        uint64 limit = type(uint64).max;
        while (end != 0) {
            (uint64 start, uint64 next) = serials.rangeEndingAt(WIND, end);
            if (start == 0 || start >= end || end > limit) return false;
            (limit, end) = (start, next);
        }
        return true;
    }

    /* MODEL */

    function isFree(uint64 start, uint64 end) private view returns (bool) {
        if (start == 0 || start >= end) return false;
        for (uint64 serial = start; serial < end; ++serial) {
            if (taken[serial]) return false;
        }
        return true;
    }

    function remember(uint256 id, ICarbonToken.Issue memory i, bool isDead) private {
        if (!known[id]) ids.push(id);
        (known[id], dead[id]) = (true, isDead);
        for (uint64 serial = i.serialStart; serial < i.serialEnd; ++serial) {
            taken[serial] = true;
        }
        issuedKg[id] += i.serialEnd - i.serialStart;
        if (isDead) retiredKg[id] += i.serialEnd - i.serialStart;
    }

    function person(uint8 who) private view returns (address) {
        return [FARMER, CARRIER, RETAILER, ATTACKER][who % 4];
    }
}

contract CarbonInvariantsTest {
    CarbonActions private actions;

    function setUp() external {
        actions = new CarbonActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_KilogramsAreConserved() external view {
        for (uint256 n; n < actions.count(); ++n) {
            uint256 id = actions.ids(n);
            uint256[4] memory s = actions.supply(id);
            vm.assertEq(s[0], actions.issuedKg(id));
            vm.assertEq(s[2], actions.retiredKg(id));
            vm.assertEq(s[3], actions.cancelledKg(id));
            vm.assertEq(s[0], s[1] + s[2] + s[3]);
            vm.assertEq(s[1], actions.balances(id));
        }
    }

    function invariant_SerialsRetiredAtTheirOriginAreNeverHeld() external view {
        for (uint256 n; n < actions.count(); ++n) {
            uint256 id = actions.ids(n);
            if (actions.dead(id)) vm.assertEq(actions.balances(id), 0);
        }
    }

    function invariant_SerialRangesAreDisjointAndThoseThatWereIssued() external view {
        vm.assertTrue(actions.rangesDescend(), "ranges overlap or are out of order");
        for (uint64 serial = 1; serial <= actions.SERIALS_END(); serial += 7) {
            vm.assertTrue(
                actions.isTaken(serial) == actions.taken(serial), "another serial is taken"
            );
        }
    }

    function invariant_RetiredNeverExceedsTheFootprint() external view {
        (uint256 kg, uint256 retired) = actions.footprintState();
        vm.assertEq(retired, actions.compensated());
        vm.assertLe(retired, actions.highestFootprint());
        vm.assertLe(kg, actions.highestFootprint());
    }

    function invariant_TheContractsDoWhatThePlainModelSays() external view {
        vm.assertTrue(!actions.disagreed(), "the contracts and the model disagree");
    }
}
