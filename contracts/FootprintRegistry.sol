// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IActorRegistry} from "./interfaces/IActorRegistry.sol";
import {IFootprintRegistry} from "./interfaces/IFootprintRegistry.sol";
import {ISupplyChain} from "./interfaces/ISupplyChain.sol";
import {Roles} from "./libraries/Roles.sol";

contract FootprintRegistry is IFootprintRegistry, AccessManaged {
    /* TYPES */

    /// @dev What a retirement reads and writes is one slot.
    struct Footprint {
        uint64 kg;
        uint64 retired;
        uint32 version;
        bytes16 pactId;
        bytes32 documentHash;
    }

    /* STORAGE */

    IActorRegistry public immutable REGISTRY;
    ISupplyChain public immutable SUPPLY_CHAIN;

    mapping(bytes32 productId => mapping(address publisher => Footprint)) private _footprints;
    mapping(bytes32 statementKey => bytes32) private _statements;

    /// @inheritdoc IFootprintRegistry
    mapping(address token => bool) public isRetirer;

    constructor(address authority, IActorRegistry registry, ISupplyChain supplyChain)
        AccessManaged(authority)
    {
        REGISTRY = registry;
        SUPPLY_CHAIN = supplyChain;
    }

    /* FOOTPRINTS */

    /// @inheritdoc IFootprintRegistry
    function publish(Publication calldata p) external {
        _checkPublisher(msg.sender);
        if (p.documentHash == 0) revert MissingDocument(p.productId);
        Footprint storage f = _footprints[p.productId][msg.sender];
        if (p.version <= f.version) revert StaleVersion(f.version, p.version);
        // Who published while holding the product may still correct after handing it over.
        if (f.version == 0) _checkHolder(p.productId, msg.sender);

        (f.kg, f.version, f.pactId, f.documentHash) = (p.kg, p.version, p.pactId, p.documentHash);
        emit FootprintPublished(p.productId, msg.sender, p.documentHash, p.pactId, p.version, p.kg);
    }

    /// @inheritdoc IFootprintRegistry
    function verify(
        bytes32 productId,
        address publisher,
        bytes32 documentHash,
        bytes32 statementHash
    ) external {
        uint8 role = REGISTRY.roleOf(msg.sender);
        if (role != Roles.CERTIFIER) revert NotVerifier(msg.sender, role);
        Footprint storage f = _footprints[productId][publisher];
        uint32 version = f.version;
        if (version == 0) revert UnknownFootprint(productId, publisher);
        if (documentHash != f.documentHash) revert DocumentReplaced(documentHash, f.documentHash);

        _statements[_statementKey(productId, publisher, version, msg.sender)] = statementHash;
        emit FootprintVerified(productId, publisher, msg.sender, version, statementHash);
    }

    /* RETIREMENTS */

    /// @inheritdoc IFootprintRegistry
    function setRetirer(address token, bool allowed) external restricted {
        isRetirer[token] = allowed;
        emit RetirerSet(token, allowed);
    }

    /// @inheritdoc IFootprintRegistry
    function claim(bytes32 productId, address publisher, uint256 kg) external {
        if (!isRetirer[msg.sender]) revert NotRetirer(msg.sender);
        Footprint storage f = _footprints[productId][publisher];
        (uint64 emitted, uint64 retired) = (f.kg, f.retired);
        // A correction may have gone below what is retired: there is no room then, and no overflow.
        if (retired > emitted || kg > emitted - retired) {
            if (f.version == 0) revert UnknownFootprint(productId, publisher);
            revert FootprintExceeded(productId, publisher, emitted, retired, kg);
        }

        // Fits: it is at most `emitted`.
        f.retired = retired + uint64(kg);
    }

    /* VIEWS */

    /// @inheritdoc IFootprintRegistry
    function footprintOf(bytes32 productId, address publisher)
        external
        view
        returns (uint64 kg, uint64 retired, uint32 version, bytes16 pactId, bytes32 documentHash)
    {
        Footprint storage f = _footprints[productId][publisher];
        return (f.kg, f.retired, f.version, f.pactId, f.documentHash);
    }

    /// @inheritdoc IFootprintRegistry
    function statementOf(bytes32 productId, address publisher, uint32 version, address verifier)
        external
        view
        returns (bytes32)
    {
        return _statements[_statementKey(productId, publisher, version, verifier)];
    }

    /* CHECKS */

    function _checkPublisher(address account) private view {
        uint8 role = REGISTRY.roleOf(account);
        if (role == 0 || role > Roles.RETAILER) revert NotPublisher(account, role);
    }

    function _checkHolder(bytes32 productId, address account) private view {
        address holder = SUPPLY_CHAIN.custodianOf(productId);
        if (holder != account) revert NotHolder(productId, holder, account);
    }

    function _statementKey(bytes32 productId, address publisher, uint32 version, address verifier)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(productId, publisher, version, verifier));
    }
}
