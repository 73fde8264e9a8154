// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CertificateRegistry} from "../CertificateRegistry.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// @title Certifiers who come, go and certify, and people who would like to be one
/// @dev Keeps what a witness of the accepted calls would know.
contract CertificateActions is Actors {
    struct Witnessed {
        address certifier;
        uint48 validFrom;
        uint48 validTo;
        uint48 revokedAt;
    }

    uint256 private constant ENOUGH = 40; // certificates of one story, so that checking stays quick

    CertificateRegistry public certificates;
    bytes32[] public ids;
    mapping(bytes32 id => Witnessed) public witnessed;
    string public fault;
    address[] private _people;
    mapping(address person => uint8) private _role;
    uint256 private _time = START;

    constructor() {
        super.setUp();
        certificates = CertificateRegistry(deployed("CertificateRegistry", address(registry)));
        _people = [FARMER, CARRIER, RETAILER, ATTACKER, AUDITOR];
        _role[REGULATOR] = 5;
        _people.push(REGULATOR);
        appoint(0, 4);
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    function count() external view returns (uint256) {
        return ids.length;
    }

    /// @dev The next role of somebody: 4 certifies, 5 regulates, 0 is nobody any more.
    function appoint(uint8 who, uint8 role) public {
        address person = someone(who);
        if (_role[person] != 0) registry.revoke(person);
        _role[person] = role % 7;
        if (_role[person] == 0) return;
        registry.register(person, _role[person], "https://id.gs1.org/417/0860009999925", "P");
    }

    /// @dev Few subjects and moments, so that the same certificate is tried again.
    function certify(uint8 who, uint8 subject, uint8 starts, uint8 lasts) external {
        if (ids.length == ENOUGH) return;
        address sender = begin(who);
        uint48 from = uint48(START + uint256(starts % 4) * 1 days);
        uint48 to = from + uint48(lasts % 4) * 1 days;
        vm.prank(sender);
        try certificates.certify(
            bytes32(uint256(1 + subject % 3)), LETTUCE, DOCUMENT, from, to
        ) returns (
            bytes32 id
        ) {
            if (_role[sender] != 4) {
                fault = "certified by somebody who is no certifier";
            }
            if (witnessed[id].certifier != address(0)) fault = "one id for two certificates";
            if (to < _time) fault = "certified what is over";
            witnessed[id] = Witnessed(sender, from, to, 0);
            ids.push(id);
        } catch {}
    }

    function revoke(uint8 who, uint8 which) external {
        address sender = begin(who);
        bytes32 id = ids.length == 0 ? LETTUCE : ids[which % ids.length];
        Witnessed storage known = witnessed[id];
        vm.prank(sender);
        try certificates.revokeCertificate(id, DOCUMENT) {
            bool isIssuer = sender == known.certifier && _role[sender] == 4;
            if (!isIssuer && _role[sender] != 5) fault = "revoked by a stranger";
            if (known.certifier == address(0)) fault = "revoked what was never issued";
            if (known.revokedAt != 0) fault = "revoked twice";
            known.revokedAt = uint48(_time);
        } catch {}
    }

    function pass(uint32 time) external {
        _time += time % 1 days;
    }

    /// @dev The clock is kept here: forge sets it back before each call.
    function begin(uint8 who) private returns (address) {
        vm.warp(_time);
        return someone(who);
    }

    function someone(uint8 who) private view returns (address) {
        return _people[who % _people.length];
    }
}

contract CertificateInvariantsTest {
    CertificateActions private actions;

    function setUp() external {
        actions = new CertificateActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_NeverValidOutsideItsInterval() external view {
        for (uint256 i; i < actions.count(); ++i) {
            bytes32 id = actions.ids(i);
            (, uint48 from, uint48 to,) = actions.witnessed(id);
            vm.assertTrue(!isValid(id, 0) && !isValid(id, from - 1), "valid too early");
            vm.assertTrue(!isValid(id, to + 1) && !isValid(id, type(uint48).max), "valid too late");
        }
    }

    function invariant_ARevocationEndsItAndNothingElse() external view {
        for (uint256 i; i < actions.count(); ++i) {
            bytes32 id = actions.ids(i);
            (, uint48 from, uint48 to, uint48 revokedAt) = actions.witnessed(id);
            vm.assertTrue(isValid(id, from) == (revokedAt == 0 || from < revokedAt), "its start");
            vm.assertTrue(isValid(id, to) == (revokedAt == 0 || to < revokedAt), "its end");
            if (revokedAt != 0) vm.assertTrue(!isValid(id, revokedAt), "valid though revoked");
        }
    }

    function invariant_ACertificateStaysWhatItWas() external view {
        for (uint256 i; i < actions.count(); ++i) {
            bytes32 id = actions.ids(i);
            (address certifier, uint48 from, uint48 to, uint48 revokedAt) = actions.witnessed(id);
            (address storedBy, uint48 storedFrom, uint48 storedTo, uint48 storedEnd) =
                actions.certificates().certificateOf(id);
            vm.assertEq(storedBy, certifier);
            vm.assertEq(storedFrom, from);
            vm.assertEq(storedTo, to);
            vm.assertEq(storedEnd, revokedAt);
        }
    }

    /// @dev Only certifiers certify, only the issuer or a regulator revokes, ids are unique.
    function invariant_NobodyDidWhatTheyMayNot() external view {
        string memory fault = actions.fault();
        vm.assertTrue(bytes(fault).length == 0, fault);
    }

    function isValid(bytes32 id, uint48 at) private view returns (bool) {
        return actions.certificates().isValid(id, at);
    }
}
