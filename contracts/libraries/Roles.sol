// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What an actor is registered as
library Roles {
    uint8 internal constant SUPPLIER = 1;
    uint8 internal constant CARRIER = 2;
    uint8 internal constant RETAILER = 3;
    uint8 internal constant CERTIFIER = 4;
    uint8 internal constant REGULATOR = 5;
    uint8 internal constant DEVICE = 6;
    uint8 internal constant ORACLE = 7;
}
