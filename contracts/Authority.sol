// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may administer the registries
/// @notice OpenZeppelin's AccessManager, unchanged: roles, delays and scheduled calls. It has no
/// say over SupplyChain or ForecastLedger, and none over retiring or moving a credit.
contract Authority is AccessManager {
    constructor(address admin) AccessManager(admin) {}
}
