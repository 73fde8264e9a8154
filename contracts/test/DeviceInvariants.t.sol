// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDeviceRegistry} from "../interfaces/IDeviceRegistry.sol";
import {Actors} from "./Actors.sol";
import {Vm, vm} from "./Vm.sol";

/// @title A registrar who keeps devices, and people who would like to
/// @dev A reader of the logs alone; `told` is what they say of a device.
contract DeviceActions is Actors {
    uint256 private constant DEVICES = 4;

    IDeviceRegistry public devices;
    mapping(address device => IDeviceRegistry.Device) public told;
    string public fault;
    uint256 private _time = START;

    constructor() {
        super.setUp();
        devices = IDeviceRegistry(deployed("DeviceRegistry", address(authority)));
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    function count() external pure returns (uint256) {
        return DEVICES;
    }

    function device(uint256 which) public view returns (address) {
        return vm.addr(1 + which % DEVICES);
    }

    /// @dev Times lie around now, so that a revocation falls into the validity as often as not.
    function register(bool stranger, uint8 which, bytes32 calibration, uint8 starts, uint8 lasts)
        external
    {
        uint64 from = uint64(_time - starts);
        uint64 until = from + 2 * uint64(lasts);
        act(
            stranger,
            which,
            abi.encodeCall(IDeviceRegistry.register, (device(which), calibration, from, until))
        );
    }

    function recalibrate(bool stranger, uint8 which, bytes32 calibration, uint8 until) external {
        act(
            stranger,
            which,
            abi.encodeCall(
                IDeviceRegistry.recalibrate, (device(which), calibration, uint64(_time + until))
            )
        );
    }

    function revoke(bool stranger, uint8 which, int8 since) external {
        uint64 at = uint64(int64(uint64(_time)) + since);
        act(stranger, which, abi.encodeCall(IDeviceRegistry.revoke, (device(which), at)));
    }

    function bind(bool stranger, uint8 which, uint8 subject) external {
        bytes32 name = bytes32(uint256(subject % 3));
        act(stranger, which, abi.encodeCall(IDeviceRegistry.bind, (device(which), name)));
    }

    function pass(uint8 time) external {
        _time += time;
    }

    /// @dev The clock is kept here: forge sets it back before each call.
    function act(bool stranger, uint8 which, bytes memory data) private {
        vm.warp(_time);
        vm.recordLogs();
        if (stranger) vm.prank(which % 2 == 0 ? ATTACKER : device(which));
        (bool done,) = address(devices).call(data);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (!done) return;
        if (stranger) fault = "changed by a stranger";
        if (logs.length != 1) fault = "a change without its event";
        read(logs[0]);
    }

    function read(Vm.Log memory log) private {
        IDeviceRegistry.Device storage known = told[address(uint160(uint256(log.topics[1])))];
        bytes32 name = log.topics[0];
        if (known.revokedSince != 0) fault = "a revoked device changed";
        if (name == IDeviceRegistry.DeviceRegistered.selector) {
            if (known.validUntil != 0) fault = "registered twice";
            (known.validFrom, known.validUntil,,) =
                abi.decode(log.data, (uint64, uint64, bytes32, bytes32));
            known.calibrationHash = log.topics[2];
        } else if (known.validUntil == 0) {
            fault = "a change of what was never registered";
        }
        if (name == IDeviceRegistry.DeviceCalibrated.selector) {
            known.calibrationHash = log.topics[2];
            known.validUntil = abi.decode(log.data, (uint64));
        }
        if (name == IDeviceRegistry.DeviceRevoked.selector) {
            known.revokedSince = abi.decode(log.data, (uint64));
            if (known.revokedSince > _time) fault = "revoked ahead of time";
        }
        if (name == IDeviceRegistry.DeviceBound.selector) known.subject = log.topics[2];
    }
}

contract DeviceInvariantsTest {
    DeviceActions private actions;

    function setUp() external {
        actions = new DeviceActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_ADeviceIsTheFoldOfItsEvents() external view {
        for (uint256 i; i < actions.count(); ++i) {
            address device = actions.device(i);
            vm.assertEq(keccak256(abi.encode(stored(device))), keccak256(abi.encode(told(device))));
        }
    }

    function invariant_ValidExactlyWhileTheEventsSaySo() external view {
        for (uint256 i; i < actions.count(); ++i) {
            address device = actions.device(i);
            IDeviceRegistry.Device memory d = told(device);
            if (d.validUntil == 0) {
                expectValid(device, 0, 0, false);
                continue;
            }
            expectValid(device, d.validFrom - 1, d.subject, false);
            expectValid(device, d.validFrom, d.subject, stands(d, d.validFrom));
            expectValid(device, d.validUntil, d.subject, stands(d, d.validUntil));
            expectValid(device, d.validUntil + 1, d.subject, false);
            expectValid(device, d.revokedSince, d.subject, false);
            expectValid(device, d.validFrom, "another", d.subject == 0 && stands(d, d.validFrom));
        }
    }

    /// @dev Only the registrar changes a device, once registered and until revoked.
    function invariant_NoLogContradictsTheOnesBefore() external view {
        string memory fault = actions.fault();
        vm.assertTrue(bytes(fault).length == 0, fault);
    }

    function expectValid(address device, uint64 time, bytes32 subject, bool valid) private view {
        vm.assertTrue(
            actions.devices().isValidFor(device, time, subject) == valid, "believed wrongly"
        );
    }

    function stands(IDeviceRegistry.Device memory d, uint64 time) private pure returns (bool) {
        return d.revokedSince == 0 || time < d.revokedSince;
    }

    function stored(address device) private view returns (IDeviceRegistry.Device memory d) {
        (d.validFrom, d.validUntil, d.revokedSince, d.calibrationHash, d.subject, d.x, d.y) =
            actions.devices().deviceOf(device);
    }

    function told(address device) private view returns (IDeviceRegistry.Device memory d) {
        (d.validFrom, d.validUntil, d.revokedSince, d.calibrationHash, d.subject, d.x, d.y) =
            actions.told(device);
    }
}
