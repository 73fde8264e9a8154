"""The proof bundle as values; docs/reference/proof-bundle.md says what each member means."""

from dataclasses import dataclass
from typing import Final

from core.chain.proof.head import Entry
from core.crypto import keccak256
from core.types import Address, TxHash

FORMAT: Final = "sr360-proof/1"


@dataclass(frozen=True, slots=True)
class Contracts:
    """The contracts a bundle speaks about."""

    supply_chain: Address
    sensor_oracle: Address
    carbon_token: Address
    actor_registry: Address

    def by_name(self) -> dict[str, Address]:
        """Addresses under their names in the bundle."""
        return {
            "actorRegistry": self.actor_registry,
            "carbonToken": self.carbon_token,
            "sensorOracle": self.sensor_oracle,
            "supplyChain": self.supply_chain,
        }


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the verifier knows from elsewhere; a bundle can not vouch for its own contracts."""

    chain_id: int
    contracts: Contracts
    supply_chain_code_hash: bytes | None = None
    start_block: int = 0
    """No log of these contracts is older."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its whole recorded history and the proof of its head."""

    uri: str
    history: tuple[Entry, ...]
    custodian: Address | None
    recall_level: int
    storage_proof: tuple[bytes, ...] = ()

    @property
    def id(self) -> bytes:
        """keccak256 of the URI."""
        return keccak256(self.uri.encode())


@dataclass(frozen=True, slots=True)
class Document:
    """An event document with the disclosures this bundle reveals."""

    payload: bytes
    disclosures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """One log of the chain, undecoded."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    log_index: int
    tx_hash: TxHash


@dataclass(frozen=True, slots=True)
class Block:
    """The block everything is proven at."""

    number: int
    hash: bytes
    header: bytes


@dataclass(frozen=True, slots=True)
class ProofBundle:
    """See docs/reference/proof-bundle.md."""

    chain_id: int
    contracts: Contracts
    block: Block
    account_proof: tuple[bytes, ...]
    subject: str
    products: tuple[Product, ...]
    documents: dict[bytes, Document]
    logs: tuple[Log, ...]
