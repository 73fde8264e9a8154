"""Secrets in URLs, a hosted node's key or a database's password, reach nobody."""

import pytest
from pydantic import ValidationError

from core.chain.client import Rpc, shown
from core.config import (
    ApiSettings,
    ChainSettings,
    DbSettings,
    Environment,
    KeySettings,
    Settings,
)
from core.errors import RpcUnavailable
from scripts.anvil import free_port

KEYED = (
    "https://node.example/v2/s3cret",
    "https://node.example/?apikey=s3cret",
    "https://me:s3cret@node.example",
)


def _production(rpc_url: str, public: str = "") -> Settings:
    return Settings(
        environment=Environment.PRODUCTION,
        keys=KeySettings(mnemonic=""),
        chain=ChainSettings(rpc_url=rpc_url),
        api=ApiSettings(public_rpc_url=public),
    )


@pytest.mark.parametrize("url", KEYED)
def test_production_wants_a_public_endpoint_beside_a_keyed_one(url):
    with pytest.raises(ValidationError, match="SR360_API__PUBLIC_RPC_URL"):
        _production(url)
    assert _production(url, "https://public.example").public_rpc_url == "https://public.example"


def test_an_endpoint_without_a_key_may_be_public():
    assert _production("https://node.example/").public_rpc_url == "https://node.example/"


@pytest.mark.parametrize("url", KEYED)
def test_shown_without_its_key(url):
    assert shown(url) == "https://node.example"


async def test_an_error_does_not_tell_the_key():
    port = free_port()
    async with Rpc(f"http://me:s3cret@127.0.0.1:{port}/s3cret?s3cret") as nowhere:
        with pytest.raises(RpcUnavailable) as caught:
            await nowhere.call("eth_chainId")
    assert f"http://127.0.0.1:{port} did not answer" in caught.value.message
    assert "s3cret" not in caught.value.message


def test_a_printed_setting_does_not_tell_the_database_password():
    settings = Settings(db=DbSettings(url="postgresql://me:s3cret@localhost/sr360"))
    assert "s3cret" in settings.database_url
    for printed in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.db)):
        assert "s3cret" not in printed
