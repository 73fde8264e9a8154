// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

import {ICarbonToken} from "./interfaces/ICarbonToken.sol";
import {SerialRanges} from "./libraries/SerialRanges.sol";

contract CarbonToken is ICarbonToken, ERC1155, AccessManaged {
    using SerialRanges for SerialRanges.Ranges;

    /* TYPES */

    struct Supply {
        uint128 issued;
        uint128 retired;
    }

    /* STORAGE */

    mapping(uint256 id => Supply) private _supply;
    mapping(bytes32 project => SerialRanges.Ranges) private _serials;

    /// @notice Retirements so far; the latest one's id.
    uint256 public retirements;

    constructor(address authority) ERC1155("") AccessManaged(authority) {}

    /// @inheritdoc ICarbonToken
    function issue(Issue calldata i) external restricted returns (uint256 id) {
        id = uint256(keccak256(abi.encode(i.project, i.vintage, i.batch)));
        if (_supply[id].issued != 0) revert AlreadyIssued(id);

        _serials[i.project].claim(i.serialStart, i.serialEnd);
        uint128 amount = i.serialEnd - i.serialStart;
        _supply[id].issued = amount;
        _emitIssued(id, i);
        // Last, because a receiving contract is called.
        _mint(i.to, id, amount, "");
    }

    /// @inheritdoc ICarbonToken
    function retire(
        uint256 id,
        uint256 amount,
        address beneficiary,
        bytes32 productId,
        bytes32 purposeHash
    ) external returns (uint256 retirementId) {
        if (amount == 0) revert ZeroAmount();

        _burn(msg.sender, id, amount);
        // The burned balance was issued, so it fits into 128 bits.
        _supply[id].retired += uint128(amount);
        retirementId = ++retirements;
        emit CreditRetired(
            id, msg.sender, productId, retirementId, amount, beneficiary, purposeHash
        );
    }

    /// @inheritdoc ICarbonToken
    function supplyOf(uint256 id)
        external
        view
        returns (uint256 issued, uint256 tradable, uint256 retired)
    {
        Supply memory supply = _supply[id];
        return (supply.issued, supply.issued - supply.retired, supply.retired);
    }

    function _emitIssued(uint256 id, Issue calldata i) private {
        emit CreditIssued(
            id, i.project, i.to, i.vintage, i.batch, i.serialStart, i.serialEnd, i.metadataHash
        );
    }
}
