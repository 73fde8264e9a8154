"""The size of ranges: up while answers are quick and small, down where somebody refuses."""

from indexer.pace import FIRST_RANGE, TARGET_BYTES, Pace


def _settled(pace: Pace, limit: int, bytes_per_block: int = 0) -> list[int]:
    """Sizes of 200 ranges against a provider that refuses more than `limit` blocks."""
    sizes = []
    for _ in range(200):
        size = pace.size
        sizes.append(size)
        if size > limit:
            pace.refused(size)
        else:
            pace.answered(size, 0.1, size * bytes_per_block)
    return sizes


def test_it_grows_to_what_the_settings_allow() -> None:
    sizes = _settled(Pace(2000), limit=10_000)
    assert sizes[:3] == [FIRST_RANGE, 2 * FIRST_RANGE, 4 * FIRST_RANGE]
    assert max(sizes) == sizes[-1] == 2000


def test_a_providers_limit_is_met_seldom() -> None:
    sizes = _settled(Pace(2000), limit=500)
    refused = [size for size in sizes if size > 500]
    assert len(refused) < 40
    assert all(size >= 100 for size in sizes[50:])


def test_it_starts_below_a_small_setting() -> None:
    assert Pace(1).size == 1


def test_large_blocks_are_asked_for_one_by_one() -> None:
    sizes = _settled(Pace(2000), limit=10_000, bytes_per_block=TARGET_BYTES)
    assert sizes[-1] == 1


def test_bytes_in_a_range_stay_near_the_target() -> None:
    per_block = TARGET_BYTES // 50
    sizes = _settled(Pace(2000), limit=10_000, bytes_per_block=per_block)
    assert max(sizes[5:]) <= 50
    assert sizes[-1] >= 40


def test_slow_answers_halve_it_and_it_grows_back() -> None:
    pace = Pace(2000)
    pace.answered(FIRST_RANGE, 3.0, 0)
    assert pace.size == FIRST_RANGE // 2
    pace.answered(pace.size, 0.1, 0)
    assert pace.size == FIRST_RANGE


def test_refused_again_and_again_it_ends_at_one() -> None:
    pace = Pace(2000)
    for _ in range(20):
        pace.refused(pace.size)
    assert pace.size == 1
