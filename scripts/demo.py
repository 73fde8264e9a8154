"""`sr360 demo`: the whole loop on one machine, from a wallet's signature to a verified passport."""

import json
import sys
import time
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from core.chain import deployments
from core.chain.client import Rpc
from core.config import Settings
from core.ipfs.client import Ipfs
from scripts import examine, play, story, transport
from scripts.capture import ApiClient, patiently
from scripts.signals import stop_signal
from scripts.stack import running_stack

console: Final = Console(stderr=True)
SUMMARY: Final = "demo.json"
PATIENCE_S: Final = 120.0
"""A service that dies comes back, in seconds or, where others keep every core busy, in a minute."""


class Narrator:
    """Says what happens, and when it happened."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, words: str) -> None:
        console.print(f"[dim]{self.elapsed_s:6.1f} s[/]  {words}", highlight=False, soft_wrap=True)


async def run_demo(settings: Settings, *, stay: bool, as_json: bool) -> int:
    """Play, verify, then stay up until ctrl-C or stop; 0 when everything holds, else 1."""
    say = Narrator()
    async with running_stack(settings, lambda name: say(f"starting {name}")) as stack:
        summary = await tell(settings, say)
        summary |= await examine.running(settings, say)
        path = settings.state_dir / SUMMARY
        path.write_text(json.dumps(summary, indent=2) + "\n")
        if stay:
            show(summary, as_json=as_json)
            console.print("The stack stays up; ctrl-C stops it. State is kept for the next time.")
            await stop_signal()
        else:
            summary |= await examine.without_servers(settings, stack, say)
            summary["seconds"] = round(say.elapsed_s, 1)
            path.write_text(json.dumps(summary, indent=2) + "\n")
            show(summary, as_json=as_json)
        say("stopping")
    return 0 if summary["ok"] else 1


async def tell(settings: Settings, say: Narrator) -> dict[str, Any]:
    """The story itself; every part is skipped when an earlier run has done it."""
    deployment = deployments.load(settings)
    ipfs = Ipfs.from_settings(settings)
    try:
        async with (
            ApiClient(api_url(settings), patience_s=PATIENCE_S) as api,
            Rpc(settings.chain.rpc_url) as rpc,
        ):
            certificate = await patiently(lambda: play.publish_documents(ipfs), PATIENCE_S)
            await transport.announce_sales(settings, say)
            await play.play(api, settings, story.BEFORE_TRANSPORT, certificate, say)
            await transport.ride(api, settings, deployment, say)
            await play.play(api, settings, story.AFTER_TRANSPORT, certificate, say)
            say("PROCESSOR retires carbon credits for the salad lot's whole footprint")
            await patiently(lambda: play.retire_credits(rpc, settings, deployment), PATIENCE_S)
            await play.recall_second_lot(api, settings, ipfs, say)
            return await transport.disclose_sales(api, settings, say)
    finally:
        await ipfs.close()


def api_url(settings: Settings) -> str:
    """Where the API is reached from this machine."""
    return f"http://{settings.api.host}:{settings.api.port}"


def show(summary: dict[str, Any], *, as_json: bool) -> None:
    """The summary for a person, or as one JSON object on stdout."""
    if as_json:
        sys.stdout.write(json.dumps(summary, indent=2) + "\n")
        return
    sign = "[bold green]everything verified[/]" if summary["ok"] else "[bold red]NOT verified[/]"
    table = Table(title=f"SmartRetail360 demo: {sign}", show_header=False, title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")  # an address must stay whole to be copied
    for name, value in summary["facts"].items():
        table.add_row(name, str(value))
    for name, url in summary["urls"].items():
        table.add_row(name, f"[link={url}]{url}[/]")
    console.print(table)
