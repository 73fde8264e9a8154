"""Making a proof bundle from a store of histories and documents and one node."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.chain.client import Rpc
from core.chain.proof import custody, lineage, logs, mpt
from core.chain.proof.encode import encode
from core.chain.proof.head import Entry
from core.chain.proof.header import encode_header, read_header
from core.chain.proof.model import Block, Contracts, Document, Log, Product, ProofBundle
from core.crypto import from_hex, to_hex
from core.document import open_document
from core.errors import Malformed, RpcUnavailable, SourceLied
from core.types import RECALL_BASE, EventKind


class Source(Protocol):
    """Where histories and documents come from, such as the indexer's tables."""

    async def history(self, uri: str) -> Sequence[Entry]:
        """All entries of a product up to the block the bundle is made at, oldest first."""

    async def containers(self, uri: str) -> Sequence[str]:
        """The products this one was ever packed into, as far as their URIs are known."""

    async def document(self, data_hash: bytes) -> Document | None:
        """A document with the disclosures this reader may see; None if it is not at hand."""


async def build(
    rpc: Rpc,
    source: Source,
    *,
    subject: str,
    chain_id: int,
    contracts: Contracts,
    block_number: int,
    start_block: int = 0,
) -> bytes:
    """The bundle of the product at `subject` and everything its documents link it to, as JSON.

    `block_number` is the block the source's histories end at, `start_block` the contracts' first.
    A history that does not fit the chain is bundled as it is: finding that is the verifier's work.

    Raises:
        RpcUnavailable: the node did not answer, lost the block, or it was reorganised meanwhile.
        SourceLied: the node's header or proof contradicts itself.
    """
    gathered = await _gather(source, subject)
    block = await _block(rpc, block_number)
    account_proof, storage_proofs = await _prove(rpc, contracts, gathered.products, block)
    proofs = zip(gathered.products, storage_proofs, strict=True)
    return encode(
        ProofBundle(
            chain_id=chain_id,
            contracts=contracts,
            block=block,
            account_proof=account_proof,
            subject=subject,
            products=tuple(replace(product, storage_proof=proof) for product, proof in proofs),
            documents=gathered.documents,
            logs=await _side_logs(rpc, contracts, gathered.products, (start_block, block_number)),
        )
    )


@dataclass(frozen=True, slots=True)
class _Gathered:
    products: list[Product]
    documents: dict[bytes, Document]


async def _gather(source: Source, subject: str) -> _Gathered:
    gathered = _Gathered([], {})
    queue = [subject]
    for uri in queue:
        product = _product(uri, await source.history(uri))
        gathered.products.append(product)
        for entry in product.history:
            if entry.data_hash not in gathered.documents:
                document = await source.document(entry.data_hash)
                if document is not None and _belongs(entry, document):
                    gathered.documents[entry.data_hash] = document
        wanted = _linked(product, gathered.documents, of_subject=uri == subject)
        queue.extend(other for other in wanted if other not in queue)
        packed_in = await _packed_in(source, product)
        queue.extend(other for other in packed_in if other not in queue)
    return _Gathered(_standing(gathered.products), gathered.documents)


async def _packed_in(source: Source, product: Product) -> list[str]:
    """The containers its entries name: who holds them, held this product."""
    if not any(entry.kind == EventKind.PACKED for entry in product.history):
        return []
    return list(await source.containers(product.uri))


def _belongs(entry: Entry, document: Document) -> bool:
    """A recall's notice may be any file; only an event document has a place in a bundle."""
    if entry.kind < RECALL_BASE:
        return True
    try:
        open_document(document.payload, document.disclosures)
    except Malformed:
        return False
    return True


def _product(uri: str, history: Sequence[Entry]) -> Product:
    return Product(uri=uri, history=tuple(history), custodian=None, recall_level=0)


def _standing(products: list[Product]) -> list[Product]:
    """The same, with who holds each and how far it is recalled."""
    pairs = zip(products, custody.replay(products, ()), strict=True)
    return [
        replace(product, custodian=found.custodian, recall_level=found.recall_level)
        for product, found in pairs
    ]


def _linked(product: Product, documents: dict[bytes, Document], *, of_subject: bool) -> list[str]:
    found: dict[str, None] = {}
    for entry in product.history:
        if (document := documents.get(entry.data_hash)) is None:
            continue
        try:
            event = open_document(document.payload, document.disclosures).event
        except Malformed:
            continue
        for link in lineage.links(event, product.uri):
            if lineage.required(link, of_subject=of_subject):
                found[link.other] = None
    return list(found)


async def _block(rpc: Rpc, number: int) -> Block:
    answer = await rpc.call("eth_getBlockByNumber", hex(number), False)
    if not isinstance(answer, dict):
        raise RpcUnavailable(f"the node has no block {number}")
    header = encode_header(answer)
    read = read_header(header)
    if read.hash != from_hex(answer.get("hash"), length=32) or read.number != number:
        raise SourceLied(f"the header of block {number} does not hash to the hash the node states")
    return Block(number=number, hash=read.hash, header=header)


async def _prove(
    rpc: Rpc, contracts: Contracts, products: list[Product], block: Block
) -> tuple[tuple[bytes, ...], list[tuple[bytes, ...]]]:
    slots = [to_hex(mpt.head_slot(product.id)) for product in products]
    address = contracts.supply_chain
    answer = await rpc.call("eth_getProof", to_hex(address), slots, hex(block.number))
    account_proof = tuple(from_hex(node) for node in answer["accountProof"])
    storage = [tuple(from_hex(node) for node in slot["proof"]) for slot in answer["storageProof"]]
    try:
        account = mpt.prove_account(read_header(block.header).state_root, address, account_proof)
        for product, proof in zip(products, storage, strict=True):
            mpt.prove_head(account.storage_root, product.id, proof)
    except (Malformed, ValueError) as error:
        if (await _block(rpc, block.number)).hash != block.hash:
            raise RpcUnavailable(f"block {block.number} was reorganised meanwhile") from error
        raise SourceLied(f"the node's proof at block {block.number} is wrong: {error}") from error
    return account_proof, storage


async def _side_logs(
    rpc: Rpc, contracts: Contracts, products: list[Product], blocks: tuple[int, int]
) -> tuple[Log, ...]:
    found = [
        log
        for wanted in logs.side_filters(contracts, products)
        for log in await logs.fetch(rpc, wanted, *blocks)
    ]
    return tuple(logs.in_order(found))
