// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {DeliveryEscrow} from "../DeliveryEscrow.sol";
import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Actors} from "./Actors.sol";
import {Coin} from "./Coins.sol";
import {vm} from "./Vm.sol";

/// @dev All of SensorOracle that an escrow asks; the gas benchmark uses the real one.
contract AttestedRoots {
    mapping(bytes32 batchId => bytes32) public rootOf;

    function attest(bytes32 batchId, bytes32 root) external {
        rootOf[batchId] = root;
    }
}

/// @title A retailer who pays a farmer for lettuce that must stay cold
abstract contract Deliveries is Actors {
    address internal constant TRUCK = address(0x77C4);
    bytes32 internal constant BATCH = keccak256("readings of the truck");
    uint128 internal constant PRICE = 1_000_000;
    uint128 internal constant PENALTY = 100_000;
    uint128 internal constant CAP = 350_000;
    uint64 internal constant LAST_DAY = uint64(START + 2 days);
    uint32 internal constant INSPECTION = 1 days;
    uint32 internal constant ARBITRATION = 7 days;

    Coin internal coin;
    AttestedRoots internal roots;
    DeliveryEscrow internal escrow;

    function setUp() public virtual override {
        super.setUp();
        coin = new Coin();
        roots = new AttestedRoots();
        escrow = DeliveryEscrow(
            vm.deployCode("DeliveryEscrow.sol:DeliveryEscrow", abi.encode(chain, roots, authority))
        );
        farmerRecords(LETTUCE);
        roots.attest(BATCH, rootOfTrip());
    }

    /* TERMS */

    function terms() internal view returns (IDeliveryEscrow.Terms memory t) {
        t.buyer = RETAILER;
        t.seller = FARMER;
        t.arbiter = AUDITOR;
        t.token = address(coin);
        t.productId = LETTUCE;
        t.amount = PRICE;
        t.device = TRUCK;
        t.lowerBound = 0;
        t.upperBound = 8000;
        t.transportFrom = NOW_MS - 3_600_000;
        t.transportTo = NOW_MS + 86_400_000;
        t.penalty = PENALTY;
        t.cutBps = 500;
        t.cap = CAP;
        t.deadline = LAST_DAY;
        t.inspectionTime = INSPECTION;
        t.arbitrationTime = ARBITRATION;
    }

    function fund(IDeliveryEscrow.Terms memory t) internal returns (bytes32 id) {
        Coin(t.token).mint(t.buyer, t.amount);
        vm.prank(t.buyer);
        Coin(t.token).approve(address(escrow), t.amount);
        vm.prank(t.buyer);
        return escrow.fund(t);
    }

    function funded() internal returns (IDeliveryEscrow.Terms memory t, bytes32 id) {
        t = terms();
        id = fund(t);
    }

    function delivered() internal returns (IDeliveryEscrow.Terms memory t, bytes32 id) {
        (t, id) = funded();
        handOver(FARMER_KEY, RETAILER_KEY);
        escrow.confirm(t);
    }

    function disputed() internal returns (IDeliveryEscrow.Terms memory t, bytes32 id) {
        (t, id) = delivered();
        vm.prank(RETAILER);
        escrow.dispute(t, DOCUMENT);
    }

    /* CUSTODY */

    function handOver(uint256 giver, uint256 receiver) internal {
        ISupplyChain.Handover memory h = ISupplyChain.Handover(
            vm.addr(giver),
            vm.addr(receiver),
            LETTUCE,
            chain.head(LETTUCE),
            DOCUMENT,
            NOW_MS,
            uint64(block.timestamp)
        );
        bytes memory consent = signHandover(receiver, h);
        vm.prank(h.from);
        chain.handover(h, consent);
    }

    /* READINGS: the second and third of four lie outside the bounds */

    function value(uint64 seq) internal pure returns (int64) {
        if (seq == 2) return 9100;
        if (seq == 3) return -400;
        return seq == 1 ? int64(0) : int64(8000);
    }

    function measuredAt(uint64 seq) internal pure returns (uint64) {
        return NOW_MS - 600_000 + seq * 60_000;
    }

    function reading(uint64 seq) internal pure returns (IDeliveryEscrow.Excursion memory e) {
        bytes32[] memory proof = new bytes32[](2);
        proof[0] = leafOf(((seq - 1) ^ 1) + 1);
        proof[1] = seq < 3 ? pair(leafOf(3), leafOf(4)) : pair(leafOf(1), leafOf(2));
        return IDeliveryEscrow.Excursion(BATCH, seq, value(seq), measuredAt(seq), proof);
    }

    function leafOf(uint64 seq) internal pure returns (bytes32) {
        bytes memory encoded = abi.encode(TRUCK, seq, LETTUCE, value(seq), measuredAt(seq));
        return keccak256(abi.encodePacked(keccak256(encoded)));
    }

    function rootOfTrip() internal pure returns (bytes32) {
        return pair(pair(leafOf(1), leafOf(2)), pair(leafOf(3), leafOf(4)));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return keccak256(a < b ? abi.encodePacked(a, b) : abi.encodePacked(b, a));
    }

    function prove(IDeliveryEscrow.Terms memory t, IDeliveryEscrow.Excursion memory e) internal {
        vm.prank(RETAILER);
        escrow.proveExcursion(t, e);
    }

    /* EXPECTATIONS */

    function expectCredits(uint256 seller, uint256 buyer) internal view {
        vm.assertEq(escrow.creditOf(address(coin), FARMER), seller);
        vm.assertEq(escrow.creditOf(address(coin), RETAILER), buyer);
    }

    function statusOf(bytes32 id) internal view returns (uint256) {
        (IDeliveryEscrow.Status status,,,,,) = escrow.deliveryOf(id);
        return uint256(status);
    }

    function expectNotOpen(bytes32 id, IDeliveryEscrow.Status status) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.DeliveryNotOpen.selector, id, status)
        );
    }

    function expectTooLate(uint256 until) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.TooLate.selector, until, block.timestamp)
        );
    }

    function expectTooEarly(uint256 until) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IDeliveryEscrow.TooEarly.selector, until, block.timestamp)
        );
    }
}
