"""Checks of how products hang together: inputs, containers, contents, each from a document."""

from dataclasses import dataclass

from core.chain.proof import lineage
from core.chain.proof.document_checks import Opened
from core.chain.proof.lineage import Link
from core.chain.proof.model import Product, ProofBundle
from core.chain.proof.verdict import Findings
from core.types import EventKind

_WORDS = {
    lineage.Relation.INPUT: "an input of",
    lineage.Relation.CONTAINER: "a container of",
    lineage.Relation.CONTENT: "a content of",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A link and the documents of the product's own history that claim it."""

    link: Link
    documents: tuple[bytes, ...]


def check_lineage(bundle: ProofBundle, opened: Opened, found: Findings) -> None:
    """Walk from the subject over every disclosed link; what it reaches must be in the bundle."""
    by_uri = {product.uri: (index, product) for index, product in enumerate(bundle.products)}
    queue = [bundle.subject] if bundle.subject in by_uri else []
    reached = set(queue)
    while queue:
        index, product = by_uri[queue.pop(0)]
        for claim in _claims(product, opened):
            if not lineage.required(claim.link, of_subject=product.uri == bundle.subject):
                continue
            other = by_uri.get(claim.link.other)
            _check_claim(claim, product, f"/products/{index}", other and other[1], found)
            if other is not None and claim.link.other not in reached:
                reached.add(claim.link.other)
                queue.append(claim.link.other)
        for uri in _containers(product, bundle):
            if uri not in reached:
                reached.add(uri)
                queue.append(uri)
    for uri, (index, _) in by_uri.items():
        if uri not in reached:
            message = f"{uri}: nothing disclosed links it to {bundle.subject}"
            found.unchecked("lineage.unrelated", f"/products/{index}", message)


def _containers(product: Product, bundle: ProofBundle) -> list[str]:
    """The bundle's products that the chain itself says this one was packed into."""
    tails = {e.counterparty for e in product.history if e.kind == EventKind.PACKED}
    return [other.uri for other in bundle.products if other.id[12:] in tails]


def _claims(product: Product, opened: Opened) -> list[Claim]:
    documents: dict[Link, list[bytes]] = {}
    for entry in product.history:
        document = opened.get(entry.data_hash)
        if document is not None:
            for link in lineage.links(document.event, product.uri):
                documents.setdefault(link, []).append(entry.data_hash)
    return [Claim(link, tuple(hashes)) for link, hashes in documents.items()]


def _check_claim(
    claim: Claim, product: Product, at: str, other: Product | None, found: Findings
) -> None:
    sentence = f"{claim.link.other} is {_WORDS[claim.link.relation]} {product.uri}"
    name = f"lineage.{claim.link.relation.value}"
    if other is None:
        found.unchecked(name, at, f"{sentence}, but not in the bundle")
    elif {entry.data_hash for entry in other.history} & set(claim.documents):
        found.ok(name, at, f"{sentence}: both histories record it")
    else:
        found.unchecked(name, at, f"{sentence}, but only the latter's history records it")
