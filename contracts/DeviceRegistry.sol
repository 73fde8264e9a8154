// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import {IDeviceRegistry} from "./interfaces/IDeviceRegistry.sol";

contract DeviceRegistry is IDeviceRegistry, AccessManaged {
    /// @inheritdoc IDeviceRegistry
    mapping(address device => Device) public deviceOf;

    constructor(address authority) AccessManaged(authority) {}

    /* ADMINISTRATION */

    /// @inheritdoc IDeviceRegistry
    function register(address device, bytes32 calibrationHash, uint64 validFrom, uint64 validUntil)
        external
        restricted
    {
        if (device == address(0)) revert InvalidDevice(device);

        _register(device, Device(validFrom, validUntil, 0, calibrationHash, 0, 0, 0));
    }

    /// @inheritdoc IDeviceRegistry
    function registerP256(
        bytes32 x,
        bytes32 y,
        bytes32 calibrationHash,
        uint64 validFrom,
        uint64 validUntil
    ) external restricted returns (address device) {
        if (!P256.isValidPublicKey(x, y)) revert InvalidPublicKey(x, y);

        device = address(uint160(uint256(keccak256(bytes.concat(x, y)))));
        _register(device, Device(validFrom, validUntil, 0, calibrationHash, 0, x, y));
    }

    /// @inheritdoc IDeviceRegistry
    function recalibrate(address device, bytes32 calibrationHash, uint64 validUntil)
        external
        restricted
    {
        Device storage known = _active(device);
        _checkValidity(known.validFrom, validUntil);

        known.calibrationHash = calibrationHash;
        known.validUntil = validUntil;
        emit DeviceCalibrated(device, calibrationHash, validUntil);
    }

    /// @inheritdoc IDeviceRegistry
    function revoke(address device, uint64 since) external restricted {
        Device storage known = _active(device);
        if (since == 0 || since > block.timestamp) revert RevokedInFuture(since, block.timestamp);

        known.revokedSince = since;
        emit DeviceRevoked(device, since);
    }

    /// @inheritdoc IDeviceRegistry
    function bind(address device, bytes32 subject) external restricted {
        _active(device).subject = subject;
        emit DeviceBound(device, subject);
    }

    /* VIEWS */

    /// @inheritdoc IDeviceRegistry
    function isValidAt(address device, uint64 time) public view returns (bool) {
        Device storage known = deviceOf[device];
        (uint64 until, uint64 revoked) = (known.validUntil, known.revokedSince);
        return
            time >= known.validFrom && time <= until && until != 0
                && (revoked == 0 || time < revoked);
    }

    /// @inheritdoc IDeviceRegistry
    function isValidFor(address device, uint64 time, bytes32 subject) external view returns (bool) {
        bytes32 bound = deviceOf[device].subject;
        return (bound == 0 || bound == subject) && isValidAt(device, time);
    }

    /// @inheritdoc IDeviceRegistry
    function isSignedBy(address device, bytes32 digest, bytes calldata signature)
        external
        view
        returns (bool)
    {
        Device storage known = deviceOf[device];
        if (known.validUntil == 0) return false;
        bytes32 y = known.y;
        // No point of P-256 has y = 0: that would make the curve's order even.
        if (y == 0) {
            (address signer, ECDSA.RecoverError failure,) =
                ECDSA.tryRecoverCalldata(digest, signature);
            return failure == ECDSA.RecoverError.NoError && signer == device;
        }
        if (signature.length != 64) return false;
        (bytes32 r, bytes32 s) = (bytes32(signature[:32]), bytes32(signature[32:]));
        return P256.verifyNative(digest, r, s, known.x, y);
    }

    /* CHECKS */

    function _register(address device, Device memory made) private {
        _checkValidity(made.validFrom, made.validUntil);
        if (deviceOf[device].validUntil != 0) revert DeviceExists(device);

        deviceOf[device] = made;
        emit DeviceRegistered(
            device, made.calibrationHash, made.validFrom, made.validUntil, made.x, made.y
        );
    }

    function _checkValidity(uint64 validFrom, uint64 validUntil) private pure {
        if (validUntil <= validFrom) revert InvalidValidity(validFrom, validUntil);
    }

    function _active(address device) private view returns (Device storage known) {
        known = deviceOf[device];
        if (known.validUntil == 0) revert DeviceNotFound(device);
        if (known.revokedSince != 0) revert DeviceIsRevoked(device, known.revokedSince);
    }
}
