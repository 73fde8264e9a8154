"""Checks that need nothing but the bundle: header, account, heads, histories, custody."""

from core.chain.proof import header, mpt
from core.chain.proof.custody import Standing
from core.chain.proof.head import fold, seq_of
from core.chain.proof.model import Product, ProofBundle, Trusted
from core.chain.proof.verdict import Findings
from core.crypto import to_hex
from core.errors import Malformed
from core.types import EMPTY_HEAD, Address, EventKind, Head


def check_trust(bundle: ProofBundle, trusted: Trusted | None, found: Findings) -> None:
    """The bundle's contracts are those the verifier knows."""
    stated = bundle.contracts.by_name()
    if trusted is None:
        found.unchecked(
            "contract.trusted",
            "/contracts",
            f"no trusted contract was given; compare {to_hex(stated['supplyChain'])} on chain "
            f"{bundle.chain_id} with one you know",
        )
        return
    wrong = False
    if bundle.chain_id != trusted.chain_id:
        wrong = True
        found.bad(
            "contract.trusted",
            "/chainId",
            f"the bundle is about chain {bundle.chain_id}, the trusted chain is {trusted.chain_id}",
        )
    for name, known in trusted.contracts.by_name().items():
        if stated[name] != known:
            wrong = True
            found.bad(
                "contract.trusted",
                f"/contracts/{name}",
                f"the bundle names {to_hex(stated[name])}, the trusted one is {to_hex(known)}",
            )
    if not wrong:
        found.ok("contract.trusted", "/contracts", "the contracts are the trusted ones")


def check_state(bundle: ProofBundle, trusted: Trusted | None, found: Findings) -> bytes | None:
    """The contract's storage root, proven from the block's hash; None if that failed."""
    root = _state_root(bundle, found)
    if root is None:
        return None
    try:
        account = mpt.prove_account(root, bundle.contracts.supply_chain, bundle.account_proof)
    except Malformed as error:
        found.bad("contract.account", "/accountProof", f"the contract is not proven: {error}")
        return None
    code = None if trusted is None else trusted.supply_chain_code_hash
    if code is not None and account.code_hash != code:
        found.bad(
            "contract.account",
            "/accountProof",
            f"the contract's code hashes to {to_hex(account.code_hash)}, not {to_hex(code)}",
        )
        return None
    found.ok("contract.account", "/accountProof", "the block's state holds the contract")
    return account.storage_root


def _state_root(bundle: ProofBundle, found: Findings) -> bytes | None:
    try:
        read = header.read_header(bundle.block.header)
    except Malformed as error:
        found.bad("block.hash", "/block/header", str(error))
        return None
    if read.hash != bundle.block.hash:
        found.bad("block.hash", "/block/hash", f"the header hashes to {to_hex(read.hash)}")
        return None
    if read.number != bundle.block.number:
        found.bad("block.hash", "/block/number", f"the header says block {read.number}")
        return None
    found.ok("block.hash", "/block", f"the header is that of block {read.number}")
    return read.state_root


def check_products(bundle: ProofBundle, found: Findings) -> None:
    """Each product stands once, and the subject is among them."""
    uris = [product.uri for product in bundle.products]
    for index, uri in enumerate(uris):
        if uri in uris[:index]:
            found.bad("bundle.products", f"/products/{index}/uri", f"{uri} stands twice")
    if bundle.subject not in uris:
        found.bad("bundle.products", "/subject", f"{bundle.subject} is not among the products")


def check_product(
    product: Product, standing: Standing, at: str, storage_root: bytes | None, found: Findings
) -> Head | None:
    """A product's proven head, after comparing its history with it; None if not proven."""
    head = _proven_head(product, at, storage_root, found)
    if head is not None:
        _check_history(product, at, head, found)
    _check_corrections(product, at, found)
    _check_custody(product, standing, at, found)
    return head


def _proven_head(
    product: Product, at: str, storage_root: bytes | None, found: Findings
) -> Head | None:
    if storage_root is None:
        found.unchecked(
            "product.head", f"{at}/storageProof", f"{product.uri}: the contract is not proven"
        )
        return None
    try:
        head = mpt.prove_head(storage_root, product.id, product.storage_proof)
    except Malformed as error:
        found.bad(
            "product.head", f"{at}/storageProof", f"{product.uri}: the head is not proven: {error}"
        )
        return None
    message = f"{product.uri}: the chain commits to {_entries(seq_of(head))}"
    found.ok("product.head", f"{at}/storageProof", message)
    if head == EMPTY_HEAD and not product.history:
        found.note("product.unrecorded", at, f"{product.uri}: nothing was ever recorded")
    return head


def _check_history(product: Product, at: str, head: Head, found: Findings) -> None:
    wrong = False
    for index, entry in enumerate(product.history):
        if entry.seq != index + 1:
            wrong = True
            found.bad(
                "product.history",
                f"{at}/history/{index}/seq",
                f"{product.uri}: entry {entry.seq} stands where entry {index + 1} belongs",
            )
    count = len(product.history)
    if count != seq_of(head):
        wrong = True
        found.bad(
            "product.history",
            f"{at}/history",
            f"{product.uri}: the chain commits to {_entries(seq_of(head))}, the bundle has {count}",
        )
    elif fold(product.history) != head:
        wrong = True
        found.bad(
            "product.history",
            f"{at}/history",
            f"{product.uri}: an entry was altered, or entries changed places",
        )
    if not wrong:
        message = f"{product.uri}: {_entries(count)} lead to the head on chain"
        found.ok("product.history", f"{at}/history", message)


def _check_custody(product: Product, standing: Standing, at: str, found: Findings) -> None:
    before = len(found)
    for entry in standing.refused:
        found.bad(
            "product.custody",
            f"{at}/history/{entry.seq - 1}/actor",
            f"{product.uri}: {to_hex(entry.actor)} made entry {entry.seq} without custody",
        )
    if standing.missing is not None:
        container = f"the container 0x…{standing.missing.hex()}"
        message = f"{product.uri}: {container} is not in the bundle, so who held it is not known"
        found.unchecked("product.custody", f"{at}/custodian", message)
    known = standing.custodian is not None or standing.missing is None
    if known and standing.custodian != product.custodian:
        message = f"{product.uri}: by its history {_holder(standing.custodian)} holds it"
        found.bad("product.custody", f"{at}/custodian", message)
    if standing.recall_level != product.recall_level:
        message = f"{product.uri}: by its history the recall level is {standing.recall_level}"
        found.bad("product.custody", f"{at}/recallLevel", message)
    if len(found) == before:
        inside = f" inside {standing.container}" if standing.container else ""
        holder = f"{_holder(standing.custodian)} holds it{inside}"
        message = f"{product.uri}: {holder}, recall level {standing.recall_level}"
        found.ok("product.custody", f"{at}/custodian", message)


def _check_corrections(product: Product, at: str, found: Findings) -> None:
    for index, entry in enumerate(product.history):
        if entry.kind != EventKind.CORRECTION:
            continue
        place = f"{at}/history/{index}"
        if 1 <= entry.corrected_seq < entry.seq:
            says = f"entry {entry.corrected_seq} was corrected by entry {entry.seq}"
            found.note("entry.corrected", place, f"{product.uri}: {says}")
        else:
            says = (
                f"entry {entry.seq} corrects entry {entry.corrected_seq}, which is no earlier one"
            )
            found.bad("entry.corrected", f"{place}/counterparty", f"{product.uri}: {says}")


def _holder(custodian: Address | None) -> str:
    return "nobody" if custodian is None else to_hex(custodian)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
