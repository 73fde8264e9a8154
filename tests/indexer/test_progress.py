"""What the indexer tells about its way through history, and the bar that shows it."""

import io

from rich.console import Console
from structlog.testing import capture_logs

from indexer.progress import EVERY_S, Meter, Progress
from scripts.history_bar import history_bar, watch


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_tells_rate_and_time_left() -> None:
    told: list[Progress] = []
    clock = Clock()
    meter = Meter(told.append, clock)
    for second in range(10):
        clock.now = float(second)
        meter.read(block=100 * second, logs=1000, head=10_000)
    assert len(told) == 9 // EVERY_S
    last = told[-1]
    assert (last.block, last.head, last.blocks_left) == (800, 10_000, 9_200)
    assert (last.blocks_per_s, last.logs_per_s, last.eta_s) == (100, 1000, 92)


def test_without_a_rate_there_is_no_time_left() -> None:
    assert Progress(1, 2, 1, 0.0, 0.0).eta_s is None


def _console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)


SHOWN = Progress(250, 1000, 750, 50.0, 5000.0)


def test_a_terminal_shows_a_bar() -> None:
    console = _console(terminal=True)
    with history_bar(console) as tell:
        tell(SHOWN)
    text = console.file.getvalue()
    assert "250/1000" in text
    assert "50 blocks/s, 5,000 events/s, 15 s left" in text


def test_without_a_terminal_it_is_a_log_line() -> None:
    with capture_logs() as logs, history_bar(_console(terminal=False)) as tell:
        tell(SHOWN)
    (line,) = logs
    assert (line["block"], line["head"], line["eta_s"]) == (250, 1000, 15)


async def test_the_bar_of_another_process_ends_at_the_head(chain, mirror) -> None:
    await chain.rpc.call("anvil_mine", "0x12c")
    await watch(mirror.settings, _console(terminal=True))
    head = await chain.height()
    assert head - await mirror.scalar("SELECT block_number FROM chain.checkpoint") <= 50
