"""The stack is a list of services, in the order in which data flows through them."""

import contextlib
import fcntl
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from core.config import Environment, Settings
from core.errors import BadConfig, Operator
from scripts import anvil, health
from scripts.deploy import deploy
from scripts.seed import seed
from scripts.supervisor import Service, Supervisor

LOCK = "stack.lock"


class AlreadyRunning(Operator):
    """Another stack uses the same state folder."""

    code = "already_running"


def settings_env(settings: Settings) -> dict[str, str]:
    """The environment that makes a child process read these very settings."""
    env = {"PYTHONUNBUFFERED": "1"}
    _flatten("SR360", settings, env)
    return env


def _flatten(name: str, value: object, env: dict[str, str]) -> None:
    if isinstance(value, BaseModel):
        separator = "_" if isinstance(value, Settings) else "__"
        for field in type(value).model_fields:
            _flatten(f"{name}{separator}{field.upper()}", getattr(value, field), env)
    elif isinstance(value, SecretStr):
        env[name] = value.get_secret_value()
    elif isinstance(value, tuple):
        env[name] = json.dumps([_plain(item) for item in value])
    elif isinstance(value, Path):
        env[name] = str(value.resolve())
    elif value is not None:
        env[name] = str(value)


def _plain(item: str | SecretStr) -> str:
    return item.get_secret_value() if isinstance(item, SecretStr) else item


def python_service(
    settings: Settings,
    name: str,
    healthy: Callable[[], Awaitable[bool]],
    where: str = "",
    progress: Callable[[], Awaitable[object]] | None = None,
) -> Service:
    """A service of ours in a process of its own."""
    argv = (sys.executable, "-m", "scripts.service", name)
    return Service(name, argv, healthy, where, settings_env(settings), progress)


def services(settings: Settings) -> list[Service]:
    """Everything after the chain, in start order."""
    ipfs, api, mqtt, indexer = settings.ipfs, settings.api, settings.mqtt, settings.indexer
    ipfs_api = f"http://{ipfs.host}:{ipfs.api_port}"
    api_url = f"http://{api.host}:{api.port}"
    indexer_url = f"http://{indexer.host}:{indexer.port}"
    stack = [
        python_service(
            settings,
            "ipfs",
            lambda: health.http_ok(f"{ipfs_api}/api/v0/version", method="POST"),
            f"{ipfs_api}/api/v0, gateway http://{ipfs.host}:{ipfs.gateway_port}/ipfs/",
        ),
        python_service(
            settings,
            "indexer",
            lambda: health.http_ok(f"{indexer_url}/ready"),
            f"{indexer_url}/metrics",
            lambda: health.told(f"{indexer_url}/ready", "block", "derived"),
        ),
        python_service(settings, "api", lambda: health.http_ok(f"{api_url}/ready"), api_url),
        python_service(settings, "oracle", _at_once),
        python_service(settings, "edge", _at_once),
        python_service(settings, "ml", _at_once),
    ]
    if mqtt.embedded:
        broker = python_service(
            settings,
            "broker",
            lambda: health.tcp_ok(mqtt.host, mqtt.port),
            f"mqtt://{mqtt.host}:{mqtt.port}",
        )
        stack.insert(1, broker)
    return stack


async def _at_once() -> bool:
    """Healthy as soon as it runs: the service has no door of its own to knock on."""
    return True


def chain_service(settings: Settings) -> Service:
    """anvil on the configured RPC port, its state kept in the state folder."""
    port = rpc_port(settings)
    argv = anvil.command(port=port, state_file=settings.state_dir / "chain" / "state.json")
    return Service(
        "chain", tuple(argv), lambda: health.rpc_ok(settings.chain.rpc_url), settings.chain.rpc_url
    )


def rpc_port(settings: Settings) -> int:
    """The port in the chain's RPC URL."""
    return urlsplit(settings.chain.rpc_url).port or 8545


def with_port_base(settings: Settings, base: int) -> Settings:
    """The same settings with every port moved to `base` and the ones after it."""
    return settings.model_copy(
        update={
            "chain": settings.chain.model_copy(update={"rpc_url": f"http://127.0.0.1:{base + 1}"}),
            "ipfs": settings.ipfs.model_copy(
                update={"api_port": base + 2, "gateway_port": base + 3}
            ),
            "mqtt": settings.mqtt.model_copy(update={"port": base + 4}),
            "api": settings.api.model_copy(update={"port": base}),
            "indexer": settings.indexer.model_copy(update={"port": base + 5}),
        }
    )


def _require_ports(settings: Settings) -> None:
    wanted = [
        ("127.0.0.1", rpc_port(settings), "chain", "SR360_CHAIN__RPC_URL"),
        (settings.ipfs.host, settings.ipfs.api_port, "ipfs", "SR360_IPFS__API_PORT"),
        (settings.ipfs.host, settings.ipfs.gateway_port, "ipfs", "SR360_IPFS__GATEWAY_PORT"),
        (settings.api.host, settings.api.port, "api", "SR360_API__PORT"),
        (settings.indexer.host, settings.indexer.port, "indexer", "SR360_INDEXER__PORT"),
    ]
    if settings.mqtt.embedded:
        wanted.append((settings.mqtt.host, settings.mqtt.port, "broker", "SR360_MQTT__PORT"))
    for host, port, service, setting in wanted:
        health.require_free_port(host, port, service=service, setting=setting)


def forget_state(settings: Settings) -> None:
    """Delete the state folder of a development stack that is not running.

    Raises:
        BadConfig: in production, or the folder was not made by a stack.
        AlreadyRunning: a stack runs on it.
    """
    if settings.environment is Environment.PRODUCTION:
        raise BadConfig("a production state is never deleted", pointer="--reset")
    if not settings.state_dir.exists():
        return
    if not (settings.state_dir / LOCK).exists():
        raise BadConfig(
            f"{settings.state_dir} was not made by `sr360 up`; it is left alone",
            hint="Check SR360_STATE_DIR.",
            pointer="--reset",
        )
    with _state_lock(settings.state_dir):
        shutil.rmtree(settings.state_dir)


@contextlib.contextmanager
def _state_lock(state_dir: Path) -> Iterator[None]:
    """One stack per state folder; the lock goes with the process, also on kill -9."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(
                f"Another stack (process {lock.read().strip()}) runs on {state_dir}.",
                hint="Stop it with ctrl-C, or use another folder: SR360_STATE_DIR=…",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.asynccontextmanager
async def running_stack(
    settings: Settings, progress: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Supervisor]:
    """Bring everything up, healthy; stop in reverse order on the way out."""
    with _state_lock(settings.state_dir):
        _require_ports(settings)
        supervisor = Supervisor(settings.state_dir / "logs")
        try:
            progress("chain")
            await supervisor.start(chain_service(settings))
            progress("contracts")
            deployment = await deploy(settings)
            if settings.chain.chain_id == anvil.CHAIN_ID:
                await seed(settings, deployment)
            progress("services")
            await supervisor.start_all(services(settings))
            yield supervisor
        finally:
            await supervisor.stop_all()
