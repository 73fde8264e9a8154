"""Everything a request may use, plugged together once in main and handed down."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api.capture.jobs import Jobs
from api.capture.service import CaptureService
from api.proofs import Proofs
from api.queries.snapshot import Snapshot
from api.resolver.links import Listed
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.config import Settings
from core.db.engine import Database
from core.epcis.company_prefix import NO_LENGTHS, PrefixLengths
from core.ipfs.client import Ipfs


@dataclass(frozen=True)
class Services:
    """The outside world of the API."""

    settings: Settings
    database: Database
    rpc: Rpc
    ipfs: Ipfs
    deployment: Deployment
    captures: CaptureService
    proofs: Proofs
    jobs: Jobs
    links: Listed = field(default_factory=Listed)
    """What the operator adds to the resolver's own links."""
    prefix_lengths: PrefixLengths = NO_LENGTHS


def services(request: Request) -> Services:
    """The services of the running app."""
    found: Services = request.app.state.services
    return found


async def snapshot(request: Request) -> AsyncIterator[Snapshot]:
    """One consistent view of the database for one request."""
    async with Snapshot(services(request).database) as view:
        yield view


WithServices = Annotated[Services, Depends(services)]
WithSnapshot = Annotated[Snapshot, Depends(snapshot)]
