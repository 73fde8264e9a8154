// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IAnchorLog} from "./interfaces/IAnchorLog.sol";
import {History} from "./libraries/History.sol";

contract AnchorLog is IAnchorLog {
    /// @inheritdoc IAnchorLog
    mapping(address publisher => bytes32) public tipOf;

    /// @inheritdoc IAnchorLog
    function anchor(bytes32 root, uint32 count, bytes32 manifestHash) external {
        if (root == 0 || count == 0) revert EmptyAnchor(root, count);

        (bytes32 tip, uint64 index) =
            History.grow(tipOf[msg.sender], _leaf(root, count, manifestHash));
        tipOf[msg.sender] = tip;
        emit EventsAnchored(msg.sender, root, manifestHash, index, count);
    }

    /// @inheritdoc IAnchorLog
    function isPublished(address publisher, bytes32 tipBefore, Anchor[] calldata anchors)
        external
        view
        returns (bool)
    {
        bytes32 tip = tipBefore;
        for (uint256 i; i < anchors.length; ++i) {
            Anchor calldata a = anchors[i];
            (tip,) = History.grow(tip, _leaf(a.root, a.count, a.manifestHash));
        }
        // No anchors prove nothing, whatever tip the caller names.
        return anchors.length > 0 && tip == tipOf[publisher];
    }

    /// @inheritdoc IAnchorLog
    function verifyLeaf(bytes32 root, AnchoredEvent calldata e, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        // Hashed twice, so that no inner node of a tree can pose as a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(e))));
        return MerkleProof.verifyCalldata(proof, root, leaf);
    }

    function _leaf(bytes32 root, uint32 count, bytes32 manifestHash)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(root, count, manifestHash));
    }
}
