"""Orderly stories pass, in whatever order they arrive; each single mistake is found, and only it.

Stories are grown step by step from what is possible at each moment, by a bookkeeper of its own.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.epcis.choreography.judge import judge
from core.epcis.choreography.telling import Telling
from tests.epcis.choreography.told import (
    amount,
    case,
    commission,
    destroy,
    event,
    in_order,
    lot,
    make,
    observe,
    pack,
    pallet,
    thing,
)  # fmt: skip

PALLETS, LOTS = 3, 2


@dataclass
class Story:
    """What was told, and where everything stands, kept apart from the code under test."""

    told: list[Telling] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)
    left: dict[str, Fraction] = field(default_factory=dict)
    begun: int = 0

    @property
    def now(self) -> int:
        return len(self.told) + 1

    def add(self, one: Telling) -> None:
        self.told.append(one)

    def new(self) -> str:
        self.begun += 1
        self.alive.append(case(self.begun))
        return self.alive[-1]

    def end(self, uri: str) -> None:
        self.alive.remove(uri)
        self.inside.pop(uri, None)
        self.dead.append(uri)


def grow(draw: st.DrawFn, story: Story) -> None:
    """One more event that fits."""
    free = [uri for uri in story.alive if uri not in story.inside]
    steps = ["begin", "make"]
    steps += ["observe", "end"] if story.alive else []
    steps += ["pack"] if free else []
    steps += ["unpack", "empty"] if story.inside else []
    steps += ["use"] if any(story.left.values()) else []
    match draw(st.sampled_from(steps)):
        case "begin":
            story.add(commission(story.now, story.new(), story.new()))
        case "make":
            what, number = lot(draw(st.integers(1, LOTS))), draw(st.integers(1, 50))
            story.left[what] = story.left.get(what, Fraction()) + number
            story.add(event(story.now, "ObjectEvent", "ADD", amount(what, str(number))))
        case "observe":
            step = draw(st.sampled_from(["shipping", "receiving", "storing"]))
            story.add(observe(story.now, draw(st.sampled_from(story.alive)), step=step))
        case "end":
            uri = draw(st.sampled_from(story.alive))
            story.add(destroy(story.now, uri))
            story.end(uri)
        case "pack":
            uri, parent = draw(st.sampled_from(free)), pallet(draw(st.integers(1, PALLETS)))
            story.add(pack(story.now, parent, uri))
            story.inside[uri] = parent
        case "unpack":
            uri = draw(st.sampled_from(sorted(story.inside)))
            story.add(pack(story.now, story.inside.pop(uri), uri, action="DELETE"))
        case "empty":
            parent = draw(st.sampled_from(sorted(set(story.inside.values()))))
            story.add(pack(story.now, parent, action="DELETE"))
            story.inside = {uri: of for uri, of in story.inside.items() if of != parent}
        case "use":
            what = draw(st.sampled_from(sorted(uri for uri, n in story.left.items() if n)))
            grams = draw(st.integers(1, int(story.left[what] * 1000)))
            story.left[what] -= Fraction(grams, 1000)
            output = thing(story.new(), "output")
            story.add(make(story.now, amount(what, str(grams), "GRM", "input"), output))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story()
    for _ in range(draw(st.integers(1, 25))):
        grow(draw, story)
    return story


def mistakes(story: Story) -> dict[str, Telling]:
    """By the rule it breaks, one event each that does not fit at the end of a story."""
    now, found = story.now, {}
    if story.alive:
        found["commissioned_twice"] = commission(now, story.alive[0])
    if story.dead:
        found["after_end"] = observe(now, story.dead[0])
    if story.inside:
        uri, parent = next(iter(story.inside.items()))
        other = next(pallet(n) for n in range(1, 9) if pallet(n) != parent)
        found["second_parent"] = pack(now, other, uri)
        found["not_inside"] = pack(now, other, uri, action="DELETE")
    for what, left in story.left.items():
        output = thing(case(999), "output")
        more = amount(what, str(int(left * 1000) + 1), "GRM", "input")
        found["more_than_made"] = make(now, more, output)
    if story.alive:
        first = next(one for one in story.told if any(
            n.uri == story.alive[-1] and one.begins(n) for n in one.named
        ))  # fmt: skip
        early = observe(-1, story.alive[-1])
        assert first.time_ms > early.time_ms
        found["before_commission"] = early
    return found


few = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(stories(), st.randoms(use_true_random=False), st.integers(0, 25))
def test_an_orderly_story_passes_in_any_order_of_arrival(story, shuffle, cut):
    arriving = list(story.told)
    shuffle.shuffle(arriving)
    assert judge(in_order(*arriving), strict=True) == []
    known, new = story.told[:cut], story.told[cut:]
    assert judge(in_order(*new), known, strict=True) == []


@few
@given(stories(), st.data())
def test_one_mistake_is_found_and_only_it(story, data):
    possible = mistakes(story)
    rule = data.draw(st.sampled_from(sorted(possible) or ["none"]))
    if rule == "none":
        return
    at = data.draw(st.integers(0, len(story.told)))
    new = in_order(*story.told[:at], possible[rule], *story.told[at:])
    [found] = judge(new)
    assert (found.told.place, found.rule, found.warning) == (at, f"choreography.{rule}", False)
    [late] = judge(in_order(possible[rule]), story.told)
    assert (late.rule, late.warning) == (f"choreography.{rule}", False)


@few
@given(stories())
def test_a_recalled_thing_is_not_shipped(story):
    for uri in story.alive[:1]:
        around = story.inside.get(uri, uri)
        recall, ship = (
            observe(story.now, uri, step="holding", recalls=True),
            observe(story.now + 1, around, step="shipping"),
        )
        [found] = [f for f in judge(in_order(*story.told, recall, ship)) if not f.warning]
        assert (found.told.place, found.rule) == (story.now, "choreography.recalled")
