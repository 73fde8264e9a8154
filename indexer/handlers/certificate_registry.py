"""CertificateRegistry: what certifiers vouch for, and until when."""

from core.chain.bindings.certificate_registry import CertificateIssued, CertificateRevoked
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def certificate_issued(event: CertificateIssued, at: Place, _state: State) -> list[Row]:
    """A certificate; whether it holds depends on the day and on what follows."""
    return [
        rows.Certificate(
            **at.key,
            tx_hash=at.tx_hash,
            certificate_id=event.id,
            subject=event.subject,
            certifier=event.certifier,
            scheme=event.scheme,
            document_hash=event.document_hash,
            valid_from=event.valid_from,
            valid_to=event.valid_to,
        ),
        *rows.document(event.document_hash, "certificate", at.block_number),
    ]


def certificate_revoked(event: CertificateRevoked, at: Place, _state: State) -> list[Row]:
    """Its end; for the days before, it held."""
    return [
        rows.CertificateRevocation(
            **at.key,
            certificate_id=event.id,
            revoker=event.revoker,
            reason_hash=event.reason_hash,
        ),
        *rows.document(event.reason_hash, "reason", at.block_number),
    ]
