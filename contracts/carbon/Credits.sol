// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ICarbonToken} from "../interfaces/ICarbonToken.sol";
import {ISerialRegistry} from "../interfaces/ISerialRegistry.sol";
import {IpfsUri} from "../libraries/IpfsUri.sol";

/// @title The administered half of CarbonToken: projects, issuing, sealing, the buffer
abstract contract Credits is ICarbonToken, ERC1155, AccessManaged, Pausable {
    /* TYPES */

    struct Project {
        bytes32 metadataHash;
        uint16 bufferShare;
        bool isSealed;
    }

    /// @dev Serials are uint64 and disjoint, so no sum of a credit passes 64 bits. One slot holds
    /// what issuing and retiring change; tradable is what is left.
    struct Batch {
        uint64 issued;
        uint64 retired;
        uint64 cancelled;
        Origin origin;
        bool isSealed;
        bytes32 metadataHash;
    }

    /* CONSTANTS */

    /// @notice Of 1/10,000.
    uint16 public constant MAX_BUFFER_SHARE = 5_000;

    ISerialRegistry public immutable SERIALS;

    /* STORAGE */

    mapping(bytes32 project => Project) private _projects;
    mapping(bytes32 project => mapping(uint16 vintage => bytes32)) private _vintages;
    mapping(uint256 id => Batch) internal _batches;

    constructor(address authority, ISerialRegistry serials) ERC1155("") AccessManaged(authority) {
        SERIALS = serials;
    }

    /* PROJECTS */

    /// @inheritdoc ICarbonToken
    function registerProject(bytes32 project, bytes32 metadataHash, uint16 bufferShare)
        external
        restricted
    {
        if (metadataHash == 0) revert MissingMetadata(project);
        if (bufferShare > MAX_BUFFER_SHARE) {
            revert InvalidBufferShare(bufferShare, MAX_BUFFER_SHARE);
        }
        if (_projects[project].metadataHash != 0) revert ProjectExists(project);

        _projects[project] = Project(metadataHash, bufferShare, false);
        emit ProjectRegistered(project, metadataHash, bufferShare);
    }

    /// @inheritdoc ICarbonToken
    function describeVintage(bytes32 project, uint16 vintage, bytes32 metadataHash)
        external
        restricted
    {
        _knownProject(project);
        if (metadataHash == 0) revert MissingMetadata(project);
        if (_vintages[project][vintage] != 0) revert VintageExists(project, vintage);

        _vintages[project][vintage] = metadataHash;
        emit VintageDescribed(project, vintage, metadataHash);
    }

    /// @inheritdoc ICarbonToken
    function sealProject(bytes32 project) external restricted {
        _openProject(project).isSealed = true;
        emit ProjectSealed(project);
    }

    /// @inheritdoc ICarbonToken
    function sealBatch(uint256 id) external restricted {
        Batch storage batch = _batches[id];
        if (batch.issued == 0) revert UnknownCredit(id);
        if (batch.isSealed) revert BatchIsSealed(id);

        batch.isSealed = true;
        emit BatchSealed(id);
    }

    /* ISSUING */

    /// @inheritdoc ICarbonToken
    function issue(Issue calldata i) external restricted whenNotPaused returns (uint256 id) {
        Project storage project = _openProject(i.project);
        if (i.origin == Origin.NONE) revert InvalidOrigin(i.project);
        if (i.metadataHash == 0) revert MissingMetadata(i.project);
        id = creditId(i.project, i.vintage, i.batch);
        Batch storage batch = _openBatch(id, i);

        SERIALS.claim(i.project, i.serialStart, i.serialEnd, i.hint);
        uint64 amount = i.serialEnd - i.serialStart;
        batch.issued += amount;
        _emitIssued(id, i);
        if (i.origin == Origin.RETIRED) _recordRetired(id, batch, i.to, amount);
        else _mintBuffered(id, i.to, amount, project.bufferShare);
    }

    /// @inheritdoc ICarbonToken
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc ICarbonToken
    function unpause() external restricted {
        _unpause();
    }

    /* CANCELLING */

    /// @inheritdoc ICarbonToken
    function cancel(uint256 id, uint256 amount, bytes32 reasonHash) external restricted {
        _cancel(msg.sender, id, amount, reasonHash);
    }

    /// @inheritdoc ICarbonToken
    function reversal(
        bytes32 project,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        bytes32 reportHash
    ) external restricted {
        _knownProject(project);
        if (ids.length != amounts.length) {
            revert ERC1155InvalidArrayLength(ids.length, amounts.length);
        }
        if (ids.length == 0) revert ZeroAmount();

        uint256 total = 0;
        for (uint256 n; n < ids.length; ++n) {
            _cancel(address(this), ids[n], amounts[n], reportHash);
            total += amounts[n];
        }
        emit ReversalRecorded(project, reportHash, total);
    }

    /* VIEWS */

    /// @inheritdoc ICarbonToken
    function creditId(bytes32 project, uint16 vintage, uint32 batch) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(project, vintage, batch)));
    }

    /// @inheritdoc ICarbonToken
    function supplyOf(uint256 id)
        external
        view
        returns (
            uint256 issued,
            uint256 tradable,
            uint256 retired,
            uint256 cancelled,
            uint256 buffered
        )
    {
        Batch storage b = _batches[id];
        (issued, retired, cancelled) = (b.issued, b.retired, b.cancelled);
        return
            (issued, issued - retired - cancelled, retired, cancelled, balanceOf(address(this), id));
    }

    /// @inheritdoc ICarbonToken
    function projectOf(bytes32 project) external view returns (bytes32, uint16, bool) {
        Project storage p = _projects[project];
        return (p.metadataHash, p.bufferShare, p.isSealed);
    }

    /// @inheritdoc ICarbonToken
    function vintageOf(bytes32 project, uint16 vintage) external view returns (bytes32) {
        return _vintages[project][vintage];
    }

    /// @inheritdoc ICarbonToken
    function batchOf(uint256 id) external view returns (bytes32, Origin, bool) {
        Batch storage b = _batches[id];
        return (b.metadataHash, b.origin, b.isSealed);
    }

    /// @notice Where the credit's document is: `ipfs://` and its CID; empty = never issued.
    function uri(uint256 id) public view override returns (string memory) {
        bytes32 metadataHash = _batches[id].metadataHash;
        return metadataHash == 0 ? "" : IpfsUri.raw(metadataHash);
    }

    /* STATE CHANGES */

    function _burnOf(address holder, uint256 id, uint256 amount) internal {
        if (amount == 0) revert ZeroAmount();
        _burn(holder, id, amount);
    }

    function _cancel(address holder, uint256 id, uint256 amount, bytes32 reasonHash) private {
        _burnOf(holder, id, amount);
        _batches[id].cancelled += uint64(amount);
        emit CreditCancelled(id, holder, reasonHash, amount);
    }

    function _openBatch(uint256 id, Issue calldata i) private returns (Batch storage batch) {
        batch = _batches[id];
        if (batch.isSealed) revert BatchIsSealed(id);
        if (batch.metadataHash == 0) {
            (batch.origin, batch.metadataHash) = (i.origin, i.metadataHash);
            emit URI(IpfsUri.raw(i.metadataHash), id);
        } else if (batch.origin != i.origin || batch.metadataHash != i.metadataHash) {
            revert BatchDiffers(id);
        }
    }

    /// @dev The serials are dead in their registry: no balance ever comes of them.
    function _recordRetired(uint256 id, Batch storage batch, address to, uint64 amount) private {
        uint64 retired = batch.retired;
        batch.retired = retired + amount;
        emit CreditRetired(id, to, 0, uint256(retired) + 1, amount, to, 0);
    }

    function _mintBuffered(uint256 id, address to, uint256 amount, uint256 share) private {
        // Rounded up: many small issues set aside no less than a large one.
        uint256 buffered = (amount * share + 9_999) / 10_000;
        if (buffered != 0) {
            (uint256[] memory ids, uint256[] memory values) = (new uint256[](1), new uint256[](1));
            (ids[0], values[0]) = (id, buffered);
            // Without the receiver's check: as a receiver this contract takes credits from nobody.
            _update(address(0), address(this), ids, values);
        }
        // Last, because a receiving contract is called.
        _mint(to, id, amount - buffered, "");
    }

    function _emitIssued(uint256 id, Issue calldata i) private {
        emit CreditIssued(
            id,
            i.project,
            i.to,
            i.vintage,
            i.batch,
            i.serialStart,
            i.serialEnd,
            i.metadataHash,
            i.origin
        );
    }

    /* CHECKS */

    function _knownProject(bytes32 project) private view returns (Project storage p) {
        p = _projects[project];
        if (p.metadataHash == 0) revert UnknownProject(project);
    }

    function _openProject(bytes32 project) private view returns (Project storage p) {
        p = _knownProject(project);
        if (p.isSealed) revert ProjectIsSealed(project);
    }
}
