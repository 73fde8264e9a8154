// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {History} from "../libraries/History.sol";

/// @title One storage slot for the history of each product
/// @dev First in the inheritance list, so that heads live at slot 0: a reader proves a head with
/// `eth_getProof` of keccak256(abi.encode(productId, 0)).
abstract contract Heads {
    mapping(bytes32 productId => bytes32) internal _head;

    /// @dev The only way a head changes but for `recordRun`, which writes once for many entries.
    function _append(bytes32 productId, bytes32 current, bytes32 leaf)
        internal
        returns (uint64 seq)
    {
        bytes32 next;
        (next, seq) = History.grow(current, leaf);
        _head[productId] = next;
    }
}
