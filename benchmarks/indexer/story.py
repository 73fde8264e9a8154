"""The load: 100 logs of SupplyChain in every block, fifty blocks to a group of crates and lots.

A farm records its harvest by the crate, packs some crates into a lot, hands the lots to a carrier
and gets them back in the next round; there are recalls, corrections and masses, so that nine kinds
of event occur: 937 of 1,000 logs are EventRecorded. The same block number always gives the same
calls. A product lives for fifty entries, so 250,000 logs tell of 5,000 products; with more of them
anvil, which hashes its whole state for each block, would take most of an hour to build the chain.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.chain.bindings import supply_chain as chain
from core.crypto import keccak256

LOGS_A_BLOCK: Final = 100
STEPS: Final = 10
ROUNDS: Final = 5
BLOCK_TIME_S: Final = 12
CRATES: Final = 90
LOTS: Final = 10
PACKED: Final = 19
FARM, CARRIER = "farm", "carrier"

Heads = Mapping[bytes, bytes]
Call = tuple[str, bytes]
"""(sender, call data)"""


@dataclass(frozen=True)
class Scene:
    """One block of one group: who acts, when, and on what."""

    number: int
    """Of the block, counted from the load's first."""
    time_s: int
    """The block's own."""
    parties: Mapping[str, bytes]
    heads: Heads
    """Of the lots, where the step needs them."""

    @property
    def step(self) -> int:
        return self.number % STEPS

    @property
    def round(self) -> int:
        return self.number // STEPS % ROUNDS

    @property
    def giver(self) -> str:
        """Who holds the lots when the round begins: what went to the carrier comes back."""
        return (FARM, CARRIER)[self.round % 2]

    @property
    def taker(self) -> str:
        return (CARRIER, FARM)[self.round % 2]

    @property
    def crates(self) -> list[bytes]:
        return [self._id(f"crate{i}") for i in range(CRATES)]

    @property
    def moving(self) -> list[bytes]:
        """The crates that travel in the first lot."""
        return self.crates[:PACKED]

    @property
    def staying(self) -> list[bytes]:
        """The crates that the farm keeps."""
        return self.crates[PACKED:]

    @property
    def lots(self) -> list[bytes]:
        return [self._id(f"lot{i}") for i in range(LOTS)]

    @property
    def time_ms(self) -> int:
        return self.time_s * 1000

    def document(self, name: str) -> bytes:
        return keccak256(f"document {self.number}/{name}".encode())

    def batch(self, who: str, products: Sequence[bytes], kind: int = 1) -> Call:
        data = self.document(f"batch of {len(products)}")
        return who, chain.encode_record_batch(products, data, self.time_ms, kind)

    def record(self, who: str, product: bytes, kind: int = 1) -> Call:
        data = self.document(product.hex())
        return who, chain.encode_record(product, data, self.time_ms, kind)

    def handover(self, lot: bytes) -> chain.Handover:
        """The same struct when it is offered and, a block later, accepted."""
        offered_s = self.time_s - BLOCK_TIME_S * (self.step - _OFFER)
        return chain.Handover(
            from_=self.parties[self.giver],
            to=self.parties[self.taker],
            product_id=lot,
            prev_head=self.heads[lot],
            data_hash=keccak256(b"handover" + self.heads[lot]),
            occurred_at=offered_s * 1000,
            deadline=offered_s + 86_400,
        )

    def _id(self, name: str) -> bytes:
        return keccak256(f"product {self.number // STEPS // ROUNDS}/{name}".encode())


_OFFER: Final = 2


def calls(scene: Scene) -> list[Call]:
    """What the parties send in a block; it logs exactly LOGS_A_BLOCK events."""
    return _STEPS[scene.step](scene)


def needs_heads(scene: Scene) -> bool:
    """Whether the lots' heads must be read before the calls can be made."""
    return scene.step == _OFFER


def _harvest(s: Scene) -> list[Call]:
    return [*_carry(s, s.giver, s.moving), *(s.record(s.giver, lot) for lot in s.lots)]


def _pack(s: Scene) -> list[Call]:
    packed = chain.encode_pack(s.lots[0], s.moving, s.document("pack"), s.time_ms)
    return [(s.giver, packed), *_carry(s, s.giver, s.lots[1:])]


def _offer(s: Scene) -> list[Call]:
    offers = [(s.giver, chain.encode_offer(s.handover(lot))) for lot in s.lots]
    return [*offers, *_carry(s, s.giver, s.moving)]


def _accept(s: Scene) -> list[Call]:
    accepts = [(s.taker, chain.encode_accept(s.handover(lot))) for lot in s.lots]
    return [*accepts, *_carry(s, s.taker, s.moving)]


def _unpack(s: Scene) -> list[Call]:
    unpacked = chain.encode_unpack(s.lots[0], s.moving, s.document("unpack"), s.time_ms)
    records = [s.record(s.taker, lot, 6) for lot in s.lots[1:]]
    return [(s.taker, unpacked), *records, s.batch(FARM, s.staying)]


def _recall(s: Scene) -> list[Call]:
    entries = [chain.Entry(s.document(f"run{i}"), s.time_ms, 1) for i in range(10)]
    crate, notice = s.staying[0], s.document("notice")
    return [
        (s.taker, chain.encode_record_run(s.lots[0], entries)),
        *_carry(s, s.taker, s.moving[:-2]),
        (FARM, chain.encode_recall(crate, notice, s.time_ms, 2)),
        (FARM, chain.encode_close_recall(crate, notice, s.time_ms)),
    ]


def _correct(s: Scene) -> list[Call]:
    fix = chain.encode_correct(s.staying[0], 1, s.document("fix"), s.time_ms)
    return [*_carry(s, s.taker, s.moving + s.lots[1:]), (FARM, fix)]


def _travel(s: Scene) -> list[Call]:
    return _carry(s, s.taker, s.moving + s.lots)


def _weigh(s: Scene) -> list[Call]:
    first = 2 * s.round
    masses = [(s.taker, chain.encode_declare_mass(lot, 5_000)) for lot in s.lots[first : first + 2]]
    return [*_carry(s, s.taker, s.moving + s.lots[2:]), *masses]


def _carry(s: Scene, who: str, carried: Sequence[bytes]) -> list[Call]:
    return [s.batch(FARM, s.staying), s.batch(who, carried, 4)]


_STEPS: Final[Sequence[Callable[[Scene], list[Call]]]] = (
    _harvest,
    _pack,
    _offer,
    _accept,
    _unpack,
    _recall,
    _correct,
    _travel,
    _travel,
    _weigh,
)
