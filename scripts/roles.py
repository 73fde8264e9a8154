"""`sr360 roles`: who can do what on a live chain, and whether it is more than documented."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from core.chain import deployments
from core.chain.client import Rpc, to_int
from core.chain.deployments import Deployment
from core.clock import iso
from core.config import Settings
from core.crypto import to_hex
from core.errors import BadConfig, DeploymentMissing
from scripts.authority import Grant, Live, function_name, read
from scripts.policy import ADMIN, Policy, load
from scripts.roles_compare import Finding, compare, documented, duration, missing, role_name
from scripts.terminal import plain

GOOD, BAD = 0, 1


async def roles(settings: Settings, *, rpc_url: str | None, as_json: bool, exact: bool) -> int:
    """Print the administration of the configured deployment; 0 documented, 1 more than that.

    Raises:
        RpcUnavailable, DeploymentMissing, BadConfig: it could not be checked.
    """
    policy = load()
    async with Rpc(rpc_url or settings.chain.rpc_url) as rpc:
        chain_id = to_int(await rpc.call("eth_chainId"))
        if rpc_url:  # whoever names a node means that node's chain
            chain = settings.chain.model_copy(update={"chain_id": chain_id})
            settings = settings.model_copy(update={"chain": chain})
        deployment = deployments.load(settings)
        if deployment.administration is None:
            raise DeploymentMissing("the deployment file does not say who is to hold the roles")
        if chain_id != deployment.chain_id:
            raise BadConfig(f"the node is of chain {chain_id}, not {deployment.chain_id}")
        live = await read(rpc, deployment, policy, log_range=settings.chain.log_range)
    excess, lacks = compare(policy, deployment, live), missing(policy, deployment, live)
    if as_json:
        content = to_json(policy, deployment, live, excess, lacks)
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
    else:
        show(policy, deployment, live, excess, lacks)
    return BAD if excess or (exact and lacks) else GOOD


# What is printed


def to_json(
    policy: Policy,
    deployment: Deployment,
    live: Live,
    excess: list[Finding],
    lacks: list[Finding],
) -> dict[str, Any]:
    """The whole state for machines."""
    return {
        "chainId": deployment.chain_id,
        "block": live.block,
        "profile": documented(deployment).profile,
        "roles": [_role_json(policy, deployment, live, number) for number in sorted(live.admins)],
        "scheduled": [
            {
                "operation": to_hex(one.operation),
                "caller": to_hex(one.caller),
                "call": function_name(deployment, one.target, one.data[:4]),
                "data": to_hex(one.data),
                "when": one.when,
            }
            for one in live.scheduled
        ],
        "excess": [{"rule": one.rule, "message": one.message} for one in excess],
        "missing": [{"rule": one.rule, "message": one.message} for one in lacks],
        "ok": not excess,
    }


def _role_json(policy: Policy, deployment: Deployment, live: Live, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": role_name(policy, number),
        "admin": live.admins[number],
        "guardian": live.guardians[number],
        "holders": [
            {"account": to_hex(g.account), "since": g.since, "delaySeconds": g.delay_s}
            for g in _held(live, number)
        ],
        "functions": _callable(deployment, live, number),
    }


def _held(live: Live, number: int) -> list[Grant]:
    return [grant for grant in live.grants if grant.role == number]


def _callable(deployment: Deployment, live: Live, number: int) -> list[str]:
    return sorted(
        function_name(deployment, *one) for one, by in live.functions.items() if by == number
    )


def show(
    policy: Policy,
    deployment: Deployment,
    live: Live,
    excess: list[Finding],
    lacks: list[Finding],
) -> None:
    """Each role with its holders and functions, what waits, then what differs from the policy.

    Lines, not a table: an address cut off by a narrow terminal could not be compared.
    """
    console = Console(soft_wrap=True)
    profile = documented(deployment).profile
    console.print(
        f"chain {deployment.chain_id}, block {live.block}, documented for {profile}",
        highlight=False,
    )
    for number in sorted(live.admins):
        for line in _role_lines(policy, deployment, live, number):
            console.print(line, highlight=False)
    for one in live.scheduled:
        called = function_name(deployment, one.target, one.data[:4])
        words = f"waiting: {to_hex(one.caller)} calls {called} from {iso(one.when * 1000)} on"
        console.print(f"· {plain(words)}", highlight=False)
    for finding in lacks:
        console.print(f"[yellow]-[/] {finding.rule}: {plain(finding.message)}", highlight=False)
    for finding in excess:
        console.print(f"[bold red]+[/] {finding.rule}: {plain(finding.message)}", highlight=False)
    outcome = "[bold red]more than documented[/]" if excess else "[bold green]as documented[/]"
    if lacks and not excess:
        outcome = "[bold yellow]less than documented[/]"
    console.print(
        f"{outcome}: {len(live.grants)} grants, {len(live.functions)} functions", highlight=False
    )


def _role_lines(policy: Policy, deployment: Deployment, live: Live, number: int) -> Iterator[str]:
    guardian = role_name(policy, live.guardians[number])
    yield f"[bold]{role_name(policy, number)}[/], cancelled by {guardian}"
    for grant in _held(live, number):
        yield f"    {to_hex(grant.account)} acts {_after(grant.delay_s)}"
    if number == ADMIN:
        yield "    may call the Authority itself, and what no line names"
    for function in _callable(deployment, live, number):
        yield f"    may call {plain(function)}"


def _after(seconds: int) -> str:
    return f"after {duration(seconds)}" if seconds else duration(0)
