"""`sr360 verify`: what was checked, what was found, and an exit code a script can rely on."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from core.chain import deployments
from core.chain.proof import bundle as proof
from core.chain.proof.verdict import Status, Verdict
from core.config import Settings
from core.errors import BadInput
from scripts.terminal import plain

if TYPE_CHECKING:
    from scripts.verify_report import Asked

GOOD, BAD, COULD_NOT_CHECK = 0, 1, 2
SHOWN = 50
"""Lines of a kind that a terminal shows."""
_SIGNS = {"ok": "[green]✓[/]", "bad": "[bold red]✗[/]", "unchecked": "[yellow]?[/]", "note": "·"}


async def verify_bundle(settings: Settings, path: Path, rpc_url: str, *, as_json: bool) -> int:
    """Check a proof bundle file against an RPC endpoint; no server of ours is asked."""
    verdict = await bundle_verdict(settings, path, rpc_url)
    if as_json:
        sys.stdout.write(json.dumps(verdict.to_json(), indent=2) + "\n")
    else:
        show_verdict(verdict)
    return verdict.exit_code


async def bundle_verdict(settings: Settings, path: Path, rpc_url: str) -> Verdict:
    """Raises BadInput when the file cannot be read, DeploymentMissing without an anchor."""
    trusted = proof.trusted_deployment(deployments.load(settings))
    try:
        return await proof.verify_file(path, rpc_url, trusted)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", pointer="--bundle") from error


def show_verdict(verdict: Verdict) -> None:
    """Everything that is not simply good, line by line, then the outcome."""
    console = Console(soft_wrap=True)
    good = verdict.of(Status.OK)
    for finding in verdict.findings:
        if finding.status is not Status.OK:
            sign = _SIGNS[finding.status.value]
            where = plain(f"{finding.name} {finding.pointer}")
            console.print(f"{sign} {where}: {plain(finding.message)}", highlight=False)
    outcome = {0: "[bold green]good[/]", 1: "[bold red]bad[/]"}.get(
        verdict.exit_code, "[bold yellow]could not check everything[/]"
    )
    console.print(f"{outcome}: {len(good)} checks hold", highlight=False)


async def verify_mirror(settings: Settings, asked: "Asked", *, as_json: bool) -> int:
    """Doubt every row of the mirror: replay the chain, compare, re-hash every document."""
    from indexer.verify import verify
    from scripts.verify_report import auditor_key, keep, since_of, watched

    key = auditor_key(asked)
    if asked.rpc_url:
        chain = settings.chain.model_copy(update={"rpc_url": asked.rpc_url})
        settings = settings.model_copy(update={"chain": chain})
    with watched(as_json) as progress:
        report = await verify(
            settings,
            product=asked.product,
            since=since_of(asked),
            jobs=asked.jobs,
            progress=progress,
        )
    content: dict[str, Any] = report.to_json()
    if as_json:
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
    else:
        show_report(content)
    if asked.report is not None:
        keep(asked.report, content, key, as_json=as_json)
    return report.exit_code


def show_report(content: dict[str, Any]) -> None:
    """Each finding in its sentence, what could not be checked, then the outcome."""
    console = Console(soft_wrap=True)
    for finding in content["findings"][:SHOWN]:
        rule, words = plain(finding["rule"]), plain(finding["message"])
        console.print(f"{_SIGNS['bad']} [bold]{rule}[/] {words}", highlight=False)
    for reason in content["unchecked"][:SHOWN]:
        console.print(f"{_SIGNS['unchecked']} {plain(str(reason))}", highlight=False)
    for reason in content["restsOn"]:
        console.print(f"{_SIGNS['note']} rests on {plain(str(reason))}", highlight=False)
    left = sum(max(0, len(content[name]) - SHOWN) for name in ("findings", "unchecked"))
    if left:
        console.print(f"… and {left} more: --json or --report DIR names them all")
    counts = ", ".join(f"{count} {what}" for what, count in content["checked"].items())
    outcome = "[bold green]good[/]" if content["ok"] else "[bold red]bad[/]"
    if not content["findings"] and content["unchecked"]:
        outcome = "[bold yellow]could not check everything[/]"
    console.print(f"{outcome}: {plain(counts) or 'nothing was compared'}", highlight=False)
