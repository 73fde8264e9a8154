"""A wallet as a supplier holds it: signs what it is shown.

Signatures come from eth-account, not from core.crypto, so the demo also proves that ours agree
with what any wallet makes.
"""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account

from core.chain import keys
from core.chain.client import Rpc, to_bytes
from core.chain.keys import Actor
from core.config import Settings
from core.crypto import address_of, from_hex, to_hex
from core.errors import BadConfig, BadInput


@dataclass(frozen=True)
class Wallet:
    """A name to show and a private key (32 bytes)."""

    name: str
    key: bytes

    @property
    def address(self) -> bytes:
        return address_of(self.key)

    def sign_typed_data(self, typed_data: dict[str, Any]) -> bytes:
        """The 65-byte signature of an EIP-712 message."""
        return bytes(Account.sign_typed_data(self.key, full_message=typed_data).signature)


def demo_wallet(settings: Settings, name: str) -> Wallet:
    """One of the six demo actors. Raises BadInput, or BadConfig off the development chain."""
    if name.upper() not in Actor.__members__:
        raise BadInput(
            f"There is no demo wallet {name!r}.",
            hint=f"One of: {', '.join(Actor.__members__)}.",
            pointer="--actor",
        )
    actor = Actor[name.upper()]
    return Wallet(actor.name, keys.account(settings, actor))


def wallet_from_file(path: Path) -> Wallet:
    """A wallet from a file with one 0x-hex key. Raises BadConfig when others could read it."""
    if not path.is_file():
        raise BadConfig(f"{path} is not a file", pointer="--key-file")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadConfig(
            f"{path} can be read by others", hint=f"chmod 600 {path}", pointer="--key-file"
        )
    return Wallet(path.name, from_hex(path.read_text().strip(), length=32, pointer="--key-file"))


async def call(rpc: Rpc, to: bytes, data: bytes, block: str = "latest") -> bytes:
    """Read a contract view as of a block: its raw return data."""
    return to_bytes(await rpc.call("eth_call", {"to": to_hex(to), "data": to_hex(data)}, block))
