"""The supervisor starts, restarts and stops real processes."""

import asyncio
import os
import signal
import socket
import sys

import pytest

from core.errors import PortTaken
from scripts.health import free_port, require_free_port, tcp_ok
from scripts.supervisor import Service, ServiceFailed, Supervisor

LISTEN = (
    "import socket,sys,time; s=socket.socket(); s.setsockopt(1,2,1); "
    "s.bind(('127.0.0.1',int(sys.argv[1]))); s.listen(); time.sleep(600)"
)


def listener(port: int, name: str = "listener") -> Service:
    return Service(
        name, (sys.executable, "-c", LISTEN, str(port)), lambda: tcp_ok("127.0.0.1", port)
    )


async def test_it_waits_for_health_and_stops_everything(tmp_path):
    first, second = free_port(), free_port()
    supervisor = Supervisor(tmp_path)
    await supervisor.start(listener(first, "first"))
    await supervisor.start(listener(second, "second"))
    assert await tcp_ok("127.0.0.1", first)
    await supervisor.stop_all()
    assert not await tcp_ok("127.0.0.1", first)
    assert not await tcp_ok("127.0.0.1", second)


async def test_a_killed_service_comes_back(tmp_path):
    port = free_port()
    supervisor = Supervisor(tmp_path)
    running = await supervisor.start(listener(port))
    killed = running.pid
    os.kill(killed, signal.SIGKILL)
    async with asyncio.timeout(20):
        while running.pid == killed or not await tcp_ok("127.0.0.1", port):
            await asyncio.sleep(0.05)
    assert running.restarts == 1
    await supervisor.stop_all()


async def test_a_service_that_dies_at_once_is_reported_with_its_last_words(tmp_path):
    async def never() -> bool:
        return False

    argv = (sys.executable, "-c", "import sys; sys.exit('cannot open the safe')")
    supervisor = Supervisor(tmp_path)
    with pytest.raises(ServiceFailed, match="cannot open the safe"):
        await supervisor.start(Service("broken", argv, never))
    await supervisor.stop_all()


def test_a_taken_port_is_named_with_its_setting():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} .* taken") as caught:
            require_free_port("127.0.0.1", port, service="api", setting="SR360_API__PORT")
    assert caught.value.pointer == "SR360_API__PORT"
    assert "SR360_API__PORT" in caught.value.hint
