"""Which trees must stay: one small durable file a pin."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from core.errors import Malformed
from core.ipfs.blockstore import BlockStore, sync_folder
from core.ipfs.cid import ParsedCid, parse_cid
from core.ipfs.dag import walk


class PinMode(StrEnum):
    RECURSIVE = "recursive"
    DIRECT = "direct"
    INDIRECT = "indirect"


class Pins:
    """Pinned roots of a block store."""

    def __init__(self, folder: Path, store: BlockStore) -> None:
        self._folder = folder
        self._store = store
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, cid: ParsedCid, mode: PinMode) -> None:
        """Pins a root; raises BlockMissing when the tree is not complete here."""
        if mode is PinMode.RECURSIVE:
            for _ in walk(self._store, cid):
                pass
        else:
            self._store.get(cid)
        (self._folder / f"{cid.text()}.{mode}").touch()
        sync_folder(self._folder)

    def remove(self, cid: ParsedCid) -> None:
        """Unpins a root; raises Malformed when it is not pinned."""
        found = [self._folder / f"{cid.text()}.{mode}" for mode in PinMode]
        found = [path for path in found if path.exists()]
        if not found:
            raise Malformed(f"{cid.text()}: not pinned or pinned indirectly")
        for path in found:
            path.unlink(missing_ok=True)
        sync_folder(self._folder)

    def roots(self) -> Iterator[tuple[ParsedCid, PinMode]]:
        for path in sorted(self._folder.iterdir()):
            text, _, mode = path.name.rpartition(".")
            yield parse_cid(text), PinMode(mode)

    def all(self) -> dict[bytes, tuple[ParsedCid, PinMode]]:
        """Every pinned block by multihash; roots win over what they reach."""
        found: dict[bytes, tuple[ParsedCid, PinMode]] = {}
        roots = list(self.roots())
        for root, mode in roots:
            if mode is PinMode.RECURSIVE:
                for cid, _ in walk(self._store, root):
                    found.setdefault(cid.multihash, (cid, PinMode.INDIRECT))
        return found | {root.multihash: (root, mode) for root, mode in roots}
