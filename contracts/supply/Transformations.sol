// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ITransformations} from "../interfaces/ITransformations.sol";
import {History} from "../libraries/History.sol";
import {MassBalance} from "../libraries/MassBalance.sol";
import {Ledger} from "./Ledger.sol";

/// @title Inputs become outputs, and no more of them than there was
abstract contract Transformations is Ledger, ITransformations {
    /* STORAGE */

    mapping(bytes32 productId => MassBalance.Mass) private _mass;

    /* TRANSFORM */

    /// @inheritdoc ITransformations
    function transform(Transformation calldata t) external {
        if (t.inputs.length == 0 || t.outputs.length == 0) revert EmptyBatch();
        _checkBatch(t.inputs.length + t.outputs.length);
        bytes32 leaf = _recordLeaf(msg.sender, t.dataHash, t.occurredAt, History.TRANSFORMATION);
        for (uint256 i; i < t.inputs.length; ++i) {
            _checkFree(t.inputs[i], msg.sender);
            _recordPart(t.inputs[i], leaf, t);
        }
        for (uint256 i; i < t.outputs.length; ++i) {
            if (_head[t.outputs[i]] != 0) _checkHeld(t.outputs[i], msg.sender);
            _recordPart(t.outputs[i], leaf, t);
        }
        if (t.used.length != 0 || t.made.length != 0) _moveMass(t);
        emit ProductsTransformed(t.dataHash, msg.sender, t.inputs, t.outputs, t.used, t.made);
    }

    /// @inheritdoc ITransformations
    function declareMass(bytes32 productId, uint128 grams) external {
        _checkHeld(productId, msg.sender);
        if (grams == 0) revert NoMass(productId);
        if (_mass[productId].made != 0) revert MassIsDeclared(productId);
        _mass[productId] = MassBalance.Mass(grams, grams);
        emit MassDeclared(productId, msg.sender, grams);
    }

    /* VIEWS */

    /// @inheritdoc ITransformations
    function massOf(bytes32 productId) external view returns (uint128 made, uint128 left) {
        return (_mass[productId].made, _mass[productId].left);
    }

    /* STATE CHANGES */

    function _recordPart(bytes32 productId, bytes32 leaf, Transformation calldata t) private {
        _record(
            productId,
            _head[productId],
            leaf,
            msg.sender,
            t.dataHash,
            t.occurredAt,
            History.TRANSFORMATION
        );
    }

    /// @dev Inputs first: a product on both sides gives before it takes.
    function _moveMass(Transformation calldata t) private {
        _checkCount(t.inputs.length, t.used.length);
        _checkCount(t.outputs.length, t.made.length);
        (uint256 used, uint256 made) = (0, 0);
        for (uint256 i; i < t.inputs.length; ++i) {
            used += t.used[i];
            _mass[t.inputs[i]] = MassBalance.use(t.inputs[i], _mass[t.inputs[i]], t.used[i]);
        }
        for (uint256 i; i < t.outputs.length; ++i) {
            made += t.made[i];
            _mass[t.outputs[i]] = MassBalance.add(t.outputs[i], _mass[t.outputs[i]], t.made[i]);
        }
        MassBalance.check(used, made);
    }
}
