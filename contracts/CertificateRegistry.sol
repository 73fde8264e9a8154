// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IActorRegistry} from "./interfaces/IActorRegistry.sol";
import {ICertificateRegistry} from "./interfaces/ICertificateRegistry.sol";
import {Roles} from "./libraries/Roles.sol";

contract CertificateRegistry is ICertificateRegistry {
    /// @dev One slot; when it was revoked stands apart, because most never are.
    struct Issued {
        address certifier;
        uint48 validFrom;
        uint48 validTo;
    }

    IActorRegistry public immutable REGISTRY;

    mapping(bytes32 id => Issued) private _issued;
    mapping(bytes32 id => uint48) private _revokedAt;

    constructor(IActorRegistry registry) {
        REGISTRY = registry;
    }

    /// @inheritdoc ICertificateRegistry
    function certify(
        bytes32 subject,
        bytes32 scheme,
        bytes32 documentHash,
        uint48 validFrom,
        uint48 validTo
    ) external returns (bytes32 id) {
        uint8 role = REGISTRY.roleOf(msg.sender);
        if (role != Roles.CERTIFIER) revert NotCertifier(msg.sender, role);
        if (subject == 0 || documentHash == 0) revert EmptyCertificate(subject, documentHash);
        if (validFrom > validTo || validTo < block.timestamp) {
            revert InvalidValidity(validFrom, validTo, block.timestamp);
        }
        id = keccak256(abi.encode(msg.sender, subject, scheme, documentHash, validFrom, validTo));
        if (_issued[id].certifier != address(0)) revert AlreadyCertified(id);

        _issued[id] = Issued(msg.sender, validFrom, validTo);
        emit CertificateIssued(id, subject, msg.sender, scheme, documentHash, validFrom, validTo);
    }

    /// @inheritdoc ICertificateRegistry
    function revokeCertificate(bytes32 id, bytes32 reasonHash) external {
        address certifier = _issued[id].certifier;
        if (certifier == address(0)) revert UnknownCertificate(id);
        if (_revokedAt[id] != 0) revert AlreadyRevoked(id, _revokedAt[id]);
        _checkMayRevoke(id, certifier);

        _revokedAt[id] = uint48(block.timestamp);
        emit CertificateRevoked(id, msg.sender, reasonHash);
    }

    /// @inheritdoc ICertificateRegistry
    function isValid(bytes32 id, uint48 at) external view returns (bool) {
        Issued memory c = _issued[id];
        uint48 revokedAt = _revokedAt[id];
        return c.certifier != address(0) && c.validFrom <= at && at <= c.validTo
            && (revokedAt == 0 || at < revokedAt);
    }

    /// @inheritdoc ICertificateRegistry
    function certificateOf(bytes32 id)
        external
        view
        returns (address certifier, uint48 validFrom, uint48 validTo, uint48 revokedAt)
    {
        Issued memory c = _issued[id];
        return (c.certifier, c.validFrom, c.validTo, _revokedAt[id]);
    }

    /// @dev A role taken away takes this right too: a stolen key ends nobody's certificate.
    function _checkMayRevoke(bytes32 id, address certifier) private view {
        uint8 role = REGISTRY.roleOf(msg.sender);
        bool isCertifier = role == Roles.CERTIFIER && msg.sender == certifier;
        if (!isCertifier && role != Roles.REGULATOR) {
            revert MayNotRevoke(id, certifier, msg.sender);
        }
    }
}
