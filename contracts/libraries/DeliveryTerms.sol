// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDeliveryEscrow} from "../interfaces/IDeliveryEscrow.sol";

/// @title What terms may say, and what they mean
library DeliveryTerms {
    uint256 internal constant PARTS = 10_000;
    /// @dev A typing error in the terms must not lock money for a lifetime.
    uint256 internal constant LONGEST_WAIT = 365 days;

    /// @notice Refuses terms that contradict themselves.
    function check(IDeliveryEscrow.Terms calldata t) internal view {
        if (
            t.seller == address(0) || t.seller == t.buyer || t.arbiter == t.buyer
                || t.arbiter == t.seller
        ) revert IDeliveryEscrow.InvalidParties(t.buyer, t.seller, t.arbiter);
        if (t.amount == 0 || t.cap > t.amount || t.cutBps > PARTS) {
            revert IDeliveryEscrow.InvalidAmounts(t.amount, t.cap, t.cutBps);
        }
        if (t.lowerBound > t.upperBound || t.transportFrom > t.transportTo) {
            revert IDeliveryEscrow.InvalidBounds(
                t.lowerBound, t.upperBound, t.transportFrom, t.transportTo
            );
        }
        if (
            t.deadline <= block.timestamp || t.deadline - block.timestamp > LONGEST_WAIT
                || t.inspectionTime > LONGEST_WAIT || t.arbitrationTime > LONGEST_WAIT
        ) revert IDeliveryEscrow.InvalidTimes(t.deadline, t.inspectionTime, t.arbitrationTime);
        if (t.token.code.length == 0) revert IDeliveryEscrow.NotAToken(t.token);
    }

    /// @notice What the buyer gets back after so many excursions: never more than the cap.
    function withheld(IDeliveryEscrow.Terms calldata t, uint32 excursions)
        internal
        pure
        returns (uint128)
    {
        if (excursions == 0) return 0;
        uint128 cap = t.cap;
        unchecked {
            // 2^128 * 2^32 and 2^128 * 2^16 are far below 2^256.
            uint256 sum = uint256(t.amount) * t.cutBps / PARTS + uint256(t.penalty) * excursions;
            return sum < cap ? uint128(sum) : cap;
        }
    }

    /// @notice The seller's part of an amount, rounded down.
    function share(uint128 amount, uint16 bps) internal pure returns (uint128) {
        if (bps > PARTS) revert IDeliveryEscrow.InvalidSplit(bps);
        return uint128(uint256(amount) * bps / PARTS);
    }

    /// @notice The leaf that SensorOracle's workers attest for a reading.
    function leaf(IDeliveryEscrow.Terms calldata t, IDeliveryEscrow.Excursion calldata e)
        internal
        pure
        returns (bytes32)
    {
        bytes memory reading = abi.encode(t.device, e.seq, t.productId, e.value, e.measuredAt);
        return keccak256(bytes.concat(keccak256(reading)));
    }
}
