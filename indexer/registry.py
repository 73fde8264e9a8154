"""Which contracts we mirror, how their logs are decoded and who handles each event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.chain.bindings import (
    actor_registry,
    anchor_log,
    authority,
    carbon_token,
    certificate_registry,
    delivery_escrow,
    device_registry,
    footprint_registry,
    forecast_ledger,
    sensor_oracle,
    serial_registry,
    supply_chain,
)
from core.chain.deployments import Deployment
from core.crypto import sha256
from core.errors import Malformed
from core.types import Address
from indexer import rows
from indexer.handlers import actor_registry as on_actor
from indexer.handlers import anchor_log as on_anchor
from indexer.handlers import carbon_token as on_carbon
from indexer.handlers import certificate_registry as on_certificate
from indexer.handlers import delivery_escrow as on_delivery
from indexer.handlers import device_registry as on_device
from indexer.handlers import footprint_registry as on_footprint
from indexer.handlers import forecast_ledger as on_forecast
from indexer.handlers import sensor_oracle as on_sensor
from indexer.handlers import supply_chain as on_supply
from indexer.handlers.context import Place, State
from indexer.model import Log
from indexer.rows import Row

Handler = Callable[[Any, Place, State], list[Row]]

HANDLERS: Final[Mapping[type, Handler]] = {
    supply_chain.EventRecorded: on_supply.event_recorded,
    supply_chain.CustodyTransferred: on_supply.custody_transferred,
    supply_chain.ProductRecalled: on_supply.product_recalled,
    supply_chain.EventCorrected: on_supply.event_corrected,
    supply_chain.ProductPacked: on_supply.product_packed,
    supply_chain.ProductUnpacked: on_supply.product_unpacked,
    supply_chain.RecallClosed: on_supply.recall_closed,
    supply_chain.HandoverOffered: on_supply.handover_offered,
    supply_chain.HandoverRejected: on_supply.handover_rejected,
    supply_chain.HandoverCancelled: on_supply.handover_cancelled,
    supply_chain.HandoverExpired: on_supply.handover_expired,
    supply_chain.DelegateSet: on_supply.delegate_set,
    supply_chain.RecordSkipped: on_supply.record_skipped,
    supply_chain.MassDeclared: on_supply.mass_declared,
    supply_chain.ProductsTransformed: on_supply.products_transformed,
    actor_registry.ActorRegistered: on_actor.actor_registered,
    actor_registry.ActorRevoked: on_actor.actor_revoked,
    device_registry.DeviceRegistered: on_device.device_registered,
    device_registry.DeviceCalibrated: on_device.device_calibrated,
    device_registry.DeviceRevoked: on_device.device_revoked,
    device_registry.DeviceBound: on_device.device_bound,
    carbon_token.CreditIssued: on_carbon.credit_issued,
    carbon_token.CreditRetired: on_carbon.credit_retired,
    carbon_token.CreditCancelled: on_carbon.credit_cancelled,
    carbon_token.TransferSingle: on_carbon.transfer_single,
    carbon_token.TransferBatch: on_carbon.transfer_batch,
    certificate_registry.CertificateIssued: on_certificate.certificate_issued,
    certificate_registry.CertificateRevoked: on_certificate.certificate_revoked,
    anchor_log.EventsAnchored: on_anchor.events_anchored,
    delivery_escrow.DeliveryFunded: on_delivery.delivery_funded,
    delivery_escrow.DeliveryConfirmed: on_delivery.delivery_confirmed,
    delivery_escrow.ExcursionProven: on_delivery.excursion_proven,
    delivery_escrow.DeliveryDisputed: on_delivery.delivery_disputed,
    delivery_escrow.DeliveryResolved: on_delivery.delivery_resolved,
    delivery_escrow.DeliveryClosed: on_delivery.delivery_closed,
    footprint_registry.FootprintPublished: on_footprint.footprint_published,
    footprint_registry.FootprintVerified: on_footprint.footprint_verified,
    sensor_oracle.ConfigSet: on_sensor.config_set,
    sensor_oracle.BatchAttested: on_sensor.batch_attested,
    forecast_ledger.ForecastCommitted: on_forecast.forecast_committed,
    forecast_ledger.BondPosted: on_forecast.bond_posted,
    forecast_ledger.BondSettled: on_forecast.bond_settled,
    forecast_ledger.ForecastRevealed: on_forecast.forecast_revealed,
    forecast_ledger.OutcomeReported: on_forecast.outcome_reported,
    forecast_ledger.ForecastScored: on_forecast.forecast_scored,
}
"""Events that become rows; the bindings' other events are administration, kept as raw logs."""

_EVENTS: Final[Mapping[str, Mapping[bytes, Any]]] = {
    "Authority": authority.EVENTS,
    "ActorRegistry": actor_registry.EVENTS,
    "SupplyChain": supply_chain.EVENTS,
    "SerialRegistry": serial_registry.EVENTS,
    "FootprintRegistry": footprint_registry.EVENTS,
    "CarbonToken": carbon_token.EVENTS,
    "SensorOracle": sensor_oracle.EVENTS,
    "DeviceRegistry": device_registry.EVENTS,
    "ForecastLedger": forecast_ledger.EVENTS,
    "DeliveryEscrow": delivery_escrow.EVENTS,
    "CertificateRegistry": certificate_registry.EVENTS,
    "AnchorLog": anchor_log.EVENTS,
}


@dataclass(frozen=True, slots=True)
class Registry:
    """The contracts of one deployment."""

    chain_id: int
    start_block: int
    events: Mapping[Address, Mapping[bytes, Any]]
    """By address, then by topic 0: the event type whose `decode` reads the log."""
    replayed: Mapping[Address, type[Row]]
    """Contracts whose logs alone fold to the rows of a table; topic 1 is the row's address."""

    @property
    def addresses(self) -> frozenset[Address]:
        return frozenset(self.events)

    @property
    def fingerprint(self) -> bytes:
        """32 bytes that differ between deployments."""
        parts = [self.chain_id.to_bytes(8, "big"), self.start_block.to_bytes(8, "big")]
        return sha256(b"".join(parts + sorted(self.events)))

    def decode(self, log: Log) -> Any:
        """The typed event of a log. Raises Malformed when no decoder understands it."""
        topics = log.topics
        kind = self.events[log.address].get(topics[0] if topics else b"")
        if kind is None:
            raise Malformed("no event of this contract has this topic")
        return kind.decode(topics, log.data)


def registry_of(deployment: Deployment) -> Registry:
    """The registry of a deployment."""
    return Registry(
        chain_id=deployment.chain_id,
        start_block=deployment.start_block,
        events={
            contract.address: _EVENTS.get(name, {})
            for name, contract in deployment.contracts.items()
        },
        replayed={
            deployment.actor_registry: rows.Actor,
            deployment.device_registry: rows.Device,
        },
    )
