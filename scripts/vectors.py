"""Writes docs/reference/vectors: what the Python and the TypeScript implementation agree on.

`python -m scripts.vectors` writes everything; proof.json is a recording of a chain and differs
from run to run, the rest is the same every time and a test compares it.
"""

import asyncio
import base64
import json
import tempfile
from pathlib import Path
from typing import Any, Final

from core import merkle
from core.chain.proof.head import Entry, grow
from core.crypto import address_of, cid_v1_raw, digest, keccak256, sha256, sign, to_hex, typed_data
from core.crypto import structs as signed_structs
from core.crypto.eip712 import StructType
from core.crypto.product_id import blinded, plain
from core.document import Policy, build, canonical, open_document, parse, parse_event, redact
from core.document import bundle as disclosure_bundle
from core.document.event_time import event_time_ms
from core.types import EMPTY_HEAD, Address, DataHash, Millis
from scripts import error_docs_web, vectors_anchor, vectors_custody, vectors_refused, vectors_story

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs/reference/vectors"
CHAIN_ID: Final = 31337
CONTRACT: Final = Address(bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3"))
KEY: Final = keccak256(b"a key for test vectors only")
EVENTS: Final = {
    "harvest": vectors_story.HARVEST,
    "received": vectors_story.RECEIVED,
    "packed": vectors_story.PACKED,
    "loaded": vectors_story.LOADED,
    "lexical": """{"type":"ObjectEvent","a":25000,"b":25000.0,"c":"25000","d":2.5e4,"e":-0,
        "f":"00123","g":"\\u00e9","h":"e\\u0301","i":[],"j":{},"k":[[],[1,[2]]],"l":null,"m":true,
        "n/o~p":1,"":"empty name","__proto__":{"x":1},"q":9007199254740993,
        "\U0001f96c":"\\ud83e\\udd6c","\\u20ac":"\\u2028","z":"\\u0001\\"\\\\/"}""",
    "bare": '{"type":"ObjectEvent"}',
}
REDACTIONS: Final = {
    "harvest": ["/quantityList/0/quantity", "/readPoint"],
    "packed": ["/inputQuantityList"],
    "lexical": ["/k/1/1/0", "/n~1o~0p", "/__proto__"],
}


def fixed_salt(pointer: str) -> str:
    """A salt that only a test vector may have: known to everybody."""
    return base64.urlsafe_b64encode(sha256(pointer.encode())[:16]).decode().rstrip("=")


def documents() -> dict[str, Any]:
    """Events, their documents, and what remains when fields are withheld."""
    made = {name: _document(parse_event(text)) for name, text in EVENTS.items()}
    redactions = [_redaction(name, made[name], hidden) for name, hidden in REDACTIONS.items()]
    return {"documents": list(made.values()), "redactions": redactions}


def _document(event: dict[str, Any]) -> dict[str, Any]:
    built = build(event, chain_id=CHAIN_ID, contract=CONTRACT, policy=Policy(), salt=fixed_salt)
    return {
        "event": canonical(event),
        "payload": built.payload.decode(),
        "dataHash": to_hex(built.data_hash),
        "cid": built.cid,
        "disclosures": list(disclosure_bundle.decode(built.bundle)),
        "bundle": built.bundle.decode(),
        "bundleCid": built.bundle_cid,
    }


def _redaction(name: str, made: dict[str, Any], hidden: list[str]) -> dict[str, Any]:
    payload = made["payload"].encode()
    kept = redact(payload, made["disclosures"], hidden)
    opened = open_document(payload, kept)
    return {
        "document": name,
        "hidden": hidden,
        "payload": made["payload"],
        "disclosures": list(kept),
        "event": canonical(opened.event),
        "withheld": sorted(opened.withheld),
    }


def lexical() -> dict[str, Any]:
    """JSON texts with their canonical form, JSON texts to refuse, and event times."""
    accepted = [canonical(parse(text)) for text in EVENTS.values()]
    pairs = zip(EVENTS.values(), accepted, strict=True)
    return {
        "accepted": [{"text": text, "canonical": form} for text, form in pairs],
        "refused": vectors_refused.TEXTS,
        "times": [{"text": t, "milliseconds": event_time_ms(t)} for t in vectors_refused.TIMES],
    }


def heads() -> list[dict[str, Any]]:
    """A history of every kind of entry, with the head after each."""
    head, found = EMPTY_HEAD, []
    kinds = (1, 2, 3, 4, 5, 16, 0x21, 0x23, 17, 18, 19, 0x20)
    for seq, kind in enumerate(kinds, start=1):
        actor, other = (Address(keccak256(bytes([seq, n]))[:20]) for n in (0, 1))
        entry = Entry(
            seq=seq,
            kind=kind,
            actor=actor,
            data_hash=DataHash(sha256(bytes([seq]))),
            occurred_at=Millis(1_776_432_402_000 + seq),
            counterparty=other if kind in (16, 17, 18, 19) else Address(bytes(20)),
        )
        head = grow(head, entry.leaf())
        found.append(
            {
                "kind": kind,
                "actor": to_hex(entry.actor),
                "counterparty": to_hex(entry.counterparty),
                "dataHash": to_hex(entry.data_hash),
                "occurredAt": entry.occurred_at,
                "leaf": to_hex(entry.leaf()),
                "head": to_hex(head),
            }
        )
    return found


def product_ids() -> list[dict[str, str]]:
    """The two ids of a product: from its URI alone, and blinded by a salt."""
    uris = ("https://id.gs1.org/01/00860009999923/10/ABC1234", "https://id.gs1.org/00/3", "é")
    return [
        {
            "uri": uri,
            "salt": to_hex(salt := sha256(uri.encode())),
            "plain": to_hex(plain(uri)),
            "blinded": to_hex(blinded(salt, uri)),
        }
        for uri in uris
    ]


def merkle_trees() -> list[dict[str, Any]]:
    """Trees of 1 to 7 reading leaves with every proof."""
    kinds = [kind for kind, _ in signed_structs.READING.fields]
    trees = []
    for size in (1, 2, 3, 7):
        rows = [(b"\x05" * 20, n, b"\x06" * 32, 4_200 - 1_000 * n, 1_000 * n) for n in range(size)]
        leaves = [merkle.leaf_hash(merkle.encode_static(kinds, row)) for row in rows]
        tree = merkle.build(leaves)
        values = [
            {
                "value": _json(row),
                "leaf": to_hex(leaves[index]),
                "proof": [to_hex(node) for node in tree.proof(index)],
            }
            for index, row in enumerate(rows)
        ]
        trees.append({"types": kinds, "root": to_hex(tree.root), "leaves": values})
    return trees


def typed() -> list[dict[str, Any]]:
    """Every struct we sign: typed data, hashes, and a signature of the key below."""
    domain = signed_structs.supply_chain_domain(CHAIN_ID, CONTRACT)
    found = []
    for struct in vars(signed_structs).values():
        if isinstance(struct, StructType):
            values = [_sample(kind, n) for n, (kind, _) in enumerate(struct.fields)]
            struct_hash = struct.struct_hash(*values)
            word = digest(domain, struct_hash)
            found.append(
                {
                    "typedData": typed_data(domain, struct, *values),
                    "typeHash": to_hex(struct.type_hash),
                    "domainSeparator": to_hex(domain.separator),
                    "structHash": to_hex(struct_hash),
                    "digest": to_hex(word),
                    "privateKey": to_hex(KEY),
                    "signer": to_hex(address_of(KEY)),
                    "signature": to_hex(sign(KEY, word)),
                }
            )
    return found


def _sample(kind: str, number: int) -> Any:
    if kind.endswith("[]"):
        return [_sample(kind[:-2], number + n) for n in range(2)]
    word = keccak256(bytes([number]))
    if kind == "address" or kind.startswith("bytes"):
        return word[:20] if kind == "address" else word
    return -number if kind.startswith("int") else number


def _json(values: tuple[Any, ...]) -> list[Any]:
    return [to_hex(value) if isinstance(value, bytes) else value for value in values]


def static() -> dict[str, Any]:
    """File name -> content, for everything that is the same every time."""
    return {
        "document.json": documents(),
        "refused.json": vectors_refused.documents(CHAIN_ID, CONTRACT),
        "lexical.json": lexical(),
        "head.json": heads(),
        "custody.json": vectors_custody.stories(),
        "merkle.json": merkle_trees(),
        "anchor.json": vectors_anchor.batches(CHAIN_ID, CONTRACT),
        "product_id.json": product_ids(),
        "eip712.json": typed(),
        "reverts.json": json.loads(error_docs_web.files()[error_docs_web.SAMPLES]),
        "cid.json": [
            {"bytes": text, "cid": cid_v1_raw(sha256(text.encode()))} for text in ("", "hello")
        ],
    }


def text_of(content: Any) -> str:
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    from scripts import vectors_proof

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        recorded = asyncio.run(vectors_proof.record(Path(folder)))
    for name, content in (static() | {"proof.json": recorded}).items():
        (FOLDER / name).write_text(text_of(content))


if __name__ == "__main__":
    main()
