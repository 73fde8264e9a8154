// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {History} from "../../libraries/History.sol";
import {vm} from "../Vm.sol";

/// @title A head counts its entries and commits to the one before it, whatever the bytes are
/// @dev Proved by halmos for every input (`check_`), not run by forge. keccak256 is taken to be free
/// of collisions; what is proved is that packing and encoding lose nothing on top of that.
contract HistorySymbolic {
    uint256 private constant HASH_BITS = 192;

    function check_Grow_CountsByOne(bytes32 head, bytes32 entry) external pure {
        uint64 before = uint64(uint256(head) >> HASH_BITS);
        vm.assume(before < type(uint64).max);
        (bytes32 next, uint64 seq) = History.grow(head, entry);
        assert(seq == before + 1);
        assert(uint256(next) >> HASH_BITS == uint256(before) + 1);
    }

    function check_Grow_KeepsAll192BitsOfTheHash(bytes32 head, bytes32 entry) external pure {
        (bytes32 next,) = History.grow(head, entry);
        uint256 hash = uint256(keccak256(abi.encodePacked(head, entry)));
        assert(uint192(uint256(next)) == uint192(hash));
    }

    /// @dev Two folds meet only if they took the same last entry on the same head, or if the first
    /// 64 bits are all that their hashes differ in.
    function check_Grow_CommitsToHeadAndEntry(
        bytes32 head,
        bytes32 entry,
        bytes32 otherHead,
        bytes32 otherEntry
    ) external pure {
        (bytes32 next,) = History.grow(head, entry);
        (bytes32 otherNext,) = History.grow(otherHead, otherEntry);
        vm.assume(next == otherNext);
        uint256 hash = uint256(keccak256(abi.encodePacked(head, entry)));
        uint256 otherHash = uint256(keccak256(abi.encodePacked(otherHead, otherEntry)));
        vm.assume(hash >> HASH_BITS == otherHash >> HASH_BITS);
        assert(head == otherHead && entry == otherEntry);
    }

    function check_Leaf_CommitsToEveryField(
        uint8[2] calldata kinds,
        address[2] calldata actors,
        address[2] calldata counterparties,
        bytes32[2] calldata hashes,
        uint64[2] calldata times
    ) external pure {
        bytes32 one = History.leaf(kinds[0], actors[0], counterparties[0], hashes[0], times[0]);
        bytes32 other = History.leaf(kinds[1], actors[1], counterparties[1], hashes[1], times[1]);
        vm.assume(one == other);
        assert(kinds[0] == kinds[1] && actors[0] == actors[1]);
        assert(counterparties[0] == counterparties[1]);
        assert(hashes[0] == hashes[1] && times[0] == times[1]);
    }
}
