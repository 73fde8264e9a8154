// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISensorOracle} from "../interfaces/ISensorOracle.sol";
import {Workers} from "./Workers.sol";
import {vm} from "./Vm.sol";

/// @title Reports by the right and the wrong workers, of old and new epochs, in any order
/// @dev Keeps what a reader of the accepted calls would know; the contract must not know more.
contract OracleActions is Workers {
    uint256 private constant PEOPLE = 6; // who may become a worker

    uint256 public configurations;
    uint256 public accepted;
    uint256 public tooFew; // accepted reports with fewer distinct signers than the threshold
    bytes32[] public batches;
    mapping(bytes32 batch => bytes32) public firstRoot;
    mapping(address => bool) private _mayDecide;
    mapping(address => uint256) private _countedIn;
    uint256 private _reports;

    constructor() {
        super.setUp();
        configurations = 1;
        remember();
    }

    /// @dev Once is enough, also when the fuzzer finds it.
    function setUp() public override {}

    function epoch() external view returns (uint256) {
        return oracle.epoch();
    }

    function rootOf(bytes32 batch) external view returns (bytes32) {
        return oracle.rootOf(batch);
    }

    function attested() external view returns (uint256) {
        return batches.length;
    }

    /// @dev The first `count` of the people, sorted, so that epochs overlap in their signers.
    function configure(uint8 count, uint8 threshold) external {
        forget();
        hire(1 + count % PEOPLE);
        try oracle.setConfig(workers, threshold % 8) {
            ++configurations;
        } catch {}
        remember();
    }

    /// @dev Each byte of `who` names a signer; the order may be wrong and names may repeat.
    function report(uint32 who, uint8 signatures, uint8 batch, uint64 salt, bool oldConfig)
        external
    {
        ISensorOracle.Report memory r = coldTruck();
        r.batchId = bytes32(uint256(batch % 16 + 1));
        r.root = keccak256(abi.encode(salt));
        if (oldConfig) r.configDigest = keccak256("another");
        uint256[] memory chosen = choose(who, signatures % 5);
        ISensorOracle.Signature[] memory made = new ISensorOracle.Signature[](chosen.length);
        for (uint256 i; i < chosen.length; ++i) {
            made[i] = compact(chosen[i], reportDigest(r));
        }
        try oracle.report(r, made) {
            note(r, chosen);
        } catch {}
    }

    /// @dev A report as it should be: by all workers of the epoch, in order.
    function reportWell(uint8 batch, uint64 salt) external {
        ISensorOracle.Report memory r = coldTruck();
        r.batchId = bytes32(uint256(batch % 16 + 1));
        r.root = keccak256(abi.encode(salt));
        ISensorOracle.Signature[] memory made = signedBy(oracle.signers().length, r);
        try oracle.report(r, made) {
            note(r, keys);
        } catch {}
    }

    function note(ISensorOracle.Report memory r, uint256[] memory chosen) private {
        ++accepted;
        ++_reports;
        uint256 distinct;
        for (uint256 i; i < chosen.length; ++i) {
            address signer = vm.addr(chosen[i]);
            if (_mayDecide[signer] && _countedIn[signer] != _reports) {
                _countedIn[signer] = _reports;
                ++distinct;
            }
        }
        if (distinct < oracle.threshold()) ++tooFew;
        if (firstRoot[r.batchId] == 0) {
            firstRoot[r.batchId] = r.root;
            batches.push(r.batchId);
        }
    }

    /// @dev A refused configuration leaves the old workers in charge.
    function remember() private {
        address[] memory current = oracle.signers();
        for (uint256 i; i < current.length; ++i) {
            _mayDecide[current[i]] = true;
        }
        hire(current.length);
    }

    function forget() private {
        address[] memory current = oracle.signers();
        for (uint256 i; i < current.length; ++i) {
            _mayDecide[current[i]] = false;
        }
    }

    function choose(uint32 who, uint256 count) private pure returns (uint256[] memory chosen) {
        chosen = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            chosen[i] = 11 + ((who >> (8 * i)) & 0xFF) % PEOPLE;
        }
    }
}

contract OracleInvariantsTest {
    OracleActions private actions;
    uint256 private lastEpoch;

    function setUp() external {
        actions = new OracleActions();
    }

    /// @dev Read by forge: the only contract whose functions get called at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_AnEpochPerConfigurationAndNeverBack() external {
        uint256 current = actions.epoch();
        vm.assertEq(current, actions.configurations());
        vm.assertTrue(current >= lastEpoch, "an epoch went back");
        lastEpoch = current;
    }

    function invariant_ABatchIsAttestedOnce() external view {
        vm.assertEq(actions.accepted(), actions.attested());
        for (uint256 i; i < actions.attested(); ++i) {
            bytes32 batch = actions.batches(i);
            vm.assertEq(actions.rootOf(batch), actions.firstRoot(batch));
        }
    }

    function invariant_NoReportWithoutEnoughSignersOfTheEpoch() external view {
        vm.assertEq(actions.tooFew(), 0);
    }
}
