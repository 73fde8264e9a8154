// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ActorRegistry} from "../ActorRegistry.sol";
import {Authority} from "../Authority.sol";
import {SupplyChain} from "../SupplyChain.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {vm} from "./Vm.sol";

/// @title The people of the story, a product, and a SupplyChain they use
abstract contract Actors {
    uint256 internal constant FARMER_KEY = 0xFA;
    uint256 internal constant CARRIER_KEY = 0xCA;
    uint256 internal constant RETAILER_KEY = 0xE7;
    uint256 internal constant ATTACKER_KEY = 0xBAD;
    uint256 internal constant CURVE_ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    address internal immutable FARMER = vm.addr(FARMER_KEY);
    address internal immutable CARRIER = vm.addr(CARRIER_KEY);
    address internal immutable RETAILER = vm.addr(RETAILER_KEY);
    address internal immutable ATTACKER = vm.addr(ATTACKER_KEY);
    address internal immutable AUDITOR = address(0xA0D1);
    address internal immutable REGULATOR = address(0x4E6);
    address internal immutable RELAYER = address(0x4E1A);

    bytes32 internal constant LETTUCE =
        keccak256("https://id.gs1.org/01/00860009999923/10/ABC1234");
    bytes32 internal constant SALAD = keccak256("https://id.gs1.org/01/10860009998039/10/SALAD");
    bytes32 internal constant DOCUMENT = keccak256("a document");
    bytes32 internal constant OTHER_DOCUMENT = keccak256("another document");
    uint8 internal constant OBJECT = 1;
    uint256 internal constant START = 1_800_000_000;
    uint64 internal constant NOW_MS = uint64(START * 1000);
    uint64 internal constant DEADLINE = uint64(START + 1 hours);

    Authority internal authority;
    ActorRegistry internal registry;
    SupplyChain internal chain;

    function setUp() public virtual {
        vm.warp(START);
        authority = Authority(deployed("Authority", address(this)));
        registry = ActorRegistry(deployed("ActorRegistry", address(authority)));
        chain = SupplyChain(deployed("SupplyChain", address(registry)));
        registry.register(REGULATOR, 5, "https://id.gs1.org/417/0860009999918", "Food office");
        vm.label(FARMER, "FARMER");
        vm.label(CARRIER, "CARRIER");
        vm.label(RETAILER, "RETAILER");
        vm.label(ATTACKER, "ATTACKER");
    }

    /// @dev From its artefact: what gets deployed is tested, and compiled once instead of per test.
    function deployed(string memory name, address argument) internal returns (address) {
        return vm.deployCode(string.concat(name, ".sol:", name), abi.encode(argument));
    }

    /* STORIES */

    function farmerRecords(bytes32 product) internal {
        vm.prank(FARMER);
        chain.record(product, DOCUMENT, NOW_MS, OBJECT);
    }

    function lettuceToCarrier() internal view returns (ISupplyChain.Handover memory) {
        return ISupplyChain.Handover(
            FARMER, CARRIER, LETTUCE, chain.head(LETTUCE), DOCUMENT, NOW_MS, DEADLINE
        );
    }

    function farmersRecord() internal view returns (ISupplyChain.Record memory) {
        return ISupplyChain.Record(
            FARMER, LETTUCE, chain.head(LETTUCE), DOCUMENT, NOW_MS, OBJECT, DEADLINE
        );
    }

    function handOver(bytes32 product, address from, address to, uint256 toKey) internal {
        ISupplyChain.Handover memory h = ISupplyChain.Handover(
            from, to, product, chain.head(product), DOCUMENT, NOW_MS, DEADLINE
        );
        bytes memory consent = signHandover(toKey, h);
        vm.prank(from);
        chain.handover(h, consent);
    }

    function list(bytes32 only) internal pure returns (bytes32[] memory products) {
        products = new bytes32[](1);
        products[0] = only;
    }

    function list(bytes32 first, bytes32 second) internal pure returns (bytes32[] memory products) {
        products = new bytes32[](2);
        (products[0], products[1]) = (first, second);
    }

    /// @dev The head after one more entry about DOCUMENT at NOW_MS, from the specification.
    function grown(bytes32 before, uint8 kind, address actor, address counterparty)
        internal
        pure
        returns (bytes32)
    {
        bytes32 leaf = keccak256(abi.encode(kind, actor, counterparty, DOCUMENT, NOW_MS));
        uint256 hash = uint256(keccak256(abi.encodePacked(before, leaf)));
        return bytes32((((uint256(before) >> 192) + 1) << 192) | ((hash << 64) >> 64));
    }

    /* SIGNATURES */

    function digestOf(address verifier, string memory name, bytes32 structHash)
        internal
        view
        returns (bytes32)
    {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function signStruct(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        return signature(key, digestOf(address(chain), "SmartRetail360 SupplyChain", structHash));
    }

    function signRecord(uint256 key, ISupplyChain.Record memory r)
        internal
        view
        returns (bytes memory)
    {
        return signStruct(key, keccak256(abi.encode(chain.RECORD_TYPEHASH(), r)));
    }

    function signHandover(uint256 key, ISupplyChain.Handover memory h)
        internal
        view
        returns (bytes memory)
    {
        return signStruct(key, keccak256(abi.encode(chain.HANDOVER_TYPEHASH(), h)));
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The other signature over the same digest that ecrecover accepts.
    function malleated(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, CURVE_ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
    }

    /* EXPECTATIONS */

    function expectStaleHead(bytes32 product, bytes32 expected) internal {
        bytes32 actual = chain.head(product);
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.StaleHead.selector, product, expected, actual)
        );
    }

    function expectNotCustodian(bytes32 product, address custodian, address actor) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.NotCustodian.selector, product, custodian, actor)
        );
    }

    function expectRecalled(bytes32 product, uint8 level) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.ProductIsRecalled.selector, product, level)
        );
    }

    function expectPacked(bytes32 product, bytes32 parent) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ISupplyChain.ProductIsPacked.selector, product, parent)
        );
    }

    function expectExpired(uint256 timestamp) internal {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.Expired.selector, DEADLINE, timestamp));
    }

    function expectInvalidSignature(address account) internal {
        vm.expectRevert(abi.encodeWithSelector(ISupplyChain.InvalidSignature.selector, account));
    }
}
