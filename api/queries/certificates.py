"""Certificates on chain, and how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col

from api.queries import rows
from api.queries.snapshot import Snapshot
from core.db.chain_tables import Certificate, CertificateRevocation


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate and what became of it."""

    certificate: Certificate
    revocation: CertificateRevocation | None
    state: str


def state_of(row: Certificate, revoked: CertificateRevocation | None, now: int) -> str:
    """`valid`, `expired`, `revoked` or `not_yet_valid`, at a time in Unix seconds."""
    if revoked is not None:
        return "revoked"
    if now < row.valid_from:
        return "not_yet_valid"
    return "valid" if now <= row.valid_to else "expired"


async def held_by(snapshot: Snapshot, subjects: Sequence[bytes]) -> list[Held]:
    """All certificates of these subjects, in the order of the chain."""
    order = (col(Certificate.block_number), col(Certificate.log_index))
    found = await rows.by_parent(snapshot, Certificate, "subject", subjects, *order)
    mine = [row for subject in subjects for row in found.get(subject, [])]
    ids = [row.certificate_id for row in mine]
    ended = await rows.by_key(snapshot, CertificateRevocation, "certificate_id", ids)
    now = await snapshot.time()
    return [
        Held(row, end, state_of(row, end, now))
        for row in mine
        for end in (ended.get(row.certificate_id),)
    ]
