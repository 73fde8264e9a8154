"""Which private key signs what: explicit keys first, else accounts of the mnemonic (BIP-44).

Account 0 deploys and administers, 1 to 6 are the actors of the demo, 7 to 9 the oracle's workers,
10 is the simulated sensor, 11 relays, 12 seeds the key that signs credentials, 13 signs for
partners without a wallet. No two programs count nonces of one account.
"""

from enum import IntEnum
from functools import lru_cache
from typing import Final

from eth_account import Account
from pydantic import SecretStr

from core.config import DEV_MNEMONIC, Settings
from core.crypto import from_hex
from core.errors import BadConfig

DEV_CHAIN: Final = 31337
WORKERS: Final = (7, 8, 9)
DEVICE: Final = 10
"""The key that the simulated truck sensor signs its readings with; it sends no transactions."""
RELAYER: Final = 11
ISSUER: Final = 12
RECORDER: Final = 13


class Actor(IntEnum):
    """Mnemonic accounts of the demo's six parties."""

    FARM = 1
    COOLER = 2
    PACKER = 3
    CARRIER = 4
    DISTRIBUTOR = 5
    PROCESSOR = 6


def deployer(settings: Settings) -> bytes:
    """The key (32 bytes) that deploys and administers the contracts. Raises BadConfig."""
    return _given(settings.keys.deployer) or account(settings, 0)


def relayer(settings: Settings) -> bytes:
    """The key (32 bytes) that pays for what others signed. Raises BadConfig."""
    return _given(settings.keys.relayer) or account(settings, RELAYER)


def issuer(settings: Settings) -> bytes:
    """The Ed25519 seed (32 bytes) that signs credentials; never an account. Raises BadConfig."""
    return _given(settings.keys.issuer) or account(settings, ISSUER)


def recorder(settings: Settings) -> bytes | None:
    """The key (32 bytes) that signs for partners without a wallet; None where there is none.

    Raises BadConfig.
    """
    given = _given(settings.keys.recorder)
    if given or not settings.keys.mnemonic.get_secret_value():
        return given or None
    return account(settings, RECORDER)


def workers(settings: Settings) -> tuple[bytes, ...]:
    """The oracle's worker keys, in no order that matters to the contract. Raises BadConfig."""
    given = tuple(key for secret in settings.keys.oracle_workers if (key := _given(secret)))
    return given or tuple(account(settings, index) for index in WORKERS)


def oracle(settings: Settings) -> bytes:
    """The key that submits reports and forecasts: the first worker's. Raises BadConfig."""
    return workers(settings)[0]


def account(settings: Settings, index: int) -> bytes:
    """Private key number `index` of the mnemonic.

    Raises:
        BadConfig: no mnemonic, or anvil's published one on a chain that is not anvil's.
    """
    mnemonic = settings.keys.mnemonic.get_secret_value()
    if not mnemonic:
        raise BadConfig("a key is missing and no mnemonic is set", hint="Set SR360_KEYS__*.")
    if mnemonic == DEV_MNEMONIC and settings.chain.chain_id != DEV_CHAIN:
        raise BadConfig(
            f"the development mnemonic is public and refused on chain {settings.chain.chain_id}",
            hint="Set SR360_KEYS__MNEMONIC or the single keys.",
        )
    return _derive(mnemonic, index)


@lru_cache(maxsize=64)
def _derive(mnemonic: str, index: int) -> bytes:
    Account.enable_unaudited_hdwallet_features()
    return bytes(Account.from_mnemonic(mnemonic, account_path=f"m/44'/60'/0'/0/{index}").key)


def _given(secret: SecretStr) -> bytes:
    text = secret.get_secret_value()
    return from_hex(text, length=32, pointer="keys") if text else b""
