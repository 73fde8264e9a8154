"""What someone with the operator's rights does to a mirror, and a small honest mirror for it."""

from sqlalchemy import text

from core.crypto import keccak256
from core.db import Writes
from core.db.engine import connect
from core.document import build, parse_event
from core.ipfs.client import Ipfs

LOT = "https://id.gs1.org/01/00860009999923/10/ABC1234"
EVENT = """{"type": "ObjectEvent", "eventTime": "2026-04-17T09:26:42.000-04:00",
  "eventTimeZoneOffset": "-04:00", "action": "OBSERVE", "bizStep": "shipping",
  "disposition": "in_transit", "note": "%s", "quantityList": [
  {"epcClass": "https://id.gs1.org/01/00860009999923/10/ABC1234", "quantity": 25000.0}]}"""


async def tell_story(chain, settings):
    """Three documents on IPFS and on chain, and one registered actor."""
    product = keccak256(LOT.encode())
    documents = []
    async with Ipfs.from_settings(settings) as ipfs:
        for note in ("one", "two", "three"):
            made = build(
                parse_event(EVENT % note), chain_id=31337, contract=chain.deployment.supply_chain
            )
            await ipfs.put_block(made.payload)
            await ipfs.put_block(made.bundle)
            await chain.record(product, data_hash=made.data_hash)
            documents.append(made)
    await chain.register(1, "Farm")
    return documents


def tamper(settings, *statements: str) -> None:
    database = connect(settings, Writes.CHAIN)
    with database.write_session() as session:
        for statement in statements:
            assert session.connection().execute(text(statement)).rowcount > 0, statement
    database.close()


def alter_block(settings, content: bytes) -> None:
    """Change one byte of the block in the node's store on disk."""
    hits = [
        path
        for path in settings.state_dir.rglob("*")
        if path.is_file()
        and path.stat().st_size >= len(content)
        and content in path.read_bytes()
        and "db" not in path.relative_to(settings.state_dir).parts
    ]
    assert hits
    for path in hits:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(content, content[:-1] + b"?"))
