"""Writing comes in pairs: `prepare…` says what will be signed, `submitSignature` takes it."""

from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

import orjson
import strawberry

from api.capture.rulebook import Asked
from api.errors import problem
from api.graphql.context import Info
from api.graphql.scalars import Address, Hash, Long
from core.crypto import from_hex
from core.errors import SmartRetailError

Found = TypeVar("Found")


@strawberry.type(description="One finding about one place of the input.")
class Issue:
    rule: str
    pointer: str
    message: str
    hint: str


@strawberry.type(description="Why a call was refused, and what to do.")
class Problem:
    code: str
    message: str
    hint: str
    pointer: str
    issues: list[Issue]


@strawberry.type(description="Who must sign, and whether they did.")
class Signer:
    address: Address
    name: str | None
    signed: bool


@strawberry.type(description="A product an event is recorded for.")
class CapturedProduct:
    product_id: Hash
    uri: str


@strawberry.type(description="An event on its way: captured, signed, recorded, final, or failed.")
class Capture:
    id: strawberry.ID
    state: str
    kind: str
    sentence: str = strawberry.field(description="What will be signed, in words.")
    products: list[CapturedProduct]
    actor: Signer
    counterparty: Signer | None
    data_hash: Hash
    cid: str
    deadline: Long = strawberry.field(description="Unix seconds.")
    typed_data: str = strawberry.field(description="JSON for eth_signTypedData_v4.")
    transaction_hash: Hash | None
    block_number: Long | None
    error: str | None
    error_code: str | None


@strawberry.type(description="One capture per event, or per product of a handover.")
class Captures:
    events: list[Capture]


PrepareResult = Annotated[Captures | Problem, strawberry.union("PrepareResult")]
CaptureResult = Annotated[Capture | Problem, strawberry.union("CaptureResult")]


@strawberry.type(description="Recording needs a wallet's signature, never a fee.")
class Mutation:
    @strawberry.mutation(description="Validates an EPCIS 2.0 JSON document for signing.")
    async def prepare_capture(
        self,
        info: Info,
        document: str,
        actor: Address,
        counterparty: Address | None = None,
        product: str | None = None,
        idempotency_key: str | None = None,
    ) -> PrepareResult:
        found = await _typed(
            info.context.services.captures.capture(
                document.encode(),
                actor=actor,
                counterparty=counterparty,
                product=product,
                key=idempotency_key,
                asked=Asked(info.context.services.settings.api.choreography),
            )
        )
        if isinstance(found, Problem):
            return found
        return Captures(events=[_capture(item) for item in found])

    @strawberry.mutation(description="Prepares a recall; its notice is on IPFS under this hash.")
    async def prepare_recall(
        self,
        info: Info,
        actor: Address,
        product: str,
        level: int,
        notice_hash: Hash,
        idempotency_key: str | None = None,
    ) -> CaptureResult:
        found = await _typed(
            info.context.services.captures.recall(
                actor=actor,
                product=product,
                level=level,
                notice_hash=notice_hash,
                key=idempotency_key,
            )
        )
        return found if isinstance(found, Problem) else _capture(found)

    @strawberry.mutation(description="Takes signatures; relays once all are there.")
    async def submit_signature(
        self,
        info: Info,
        id: strawberry.ID,
        signature: str | None = None,
        counter_signature: str | None = None,
    ) -> CaptureResult:
        captures = info.context.services.captures
        found = await _typed(captures.submit(str(id), signature, counter_signature))
        return found if isinstance(found, Problem) else _capture(found)


async def _typed(work: Awaitable[Found]) -> Found | Problem:
    try:
        return await work
    except SmartRetailError as error:
        told = problem(error)
        return Problem(
            code=told["code"],
            message=told["detail"],
            hint=told["hint"],
            pointer=told["pointer"],
            issues=[Issue(**issue) for issue in told["issues"]],
        )


def _capture(view: dict[str, Any]) -> Capture:
    mined = view["transactionHash"]
    return Capture(
        id=strawberry.ID(view["id"]),
        state=view["state"],
        kind=view["kind"],
        sentence=view["sentence"],
        products=[
            CapturedProduct(product_id=Hash(from_hex(p["productId"])), uri=p["uri"])
            for p in view["products"]
        ],
        actor=_signer(view["actor"]),
        counterparty=view["counterparty"] and _signer(view["counterparty"]),
        data_hash=Hash(from_hex(view["dataHash"])),
        cid=view["cid"],
        deadline=Long(view["deadline"]),
        typed_data=orjson.dumps(view["typedData"]).decode(),
        transaction_hash=Hash(from_hex(mined)) if mined else None,
        block_number=view["blockNumber"],
        error=view["error"],
        error_code=view["errorCode"],
    )


def _signer(view: dict[str, Any]) -> Signer:
    return Signer(
        address=Address(from_hex(view["address"])), name=view["name"], signed=view["signed"]
    )
