"""SensorOracle: signer sets, and the batches of readings they vouched for."""

from core.chain.bindings.sensor_oracle import BatchAttested, ConfigSet
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def config_set(event: ConfigSet, at: Place, _state: State) -> list[Row]:
    """A new epoch."""
    return [
        rows.OracleConfig(
            **at.key,
            epoch=event.epoch,
            config_digest=event.config_digest,
            signers=b"".join(event.signers),
            threshold=event.threshold,
        )
    ]


def batch_attested(event: BatchAttested, at: Place, _state: State) -> list[Row]:
    """A batch of readings; its manifest on IPFS holds them one by one."""
    attested = rows.Attestation(
        **at.key,
        tx_hash=at.tx_hash,
        batch_id=event.batch_id,
        product_id=event.product_id,
        device=event.device,
        root=event.root,
        manifest_hash=event.manifest_hash,
        median=event.median,
        minimum=event.minimum,
        maximum=event.maximum,
        lower_bound=event.lower_bound,
        upper_bound=event.upper_bound,
        count=event.count,
        excursions=event.excursions,
        from_time=rows.small(event.from_time, "fromTime"),
        to_time=rows.small(event.to_time, "toTime"),
        epoch=event.epoch,
        signer_bitmap=str(event.signer_bitmap),
    )
    return [attested, *rows.document(event.manifest_hash, "manifest", at.block_number)]
