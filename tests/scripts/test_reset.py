"""`--reset` forgets a development stack's state and nothing else."""

import pytest

from core.config import Environment, KeySettings, Settings
from core.errors import BadConfig
from scripts.stack import LOCK, AlreadyRunning, _state_lock, forget_state


def test_a_stacks_state_is_forgotten(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / LOCK).touch()
    (state / "chain").mkdir()
    forget_state(Settings(state_dir=state))
    assert not state.exists()
    forget_state(Settings(state_dir=state))


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("five years of work")
    with pytest.raises(BadConfig, match="left alone"):
        forget_state(Settings(state_dir=tmp_path))
    assert (tmp_path / "thesis.txt").exists()


def test_a_running_stacks_state_is_left_alone(tmp_path):
    with _state_lock(tmp_path), pytest.raises(AlreadyRunning):
        forget_state(Settings(state_dir=tmp_path))
    assert (tmp_path / LOCK).exists()


def test_production_state_is_never_deleted(tmp_path):
    (tmp_path / LOCK).touch()
    settings = Settings(
        state_dir=tmp_path,
        environment=Environment.PRODUCTION,
        keys=KeySettings(mnemonic="a mnemonic of its own"),
    )
    with pytest.raises(BadConfig, match="never deleted"):
        forget_state(settings)
    assert (tmp_path / LOCK).exists()
