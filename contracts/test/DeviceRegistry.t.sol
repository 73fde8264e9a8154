// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IDeviceRegistry} from "../interfaces/IDeviceRegistry.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// @title A registry of devices, a probe in a truck and a P-256 chip
abstract contract Devices is Actors {
    uint256 internal constant PROBE_KEY = 0xDE;
    uint256 internal constant CHIP_KEY = 0xC419;
    uint64 internal constant FROM = uint64(START - 30 days);
    uint64 internal constant UNTIL = uint64(START + 30 days);
    bytes32 internal constant CALIBRATION = keccak256("a calibration certificate");

    address internal immutable PROBE = vm.addr(PROBE_KEY);
    IDeviceRegistry internal devices;
    bytes32 internal chipX;
    bytes32 internal chipY;
    address internal chip;

    function setUp() public virtual override {
        super.setUp();
        devices = IDeviceRegistry(deployed("DeviceRegistry", address(authority)));
        devices.register(PROBE, CALIBRATION, FROM, UNTIL);
        (uint256 x, uint256 y) = vm.publicKeyP256(CHIP_KEY);
        (chipX, chipY) = (bytes32(x), bytes32(y));
        chip = devices.registerP256(chipX, chipY, CALIBRATION, FROM, UNTIL);
    }
}

/// register, registerP256
/// ├── it should keep the device and emit DeviceRegistered
/// ├── when the caller has no permission: it should revert
/// ├── when the address is zero: it should revert
/// ├── when the point is infinity, off the curve or not reduced: it should revert
/// ├── when the validity ends no later than it begins: it should revert
/// └── given the key is registered: it should revert, also when revoked
/// recalibrate, bind, revoke
/// ├── it should change the device and say so
/// ├── when the caller has no permission: it should revert
/// ├── given no such device, or a revoked one: it should revert
/// ├── when the new validity ends before it began: it should revert
/// └── when the revocation lies ahead or is 0: it should revert
/// isValidAt, isValidFor
/// ├── it should be true from the first to the last second
/// ├── given it is revoked: it should be false from that second on
/// ├── given it is bound: it should be true for that subject only
/// └── given no such device: it should be false at any time
contract DeviceRegistryTest is Devices {
    uint256 private constant P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF;

    function test_Register_KeepsTheDevice() external {
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceRegistered(CARRIER, CALIBRATION, FROM, UNTIL, 0, 0);
        devices.register(CARRIER, CALIBRATION, FROM, UNTIL);
        expectDevice(CARRIER, IDeviceRegistry.Device(FROM, UNTIL, 0, CALIBRATION, 0, 0, 0));
    }

    function test_RegisterP256_KeepsTheDevice() external {
        (uint256 x, uint256 y) = vm.publicKeyP256(2);
        address expected = address(uint160(uint256(keccak256(abi.encode(x, y)))));
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceRegistered(
            expected, CALIBRATION, FROM, UNTIL, bytes32(x), bytes32(y)
        );
        address device = devices.registerP256(bytes32(x), bytes32(y), CALIBRATION, FROM, UNTIL);
        vm.assertEq(device, expected);
        expectDevice(
            device, IDeviceRegistry.Device(FROM, UNTIL, 0, CALIBRATION, 0, bytes32(x), bytes32(y))
        );
    }

    function test_RevertWhen_NotPermitted() external {
        expectUnauthorized();
        devices.register(CARRIER, CALIBRATION, FROM, UNTIL);
        expectUnauthorized();
        devices.registerP256(chipX, chipY, CALIBRATION, FROM, UNTIL);
        expectUnauthorized();
        devices.recalibrate(PROBE, CALIBRATION, UNTIL);
        expectUnauthorized();
        devices.revoke(PROBE, FROM);
        expectUnauthorized();
        devices.bind(PROBE, LETTUCE);
    }

    function test_Register_RevertWhen_TheAddressIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.InvalidDevice.selector, address(0)));
        devices.register(address(0), CALIBRATION, FROM, UNTIL);
    }

    function test_RegisterP256_RevertWhen_ThePointIsInfinity() external {
        expectInvalidKey(0, 0);
    }

    function test_RegisterP256_RevertWhen_ThePointIsOffTheCurve() external {
        expectInvalidKey(chipX, bytes32(uint256(chipY) + 1));
        expectInvalidKey(chipY, chipX);
    }

    function test_RegisterP256_RevertWhen_ACoordinateIsNotReduced() external {
        expectInvalidKey(bytes32(P), chipY);
        expectInvalidKey(chipX, bytes32(P));
        // (0, y) is on the curve, so (p, y) is the same point written another way.
        uint256 y = 0x66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4;
        devices.registerP256(0, bytes32(y), CALIBRATION, FROM, UNTIL);
        expectInvalidKey(bytes32(P), bytes32(y));
    }

    function test_Register_RevertWhen_TheValidityIsEmpty(uint64 from, uint64 until) external {
        vm.assume(until <= from);
        vm.expectRevert(
            abi.encodeWithSelector(IDeviceRegistry.InvalidValidity.selector, from, until)
        );
        devices.register(CARRIER, CALIBRATION, from, until);
    }

    function test_Register_RevertGiven_TheKeyIsRegistered() external {
        expectError(IDeviceRegistry.DeviceExists.selector, PROBE);
        devices.register(PROBE, CALIBRATION, FROM, UNTIL);
        devices.revoke(chip, FROM);
        expectError(IDeviceRegistry.DeviceExists.selector, chip);
        devices.registerP256(chipX, chipY, CALIBRATION, FROM, UNTIL);
    }

    function test_Recalibrate_ChangesTheDevice() external {
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceCalibrated(PROBE, DOCUMENT, UNTIL + 1);
        devices.recalibrate(PROBE, DOCUMENT, UNTIL + 1);
        expectDevice(PROBE, IDeviceRegistry.Device(FROM, UNTIL + 1, 0, DOCUMENT, 0, 0, 0));
    }

    function test_Bind_ChangesTheDevice() external {
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceBound(PROBE, LETTUCE);
        devices.bind(PROBE, LETTUCE);
        expectDevice(PROBE, IDeviceRegistry.Device(FROM, UNTIL, 0, CALIBRATION, LETTUCE, 0, 0));
    }

    function test_Revoke_ChangesTheDevice() external {
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceRevoked(PROBE, uint64(START));
        devices.revoke(PROBE, uint64(START));
        expectDevice(
            PROBE, IDeviceRegistry.Device(FROM, UNTIL, uint64(START), CALIBRATION, 0, 0, 0)
        );
    }

    function test_RevertGiven_NoSuchDevice() external {
        expectError(IDeviceRegistry.DeviceNotFound.selector, CARRIER);
        devices.recalibrate(CARRIER, CALIBRATION, UNTIL);
        expectError(IDeviceRegistry.DeviceNotFound.selector, CARRIER);
        devices.revoke(CARRIER, FROM);
        expectError(IDeviceRegistry.DeviceNotFound.selector, CARRIER);
        devices.bind(CARRIER, LETTUCE);
    }

    function test_RevertGiven_ItIsRevoked() external {
        devices.revoke(PROBE, FROM);
        expectRevoked();
        devices.recalibrate(PROBE, CALIBRATION, UNTIL);
        expectRevoked();
        devices.revoke(PROBE, FROM + 1);
        expectRevoked();
        devices.bind(PROBE, LETTUCE);
    }

    function test_Recalibrate_RevertWhen_TheValidityIsEmpty() external {
        vm.expectRevert(
            abi.encodeWithSelector(IDeviceRegistry.InvalidValidity.selector, FROM, FROM)
        );
        devices.recalibrate(PROBE, CALIBRATION, FROM);
    }

    function test_Revoke_RevertWhen_ItLiesAhead() external {
        vm.expectRevert(
            abi.encodeWithSelector(IDeviceRegistry.RevokedInFuture.selector, START + 1, START)
        );
        devices.revoke(PROBE, uint64(START + 1));
    }

    function test_Revoke_RevertWhen_Zero() external {
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.RevokedInFuture.selector, 0, START));
        devices.revoke(PROBE, 0);
    }

    function test_IsValidAt_FromTheFirstToTheLastSecond(uint64 time) external view {
        vm.assertTrue(devices.isValidAt(PROBE, FROM), "the first second");
        vm.assertTrue(devices.isValidAt(PROBE, UNTIL), "the last second");
        vm.assertTrue(!devices.isValidAt(PROBE, FROM - 1), "before");
        vm.assertTrue(!devices.isValidAt(PROBE, UNTIL + 1), "after");
        bool within = time >= FROM && time <= UNTIL;
        vm.assertTrue(devices.isValidAt(chip, time) == within, "any second");
    }

    function test_IsValidAt_GivenRevoked_IsFalseFromThen() external {
        devices.revoke(PROBE, uint64(START));
        vm.assertTrue(devices.isValidAt(PROBE, uint64(START - 1)), "before");
        vm.assertTrue(!devices.isValidAt(PROBE, uint64(START)), "from then");
    }

    function test_IsValidFor_GivenBound_IsTrueForThatSubject() external {
        vm.assertTrue(devices.isValidFor(PROBE, FROM, SALAD), "any subject");
        devices.bind(PROBE, LETTUCE);
        vm.assertTrue(devices.isValidFor(PROBE, FROM, LETTUCE), "its subject");
        vm.assertTrue(!devices.isValidFor(PROBE, FROM, SALAD), "another subject");
        vm.assertTrue(!devices.isValidFor(PROBE, FROM - 1, LETTUCE), "another time");
    }

    function test_IsValidAt_GivenNoSuchDevice_IsFalse(uint64 time) external view {
        vm.assertTrue(!devices.isValidAt(CARRIER, time), "nobody's device");
        vm.assertTrue(!devices.isValidAt(CARRIER, 0), "nobody's device in 1970");
    }

    function expectDevice(address device, IDeviceRegistry.Device memory wanted) private view {
        (, bytes memory found) =
            address(devices).staticcall(abi.encodeCall(IDeviceRegistry.deviceOf, (device)));
        vm.assertEq(keccak256(found), keccak256(abi.encode(wanted)));
    }

    function expectError(bytes4 selector, address device) private {
        vm.expectRevert(abi.encodeWithSelector(selector, device));
    }

    function expectRevoked() private {
        vm.expectRevert(
            abi.encodeWithSelector(IDeviceRegistry.DeviceIsRevoked.selector, PROBE, FROM)
        );
    }

    function expectInvalidKey(bytes32 x, bytes32 y) private {
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.InvalidPublicKey.selector, x, y));
        devices.registerP256(x, y, CALIBRATION, FROM, UNTIL);
    }

    function expectUnauthorized() private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ATTACKER)
        );
        vm.prank(ATTACKER);
    }
}

/// isSignedBy, secp256k1
/// ├── given the device's signature: it should be true
/// └── given another's, a malleated one or another length: it should be false
/// isSignedBy, P-256: what implementations were found to get wrong (Project Wycheproof)
/// ├── given the chip's signature with the lower s: it should be true
/// ├── given the upper s: it should be false, since it would be a second valid signature
/// ├── given r or s zero, at or over the order, or not reduced: it should be false
/// ├── given another digest, a truncated one or another length: it should be false
/// ├── given another key of either kind, or no device: it should be false
/// └── given a chain without the precompile (EIP-7951): it should revert
contract DeviceSignatureTest is Devices {
    uint256 private constant N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    bytes32 private constant DIGEST = keccak256("a reading");

    function test_Secp256k1_GivenTheDevices_IsTrue() external view {
        vm.assertTrue(devices.isSignedBy(PROBE, DIGEST, signature(PROBE_KEY, DIGEST)), "probe");
    }

    function test_Secp256k1_GivenAnother_IsFalse() external view {
        expectFalse(PROBE, DIGEST, signature(ATTACKER_KEY, DIGEST));
        expectFalse(PROBE, DOCUMENT, signature(PROBE_KEY, DIGEST));
        expectFalse(PROBE, DIGEST, malleated(PROBE_KEY, DIGEST));
        expectFalse(PROBE, DIGEST, "");
        expectFalse(PROBE, DIGEST, new bytes(65));
        expectFalse(CARRIER, DIGEST, signature(CARRIER_KEY, DIGEST));
        expectFalse(address(0), DIGEST, new bytes(65));
    }

    function test_P256_GivenTheChips_IsTrue(bytes32 digest) external view {
        (bytes32 r, bytes32 s) = chipSigned(digest);
        vm.assertTrue(devices.isSignedBy(chip, digest, bytes.concat(r, s)), "chip");
    }

    function test_P256_RevertGiven_AChainWithoutPrecompile() external {
        (bytes32 r, bytes32 s) = chipSigned(DIGEST);
        vm.mockCall(address(0x100), "", ""); // as an account without code answers
        vm.expectRevert(abi.encodeWithSelector(Errors.MissingPrecompile.selector, address(0x100)));
        devices.isSignedBy(chip, DIGEST, bytes.concat(r, s));
    }

    function test_P256_GivenTheUpperS_IsFalse(bytes32 digest) external view {
        (bytes32 r, bytes32 s) = chipSigned(digest);
        expectFalse(chip, digest, bytes.concat(r, bytes32(N - uint256(s))));
    }

    function test_P256_GivenZeroOrTooLarge_IsFalse() external view {
        (bytes32 r, bytes32 s) = chipSigned(DIGEST);
        expectFalse(chip, DIGEST, bytes.concat(bytes32(0), s));
        expectFalse(chip, DIGEST, bytes.concat(r, bytes32(0)));
        expectFalse(chip, DIGEST, bytes.concat(bytes32(0), bytes32(0)));
        expectFalse(chip, DIGEST, bytes.concat(bytes32(N), s));
        expectFalse(chip, DIGEST, bytes.concat(r, bytes32(N)));
        expectFalse(chip, DIGEST, bytes.concat(bytes32(type(uint256).max), s));
        expectFalse(chip, DIGEST, bytes.concat(r, bytes32(type(uint256).max)));
        expectFalse(chip, DIGEST, bytes.concat(bytes32(uint256(1)), bytes32(uint256(1))));
    }

    function test_P256_GivenAnotherDigest_IsFalse() external view {
        (bytes32 r, bytes32 s) = chipSigned(DIGEST);
        expectFalse(chip, DOCUMENT, bytes.concat(r, s));
        expectFalse(chip, DIGEST >> 8, bytes.concat(r, s));
        expectFalse(chip, bytes32(bytes31(DIGEST)), bytes.concat(r, s));
        expectFalse(chip, 0, bytes.concat(r, s));
    }

    function test_P256_GivenAnotherLength_IsFalse(uint8 length) external view {
        vm.assume(length != 64);
        (bytes32 r, bytes32 s) = chipSigned(DIGEST);
        bytes memory padded = bytes.concat(r, s, new bytes(192));
        assembly ("memory-safe") {
            mstore(padded, length)
        }
        expectFalse(chip, DIGEST, padded);
    }

    function test_P256_GivenAnotherKey_IsFalse() external {
        (bytes32 r, bytes32 s) = vm.signP256(2, DIGEST);
        expectFalse(chip, DIGEST, bytes.concat(r, lower(s)));
        expectFalse(chip, DIGEST, signature(PROBE_KEY, DIGEST));
        (bytes32 chipR, bytes32 chipS) = chipSigned(DIGEST);
        expectFalse(PROBE, DIGEST, bytes.concat(chipR, chipS));
        (uint256 x, uint256 y) = vm.publicKeyP256(2);
        address other = devices.registerP256(bytes32(x), bytes32(y), CALIBRATION, FROM, UNTIL);
        expectFalse(other, DIGEST, bytes.concat(chipR, chipS));
        vm.assertTrue(devices.isSignedBy(other, DIGEST, bytes.concat(r, lower(s))), "its own");
    }

    function chipSigned(bytes32 digest) private pure returns (bytes32 r, bytes32 s) {
        (r, s) = vm.signP256(CHIP_KEY, digest);
        s = lower(s);
    }

    function lower(bytes32 s) private pure returns (bytes32) {
        return uint256(s) > N / 2 ? bytes32(N - uint256(s)) : s;
    }

    function expectFalse(address device, bytes32 digest, bytes memory made) private view {
        vm.assertTrue(!devices.isSignedBy(device, digest, made), "a wrong signature counts");
    }
}
