"""Which key signs what, and where the public development keys are refused."""

import pytest
from pydantic import SecretStr

from core.chain import keys
from core.config import ChainSettings, KeySettings, Settings
from core.crypto import address_of, to_hex
from core.errors import BadConfig
from scripts.anvil import ACCOUNTS


def test_the_mnemonic_gives_anvil_s_accounts() -> None:
    settings = Settings()
    assert (
        to_hex(address_of(keys.deployer(settings))) == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
    )
    assert to_hex(address_of(keys.account(settings, keys.Actor.FARM))) == (
        "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
    )
    assert keys.oracle(settings) == keys.workers(settings)[0] == keys.account(settings, 7)
    assert len(set(keys.workers(settings))) == 3


def test_no_two_programs_sign_with_one_account() -> None:
    settings = Settings()
    actors = [keys.account(settings, actor) for actor in keys.Actor]
    single = [keys.deployer(settings), keys.relayer(settings)]
    every = [*single, *keys.workers(settings), *actors, keys.account(settings, keys.DEVICE)]
    assert len(set(every)) == len(every) == ACCOUNTS


@pytest.mark.parametrize("which", [keys.deployer, keys.relayer, keys.oracle])
def test_the_public_mnemonic_is_refused_elsewhere(which: object) -> None:
    settings = Settings(chain=ChainSettings(chain_id=1))
    with pytest.raises(BadConfig, match="public"):
        which(settings)  # type: ignore[operator]


def test_a_given_key_wins() -> None:
    key = SecretStr("0x" + "11" * 32)
    given = KeySettings(mnemonic=SecretStr(""), relayer=key, oracle_workers=(key,))
    settings = Settings(chain=ChainSettings(chain_id=1), keys=given)
    assert keys.relayer(settings) == keys.oracle(settings) == b"\x11" * 32
    with pytest.raises(BadConfig, match="no mnemonic"):
        keys.deployer(settings)
