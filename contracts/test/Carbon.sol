// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CarbonToken} from "../CarbonToken.sol";
import {FootprintRegistry} from "../FootprintRegistry.sol";
import {SerialRegistry} from "../SerialRegistry.sol";
import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {IFootprintRegistry} from "../interfaces/IFootprintRegistry.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// @title The token and its two registries, wired as an operator does it, and one open project
/// @dev The test contract is administrator and issuer.
abstract contract Carbon is Actors {
    bytes32 internal constant FOREST = keccak256("a forest");
    bytes32 internal constant WIND = keccak256("a wind farm");
    uint16 internal constant TENTH = 1_000; // of an issue, in basis points
    bytes16 internal constant PACT_ID = bytes16(keccak256("a UUID"));
    bytes32 internal constant STATEMENT = keccak256("a statement");
    uint16 internal constant VINTAGE = 2026;
    address internal constant CERTIFIER = address(0xCE47);

    CarbonToken internal token;
    SerialRegistry internal serials;
    FootprintRegistry internal footprints;

    function setUp() public virtual override {
        super.setUp();
        serials = SerialRegistry(deployed("SerialRegistry", address(authority)));
        footprints = FootprintRegistry(
            vm.deployCode(
                "FootprintRegistry.sol:FootprintRegistry", abi.encode(authority, registry, chain)
            )
        );
        token = CarbonToken(
            vm.deployCode("CarbonToken.sol:CarbonToken", abi.encode(authority, serials, footprints))
        );
        footprints.setRetirer(address(token), true);
        openProject(FOREST, 0);
        registry.register(FARMER, 1, "https://id.gs1.org/417/0860009999060", "Farm");
        registry.register(CERTIFIER, 4, "https://id.gs1.org/417/0860009999077", "Verifiers Ltd");
    }

    /* STORIES */

    function openProject(bytes32 project, uint16 bufferShare) internal {
        serials.assign(project, address(token));
        token.registerProject(project, DOCUMENT, bufferShare);
    }

    /// @dev For the farmer, as the next free batch of the forest.
    function range(uint64 start, uint64 end) internal view returns (ICarbonToken.Issue memory) {
        return ICarbonToken.Issue({
            to: FARMER,
            project: FOREST,
            vintage: VINTAGE,
            batch: 1,
            origin: ICarbonToken.Origin.IMMOBILISED,
            serialStart: start,
            serialEnd: end,
            hint: 0,
            metadataHash: DOCUMENT
        });
    }

    /// @dev 100 kg for the farmer.
    function issued() internal returns (uint256) {
        return token.issue(range(1, 101));
    }

    function footprint(uint32 version, uint64 kg)
        internal
        pure
        returns (IFootprintRegistry.Publication memory)
    {
        return IFootprintRegistry.Publication(LETTUCE, PACT_ID, version, kg, DOCUMENT);
    }

    /// @dev The farmer holds the lettuce and states what it emitted.
    function farmerPublishes(uint64 kg) internal {
        farmerRecords(LETTUCE);
        vm.prank(FARMER);
        footprints.publish(footprint(1, kg));
    }

    function retirement(uint256 id, uint64 amount)
        internal
        view
        returns (ICarbonToken.Retirement memory)
    {
        return ICarbonToken.Retirement({
            holder: FARMER,
            id: id,
            amount: amount,
            beneficiary: RETAILER,
            purposeHash: DOCUMENT,
            productId: 0,
            publisher: address(0),
            nonce: token.nonces(FARMER),
            deadline: DEADLINE
        });
    }

    function signRetirement(uint256 key, ICarbonToken.Retirement memory r)
        internal
        view
        returns (bytes memory)
    {
        return signature(key, retirementDigest(r));
    }

    function retirementDigest(ICarbonToken.Retirement memory r) internal view returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(token.RETIREMENT_TYPEHASH(), r));
        return digestOf(address(token), "SmartRetail360 CarbonToken", structHash);
    }

    /* ISSUES */

    /// @dev Of a project that sets a tenth aside.
    function buffered(uint64 start, uint64 end) internal returns (uint256) {
        openProject(WIND, TENTH);
        return token.issue(windRange(start, end));
    }

    function windRange(uint64 start, uint64 end)
        internal
        view
        returns (ICarbonToken.Issue memory i)
    {
        i = range(start, end);
        i.project = WIND;
    }

    function deadRange(uint64 start, uint64 end)
        internal
        view
        returns (ICarbonToken.Issue memory i)
    {
        i = range(start, end);
        i.origin = ICarbonToken.Origin.RETIRED;
    }

    /* EXPECTATIONS */

    function assertSupply(uint256 id, uint256 all, uint256 gone, uint256 void_) internal view {
        (uint256 issuedKg, uint256 tradable, uint256 retired, uint256 cancelled,) =
            token.supplyOf(id);
        vm.assertEq(issuedKg, all);
        vm.assertEq(retired, gone);
        vm.assertEq(cancelled, void_);
        vm.assertEq(tradable, all - gone - void_);
    }

    function expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSignature("AccessManagedUnauthorized(address)", caller));
    }

    function expectBalance(address holder, uint256 balance, uint256 needed, uint256 id) internal {
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC1155InsufficientBalance(address,uint256,uint256,uint256)",
                holder,
                balance,
                needed,
                id
            )
        );
    }

    function expectUnknownProject() internal {
        vm.expectRevert(abi.encodeWithSelector(ICarbonToken.UnknownProject.selector, WIND));
    }
}
