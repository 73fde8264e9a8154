"""Each document again from its bytes: in SQL, on IPFS, and what was read from it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from core.crypto import keccak256, sha256
from core.crypto.cids import cid_v1_raw
from core.db.engine import in_thread
from core.errors import BadInput, BlockAltered, IpfsDown, Retryable
from core.ipfs.client import Ipfs
from indexer import rows
from indexer.read_document import Read, bundle_cid, read_document
from indexer.registry import Registry
from indexer.rows import Row
from indexer.verify.compare import Relevant, changed_columns, place, report_changes
from indexer.verify.progress import Progress
from indexer.verify.report import Report
from indexer.verify.snapshot import Snapshot, key_of
from indexer.verify.unread import Unread

AT_ONCE: Final = 16
"""Documents asked for together; a node that is down for all of them is not asked again."""
TOLD: Final = (rows.DocumentProduct, rows.EventIndex, rows.EventValue)
"""Tables whose rows are read from documents."""
_OWN = frozenset({"status", "reason", "attempts", "next_attempt_at"})


class DocumentAudit:
    """Checks documents one by one."""

    def __init__(
        self,
        ipfs: Ipfs,
        registry: Registry,
        held: Iterable[Row],
        snapshot: Snapshot,
        report: Report,
    ) -> None:
        self._ipfs = ipfs
        self._registry = registry
        self._held = {row.data_hash: row for row in held}
        self._snapshot = snapshot
        self._report = report
        self._unread = Unread(AT_ONCE)

    async def check(self, wanted: Sequence[Row], progress: Progress) -> None:
        """Compare the documents the chain commits to with those SQL and IPFS hold."""
        for start in range(0, len(wanted), AT_ONCE):
            run = wanted[start : start + AT_ONCE]
            told = await in_thread(self._told, [row.data_hash for row in run])
            for part in await asyncio.gather(*(self._part(row, told) for row in run)):
                self._report.take(part)
            progress("documents", start + len(run), len(wanted))
        self._unread.tell(self._report)

    def check_extra(self, expected: Mapping[bytes, Row]) -> None:
        """Name documents that no log mentions, and rows that no document tells."""
        for data_hash in sorted(self._held.keys() - expected.keys()):
            where = place(self._held[data_hash])
            self._report.add("row_extra", where, f"{where} stems from no log")
        for kind in TOLD:
            for row in self._snapshot.unread(kind):
                self._report.add("row_extra", place(row), f"{place(row)} stems from no document")

    def _told(self, hashes: list[bytes]) -> dict[bytes, list[Row]]:
        found: dict[bytes, list[Row]] = {data_hash: [] for data_hash in hashes}
        for kind in TOLD:
            for row in self._snapshot.of_documents(kind, hashes):
                found[row.data_hash].append(row)
        return found

    async def _part(self, expected: Row, told: Mapping[bytes, list[Row]]) -> Report:
        held, report = self._held.get(expected.data_hash), Report()
        if held is None:
            where = place(expected)
            report.add("row_missing", where, f"{where} is missing")
        else:
            one = _One(self._ipfs, self._registry, told[expected.data_hash], report, self._unread)
            await one.check(expected, held)
        return report


class _One:
    """One document. What is said of it stays together, whoever else is read meanwhile."""

    def __init__(
        self, ipfs: Ipfs, registry: Registry, told: list[Row], report: Report, unread: Unread
    ) -> None:
        self._ipfs = ipfs
        self._registry = registry
        self._told = told
        self._report = report
        self._unread = unread

    async def check(self, expected: Row, held: Row) -> None:
        """Its bytes in SQL and on IPFS, and what was read from them."""
        changed = _changed(expected, held, ("media", "first_block"))
        report_changes(expected, held, changed, self._report)
        cid = cid_v1_raw(held.data_hash)
        if held.payload is not None and sha256(held.payload) != held.data_hash:
            message = f"the payload in {place(held)} does not hash to its data_hash"
            self._report.add("document_altered", place(held), message, column="payload")
        payload = await self._block(cid, "document")
        if payload is None:
            return
        self._report.checked["documents"] += 1
        try:
            bundle_at = bundle_cid(held.media, payload)
            bundle = await self._block(bundle_at, "disclosures") if bundle_at else None
            if bundle_at and bundle is None:
                return
            read = await asyncio.to_thread(
                read_document, held.media, held.data_hash, payload, bundle, self._registry
            )
        except BadInput as error:
            self._check_quarantined(held, error)
            return
        except Exception as error:  # as the indexer does: a fault of ours accuses nobody
            problem = f"cannot be read ({type(error).__name__})"
            self._report.unchecked.append(f"{place(held)}: {problem}")
            return
        self._compare(held, payload, read)

    def _check_quarantined(self, held: Row, error: BadInput) -> None:
        if held.status != "quarantined":
            message = f"{place(held)} is {held.status}, but its bytes are refused: {error.message}"
            self._report.add("row_changed", place(held), message, column="status")

    def _compare(self, held: Row, payload: bytes, read: Read) -> None:
        if held.status == "pending" or held.next_attempt_at > 0:
            self._report.unchecked.append(f"{place(held)}: the indexer has yet to read it")
            return
        wanted = held._replace(status="ready", payload=payload, **read.columns)
        changed = _changed(wanted, held, held._fields, _OWN - {"status"})
        report_changes(wanted, held, changed, self._report)
        self._compare_told([*read.products, *(_at(held.first_block, row) for row in read.index)])

    def _compare_told(self, expected: Sequence[Row]) -> None:
        wanted, found = _by_key(expected), _by_key(self._told)
        for key in sorted(wanted.keys() | found.keys()):
            if key not in found:
                where = place(wanted[key])
                self._report.add("row_missing", where, f"{where} is missing")
            elif key not in wanted:
                where = place(found[key])
                self._report.add("row_extra", where, f"{where} is not in the document")
            else:
                a, b = wanted[key], found[key]
                report_changes(a, b, changed_columns(a, b), self._report)

    async def _block(self, cid: str, what: str) -> bytes | None:
        if self._unread.hopeless:
            self._unread.add(self._unread.reason)
            return None
        try:
            found = await self._ipfs.get_block(cid)
        except IpfsDown as error:
            self._unread.add(error.message)
            return None
        except BlockAltered as error:
            message = f"{what} {cid} on IPFS is not what its address says: {error.message}"
            self._report.add("ipfs_block_altered", cid, message)
            found = None
        except Retryable as error:
            self._report.unchecked.append(f"{what} {cid}: {error.message}")
            found = None
        self._unread.in_a_row = 0
        return found


def check_names(
    products: Iterable[Row], parts: Iterable[Row], relevant: Relevant | None, report: Report
) -> None:
    """A product's uri must hash to its id, and be known where a document tells it."""
    told = {row.product_id: row.uri for row in parts}
    for product in products:
        if relevant is not None and not relevant(product):
            continue
        report.checked["product names"] += 1
        if product.uri is not None and keccak256(product.uri.encode()) != product.product_id:
            message = f"{place(product)}: uri {product.uri} does not hash to the product's id"
            report.add("row_changed", place(product), message, column="uri", found=product.uri)
        if product.uri is None and product.product_id in told:
            uri = told[product.product_id]
            message = f"{place(product)}: uri is missing, must be {uri}"
            report.add("row_changed", place(product), message, column="uri", expected=uri)


def mentioned(history: Iterable[Row]) -> set[bytes]:
    """Data hashes that rows commit to."""
    names = (
        *("data_hash", "notice_hash", "manifest_hash", "metadata_hash", "purpose_hash"),
        *("document_hash", "statement_hash", "reason_hash"),
    )
    return {
        getattr(row, name)
        for row in history
        # the arbiter's reasons are for the parties, and not fetched
        if type(row) not in (rows.Document, rows.DocumentProduct, rows.DeliveryStep)
        for name in names
        if name in row._fields
    }


def _at(first_block: int, row: Row) -> Row:
    """The row as `event_index.add` writes it."""
    return row._replace(first_block=first_block) if type(row) is rows.EventIndex else row


def _by_key(told: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    """Rows by table and primary key."""
    kinds: dict[str, Any] = {kind.table.name: kind for kind in TOLD}
    names = ((type(row).table.name, row) for row in told)
    return {(name, *key_of(kinds[name])(row)): row for name, row in names}


def _changed(
    wanted: Row, held: Row, columns: Iterable[str], ignored: Iterable[str] = ()
) -> list[str]:
    picked = set(columns)
    return [c for c in changed_columns(wanted, held, ignored) if c in picked]
