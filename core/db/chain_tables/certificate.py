"""CertificateRegistry: what certifiers vouch for."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob


class Certificate(SQLModel, table=True):
    """A certifier vouches for a product, a party or a place (CertificateIssued)."""

    __tablename__ = "certificate"
    __table_args__ = (Index("ix_certificate_subject", "subject"), CHAIN)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    tx_hash: bytes = blob()
    certificate_id: bytes = blob(unique=True)
    subject: bytes = blob()
    """keccak256 of the subject's canonical URI; of a product that is its id."""
    certifier: bytes = blob()
    scheme: bytes = blob()
    document_hash: bytes = blob()
    valid_from: int = big()
    """Unix seconds, like `valid_to`; both belong to the validity."""
    valid_to: int = big()


class CertificateRevocation(SQLModel, table=True):
    """A certificate holds no longer, from this block on (CertificateRevoked)."""

    __tablename__ = "certificate_revocation"
    __table_args__ = (CHAIN,)
    block_number: int = big(primary_key=True)
    log_index: int = big(primary_key=True)
    certificate_id: bytes = blob(unique=True)
    revoker: bytes = blob()
    reason_hash: bytes = blob()
