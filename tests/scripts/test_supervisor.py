"""The supervisor starts, restarts and stops real processes."""

import asyncio
import os
import signal
import socket
import sys
import time

import pytest

from core.errors import PortTaken
from scripts.health import free_port, http_ok, require_free_port, tcp_ok, told
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


async def _never() -> bool:
    return False


BROKEN = Service(
    "broken", (sys.executable, "-c", "import sys; sys.exit('cannot open the safe')"), _never
)


async def test_a_service_that_dies_at_once_is_reported_with_its_last_words(tmp_path):
    supervisor = Supervisor(tmp_path)
    with pytest.raises(ServiceFailed, match="cannot open the safe"):
        await supervisor.start(BROKEN)
    await supervisor.stop_all()


async def test_of_several_services_the_one_that_dies_is_reported(tmp_path):
    supervisor = Supervisor(tmp_path)
    with pytest.raises(ServiceFailed, match="cannot open the safe"):
        await supervisor.start_all([listener(free_port()), BROKEN])
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


READER = """
import http.server, json, sys, time
began, moves_s, whole_s = time.time(), float(sys.argv[2]), float(sys.argv[3])
class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        took = time.time() - began
        self.send_response(200 if took > whole_s else 503)
        self.end_headers()
        block = int(9 * min(took, moves_s))
        self.wfile.write(json.dumps({"reason": str(took), "block": block}).encode())
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Door).serve_forever()
"""
"""An indexer's door: its block advances for some seconds, and after some it is ready."""


def reader(moves_s: float, whole_s: float) -> Service:
    url = f"http://127.0.0.1:{(port := free_port())}/ready"
    argv = (sys.executable, "-c", READER, str(port), str(moves_s), str(whole_s))
    return Service(
        "reader", argv, lambda: http_ok(url), progress=lambda: told(url, "block", "derived")
    )


async def test_what_still_advances_is_not_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.supervisor.HEALTH_TIMEOUT_S", 1.5)
    supervisor = Supervisor(tmp_path)
    await supervisor.start(reader(moves_s=9, whole_s=4))
    await supervisor.stop_all()


async def test_what_stands_still_is_given_up(tmp_path, monkeypatch):
    """Its reason changes all the time; its block does not."""
    monkeypatch.setattr("scripts.supervisor.HEALTH_TIMEOUT_S", 1.5)
    supervisor = Supervisor(tmp_path)
    began = time.monotonic()
    with pytest.raises(ServiceFailed, match="reader did not become healthy"):
        await supervisor.start(reader(moves_s=1, whole_s=60))
    assert time.monotonic() - began < 15
    await supervisor.stop_all()
