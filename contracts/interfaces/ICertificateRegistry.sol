// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What a registered certifier vouches for, and until when
/// @notice A certificate names a subject (keccak256 of the canonical Digital Link of a product, a
/// party or a place), a scheme (keccak256 of the scheme's URI) and a document (SHA-256, also its
/// IPFS address). Times are Unix seconds; both ends of the validity belong to it.
///
/// Revoking counts from its block on: what was valid on a day stays valid for that day. The same
/// holds for a certifier that loses its role in ActorRegistry: its certificates stay as they are,
/// it can issue and revoke no more, and a regulator can revoke them.
///
/// @dev Warning: `validFrom` is the certifier's word and may lie before the certificate's block.
interface ICertificateRegistry {
    /// @notice `id` is keccak256(abi.encode(certifier, subject, scheme, documentHash, validFrom,
    /// validTo)).
    event CertificateIssued(
        bytes32 indexed id,
        bytes32 indexed subject,
        address indexed certifier,
        bytes32 scheme,
        bytes32 documentHash,
        uint48 validFrom,
        uint48 validTo
    );

    /// @notice `reasonHash` is the SHA-256 of the stated reason; zero = none stated.
    event CertificateRevoked(bytes32 indexed id, address indexed revoker, bytes32 reasonHash);

    /// @notice Only who is registered as a certifier now may certify.
    error NotCertifier(address actor, uint8 role);
    /// @notice A certificate names what it certifies and the document that says so.
    error EmptyCertificate(bytes32 subject, bytes32 documentHash);
    /// @notice A certificate ends after it began, and not before it is issued.
    error InvalidValidity(uint48 validFrom, uint48 validTo, uint256 timestamp);
    /// @notice The same certifier issued the same certificate before.
    error AlreadyCertified(bytes32 id);
    /// @notice There is no such certificate.
    error UnknownCertificate(bytes32 id);
    /// @notice Only its certifier, while registered, or a registered regulator may revoke it.
    error MayNotRevoke(bytes32 id, address certifier, address actor);
    /// @notice A certificate is revoked once; the first reason stands.
    error AlreadyRevoked(bytes32 id, uint48 revokedAt);

    /// @notice Issues a certificate in the caller's name.
    function certify(
        bytes32 subject,
        bytes32 scheme,
        bytes32 documentHash,
        uint48 validFrom,
        uint48 validTo
    ) external returns (bytes32 id);

    /// @notice Ends a certificate now.
    function revokeCertificate(bytes32 id, bytes32 reasonHash) external;

    /// @notice Whether a certificate held at a moment; false for one that does not exist.
    function isValid(bytes32 id, uint48 at) external view returns (bool);

    /// @notice All zero = never issued; `revokedAt` zero = not revoked.
    function certificateOf(bytes32 id)
        external
        view
        returns (address certifier, uint48 validFrom, uint48 validTo, uint48 revokedAt);
}
