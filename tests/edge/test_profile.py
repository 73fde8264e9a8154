"""Setting up a device: a key for its owner only, and the same again changes nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.crypto import address_of, new_private_key, to_hex
from core.errors import AlreadyExists, BadConfig
from edge.profile import Profile, folder_of, load, load_key, provision

PROFILE = Profile(
    name="truck",
    product="https://id.gs1.org/00/008600099999850000",
    chain_id=31337,
    contract=to_hex(bytes([1] * 20)),
    gateway=to_hex(bytes([2] * 20)),
    start_at=1_776_700_000_000,
)


def test_a_fresh_key_stays_and_is_private(tmp_path: Path) -> None:
    first = provision(tmp_path, PROFILE)
    folder = folder_of(tmp_path, "truck")
    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    assert provision(tmp_path, PROFILE) == first == address_of(load_key(folder))
    assert load(folder) == PROFILE


def test_a_given_key_is_used(tmp_path: Path) -> None:
    key = new_private_key()
    assert provision(tmp_path, PROFILE, key) == address_of(key)


def test_a_device_is_not_set_up_twice_differently(tmp_path: Path) -> None:
    provision(tmp_path, PROFILE)
    with pytest.raises(AlreadyExists):
        provision(tmp_path, replace(PROFILE, start_at=0))
    with pytest.raises(AlreadyExists):
        provision(tmp_path, PROFILE, new_private_key())


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    provision(tmp_path, PROFILE)
    key = folder_of(tmp_path, "truck") / "key"
    key.chmod(0o640)
    with pytest.raises(BadConfig, match="others may read"):
        load_key(key.parent)


def test_a_broken_profile_is_named(tmp_path: Path) -> None:
    provision(tmp_path, PROFILE)
    path = folder_of(tmp_path, "truck") / "profile.json"
    path.write_text('{"name": "truck"}')
    with pytest.raises(BadConfig, match="profile"):
        load(path.parent)
