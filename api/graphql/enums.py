"""The closed enumerations of the schema."""

from enum import Enum

import strawberry

from core.types import EventKind
from core.types import Role as ActorRole

# Called for what they do to the class: core must not know GraphQL.
strawberry.enum(EventKind, name="EventKind", description="What a history entry is.")
strawberry.enum(ActorRole, name="ActorRole", description="What the registrar vouches for.")

__all__ = [
    "ActorRole",
    "CertificateState",
    "DeliveryStepKind",
    "DocumentMedia",
    "DocumentStatus",
    "EntryState",
    "EventKind",
    "OfferState",
    "Relation",
    "ThingRole",
    "TransformationRole",
]


@strawberry.enum(description="How far an entry has come; nothing is on chain before RECORDED.")
class EntryState(Enum):
    RECORDED = "recorded"
    FINAL = "final"


@strawberry.enum(description="How an offer of a handover stands.")
class OfferState(Enum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    STALE = "stale"


@strawberry.enum(description="Whether a certificate holds.")
class CertificateState(Enum):
    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@strawberry.enum(description="What became of a delivery.")
class DeliveryStepKind(Enum):
    CONFIRMED = "confirmed"
    EXCURSION = "excursion"
    DISPUTED = "disputed"
    RESOLVED = "resolved"
    CLOSED = "closed"


@strawberry.enum(description="Which side of a transformation.")
class TransformationRole(Enum):
    INPUT = "input"
    OUTPUT = "output"


@strawberry.enum(description="What is known of the document behind a hash.")
class DocumentStatus(Enum):
    PENDING = "pending"
    READY = "ready"
    QUARANTINED = "quarantined"


@strawberry.enum(description="What a hash on chain stands for.")
class DocumentMedia(Enum):
    EVENT = "event"
    NOTICE = "notice"
    MANIFEST = "manifest"
    METADATA = "metadata"
    PURPOSE = "purpose"
    CERTIFICATE = "certificate"
    FOOTPRINT = "footprint"
    STATEMENT = "statement"
    REASON = "reason"


@strawberry.enum(description="What a thing does in an event.")
class ThingRole(Enum):
    OBJECT = "object"
    PARENT = "parent"
    CHILD = "child"
    INPUT = "input"
    OUTPUT = "output"


@strawberry.enum(description="How a source relates to a product.")
class Relation(Enum):
    INGREDIENT = "input"
    CONTAINER = "parent"
