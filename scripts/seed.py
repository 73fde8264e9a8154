"""What an operator sets up once on a fresh chain: identities, the oracle's signers, credits.

Every call is skipped when the chain already says so; running it twice changes nothing.
"""

from typing import Final

from core.chain import keys
from core.chain.bindings import (
    actor_registry,
    carbon_token,
    device_registry,
    footprint_registry,
    sensor_oracle,
    serial_registry,
)
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import Actor
from core.config import Settings
from core.crypto import address_of, keccak256, sha256
from core.types import Role
from scripts import story
from scripts.transact import Call, transact_all
from scripts.wallet import call

PROJECT_METADATA: Final = b'{"note":"sample project of the demo","registry":"none"}'
CREDIT_METADATA: Final = b'{"note":"sample credits of the demo","registry":"none"}'

CALIBRATION: Final = b'{"note":"the demo\'s truck sensor, never calibrated by a laboratory"}'
DEVICE_VALIDITY: Final = (1_767_225_600, 1_924_992_000)
"""2026-01-01 to 2031-01-01, Unix seconds."""


async def seed(settings: Settings, deployment: Deployment) -> None:
    """Register the demo's parties and device, set the oracle's signers, issue the credits."""
    async with Rpc(settings.chain.rpc_url) as rpc:
        calls: list[Call] = [
            *await _registrations(rpc, settings, deployment),
            *await _devices(rpc, settings, deployment),
            *await _oracle_signers(rpc, settings, deployment),
            *await _credit_rights(rpc, deployment),
        ]
        await transact_all(rpc, keys.deployer(settings), calls)
        # Refused before the calls above are mined.
        await transact_all(rpc, keys.deployer(settings), await _credits(rpc, settings, deployment))


async def _registrations(rpc: Rpc, settings: Settings, deployment: Deployment) -> list[Call]:
    registry = deployment.actor_registry
    calls: list[Call] = []
    for key, role, identifier, name in _identities(settings):
        address = address_of(key)
        known = await call(rpc, registry, actor_registry.encode_role_of(address))
        if not any(known):
            data = actor_registry.encode_register(address, role, identifier, name)
            calls.append((registry, data))
    return calls


def _identities(settings: Settings) -> list[tuple[bytes, Role, str, str]]:
    parties: list[tuple[bytes, Role, str, str]] = [
        (keys.account(settings, party.actor), party.role, party.identifier, party.name)
        for party in story.PARTIES
    ]
    device = keys.account(settings, keys.DEVICE)
    workers = [
        (key, Role.ORACLE, f"urn:sr360:oracle-worker:{number}", f"Oracle worker {number}")
        for number, key in enumerate(keys.workers(settings), start=1)
    ]
    return [*parties, (device, Role.DEVICE, story.TRUCK_SENSOR, "Truck sensor"), *workers]


async def _devices(rpc: Rpc, settings: Settings, deployment: Deployment) -> list[Call]:
    registry, device = deployment.device_registry, address_of(keys.account(settings, keys.DEVICE))
    if any(await call(rpc, registry, device_registry.encode_device_of(device))):
        return []
    data = device_registry.encode_register(device, sha256(CALIBRATION), *DEVICE_VALIDITY)
    return [(registry, data)]


async def _oracle_signers(rpc: Rpc, settings: Settings, deployment: Deployment) -> list[Call]:
    oracle = deployment.sensor_oracle
    if any(await call(rpc, oracle, sensor_oracle.encode_epoch())):
        return []
    signers = sorted(address_of(key) for key in keys.workers(settings))
    return [(oracle, sensor_oracle.encode_set_config(signers, settings.oracle.threshold))]


async def _credit_rights(rpc: Rpc, deployment: Deployment) -> list[Call]:
    """The token may claim the sample project's serials and count retirements against footprints."""
    serials, footprints = deployment.serial_registry, deployment.footprint_registry
    token, project = deployment.carbon_token, credit_project()
    calls: list[Call] = []
    if not any(await call(rpc, serials, serial_registry.encode_claimant_of(project))):
        calls.append((serials, serial_registry.encode_assign(project, token)))
    if not any(await call(rpc, footprints, footprint_registry.encode_is_retirer(token))):
        calls.append((footprints, footprint_registry.encode_set_retirer(token, True)))
    if not any((await call(rpc, token, carbon_token.encode_project_of(project)))[:32]):
        register = carbon_token.encode_register_project(
            project, sha256(PROJECT_METADATA), story.CREDIT_BUFFER_SHARE
        )
        calls.append((token, register))
    return calls


async def _credits(rpc: Rpc, settings: Settings, deployment: Deployment) -> list[Call]:
    """One sample serial range for the salad kitchen, which retires from it."""
    token = deployment.carbon_token
    supply = await call(rpc, token, carbon_token.encode_supply_of(credit_id()))
    if any(supply[:32]):
        return []
    start, end = story.CREDIT_SERIALS
    issue = carbon_token.Issue(
        to=address_of(keys.account(settings, Actor.PROCESSOR)),
        project=credit_project(),
        vintage=story.CREDIT_VINTAGE,
        batch=1,
        origin=story.CREDIT_ORIGIN,
        serial_start=start,
        serial_end=end,
        hint=0,
        metadata_hash=sha256(CREDIT_METADATA),
    )
    return [(token, carbon_token.encode_issue(issue))]


def credit_project() -> bytes:
    """The demo's project as the contracts know it."""
    return keccak256(story.CREDIT_PROJECT.encode())


def credit_id() -> int:
    """The ERC-1155 id of the demo's credits (CarbonToken: keccak of project, vintage, batch)."""
    words = credit_project() + story.CREDIT_VINTAGE.to_bytes(32, "big") + (1).to_bytes(32, "big")
    return int.from_bytes(keccak256(words), "big")
