"""A small true story on a real chain: what the proof vectors are recorded from, and tests play.

A farm harvests lettuce, hands it to a packer, who packs it in cases and the cases on a pallet,
takes them down and packs them again, and hands the pallet with all that is on it to a carrier. The
carrier's driver, whose key acts for the carrier, corrects an entry. A recall of the pallet is
lifted, its sensor reports an excursion, and one kilogram of carbon is retired.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.chain import keys
from core.chain.bindings import (
    actor_registry,
    carbon_token,
    footprint_registry,
    sensor_oracle,
    serial_registry,
    supply_chain,
)
from core.chain.client import Rpc, to_bytes, to_int
from core.chain.deployments import Deployment
from core.chain.proof import bundle as proofs
from core.chain.proof import logs
from core.chain.proof.model import Product
from core.config import Settings
from core.crypto import Domain, address_of, compact, digest, keccak256, sign, to_hex
from core.crypto.structs import sensor_oracle_domain, supply_chain_domain
from core.document import Policy, SignedDocument, build, parse_event
from core.document.bundle import decode as disclosures_in
from core.document.event_time import event_time_ms
from core.types import EventKind, Head, Role
from scripts.transact import Receipt, transact

RAW = "https://id.gs1.org/01/00860009999923/10/ABC1234"
CASE = "https://id.gs1.org/01/10860009999920/10/ABC1234"
PALLET = "https://id.gs1.org/00/008600099999850000"
HARVEST = f"""{{"type":"ObjectEvent","eventTime":"2026-04-17T09:26:42-04:00",
"eventTimeZoneOffset":"-04:00","action":"ADD","bizStep":"creating_class_instance",
"readPoint":{{"id":"https://id.gs1.org/414/0860009999060"}},
"quantityList":[{{"epcClass":"{RAW}","quantity":25000,"uom":"LBR"}}],
"example:picker":{{"name":"Ana","badge":"00123"}}}}"""
RECEIVED = f"""{{"type":"ObjectEvent","eventTime":"2026-04-17T16:00:00.5-04:00","action":"OBSERVE",
"bizStep":"receiving","quantityList":[{{"epcClass":"{RAW}","quantity":25000.0,"uom":"LBR"}}]}}"""
PACKED = f"""{{"type":"TransformationEvent","eventTime":"2026-04-18T10:26:42Z",
"bizStep":"creating_class_instance",
"inputQuantityList":[{{"epcClass":"{RAW}","quantity":2.5e4,"uom":"LBR"}}],
"outputQuantityList":[{{"epcClass":"{CASE}","quantity":500,"uom":"CS"}}]}}"""
LOADED = f"""{{"type":"AggregationEvent","eventTime":"2026-04-19T13:35:18-05:00","action":"ADD",
"bizStep":"packing","parentID":"{PALLET}",
"childQuantityList":[{{"epcClass":"{CASE}","quantity":500,"uom":"CS"}}]}}"""
TAKEN_DOWN = LOADED.replace("ADD", "DELETE").replace('"packing"', '"unpacking"')
COUNTED = LOADED.replace("13:35:18", "13:35:19").replace('"quantity":500', '"quantity":498')
SHIPPED = f"""{{"type":"ObjectEvent","eventTime":"2026-04-19T14:35:18-05:00","action":"OBSERVE",
"bizStep":"shipping","epcList":["{PALLET}"]}}"""
PRIVATE = Policy(private=("/example:picker",))
DEADLINE = 1 << 40
DRIVER = 8
"""Account of the carrier's driver."""


Packing = Callable[[bytes, Sequence[bytes], bytes, int], bytes]


@dataclass
class Story:
    """Plays on a chain, and is then the `Source` of histories and documents."""

    rpc: Rpc
    deployment: Deployment
    settings: Settings = field(default_factory=Settings)
    documents: dict[bytes, SignedDocument] = field(default_factory=dict)

    def key(self, actor: int) -> bytes:
        return keys.account(self.settings, actor)

    @property
    def domain(self) -> Domain:
        return supply_chain_domain(self.deployment.chain_id, self.deployment.supply_chain)

    async def call(self, actor: int, to: bytes, data: bytes) -> Receipt:
        return await transact(self.rpc, self.key(actor), to, data)

    async def play(self) -> None:
        """Everything in the module's story; the chain needs to mine on its own."""
        for index, name in ((1, "Farm"), (3, "Packer"), (4, "Carrier")):
            await self._register(index, name)
        await self.record(keys.Actor.FARM, [RAW], HARVEST, EventKind.OBJECT, PRIVATE)
        await self.handover(keys.Actor.FARM, keys.Actor.PACKER, RAW, RECEIVED)
        await self.record(keys.Actor.PACKER, [RAW, CASE], PACKED, EventKind.TRANSFORMATION)
        await self._pack(supply_chain.encode_pack, LOADED)
        await self._pack(supply_chain.encode_unpack, TAKEN_DOWN)
        await self._pack(supply_chain.encode_pack, LOADED)
        await self.handover(keys.Actor.PACKER, keys.Actor.CARRIER, PALLET, SHIPPED)
        await self._correct(CASE, 2, COUNTED)
        await self._recall_and_close(PALLET)
        await self._attest()
        await self._retire()

    async def record(
        self,
        actor: int,
        uris: Sequence[str],
        event: str,
        kind: EventKind,
        policy: Policy | None = None,
    ) -> None:
        document = self.document_of(event, policy)
        ids = [keccak256(uri.encode()) for uri in uris]
        data = supply_chain.encode_record_batch(ids, document.data_hash, time_of(event), kind)
        await self.call(actor, self.deployment.supply_chain, data)

    async def _pack(self, encode: Packing, event: str) -> None:
        parent, child = (keccak256(uri.encode()) for uri in (PALLET, CASE))
        data = encode(parent, [child], self.document_of(event).data_hash, time_of(event))
        await self.call(keys.Actor.PACKER, self.deployment.supply_chain, data)

    async def _correct(self, uri: str, seq: int, event: str) -> None:
        driver, contract = address_of(self.key(DRIVER)), self.deployment.supply_chain
        lend = supply_chain.encode_set_delegate(driver, DEADLINE)
        await self.call(keys.Actor.CARRIER, contract, lend)
        document = self.document_of(event).data_hash
        data = supply_chain.encode_correct(keccak256(uri.encode()), seq, document, time_of(event))
        await self.call(DRIVER, contract, data)

    async def _recall_and_close(self, uri: str) -> None:
        product, at = keccak256(uri.encode()), time_of(SHIPPED)
        recall = supply_chain.encode_recall(product, b"\x08" * 32, at, 3)
        await self.call(keys.Actor.CARRIER, self.deployment.supply_chain, recall)
        close = supply_chain.encode_close_recall(product, b"\x09" * 32, at)
        await self.call(keys.Actor.CARRIER, self.deployment.supply_chain, close)

    async def handover(self, sender: int, receiver: int, uri: str, event: str) -> None:
        handover = supply_chain.Handover(
            from_=address_of(self.key(sender)),
            to=address_of(self.key(receiver)),
            product_id=keccak256(uri.encode()),
            prev_head=await self.head(uri),
            data_hash=self.document_of(event).data_hash,
            occurred_at=time_of(event),
            deadline=DEADLINE,
        )
        consent = sign(self.key(receiver), digest(self.domain, handover.struct_hash()))
        data = supply_chain.encode_handover(handover, consent)
        await self.call(sender, self.deployment.supply_chain, data)

    async def head(self, uri: str) -> Head:
        data = supply_chain.encode_head(keccak256(uri.encode()))
        call = {"to": to_hex(self.deployment.supply_chain), "data": to_hex(data)}
        return Head(to_bytes(await self.rpc.call("eth_call", call, "latest")))

    def document_of(self, event: str, policy: Policy | None = None) -> SignedDocument:
        """The document of an event text; the same text gives the same document."""
        name = keccak256(event.encode())
        if name not in self.documents:
            self.documents[name] = build(
                parse_event(event),
                chain_id=self.deployment.chain_id,
                contract=self.deployment.supply_chain,
                policy=policy or Policy(),
            )
        return self.documents[name]

    async def block_number(self) -> int:
        return to_int(await self.rpc.call("eth_blockNumber"))

    async def bundle(self, subject: str = CASE) -> bytes:
        """The proof bundle of a product at the chain's latest block."""
        return await proofs.build(
            self.rpc,
            self,
            subject=subject,
            chain_id=self.deployment.chain_id,
            contracts=proofs.contracts_of(self.deployment),
            block_number=await self.block_number(),
        )

    async def history(self, uri: str) -> list[proofs.Entry]:
        """proofs.Source: read from the chain's logs, where an indexer would ask its tables."""
        product = Product(uri, (), None, 0)
        wanted = logs.history_filter(proofs.contracts_of(self.deployment), [product])
        found = await logs.fetch(self.rpc, wanted, 0, await self.block_number())
        return [logs.entry_of(log)[1] for log in found]

    async def containers(self, uri: str) -> list[str]:
        """proofs.Source: of the products of this story."""
        tails = {e.counterparty for e in await self.history(uri) if e.kind == EventKind.PACKED}
        return [other for other in (RAW, CASE, PALLET) if keccak256(other.encode())[12:] in tails]

    async def document(self, data_hash: bytes) -> proofs.Document | None:
        """proofs.Source: with the public disclosures only."""
        for built in self.documents.values():
            if built.data_hash == data_hash:
                return proofs.Document(built.payload, disclosures_in(built.bundle))
        return None

    async def _register(self, actor: int, name: str) -> None:
        identifier = f"https://id.gs1.org/417/086000999906{actor}"
        data = actor_registry.encode_register(
            address_of(self.key(actor)), Role.SUPPLIER, identifier, name
        )
        await self.call(0, self.deployment.actor_registry, data)

    async def _attest(self) -> None:
        oracle, signer = self.deployment.sensor_oracle, self.key(7)
        await self.call(0, oracle, sensor_oracle.encode_set_config([address_of(signer)], 1))
        asked = {"to": to_hex(oracle), "data": to_hex(sensor_oracle.encode_config_digest())}
        report = _report(to_bytes(await self.rpc.call("eth_call", asked, "latest")))
        domain = sensor_oracle_domain(self.deployment.chain_id, oracle)
        made = sign(signer, digest(domain, report.struct_hash()))
        consent = sensor_oracle.Signature(*compact(made))
        await self.call(7, oracle, sensor_oracle.encode_report(report, [consent]))

    async def _retire(self) -> None:
        token, owner = self.deployment.carbon_token, address_of(self.key(0))
        project = b"\x01" * 32
        await self._open(project)
        issue = carbon_token.Issue(owner, project, 2026, 1, 1, 1, 1001, 0, b"\x02" * 32)
        await self.call(0, token, carbon_token.encode_issue(issue))
        words = project + (2026).to_bytes(32, "big") + (1).to_bytes(32, "big")
        token_id = int.from_bytes(keccak256(words), "big")
        product_id, publisher = keccak256(CASE.encode()), address_of(self.key(keys.Actor.CARRIER))
        stated = footprint_registry.Publication(product_id, b"\x08" * 16, 1, 1, b"\x09" * 32)
        await self.call(
            keys.Actor.CARRIER,
            self.deployment.footprint_registry,
            footprint_registry.encode_publish(stated),
        )
        data = carbon_token.encode_retire_against(
            token_id, 1, owner, b"\x03" * 32, product_id, publisher
        )
        await self.call(0, token, data)

    async def _open(self, project: bytes) -> None:
        """The token may claim the project's serials and count retirements."""
        at = self.deployment
        assign = serial_registry.encode_assign(project, at.carbon_token)
        await self.call(0, at.serial_registry, assign)
        retirer = footprint_registry.encode_set_retirer(at.carbon_token, True)
        await self.call(0, at.footprint_registry, retirer)
        register = carbon_token.encode_register_project(project, b"\x0a" * 32, 0)
        await self.call(0, at.carbon_token, register)


def time_of(event: str) -> int:
    """The eventTime of an event text in milliseconds."""
    milliseconds = event_time_ms(parse_event(event)["eventTime"])
    assert milliseconds is not None
    return milliseconds


def _report(config_digest: bytes) -> sensor_oracle.Report:
    start = time_of(SHIPPED)
    return sensor_oracle.Report(
        batch_id=b"\x04" * 32,
        product_id=keccak256(PALLET.encode()),
        device=b"\x05" * 20,
        root=b"\x06" * 32,
        manifest_hash=b"\x07" * 32,
        median=4_200,
        minimum=-500,
        maximum=9_100,
        lower_bound=0,
        upper_bound=8_000,
        count=100,
        excursions=3,
        from_time=start,
        to_time=start + 3_600_000,
        config_digest=config_digest,
    )
