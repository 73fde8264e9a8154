// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {Credits} from "./carbon/Credits.sol";
import {ICarbonToken} from "./interfaces/ICarbonToken.sol";
import {IFootprintRegistry} from "./interfaces/IFootprintRegistry.sol";
import {ISerialRegistry} from "./interfaces/ISerialRegistry.sol";
import {Consent} from "./libraries/Consent.sol";

/// @dev Nothing in this file can be paused or administered: whoever holds a credit can retire it.
contract CarbonToken is Credits, EIP712, Nonces {
    bytes32 public constant RETIREMENT_TYPEHASH = keccak256(
        "Retirement(address holder,uint256 id,uint64 amount,address beneficiary,bytes32 purposeHash,bytes32 productId,address publisher,uint256 nonce,uint64 deadline)"
    );

    IFootprintRegistry public immutable FOOTPRINTS;

    constructor(address authority, ISerialRegistry serials, IFootprintRegistry footprints)
        Credits(authority, serials)
        EIP712("SmartRetail360 CarbonToken", "1")
    {
        FOOTPRINTS = footprints;
    }

    /* RETIRING */

    /// @inheritdoc ICarbonToken
    function retire(uint256 id, uint256 amount, address beneficiary, bytes32 purposeHash)
        external
        returns (uint256 firstKg)
    {
        firstKg = _takeOut(msg.sender, id, amount);
        emit CreditRetired(id, msg.sender, 0, firstKg, amount, beneficiary, purposeHash);
    }

    /// @inheritdoc ICarbonToken
    function retireAgainst(
        uint256 id,
        uint256 amount,
        address beneficiary,
        bytes32 purposeHash,
        bytes32 productId,
        address publisher
    ) external returns (uint256 firstKg) {
        firstKg = _takeOut(msg.sender, id, amount);
        emit CreditRetired(id, msg.sender, productId, firstKg, amount, beneficiary, purposeHash);
        _compensate(id, amount, productId, publisher);
    }

    /// @inheritdoc ICarbonToken
    function retireMany(uint256 id, Portion[] calldata portions)
        external
        returns (uint256 firstKg)
    {
        uint256 total = 0;
        for (uint256 n; n < portions.length; ++n) {
            if (portions[n].amount == 0) revert ZeroAmount();
            total += portions[n].amount;
        }
        firstKg = _takeOut(msg.sender, id, total);

        uint256 next = firstKg;
        for (uint256 n; n < portions.length; ++n) {
            _portion(id, next, portions[n]);
            next += portions[n].amount;
        }
    }

    /// @inheritdoc ICarbonToken
    function retireFor(Retirement calldata r, bytes calldata signature)
        external
        returns (uint256 firstKg)
    {
        if (block.timestamp > r.deadline) revert Expired(r.deadline, block.timestamp);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(RETIREMENT_TYPEHASH, r)));
        if (!Consent.given(r.holder, digest, signature)) revert InvalidSignature(r.holder);
        _useCheckedNonce(r.holder, r.nonce);

        firstKg = _takeOut(r.holder, r.id, r.amount);
        emit CreditRetired(
            r.id, r.holder, r.productId, firstKg, r.amount, r.beneficiary, r.purposeHash
        );
        if (r.productId != 0) _compensate(r.id, r.amount, r.productId, r.publisher);
    }

    /* STATE CHANGES */

    function _takeOut(address holder, uint256 id, uint256 amount)
        private
        returns (uint256 firstKg)
    {
        _burnOf(holder, id, amount);
        Batch storage batch = _batches[id];
        uint64 retired = batch.retired;
        // The balance was issued, and all that is issued of a credit fits 64 bits.
        unchecked {
            batch.retired = retired + uint64(amount);
            return uint256(retired) + 1;
        }
    }

    function _portion(uint256 id, uint256 firstKg, Portion calldata p) private {
        emit CreditRetired(
            id, msg.sender, p.productId, firstKg, p.amount, p.beneficiary, p.purposeHash
        );
        if (p.productId != 0) _compensate(id, p.amount, p.productId, p.publisher);
    }

    function _compensate(uint256 id, uint256 amount, bytes32 productId, address publisher) private {
        emit FootprintCompensated(productId, publisher, id, amount);
        FOOTPRINTS.claim(productId, publisher, amount);
    }
}
