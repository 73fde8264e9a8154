"""Schema `chain`: mirrors of what the contracts logged and IPFS holds, written by the indexer only.

Every history row carries `(block_number, log_index)`, its place in the chain, which is also the
keyset cursor of the API. An orphaned block and its rows move to `orphaned_block` and
`orphaned_row`; its raw logs stay in `log`, flagged.
"""

from core.db.chain_tables.actor import Actor
from core.db.chain_tables.anchor import Anchor
from core.db.chain_tables.carbon import (
    CreditBatch,
    CreditCancellation,
    CreditRetirement,
    CreditTransfer,
    Footprint,
    FootprintVerification,
)
from core.db.chain_tables.certificate import Certificate, CertificateRevocation
from core.db.chain_tables.delivery import Delivery, DeliveryStep
from core.db.chain_tables.device import Device
from core.db.chain_tables.document import Document, DocumentProduct
from core.db.chain_tables.event_index import EventIndex, EventValue
from core.db.chain_tables.forecast import (
    BondSettlement,
    ForecastBond,
    ForecastCommitment,
    ForecastOutcome,
    ForecastReveal,
    ForecastScore,
)
from core.db.chain_tables.mirror import (
    Block,
    Checkpoint,
    Log,
    OrphanedBlock,
    OrphanedRow,
    UnknownLog,
)
from core.db.chain_tables.oracle import Attestation, OracleConfig
from core.db.chain_tables.supply import (
    CustodyTransfer,
    Delegation,
    Event,
    HandoverOffer,
    MassDeclaration,
    OfferEnd,
    Packing,
    Product,
    Recall,
    SkippedRecord,
    Transformation,
)

__all__ = [
    "Actor",
    "Anchor",
    "Attestation",
    "Block",
    "BondSettlement",
    "Certificate",
    "CertificateRevocation",
    "Checkpoint",
    "CreditBatch",
    "CreditCancellation",
    "CreditRetirement",
    "CreditTransfer",
    "CustodyTransfer",
    "Delegation",
    "Delivery",
    "DeliveryStep",
    "Device",
    "Document",
    "DocumentProduct",
    "Event",
    "EventIndex",
    "EventValue",
    "Footprint",
    "FootprintVerification",
    "ForecastBond",
    "ForecastCommitment",
    "ForecastOutcome",
    "ForecastReveal",
    "ForecastScore",
    "HandoverOffer",
    "Log",
    "MassDeclaration",
    "OfferEnd",
    "OracleConfig",
    "OrphanedBlock",
    "OrphanedRow",
    "Packing",
    "Product",
    "Recall",
    "SkippedRecord",
    "Transformation",
    "UnknownLog",
]
