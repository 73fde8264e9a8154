"""The contracts on ape's own chain (py-evm), with the actors of the story."""

from collections.abc import Callable
from typing import Any

import pytest
from ape import accounts, chain, project
from ape.api import AccountAPI

from core.crypto import Domain, StructType, digest
from core.crypto import sign as sign_digest
from core.crypto.hexes import to_address

MINUTE = 60


@pytest.fixture(scope="session")
def admin() -> AccountAPI:
    return accounts.test_accounts[0]


@pytest.fixture(scope="session")
def FARMER() -> AccountAPI:
    return accounts.test_accounts[1]


@pytest.fixture(scope="session")
def CARRIER() -> AccountAPI:
    return accounts.test_accounts[2]


@pytest.fixture(scope="session")
def RETAILER() -> AccountAPI:
    return accounts.test_accounts[3]


@pytest.fixture(scope="session")
def ATTACKER() -> AccountAPI:
    return accounts.test_accounts[4]


@pytest.fixture(scope="session")
def authority(admin: AccountAPI) -> Any:
    return admin.deploy(project.Authority, admin)


@pytest.fixture(scope="session")
def registry(admin: AccountAPI, authority: Any) -> Any:
    return admin.deploy(project.ActorRegistry, authority)


@pytest.fixture(scope="session")
def supply_chain(admin: AccountAPI, registry: Any) -> Any:
    return admin.deploy(project.SupplyChain, registry)


@pytest.fixture
def deadline() -> int:
    return int(chain.pending_timestamp) + 10 * MINUTE


@pytest.fixture
def occurred_at() -> int:
    return int(chain.pending_timestamp) * 1000


@pytest.fixture(scope="session")
def sign(supply_chain: Any) -> Callable[..., bytes]:
    """Sign a struct for SupplyChain with core.crypto, as our services do."""
    domain = Domain(
        "SmartRetail360 SupplyChain", "1", chain.chain_id, to_address(supply_chain.address)
    )

    def signature(account: Any, struct: StructType, *values: Any) -> bytes:
        key = bytes.fromhex(account.private_key.removeprefix("0x"))
        return sign_digest(key, digest(domain, struct.struct_hash(*values)))

    return signature
