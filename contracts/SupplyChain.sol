// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IActorRegistry} from "./interfaces/IActorRegistry.sol";
import {Handovers} from "./supply/Handovers.sol";
import {Packing} from "./supply/Packing.sol";
import {Recalls} from "./supply/Recalls.sol";
import {Records} from "./supply/Records.sol";
import {Transformations} from "./supply/Transformations.sol";

/// @title The history of every product, one storage slot each
/// @dev One file a noun in supply/, upon each other: Heads (slot 0), Custody, Ledger, and these.
/// Every external function checks, changes state and logs; the calls that leave the contract are
/// static (EIP-1271, ActorRegistry), so nothing comes back in that could write.
contract SupplyChain is Records, Handovers, Recalls, Packing, Transformations {
    constructor(IActorRegistry registry) Recalls(registry) {}
}
