// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title The IPFS address of a document whose SHA-256 is known
library IpfsUri {
    /// @notice CIDv1 in base16 ("f"): version 1, codec raw (55), sha2-256 (12), 32 bytes (20).
    function raw(bytes32 sha256Hash) internal pure returns (string memory) {
        bytes memory hexadecimal = bytes(Strings.toHexString(abi.encodePacked(sha256Hash)));
        // Without the "0x" in front.
        return string.concat("ipfs://f01551220", string(Bytes.slice(hexadecimal, 2)));
    }
}
