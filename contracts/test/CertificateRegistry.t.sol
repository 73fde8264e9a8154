// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CertificateRegistry} from "../CertificateRegistry.sol";
import {ICertificateRegistry} from "../interfaces/ICertificateRegistry.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// certify
/// ├── given a registered certifier: it should store the certificate and emit CertificateIssued
/// ├── given another role or none: it should revert
/// ├── when it names no subject or no document: it should revert
/// ├── when it ends before it begins, or before now: it should revert
/// └── given the same certificate: it should revert, but another certifier may issue it too
/// revokeCertificate
/// ├── by its certifier or a regulator: it should end the certificate from this block on
/// ├── by anyone else, or by a certifier that lost its role: it should revert
/// ├── given it was revoked: it should revert
/// └── given there is none: it should revert
/// isValid
/// ├── it should hold from validFrom to validTo, both included
/// ├── given revoked: it should hold for moments before the revocation only
/// ├── given its certifier lost its role: it should hold as before
/// └── given there is none: it should be false
contract CertificateRegistryTest is Actors {
    address private constant CERTIFIER = address(0xCE47);
    address private constant OTHER_CERTIFIER = address(0xCE48);
    bytes32 private constant ORGANIC = keccak256("https://example.org/schemes/organic");
    string private constant LINK = "https://id.gs1.org/417/0860009999925";
    uint48 private constant FROM = uint48(START - 1 days);
    uint48 private constant TO = uint48(START + 365 days);

    CertificateRegistry private certificates;

    function setUp() public override {
        super.setUp();
        registry.register(CERTIFIER, 4, LINK, "Organic inspectors");
        registry.register(OTHER_CERTIFIER, 4, LINK, "Other inspectors");
        certificates = CertificateRegistry(deployed("CertificateRegistry", address(registry)));
    }

    function test_Certify_StoresTheCertificate() external {
        bytes32 id = keccak256(abi.encode(CERTIFIER, LETTUCE, ORGANIC, DOCUMENT, uint256(FROM), TO));
        vm.expectEmit(address(certificates));
        emit ICertificateRegistry.CertificateIssued(
            id, LETTUCE, CERTIFIER, ORGANIC, DOCUMENT, FROM, TO
        );
        vm.assertEq(certified(), id);
        expectCertificate(id, 0);
    }

    function test_Certify_RevertGiven_AnotherRole(uint8 role) external {
        role = role % 8;
        vm.assume(role != 4);
        if (role > 0) registry.register(ATTACKER, role, LINK, "Somebody else");
        vm.expectRevert(
            abi.encodeWithSelector(ICertificateRegistry.NotCertifier.selector, ATTACKER, role)
        );
        vm.prank(ATTACKER);
        certificates.certify(LETTUCE, ORGANIC, DOCUMENT, FROM, TO);
    }

    function test_Certify_RevertGiven_TheRoleWasTaken() external {
        registry.revoke(CERTIFIER);
        vm.expectRevert(
            abi.encodeWithSelector(ICertificateRegistry.NotCertifier.selector, CERTIFIER, 0)
        );
        certified();
    }

    function test_Certify_RevertWhen_NoSubject() external {
        expectEmpty(0, DOCUMENT);
        vm.prank(CERTIFIER);
        certificates.certify(0, ORGANIC, DOCUMENT, FROM, TO);
    }

    function test_Certify_RevertWhen_NoDocument() external {
        expectEmpty(LETTUCE, 0);
        vm.prank(CERTIFIER);
        certificates.certify(LETTUCE, ORGANIC, 0, FROM, TO);
    }

    function test_Certify_RevertWhen_ItEndsBeforeItBegins() external {
        expectInvalidValidity(TO, TO - 1);
        vm.prank(CERTIFIER);
        certificates.certify(LETTUCE, ORGANIC, DOCUMENT, TO, TO - 1);
    }

    function test_Certify_RevertWhen_ItEndedBeforeNow() external {
        expectInvalidValidity(FROM, uint48(START - 1));
        vm.prank(CERTIFIER);
        certificates.certify(LETTUCE, ORGANIC, DOCUMENT, FROM, uint48(START - 1));
    }

    function test_Certify_MayEndNow() external {
        vm.prank(CERTIFIER);
        bytes32 id = certificates.certify(LETTUCE, ORGANIC, DOCUMENT, uint48(START), uint48(START));
        vm.assertTrue(certificates.isValid(id, uint48(START)), "for this second");
    }

    function test_Certify_RevertGiven_TheSameCertificate() external {
        bytes32 id = certified();
        vm.expectRevert(abi.encodeWithSelector(ICertificateRegistry.AlreadyCertified.selector, id));
        certified();
    }

    function test_Certify_AnotherCertifierMayIssueItToo() external {
        bytes32 id = certified();
        vm.prank(OTHER_CERTIFIER);
        bytes32 other = certificates.certify(LETTUCE, ORGANIC, DOCUMENT, FROM, TO);
        vm.assertTrue(id != other, "two certificates");
    }

    function test_Revoke_ByItsCertifier() external {
        bytes32 id = certified();
        vm.warp(START + 100);
        vm.expectEmit(address(certificates));
        emit ICertificateRegistry.CertificateRevoked(id, CERTIFIER, OTHER_DOCUMENT);
        revoke(CERTIFIER, id);
        expectCertificate(id, uint48(START + 100));
    }

    function test_Revoke_ByARegulator() external {
        bytes32 id = certified();
        vm.expectEmit(address(certificates));
        emit ICertificateRegistry.CertificateRevoked(id, REGULATOR, OTHER_DOCUMENT);
        revoke(REGULATOR, id);
        expectCertificate(id, uint48(START));
    }

    function test_Revoke_ByARegulator_GivenTheCertifierLostItsRole() external {
        bytes32 id = certified();
        registry.revoke(CERTIFIER);
        revoke(REGULATOR, id);
        expectCertificate(id, uint48(START));
    }

    function test_Revoke_RevertWhen_ByAnotherCertifier() external {
        bytes32 id = certified();
        expectMayNotRevoke(id, OTHER_CERTIFIER);
        revoke(OTHER_CERTIFIER, id);
    }

    function test_Revoke_RevertWhen_ByAnyoneElse() external {
        bytes32 id = certified();
        expectMayNotRevoke(id, ATTACKER);
        revoke(ATTACKER, id);
    }

    function test_Revoke_RevertGiven_TheCertifierLostItsRole() external {
        bytes32 id = certified();
        registry.revoke(CERTIFIER);
        expectMayNotRevoke(id, CERTIFIER);
        revoke(CERTIFIER, id);
    }

    function test_Revoke_RevertGiven_ItWasRevoked() external {
        bytes32 id = certified();
        revoke(CERTIFIER, id);
        vm.warp(START + 5);
        vm.expectRevert(
            abi.encodeWithSelector(ICertificateRegistry.AlreadyRevoked.selector, id, START)
        );
        revoke(REGULATOR, id);
    }

    function test_Revoke_RevertGiven_ThereIsNone() external {
        vm.expectRevert(
            abi.encodeWithSelector(ICertificateRegistry.UnknownCertificate.selector, DOCUMENT)
        );
        revoke(REGULATOR, DOCUMENT);
    }

    function test_Valid_FromTheFirstToTheLastSecond() external {
        bytes32 id = certified();
        vm.assertTrue(!certificates.isValid(id, FROM - 1), "before");
        vm.assertTrue(certificates.isValid(id, FROM), "first second");
        vm.assertTrue(certificates.isValid(id, TO), "last second");
        vm.assertTrue(!certificates.isValid(id, TO + 1), "after");
    }

    function test_Valid_GivenRevoked_OnlyBefore() external {
        bytes32 id = certified();
        vm.warp(START + 100);
        revoke(CERTIFIER, id);
        vm.assertTrue(certificates.isValid(id, uint48(START + 99)), "what was valid stays so");
        vm.assertTrue(!certificates.isValid(id, uint48(START + 100)), "from the revocation on");
        vm.assertTrue(!certificates.isValid(id, TO), "to its end");
    }

    function test_Valid_GivenTheCertifierLostItsRole() external {
        bytes32 id = certified();
        registry.revoke(CERTIFIER);
        vm.assertTrue(certificates.isValid(id, uint48(START)), "history stays");
    }

    function test_Valid_NotGiven_ThereIsNone(bytes32 id, uint48 at) external view {
        vm.assertTrue(!certificates.isValid(id, at), "nothing was issued");
    }

    function certified() private returns (bytes32) {
        vm.prank(CERTIFIER);
        return certificates.certify(LETTUCE, ORGANIC, DOCUMENT, FROM, TO);
    }

    function revoke(address actor, bytes32 id) private {
        vm.prank(actor);
        certificates.revokeCertificate(id, OTHER_DOCUMENT);
    }

    function expectCertificate(bytes32 id, uint48 wanted) private view {
        (address certifier, uint48 validFrom, uint48 validTo, uint48 revokedAt) =
            certificates.certificateOf(id);
        vm.assertEq(certifier, CERTIFIER);
        vm.assertEq(uint256(validFrom), FROM);
        vm.assertEq(uint256(validTo), TO);
        vm.assertEq(uint256(revokedAt), wanted);
    }

    function expectEmpty(bytes32 subject, bytes32 document) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICertificateRegistry.EmptyCertificate.selector, subject, document
            )
        );
    }

    function expectInvalidValidity(uint48 from, uint48 to) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICertificateRegistry.InvalidValidity.selector, from, to, START)
        );
    }

    function expectMayNotRevoke(bytes32 id, address actor) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICertificateRegistry.MayNotRevoke.selector, id, CERTIFIER, actor)
        );
    }
}
