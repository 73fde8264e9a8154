// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SensorOracle} from "../SensorOracle.sol";
import {ISensorOracle} from "../interfaces/ISensorOracle.sol";
import {Actors} from "./Actors.sol";
import {vm} from "./Vm.sol";

/// @title A SensorOracle, the workers who sign for it, and a truck's report
abstract contract Workers is Actors {
    SensorOracle internal oracle;
    uint256[] internal keys; // of the workers, ascending by address
    address[] internal workers;

    function setUp() public virtual override {
        super.setUp();
        oracle = SensorOracle(deployed("SensorOracle", address(authority)));
        hire(3);
        oracle.setConfig(workers, 2);
    }

    /// @dev Fresh keys, sorted by address.
    function hire(uint256 count) internal {
        delete keys;
        delete workers;
        for (uint256 i; i < count; ++i) {
            keys.push(11 + i);
        }
        for (uint256 i; i < count; ++i) {
            for (uint256 j = i + 1; j < count; ++j) {
                if (vm.addr(keys[i]) > vm.addr(keys[j])) {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                }
            }
            workers.push(vm.addr(keys[i]));
        }
    }

    function coldTruck() internal view returns (ISensorOracle.Report memory) {
        return ISensorOracle.Report({
            batchId: keccak256("batch"),
            productId: LETTUCE,
            device: CARRIER,
            root: DOCUMENT,
            manifestHash: DOCUMENT,
            median: 3900,
            minimum: -200,
            maximum: 8700,
            lowerBound: 0,
            upperBound: 8000,
            count: 100,
            excursions: 3,
            fromTime: NOW_MS - 600_000,
            toTime: NOW_MS,
            configDigest: oracle.configDigest()
        });
    }

    function reportDigest(ISensorOracle.Report memory r) internal view returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(oracle.REPORT_TYPEHASH(), r));
        return digestOf(address(oracle), "SmartRetail360 SensorOracle", structHash);
    }

    /// @dev By the first `count` workers.
    function signedBy(uint256 count, ISensorOracle.Report memory r)
        internal
        view
        returns (ISensorOracle.Signature[] memory signatures)
    {
        signatures = new ISensorOracle.Signature[](count);
        for (uint256 i; i < count; ++i) {
            signatures[i] = compact(keys[i], reportDigest(r));
        }
    }

    function signed(ISensorOracle.Report memory r, uint256 first, uint256 second)
        internal
        view
        returns (ISensorOracle.Signature[] memory signatures)
    {
        signatures = new ISensorOracle.Signature[](2);
        signatures[0] = compact(keys[first], reportDigest(r));
        signatures[1] = compact(keys[second], reportDigest(r));
    }

    /// @dev EIP-2098: the parity of the point is the highest bit of s.
    function compact(uint256 key, bytes32 digest)
        internal
        pure
        returns (ISensorOracle.Signature memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return ISensorOracle.Signature(r, bytes32((uint256(v - 27) << 255) | uint256(s)));
    }

    /// @dev What the truck's report becomes when all three measured so much at that time.
    function measured(bytes32 batch, int64 value, uint64 at)
        internal
        view
        returns (ISensorOracle.Report memory r)
    {
        r = coldTruck();
        (r.batchId, r.root) = (batch, batch);
        (r.minimum, r.median, r.maximum) = (value, value, value);
        (r.fromTime, r.toTime) = (at, at);
    }
}
