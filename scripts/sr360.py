"""The command line. Heavy imports stay inside the commands, so `--help` is instant."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from core.config import Settings
from core.errors import SmartRetailError
from scripts.service import Run, read_settings, serve
from scripts.terminal import plain

GOOD, BAD, COULD_NOT_CHECK = 0, 1, 2

app = typer.Typer(
    name="sr360",
    help="SmartRetail360: a product's history, verifiable by anyone without trusting us.\n\n"
    "Start with [bold]sr360 demo[/bold]. Settings are environment variables such as "
    "SR360_API__PORT; docs/reference/settings.md lists them.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
err = Console(stderr=True, soft_wrap=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
PortBase = Annotated[
    int | None, typer.Option(help="Put the API on this port and the others right after it.")
]

Reset = Annotated[
    bool, typer.Option("--reset", help="Forget the state folder's chain and data, start anew.")
]


def show_error(error: SmartRetailError) -> None:
    """Say what happened and what to do, to people on stderr."""
    message = plain(error.message, lines=True)
    err.print(f"[bold red]error[/] ({error.code}): {message}", highlight=False)
    for issue in error.issues:
        where = plain(issue.pointer or "/")
        err.print(f"  [yellow]{plain(issue.rule)}[/] at {where}: {plain(issue.message)}")
        err.print(f"    fix: {plain(issue.hint)}")
    if error.hint:
        err.print(f"[dim]hint:[/] {plain(error.hint, lines=True)}", highlight=False)


def execute(work: Callable[[], Coroutine[Any, Any, int]]) -> None:
    """Run a command's coroutine; turn our errors into words and exit codes."""
    try:
        code = asyncio.run(work())
    except SmartRetailError as error:
        show_error(error)
        code = COULD_NOT_CHECK
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


@app.command()
def run(
    service: Annotated[str, typer.Argument(help="ipfs, broker, indexer, api, oracle or ml.")],
) -> None:
    """Run one service alone in the foreground, as a container would."""

    async def work() -> int:
        await serve(service, _with_bar if service == "indexer" else lambda run: run)
        return GOOD

    execute(work)


def _with_bar(run_indexer: Callable[..., Coroutine[Any, Any, None]]) -> Run:
    from scripts.history_bar import history_bar

    async def run(settings: Settings) -> None:
        with history_bar(err) as tell:
            await run_indexer(settings, tell)

    return run


@app.command()
def up(port_base: PortBase = None, reset: Reset = False) -> None:
    """Start everything, print where it is, stay up until ctrl-C. State survives a restart."""
    from scripts.history_bar import watch
    from scripts.signals import stop_signal
    from scripts.stack import forget_state, running_stack, with_port_base

    async def work() -> int:
        settings = read_settings()
        if reset:
            forget_state(settings)
        if port_base is not None:
            settings = with_port_base(settings, port_base)
        watching: asyncio.Task[None] | None = None

        def show(name: str) -> None:
            nonlocal watching
            if name == "services":  # the indexer counts as up once it has read the history
                status.stop()
                watching = asyncio.create_task(watch(settings, err))
            else:
                status.update(f"starting {name}")

        with err.status("starting") as status:
            async with running_stack(settings, show) as stack:
                if watching is not None:
                    watching.cancel()
                    await asyncio.gather(watching, return_exceptions=True)
                rows = {r.service.name: r.service.where for r in stack.running.values()}
                err.print(address_table(settings, rows))
                err.print("ctrl-C stops everything, in reverse order.")
                await stop_signal()
                err.print("stopping")
        return GOOD

    execute(work)


def address_table(settings: Settings, services: dict[str, str]) -> Table:
    table = Table(title="SmartRetail360 is up", show_header=False, title_justify="left")
    url = settings.public_url
    table.add_row("app", f"{url}/app/")
    table.add_row("GraphQL (GraphiQL)", f"{url}/graphql")
    table.add_row("OpenAPI", f"{url}/docs")
    for name, where in services.items():
        if where:
            table.add_row(name, where)
    table.add_row("logs", str(settings.state_dir / "logs"))
    return table


@app.command()
def demo(
    exit_: Annotated[
        bool, typer.Option("--exit", help="Verify everything, print a summary, stop, exit 0 or 1.")
    ] = False,
    as_json: JsonOption = False,
    port_base: PortBase = None,
    reset: Reset = False,
) -> None:
    """Play a real lettuce-to-salad supply chain from wallet signatures to a verified passport."""
    from scripts.demo import run_demo
    from scripts.stack import forget_state, with_port_base

    async def work() -> int:
        settings = read_settings()
        if reset:
            forget_state(settings)
        if port_base is not None:
            settings = with_port_base(settings, port_base)
        return await run_demo(settings, stay=not exit_, as_json=as_json)

    execute(work)


@app.command()
def deploy(
    verify: Annotated[
        str,
        typer.Option(
            help="Send nothing: exit 1 unless the deployment is this source, created by the "
            "deployer of this address."
        ),
    ] = "",
) -> None:
    """Deploy the contracts to the configured chain; what is there already is left alone.

    Also sets up who may administer them, as contracts/roles.toml says.
    """
    from core.chain import deployments
    from core.crypto import to_address
    from scripts.deploy import deploy as deploy_contracts
    from scripts.deploy import differences

    async def work() -> int:
        settings = read_settings()
        if verify:
            deployment = deployments.load(settings)
            deployer = to_address(verify, pointer="--verify")
            found = await differences(settings.chain.rpc_url, deployment, deployer)
            for line in found:
                err.print(f"[bold red]✗[/] {line}", highlight=False)
        else:
            deployment, found = await deploy_contracts(settings), []
        table = Table("contract", "address", title=f"chain {deployment.chain_id}")
        for name, contract in deployment.contracts.items():
            table.add_row(name, "0x" + contract.address.hex())
        Console().print(table)
        return BAD if found else GOOD

    execute(work)


@app.command()
def roles(
    rpc: Annotated[
        str | None, typer.Option(help="RPC endpoint to read (default: the settings').")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Exit 1 also when a documented permission is missing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show who can administer what on a live chain, and compare it with the documented policy.

    Reads the Authority's events and getters from the node, and the deployment file; no server of
    ours is asked. For each role: the accounts that hold it, how long a call of theirs must wait in
    public, who may cancel it meanwhile, and the functions it may call. Calls that wait now stand
    below.

    [bold]+[/bold] marks what contracts/roles.toml does not document: a grant, a shorter delay, a
    function given to another role or to everyone, another administrator, another Authority,
    altered code. [bold]-[/bold] marks what it documents and the chain lacks.

    Exit 0: no more than documented. Exit 1: more. Exit 2: could not check.

    Example: sr360 roles --rpc https://rpc.example --json
    """
    from scripts.roles import roles as show_roles

    async def work() -> int:
        return await show_roles(read_settings(), rpc_url=rpc, as_json=as_json, exact=exact)

    execute(work)


@app.command()
def hand_over() -> None:
    """Let the deployer give up its power for good, once the administrators are in place.

    Refused while anything differs from contracts/roles.toml, and until the new administrator has
    scheduled a call: a mistyped address would lock the administration forever. Only for
    production; docs/runbook-deployment.md leads through it.
    """
    from core.chain import deployments
    from core.chain.client import Rpc
    from core.chain.keys import deployer
    from scripts.administer import hand_over as renounce

    async def work() -> int:
        settings = read_settings()
        async with Rpc(settings.chain.rpc_url) as rpc:
            await renounce(rpc, deployer(settings), deployments.load(settings))
        err.print("the deployer holds no role any more")
        return GOOD

    execute(work)


@app.command()
def verify(
    product: Annotated[
        str | None, typer.Option(help="Only this product: its GS1 Digital Link URI.")
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(help="Check a proof bundle file instead; needs no server of ours."),
    ] = None,
    rpc: Annotated[
        str | None, typer.Option(help="RPC endpoint to check against (default: the settings').")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the report into this folder, as JSON and HTML.")
    ] = None,
    auditor_key_file: Annotated[
        Path | None,
        typer.Option(help="Sign the report: file with your private key (0x-hex); mode 0600."),
    ] = None,
    check_report: Annotated[
        Path | None,
        typer.Option(help="Say who signed this report (JSON or HTML), offline; exit 1 if altered."),
    ] = None,
    auditor: Annotated[
        str, typer.Option(help="Accept reports of this auditor (0x address) only.")
    ] = "",
    since: Annotated[
        str,
        typer.Option(help="Begin at this block, or where this signed report (a file) ended."),
    ] = "",
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that read the chain (default: all cores).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the history against the chain: exit 0 good, 1 bad, 2 could not check.

    docs/reference/verify-report.md says what is checked, and what --since leaves out.
    """
    from scripts.verify import verify_bundle, verify_mirror
    from scripts.verify_report import Asked, check_file

    async def work() -> int:
        if check_report is not None:
            return check_file(check_report, auditor, as_json=as_json)
        settings = read_settings()
        if bundle is not None:
            return await verify_bundle(
                settings, bundle, rpc or settings.chain.rpc_url, as_json=as_json
            )
        asked = Asked(product, rpc, report, auditor_key_file, auditor, since, jobs)
        return await verify_mirror(settings, asked, as_json=as_json)

    execute(work)


@app.command()
def reindex(
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Do not go on from an attempt that was interrupted.")
    ] = False,
) -> None:
    """Derive every table anew from the raw logs, asking no node; the API goes on answering."""
    from scripts.reindex import reindex_with_progress

    async def work() -> int:
        return await reindex_with_progress(read_settings(), fresh=fresh)

    execute(work)


@app.command()
def capture(
    file: Annotated[Path, typer.Argument(help="An EPCIS 2.0 JSON document.")],
    key_file: Annotated[
        Path | None,
        typer.Option(help="File with the signer's private key (0x-hex); mode 0600."),
    ] = None,
    actor: Annotated[
        str, typer.Option(help="A demo wallet instead of a key file: FARM, COOLER, PACKER, …")
    ] = "",
    api: Annotated[str, typer.Option(help="The API's address (default: the settings').")] = "",
    as_json: JsonOption = False,
) -> None:
    """Capture an EPCIS document: validate, sign with your wallet, relay, follow until final."""
    from scripts.capture import capture_file

    async def work() -> int:
        settings = read_settings()
        result = await capture_file(
            settings, file, key_file=key_file, wallet=actor, api_url=api or settings.public_url
        )
        if as_json:
            sys.stdout.write(json.dumps(result, indent=2) + "\n")
        else:
            for event in result["events"]:
                err.print(
                    f"{event['state']}: {plain(event['sentence'])} (tx {event['transactionHash']})"
                )
        return GOOD

    execute(work)


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="An EPCIS document, JSON 2.0 or XML.")],
    profile: Annotated[
        str, typer.Option(help="Also as these ask: fsma204, gdst, dscsa, eu-battery; by commas.")
    ] = "",
    profile_file: Annotated[
        Path | None, typer.Option(help="A profile of your own (docs/reference/profiles.md).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Hold a document against the rules, offline: exit 0 good, 1 bad, 2 could not check."""
    from scripts.validate import validate_file

    async def work() -> int:
        told = await validate_file(file, profile, profile_file)
        if as_json:
            sys.stdout.write(json.dumps(told, indent=2) + "\n")
            return BAD if told["issues"] else GOOD
        for kind, colour in (("issues", "red"), ("warnings", "yellow")):
            for one in told[kind]:
                where = plain(one["xpath"] or one["pointer"] or "/")
                err.print(f"[{colour}]{plain(one['rule'])}[/] at {where}: {plain(one['message'])}")
                err.print(f"    fix: {plain(one['hint'])}")
        counts = f"{told['events']} good events, {len(told['issues'])} issues"
        err.print(f"{counts}, {len(told['warnings'])} warnings")
        return BAD if told["issues"] else GOOD

    execute(work)


@app.command()
def fsma(
    lot: Annotated[list[str], typer.Option(help="A lot by its Digital Link; may be repeated.")],
    out: Annotated[
        Path, typer.Option(help="Where to write it; .csv gives one table, .xlsx a workbook.")
    ] = Path("fsma204.xlsx"),
    api: Annotated[str, typer.Option(help="The API's address (default: the settings').")] = "",
) -> None:
    """Write the FSMA 204 electronic sortable spreadsheet of lots and all they came from."""
    from scripts.fsma import download

    async def work() -> int:
        size = await download(api or read_settings().public_url, lot, out)
        err.print(f"{out}: {size} bytes")
        return GOOD

    execute(work)


if __name__ == "__main__":
    app(prog_name="./sr360")
