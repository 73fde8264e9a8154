// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Which sensors are to be believed, and when
/// @notice A device is the address of its key: secp256k1 as everywhere on chain, or P-256 as in
/// secure elements, whose address is made the same way, from keccak256 of both coordinates. Times
/// are Unix seconds. Registered by the operator; a revocation says since when, because a lost
/// device is noticed late.
interface IDeviceRegistry {
    /// @notice `validUntil` is the last second, `revokedSince` 0 = not revoked. `subject` is the
    /// product or shipment the device is bound to, 0 = any. `x` and `y` are 0 for secp256k1.
    struct Device {
        uint64 validFrom;
        uint64 validUntil;
        uint64 revokedSince;
        bytes32 calibrationHash;
        bytes32 subject;
        bytes32 x;
        bytes32 y;
    }

    /// @notice `x` and `y` are 0 for a secp256k1 key.
    event DeviceRegistered(
        address indexed device,
        bytes32 indexed calibrationHash,
        uint64 validFrom,
        uint64 validUntil,
        bytes32 x,
        bytes32 y
    );

    /// @notice A later calibration, and how long it holds.
    event DeviceCalibrated(
        address indexed device, bytes32 indexed calibrationHash, uint64 validUntil
    );

    /// @notice What the device measured from `since` on does not count.
    event DeviceRevoked(address indexed device, uint64 since);

    /// @notice The device speaks for this product or shipment only; 0 = for any.
    event DeviceBound(address indexed device, bytes32 indexed subject);

    /// @notice The zero address is nobody's key.
    error InvalidDevice(address device);
    /// @notice Not a point of the curve P-256 other than infinity.
    error InvalidPublicKey(bytes32 x, bytes32 y);
    /// @notice An interval ends after it begins.
    error InvalidValidity(uint64 validFrom, uint64 validUntil);
    /// @notice A key is registered once, so that what it signed keeps its meaning.
    error DeviceExists(address device);
    /// @notice Nobody registered this device.
    error DeviceNotFound(address device);
    /// @notice A revocation is for good.
    error DeviceIsRevoked(address device, uint64 since);
    /// @notice Nobody knows yet that a device will be lost.
    error RevokedInFuture(uint64 since, uint256 timestamp);

    /// @notice Registers a secp256k1 key by its address.
    function register(address device, bytes32 calibrationHash, uint64 validFrom, uint64 validUntil)
        external;

    /// @notice Registers a P-256 key and returns its address.
    function registerP256(
        bytes32 x,
        bytes32 y,
        bytes32 calibrationHash,
        uint64 validFrom,
        uint64 validUntil
    ) external returns (address device);

    /// @notice Replaces the calibration and the end of the validity.
    function recalibrate(address device, bytes32 calibrationHash, uint64 validUntil) external;

    /// @notice Revokes a device as of a second that has come.
    function revoke(address device, uint64 since) external;

    /// @notice Binds a device to a product or shipment, or frees it (0).
    function bind(address device, bytes32 subject) external;

    /// @notice Everything known of a device; all zero = not registered.
    function deviceOf(address device)
        external
        view
        returns (
            uint64 validFrom,
            uint64 validUntil,
            uint64 revokedSince,
            bytes32 calibrationHash,
            bytes32 subject,
            bytes32 x,
            bytes32 y
        );

    /// @notice Whether the device was registered, within its validity and not revoked.
    function isValidAt(address device, uint64 time) external view returns (bool);

    /// @notice The same, and whether the device may speak for the subject.
    function isValidFor(address device, uint64 time, bytes32 subject) external view returns (bool);

    /// @notice Whether a registered device signed: 65 bytes `r | s | v` of secp256k1, 64 bytes
    /// `r | s` of P-256, each with the lower s of the two that verify. Says nothing of when.
    /// @dev P-256 needs the chain's precompile (EIP-7951); without one it reverts.
    function isSignedBy(address device, bytes32 digest, bytes calldata signature)
        external
        view
        returns (bool);
}
