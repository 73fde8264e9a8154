"""The API as a service: plug the parts together, serve, relay, clean up."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn

from api.app import create_app
from api.capture.jobs import Jobs
from api.capture.ledger import Ledger
from api.capture.prepare import Preparer
from api.capture.recorder import Recorder
from api.capture.service import CaptureService
from api.capture.store import Captures
from api.capture.submit import Submitter
from api.deps import Services
from api.proofs import Proofs
from api.pruning import Pruner
from api.resolver.links import Listed
from api.subscriptions.engine import Engine
from core.chain import deployments
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import recorder, relayer
from core.chain.sender import Sender
from core.config import Settings
from core.crypto.structs import supply_chain_domain
from core.db.engine import Database, open_database
from core.epcis.company_prefix import PrefixLengths
from core.errors import PortTaken, Retryable
from core.garbage import collect_seldom
from core.ipfs.client import Ipfs

_log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Serve until cancelled. Raises DeploymentMissing, PortTaken, BadConfig."""
    collect_seldom()
    async with contextlib.AsyncExitStack() as stack:
        deployment = deployments.load(settings)
        database = await asyncio.to_thread(open_database, settings)
        stack.callback(database.close)
        rpc = await stack.enter_async_context(Rpc(settings.chain.rpc_url))
        ipfs = await stack.enter_async_context(Ipfs.from_settings(settings))
        sender = _sender(settings, rpc, database)
        services = assemble(settings, deployment, database, rpc, ipfs, sender)
        async with asyncio.TaskGroup() as group:
            group.create_task(_resume(services.captures))
            group.create_task(sender.run())
            group.create_task(Engine(database, settings.webhook, services.prefix_lengths).run())
            group.create_task(Pruner(database, settings).run())
            if services.jobs.recorder is not None:
                group.create_task(services.jobs.run())
            group.create_task(serve(services))


def assemble(
    settings: Settings,
    deployment: Deployment,
    database: Database,
    rpc: Rpc,
    ipfs: Ipfs,
    sender: Sender,
) -> Services:
    """All services of the API over the given parts."""
    domain = supply_chain_domain(deployment.chain_id, deployment.supply_chain)
    ledger = Ledger(rpc, deployment.supply_chain, deployment.actor_registry)
    captures = Captures(database, domain)
    capturing = CaptureService(
        database,
        ipfs,
        Preparer(ledger, deployment.chain_id, captures.on_their_way),
        captures,
        Submitter(captures, ledger, sender, domain),
        sender,
    )
    key = recorder(settings)
    return Services(
        settings=settings,
        database=database,
        rpc=rpc,
        ipfs=ipfs,
        deployment=deployment,
        captures=capturing,
        proofs=Proofs(rpc, deployment),
        links=Listed.read(settings.api.links_file),
        prefix_lengths=PrefixLengths.read(settings.api.gcp_lengths_file),
        jobs=Jobs(database, Recorder(database, capturing, domain, key) if key else None),
    )


async def serve(services: Services) -> None:
    """uvicorn on the configured port until cancelled. Raises PortTaken."""
    api = services.settings.api
    config = uvicorn.Config(
        create_app(services),
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    server = _Server(config)
    with _listen(api.host, api.port) as listener:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:  # a cancelled uvicorn would leave its connections open
            server.should_exit = True
            await serving


def _listen(host: str, port: int) -> socket.socket:
    """Bound here, because uvicorn ends the whole program when it cannot."""
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # The protocol is named: asyncio turns Nagle's delay (40 ms) off only where it is.
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise PortTaken(
            f"port {port} on {host} cannot be listened on: {error.strerror}",
            hint="Stop the other program or set SR360_API__PORT.",
        ) from error
    return listener


class _Server(uvicorn.Server):
    """Signals belong to the program that runs us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _resume(captures: CaptureService) -> None:
    """Relay what was signed before a crash, as soon as the database answers."""
    while True:
        try:
            if resumed := await captures.resume():
                _log.info("captures_resumed", count=resumed)
            return
        except Retryable as error:
            _log.warning("resume_waits", code=error.code)
            await asyncio.sleep(1)


def _sender(settings: Settings, rpc: Rpc, database: Database) -> Sender:
    return Sender(
        rpc,
        database,
        relayer(settings),
        chain_id=settings.chain.chain_id,
        finality_depth=settings.chain.finality_depth,
        poll_interval_s=settings.chain.poll_interval_s,
    )
