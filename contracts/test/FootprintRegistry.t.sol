// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IFootprintRegistry} from "../interfaces/IFootprintRegistry.sol";
import {ISupplyChain} from "../interfaces/ISupplyChain.sol";
import {Carbon} from "./Carbon.sol";
import {vm} from "./Vm.sol";

/// publish
/// ├── it should put the footprint in force and emit FootprintPublished
/// ├── when the caller is no supplier, carrier or retailer: it should revert
/// ├── given a revoked publisher: it should revert
/// ├── when the document is missing: it should revert
/// ├── first version
/// │   ├── when the caller does not hold the product: it should revert
/// │   └── when the version is 0: it should revert
/// └── later version
///     ├── it should replace the footprint, and keep what was retired
///     ├── it should go on after the product was handed over
///     ├── it may state less than was retired: nothing more can be retired then
///     ├── it may be no other publisher's
///     └── when the version is not higher: it should revert
/// verify
/// ├── it should keep the statement and emit FootprintVerified
/// ├── it should belong to the version in force
/// ├── when the caller is no certifier: it should revert
/// ├── given no such footprint: it should revert
/// └── when another document is in force: it should revert
/// setRetirer
/// ├── it should let in, put out, and emit RetirerSet
/// └── when the caller has no permission: it should revert
/// claim
/// ├── it should count up to the footprint
/// ├── when the caller is no token: it should revert
/// ├── given no such footprint: it should revert
/// └── when it exceeds the footprint: it should revert
contract FootprintRegistryTest is Carbon {
    function setUp() public override {
        super.setUp();
        registry.register(CARRIER, 2, "https://id.gs1.org/417/0860009996007", "Lorries");
        registry.register(RETAILER, 3, "https://id.gs1.org/417/0860009998001", "Shop");
        footprints.setRetirer(address(this), true);
    }

    /* PUBLISH */

    function test_Publish_PutsItInForce() external {
        farmerRecords(LETTUCE);
        vm.expectEmit(address(footprints));
        emit IFootprintRegistry.FootprintPublished(LETTUCE, FARMER, DOCUMENT, PACT_ID, 3, 1_240);
        vm.prank(FARMER);
        footprints.publish(footprint(3, 1_240));
        assertFootprint(1_240, 0, 3);
        (,,, bytes16 pactId, bytes32 document) = footprints.footprintOf(LETTUCE, FARMER);
        vm.assertEq(pactId, PACT_ID);
        vm.assertEq(document, DOCUMENT);
    }

    function test_Publish_TakesEveryTradingRole() external {
        for (uint256 n; n < 2; ++n) {
            address holder = n == 0 ? CARRIER : RETAILER;
            bytes32 product = keccak256(abi.encode(holder));
            vm.startPrank(holder);
            chain.record(product, DOCUMENT, NOW_MS, OBJECT);
            footprints.publish(IFootprintRegistry.Publication(product, PACT_ID, 1, 5, DOCUMENT));
            vm.stopPrank();
            (uint64 kg,,,,) = footprints.footprintOf(product, holder);
            vm.assertEq(kg, 5);
        }
    }

    function test_Publish_RevertWhen_TheCallerDoesNotTrade() external {
        expectNotPublisher(ATTACKER, 0);
        vm.prank(ATTACKER);
        footprints.publish(footprint(1, 10));
        expectNotPublisher(CERTIFIER, 4);
        vm.prank(CERTIFIER);
        footprints.publish(footprint(1, 10));
    }

    function test_Publish_RevertGiven_ARevokedPublisher() external {
        farmerPublishes(10);
        registry.revoke(FARMER);
        expectNotPublisher(FARMER, 0);
        vm.prank(FARMER);
        footprints.publish(footprint(2, 10));
    }

    function test_Publish_RevertWhen_TheDocumentIsMissing() external {
        farmerRecords(LETTUCE);
        IFootprintRegistry.Publication memory p = footprint(1, 10);
        p.documentHash = 0;
        vm.expectRevert(
            abi.encodeWithSelector(IFootprintRegistry.MissingDocument.selector, LETTUCE)
        );
        vm.prank(FARMER);
        footprints.publish(p);
    }

    function test_Publish_RevertWhen_TheCallerDoesNotHoldTheProduct() external {
        expectNotHolder(address(0), FARMER);
        vm.prank(FARMER);
        footprints.publish(footprint(1, 10));
        farmerRecords(LETTUCE);
        expectNotHolder(FARMER, RETAILER);
        vm.prank(RETAILER);
        footprints.publish(footprint(1, 10));
    }

    function test_Publish_RevertWhen_TheFirstVersionIsZero() external {
        farmerRecords(LETTUCE);
        expectStaleVersion(0, 0);
        vm.prank(FARMER);
        footprints.publish(footprint(0, 10));
    }

    function test_Supersede_KeepsWhatWasRetired() external {
        farmerPublishes(100);
        footprints.claim(LETTUCE, FARMER, 60);
        IFootprintRegistry.Publication memory p = footprint(2, 80);
        (p.pactId, p.documentHash) = (bytes16(uint128(9)), OTHER_DOCUMENT);
        vm.prank(FARMER);
        footprints.publish(p);
        assertFootprint(80, 60, 2);
        expectExceeded(80, 60, 21);
        footprints.claim(LETTUCE, FARMER, 21);
        footprints.claim(LETTUCE, FARMER, 20);
        assertFootprint(80, 80, 2);
    }

    function test_Supersede_GoesOnAfterAHandover() external {
        farmerPublishes(100);
        lettuceGoesToTheCarrier();
        vm.prank(FARMER);
        footprints.publish(footprint(2, 90));
        assertFootprint(90, 0, 2);
    }

    function test_Supersede_WhenBelowWhatWasRetired_LeavesNoRoom() external {
        farmerPublishes(100);
        footprints.claim(LETTUCE, FARMER, 60);
        vm.prank(FARMER);
        footprints.publish(footprint(2, 50));
        assertFootprint(50, 60, 2);
        expectExceeded(50, 60, 1);
        footprints.claim(LETTUCE, FARMER, 1);
        vm.prank(FARMER);
        footprints.publish(footprint(3, 61));
        footprints.claim(LETTUCE, FARMER, 1);
        assertFootprint(61, 61, 3);
    }

    function test_Supersede_IsNoOtherPublishers() external {
        farmerPublishes(100);
        footprints.claim(LETTUCE, FARMER, 100);
        lettuceGoesToTheCarrier();
        vm.prank(CARRIER);
        footprints.publish(footprint(2, 7));
        assertFootprint(100, 100, 1);
        (uint64 kg, uint64 retired, uint32 version,,) = footprints.footprintOf(LETTUCE, CARRIER);
        vm.assertEq(kg, 7);
        vm.assertEq(retired, 0);
        vm.assertEq(version, 2);
    }

    function test_Supersede_RevertWhen_TheVersionIsNotHigher() external {
        farmerRecords(LETTUCE);
        vm.startPrank(FARMER);
        footprints.publish(footprint(5, 10));
        expectStaleVersion(5, 5);
        footprints.publish(footprint(5, 11));
        expectStaleVersion(5, 4);
        footprints.publish(footprint(4, 11));
        vm.stopPrank();
    }

    /* VERIFY */

    function test_Verify_KeepsTheStatement() external {
        farmerPublishes(10);
        vm.expectEmit(address(footprints));
        emit IFootprintRegistry.FootprintVerified(LETTUCE, FARMER, CERTIFIER, 1, STATEMENT);
        vm.prank(CERTIFIER);
        footprints.verify(LETTUCE, FARMER, DOCUMENT, STATEMENT);
        vm.assertEq(footprints.statementOf(LETTUCE, FARMER, 1, CERTIFIER), STATEMENT);
    }

    function test_Verify_BelongsToTheVersionInForce() external {
        farmerPublishes(10);
        vm.prank(CERTIFIER);
        footprints.verify(LETTUCE, FARMER, DOCUMENT, STATEMENT);
        vm.prank(FARMER);
        footprints.publish(footprint(2, 11));
        vm.assertEq(footprints.statementOf(LETTUCE, FARMER, 2, CERTIFIER), bytes32(0));
        vm.assertEq(footprints.statementOf(LETTUCE, FARMER, 1, CERTIFIER), STATEMENT);
        vm.assertEq(footprints.statementOf(LETTUCE, FARMER, 1, AUDITOR), bytes32(0));
        vm.assertEq(footprints.statementOf(SALAD, FARMER, 1, CERTIFIER), bytes32(0));
        vm.assertEq(footprints.statementOf(LETTUCE, CARRIER, 1, CERTIFIER), bytes32(0));
    }

    function test_Verify_RevertWhen_TheCallerIsNoCertifier() external {
        farmerPublishes(10);
        vm.expectRevert(abi.encodeWithSelector(IFootprintRegistry.NotVerifier.selector, FARMER, 1));
        vm.prank(FARMER);
        footprints.verify(LETTUCE, FARMER, DOCUMENT, STATEMENT);
    }

    function test_Verify_RevertGiven_NoSuchFootprint() external {
        expectUnknownFootprint();
        vm.prank(CERTIFIER);
        footprints.verify(LETTUCE, FARMER, DOCUMENT, STATEMENT);
    }

    function test_Verify_RevertWhen_AnotherDocumentIsInForce() external {
        farmerPublishes(10);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFootprintRegistry.DocumentReplaced.selector, OTHER_DOCUMENT, DOCUMENT
            )
        );
        vm.prank(CERTIFIER);
        footprints.verify(LETTUCE, FARMER, OTHER_DOCUMENT, STATEMENT);
    }

    /* CLAIM */

    function test_SetRetirer_LetsInAndPutsOut() external {
        farmerPublishes(10);
        vm.expectEmit(address(footprints));
        emit IFootprintRegistry.RetirerSet(AUDITOR, true);
        footprints.setRetirer(AUDITOR, true);
        vm.assertTrue(footprints.isRetirer(AUDITOR), "let in");
        vm.prank(AUDITOR);
        footprints.claim(LETTUCE, FARMER, 1);
        footprints.setRetirer(AUDITOR, false);
        expectNotRetirer(AUDITOR);
        vm.prank(AUDITOR);
        footprints.claim(LETTUCE, FARMER, 1);
    }

    function test_SetRetirer_RevertWhen_NotPermitted() external {
        expectUnauthorized(ATTACKER);
        vm.prank(ATTACKER);
        footprints.setRetirer(ATTACKER, true);
    }

    function test_Claim_CountsUpToTheFootprint(uint64 kg, uint64[8] memory parts) external {
        farmerPublishes(kg);
        uint256 retired = 0;
        for (uint256 n; n < parts.length; ++n) {
            uint256 amount = parts[n];
            if (retired + amount > kg) {
                expectExceeded(kg, uint64(retired), amount);
                footprints.claim(LETTUCE, FARMER, amount);
                amount = kg - retired;
            }
            footprints.claim(LETTUCE, FARMER, amount);
            retired += amount;
            assertFootprint(kg, retired, 1);
        }
    }

    function test_Claim_RevertWhen_TheCallerIsNoToken() external {
        farmerPublishes(10);
        expectNotRetirer(ATTACKER);
        vm.prank(ATTACKER);
        footprints.claim(LETTUCE, FARMER, 1);
    }

    function test_Claim_RevertGiven_NoSuchFootprint() external {
        expectUnknownFootprint();
        footprints.claim(LETTUCE, FARMER, 1);
    }

    function test_Claim_RevertWhen_ItDoesNotFit64Bits() external {
        farmerPublishes(10);
        expectExceeded(10, 0, 1 << 64);
        footprints.claim(LETTUCE, FARMER, 1 << 64);
    }

    /* HELPERS */

    function lettuceGoesToTheCarrier() private {
        ISupplyChain.Handover memory h = lettuceToCarrier();
        bytes memory consent = signHandover(CARRIER_KEY, h);
        vm.prank(FARMER);
        chain.handover(h, consent);
    }

    function assertFootprint(uint256 kg, uint256 retired, uint256 version) private view {
        (uint64 stated, uint64 gone, uint32 current,,) = footprints.footprintOf(LETTUCE, FARMER);
        vm.assertEq(stated, kg);
        vm.assertEq(gone, retired);
        vm.assertEq(current, version);
    }

    function expectNotPublisher(address account, uint8 role) private {
        vm.expectRevert(
            abi.encodeWithSelector(IFootprintRegistry.NotPublisher.selector, account, role)
        );
    }

    function expectNotHolder(address holder, address caller) private {
        vm.expectRevert(
            abi.encodeWithSelector(IFootprintRegistry.NotHolder.selector, LETTUCE, holder, caller)
        );
    }

    function expectStaleVersion(uint32 current, uint32 given) private {
        vm.expectRevert(
            abi.encodeWithSelector(IFootprintRegistry.StaleVersion.selector, current, given)
        );
    }

    function expectUnknownFootprint() private {
        vm.expectRevert(
            abi.encodeWithSelector(IFootprintRegistry.UnknownFootprint.selector, LETTUCE, FARMER)
        );
    }

    function expectNotRetirer(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IFootprintRegistry.NotRetirer.selector, caller));
    }

    function expectExceeded(uint64 kg, uint64 retired, uint256 amount) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IFootprintRegistry.FootprintExceeded.selector, LETTUCE, FARMER, kg, retired, amount
            )
        );
    }
}
