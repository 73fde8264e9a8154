// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title How a product's head grows by one entry
/// @dev Twin of core/chain/proof/head.py; both are tested against the same vectors.
library History {
    uint8 internal constant AGGREGATION = 2;
    uint8 internal constant TRANSFORMATION = 3;
    uint8 internal constant LAST_RECORD_KIND = 15;
    uint8 internal constant HANDOVER = 16;
    uint8 internal constant CORRECTION = 17;
    uint8 internal constant PACKED = 18;
    uint8 internal constant UNPACKED = 19;
    uint8 internal constant RECALL = 0x20;

    function leaf(
        uint8 kind,
        address actor,
        address counterparty,
        bytes32 dataHash,
        uint64 occurredAt
    ) internal pure returns (bytes32 hash) {
        // keccak256(abi.encode(kind, actor, counterparty, dataHash, occurredAt)) in memory that is
        // not kept, 139 gas cheaper than the compiler's. Assembly may find short types with dirty
        // high bits, so they are cut.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, and(kind, 0xff))
            mstore(add(words, 0x20), shr(96, shl(96, actor)))
            mstore(add(words, 0x40), shr(96, shl(96, counterparty)))
            mstore(add(words, 0x60), dataHash)
            mstore(add(words, 0x80), and(occurredAt, 0xffffffffffffffff))
            hash := keccak256(words, 0xa0)
        }
    }

    function grow(bytes32 head, bytes32 entry) internal pure returns (bytes32 next, uint64 seq) {
        unchecked {
            // 2^64 entries of one product cannot be paid for.
            seq = seqOf(head) + 1;
        }
        uint192 hash = uint192(uint256(Hashes.efficientKeccak256(head, entry)));
        next = bytes32((uint256(seq) << 192) | hash);
    }

    /// @notice How many entries a head stands for.
    function seqOf(bytes32 head) internal pure returns (uint64) {
        return uint64(uint256(head) >> 192);
    }
}
