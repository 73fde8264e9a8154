"""The demo's two other sources: the truck's sensor, and a sales series with its forecast."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from core.chain import keys
from core.chain.deployments import Deployment
from core.config import Settings
from core.crypto import address_of, keccak256, to_hex
from core.db.engine import Database, open_database
from core.errors import Retryable
from edge.profile import Profile, Replay, provision
from ml.data import Series
from ml.data.files import retail
from ml.data.series import build, series_id
from ml.store import add_series, disclose
from scripts import story
from scripts.capture import ApiClient

Say = Callable[[str], None]
WAIT_S: Final = 240.0
"""The first forecast compiles its numerics: half a minute, more on a busy machine."""
WITHHELD_MONTHS: Final = 12
ON_CHAIN: Final = ("committed", "revealed", "scored")
DEPARTURE_MS: Final = 1_776_625_200_000
"""2026-04-19T19:00:00Z, after the pallet was shipped and before it arrived."""
RIDE: Final = Replay(start="2013-12-20 00:00:00", count=72)
"""A steady day, a day of warming, and the day on which the recorded sensor is known to fail."""

_ATTESTED: Final = """
query ($product: Hash!) {
  attestations(productId: $product, first: 100) { edges { node { count excursions state } } }
}"""
_FORECASTS: Final = """
query {
  forecasts(first: 5) { edges { node {
    commitment model state
    timing { committedAt committedBlock firstOutcomeDisclosedAt provenBeforeOutcome hashMatches }
    score { loss steps txHash state }
    candidates { model coverage80 coverage95 chosen }
  } } }
}"""


async def until(what: str, ask: Callable[[], Awaitable[Any]]) -> Any:
    """The first truthy answer. Raises Retryable when none comes in time."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if answer := await ask():
            return answer
        await asyncio.sleep(0.2)
    raise Retryable(f"{what} did not happen within {WAIT_S:.0f} s", hint="The logs say why.")


async def ride(api: ApiClient, settings: Settings, deployment: Deployment, say: Say) -> None:
    """Set up the truck's sensor and wait until all it measured is attested for good."""
    profile = Profile(
        name="truck",
        product=story.PALLET,
        chain_id=settings.chain.chain_id,
        contract=to_hex(deployment.sensor_oracle),
        gateway=to_hex(address_of(keys.oracle(settings))),
        start_at=DEPARTURE_MS,
        replay=RIDE,
    )
    provision(settings.state_dir, profile, keys.account(settings, keys.DEVICE))
    say(f"the truck's sensor signs {profile.replay.count} readings, buffers and publishes them")
    product = to_hex(keccak256(story.PALLET.encode()))

    async def attested() -> list[dict[str, Any]]:
        data = await api.graphql(_ATTESTED, product=product)
        nodes = [edge["node"] for edge in data["attestations"]["edges"]]
        final = [node for node in nodes if node["state"] == "FINAL"]
        done = sum(int(node["count"]) for node in final) >= profile.replay.count
        return final if done else []

    final = await until("the attestation of the truck's readings", attested)
    outside = sum(int(node["excursions"]) for node in final)
    say(f"oracle workers attested {len(final)} batch(es); {outside} readings were out of bounds")


async def announce_sales(settings: Settings, say: Say) -> None:
    """Make the real sales series known, without its last twelve months: the outcome."""
    whole = retail()
    known = build(
        whole.name, whole.unit, whole.frequency, whole.source, whole.points[:-WITHHELD_MONTHS]
    )
    await _with_database(settings, lambda database: _enter(database, known))
    say(f"{len(known.points)} months of real retail sales are known; the forecast is under way")


async def disclose_sales(api: ApiClient, settings: Settings, say: Say) -> dict[str, Any]:
    """Once the forecast is on chain, disclose the outcome; returns what the API then proves."""

    async def committed() -> dict[str, Any] | None:
        forecast = await _forecast(api)
        return forecast if forecast and forecast["state"] in ON_CHAIN else None

    forecast = await until("the forecast's commitment on chain", committed)
    say(f"forecast by {forecast['model']} committed: {forecast['commitment'][:18]}…")
    outcome = retail().points[-WITHHELD_MONTHS:]
    await _with_database(
        settings,
        lambda database: database.write(
            lambda session: disclose(session, series_id(retail().name), outcome)
        ),
    )

    async def proven() -> dict[str, Any] | None:
        forecast = await _forecast(api)
        return forecast if forecast and forecast["timing"]["provenBeforeOutcome"] else None

    forecast = await until("the proof that the forecast came first", proven)
    say("the outcome is disclosed now; the chain proves that the forecast came before it")

    async def scored() -> dict[str, Any] | None:
        forecast = await _forecast(api)
        return forecast if forecast and forecast["score"] else None

    forecast = await until("the forecast's score on chain", scored)
    score = forecast["score"]
    mean = int(score["loss"]) / (5_000 * score["steps"])
    say(f"ForecastLedger scored it: mean pinball loss {mean:,.1f} over {score['steps']} months")
    return {"forecast": forecast}


async def _forecast(api: ApiClient) -> dict[str, Any] | None:
    """The first forecast; a later one, on the disclosed outcome, is the next story."""
    edges = (await api.graphql(_FORECASTS))["forecasts"]["edges"]
    first: dict[str, Any] | None = edges[0]["node"] if edges else None
    return first


async def _enter(database: Database, series: Series) -> None:
    await database.write(lambda session: add_series(session, series))


async def _with_database(settings: Settings, work: Callable[[Database], Awaitable[Any]]) -> None:
    database = open_database(settings)
    try:
        await work(database)
    finally:
        database.close()
