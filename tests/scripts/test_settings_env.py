"""A child process reads exactly the settings of its parent."""

import json
import os
import subprocess
import sys
from pathlib import Path

from core.config import ApiSettings, DbSettings, KeySettings, Settings
from scripts.stack import settings_env

ROOT = Path(__file__).resolve().parents[2]


def test_a_child_reads_the_same_settings(tmp_path):
    key = "0x" + "11" * 32
    settings = Settings(
        state_dir=tmp_path,
        api=ApiSettings(port=9999, public_url="https://passport.example"),
        keys=KeySettings(oracle_workers=(key,)),
        db=DbSettings(url="postgresql://me:s3cret@localhost/sr360"),
    )
    program = (
        "from core.config import Settings; s=Settings(); print(s.model_dump_json()); "
        "print(s.keys.oracle_workers[0].get_secret_value()); print(s.database_url)"
    )
    env = {**os.environ, **settings_env(settings)}
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    told, secret, database = result.stdout.splitlines()
    expected = settings.model_copy(
        update={
            "web_dist": settings.web_dist.resolve(),
            "cache_dir": settings.cache_dir.resolve(),
            "state_dir": tmp_path.resolve(),
        }
    )
    assert json.loads(told) == json.loads(expected.model_dump_json())
    assert secret == key
    assert database == settings.database_url == "postgresql://me:s3cret@localhost/sr360"
