"""The typed structs people and machines sign; field order is the contracts' order."""

from typing import Final

from core.crypto.eip712 import Domain, StructType

RECORD: Final = StructType(
    "Record",
    (
        ("address", "actor"),
        ("bytes32", "productId"),
        ("bytes32", "prevHead"),
        ("bytes32", "dataHash"),
        ("uint64", "occurredAt"),
        ("uint8", "kind"),
        ("uint64", "deadline"),
    ),
)
RECORD_BATCH: Final = StructType(
    "RecordBatch",
    (
        ("address", "actor"),
        ("bytes32[]", "productIds"),
        ("bytes32[]", "prevHeads"),
        ("bytes32", "dataHash"),
        ("uint64", "occurredAt"),
        ("uint8", "kind"),
        ("uint64", "deadline"),
    ),
)
HANDOVER: Final = StructType(
    "Handover",
    (
        ("address", "from"),
        ("address", "to"),
        ("bytes32", "productId"),
        ("bytes32", "prevHead"),
        ("bytes32", "dataHash"),
        ("uint64", "occurredAt"),
        ("uint64", "deadline"),
    ),
)
RECALL: Final = StructType(
    "Recall",
    (
        ("address", "actor"),
        ("bytes32", "productId"),
        ("bytes32", "prevHead"),
        ("bytes32", "noticeHash"),
        ("uint64", "occurredAt"),
        ("uint8", "level"),
        ("uint64", "deadline"),
    ),
)
UNORDERED_RECORD: Final = StructType(
    "UnorderedRecord",
    (
        ("address", "actor"),
        ("bytes32", "productId"),
        ("uint256", "nonce"),
        ("bytes32", "dataHash"),
        ("uint64", "occurredAt"),
        ("uint8", "kind"),
        ("uint64", "deadline"),
    ),
)
CORRECTION: Final = StructType(
    "Correction",
    (
        ("address", "actor"),
        ("bytes32", "productId"),
        ("bytes32", "prevHead"),
        ("uint64", "correctedSeq"),
        ("bytes32", "dataHash"),
        ("uint64", "occurredAt"),
        ("uint64", "deadline"),
    ),
)
REPORT: Final = StructType(
    "Report",
    (
        ("bytes32", "batchId"),
        ("bytes32", "productId"),
        ("address", "device"),
        ("bytes32", "root"),
        ("bytes32", "manifestHash"),
        ("int64", "median"),
        ("int64", "minimum"),
        ("int64", "maximum"),
        ("int64", "lowerBound"),
        ("int64", "upperBound"),
        ("uint32", "count"),
        ("uint32", "excursions"),
        ("uint64", "fromTime"),
        ("uint64", "toTime"),
        ("bytes32", "configDigest"),
    ),
)
RETIREMENT: Final = StructType(
    "Retirement",
    (
        ("address", "holder"),
        ("uint256", "id"),
        ("uint64", "amount"),
        ("address", "beneficiary"),
        ("bytes32", "purposeHash"),
        ("bytes32", "productId"),
        ("address", "publisher"),
        ("uint256", "nonce"),
        ("uint64", "deadline"),
    ),
)
READING: Final = StructType(
    "Reading",
    (
        ("address", "device"),
        ("uint64", "seq"),
        ("bytes32", "productId"),
        ("int64", "value"),
        ("uint64", "measuredAt"),
    ),
)
ACKNOWLEDGEMENT: Final = StructType("Acknowledgement", (("address", "device"), ("uint64", "upTo")))


def supply_chain_domain(chain_id: int, contract: bytes) -> Domain:
    """The domain of everything SupplyChain takes signed."""
    return Domain("SmartRetail360 SupplyChain", "1", chain_id, contract)


def carbon_token_domain(chain_id: int, contract: bytes) -> Domain:
    """The domain of a holder's Retirement signature."""
    return Domain("SmartRetail360 CarbonToken", "1", chain_id, contract)


def sensor_oracle_domain(chain_id: int, contract: bytes) -> Domain:
    """The domain of an oracle worker's Report signature."""
    return Domain("SmartRetail360 SensorOracle", "1", chain_id, contract)


def reading_domain(chain_id: int, contract: bytes) -> Domain:
    """The domain of a device's Reading and a gateway's Acknowledgement."""
    return Domain("SmartRetail360 Reading", "1", chain_id, contract)
