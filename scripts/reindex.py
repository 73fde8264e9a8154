"""`sr360 reindex` on the terminal: how far it is, and how fast it was."""

import time

from rich.console import Console
from rich.progress import Progress

from core.chain import deployments
from core.config import Settings
from core.db.engine import in_thread
from indexer.registry import registry_of
from indexer.reindex import reindex

err = Console(stderr=True, soft_wrap=True)


async def reindex_with_progress(settings: Settings, *, fresh: bool) -> int:
    """Exit status 0; errors are raised as `reindex` raises them."""
    registry = registry_of(deployments.load(settings))
    before, cpu = time.monotonic(), time.process_time()
    with Progress(console=err, transient=True) as shown:
        task = shown.add_task("deriving", total=None)

        def tell(at: int, to: int) -> None:
            shown.update(task, completed=at, total=to)

        tip = await in_thread(lambda: reindex(settings, registry, tell, fresh=fresh))
    if tip is None:
        err.print("Nothing to derive: the indexer has not run yet.")
        return 0
    spent = f"{time.monotonic() - before:.1f} s, {time.process_time() - cpu:.1f} s of CPU"
    err.print(f"Derived anew up to block {tip.number} in {spent}.")
    return 0
