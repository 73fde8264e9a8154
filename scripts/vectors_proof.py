"""Records the proof vectors: one bundle from a real chain, and what tampering with it does."""

import copy
import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any, Final

from core.chain.bindings.supply_chain import DelegateSet
from core.chain.client import Rpc
from core.chain.keys import deployer
from core.chain.proof import bundle as proofs
from core.chain.proof.model import Trusted
from core.chain.proof.verdict import Status
from core.config import Settings
from core.crypto import keccak256, to_hex
from core.errors import RpcUnavailable
from scripts.anvil import free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.vectors_story import Story

Change = tuple[str, Any]
REMOVE: Final = {"remove": True}
OTHER_WORD: Final = to_hex(keccak256(b"another"))
OTHER_ADDRESS: Final = OTHER_WORD[:42]


class Recorder(Rpc):
    """A node whose answers are written down, or read back without asking it again."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.answers: dict[str, Any] = {}

    async def call(self, method: str, *params: Any) -> Any:
        question = json.dumps([method, *params])
        if question not in self.answers:
            self.answers[question] = await super().call(method, *params)
        return self.answers[question]


class Replay(Rpc):
    """A node that only knows what was recorded."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__("http://recorded")
        self._answers = answers

    async def call(self, method: str, *params: Any) -> Any:
        question = json.dumps([method, *params])
        if question not in self._answers:
            raise RpcUnavailable("this was not recorded")
        return self._answers[question]


async def record(folder: Path) -> dict[str, Any]:
    """The story's bundle, the node's answers, and the findings on every tampered copy."""
    compile_contracts()
    chain = await start_anvil(free_port())
    try:
        deployment = await deploy_to(chain.url, deployer(Settings()), folder)
        async with Rpc(chain.url) as rpc:
            story = Story(rpc, deployment)
            await story.play()
            source = json.loads(await story.bundle())
        trusted = proofs.trusted_deployment(deployment)
        async with Recorder(chain.url) as recorder:
            wanted = [(name, made, True, True) for name, made in changes(source).items()]
            cases = [
                await judge(
                    name, (source, made), recorder if asked else None, trusted if known else None
                )
                for name, made, asked, known in [*wanted, *MODES]
            ]
            return {
                "bundle": source,
                "trusted": trusted_json(trusted),
                "rpc": recorder.answers,
                "cases": cases,
            }
    finally:
        await chain.stop()


MODES: Final[tuple[tuple[str, list[Change], bool, bool], ...]] = (
    ("nothing given", [], False, False),
    ("without a node", [], False, True),
    ("without a trusted contract", [], True, False),
)


async def judge(
    name: str, tampered: tuple[Any, list[Change]], rpc: Rpc | None, trusted: Trusted | None
) -> dict[str, Any]:
    """A case as it stands in proof.json; good findings are listed for the untampered bundle."""
    source, made = tampered
    changed = apply(source, made)
    verdict = await proofs.verify(json.dumps(changed).encode(), rpc, trusted)
    found = verdict.to_json()["findings"]
    return {
        "name": name,
        "changes": made,
        "rpc": rpc is not None,
        "trusted": trusted is not None,
        "status": verdict.status.value,
        "good": len(verdict.of(Status.OK)),
        "findings": [finding for finding in found if finding["status"] != Status.OK or not made],
    }


def apply(source: Any, made: list[Change]) -> Any:
    """A copy of a bundle with the values at JSON pointers replaced or removed."""
    changed = copy.deepcopy(source)
    for pointer, value in made:
        *path, last = (s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:])
        at = changed
        for name in path:
            at = at[int(name)] if isinstance(at, list) else at[name]
        key: Any = int(last) if isinstance(at, list) else last
        if value == REMOVE:
            del at[key]
        elif isinstance(at, list) and key == len(at):
            at.append(value)
        else:
            at[key] = value
    return changed


def changes(source: Any) -> dict[str, list[Change]]:
    """One tampering per kind of lie a server could tell; `none` is the honest bundle."""
    first = "/products/0/history"
    history, log = source["products"][0]["history"], source["logs"][0]
    document = f"/documents/{history[0]['dataHash']}"
    payload = source["documents"][history[0]["dataHash"]]["payload"]
    disclosures = source["documents"][history[0]["dataHash"]]["disclosures"]
    entry = f"{first}/0"
    return {
        "none": [],
        "an entry deleted": [(f"{first}/1", REMOVE)],
        "the last entry deleted": [(f"{first}/{len(history) - 1}", REMOVE)],
        "two entries swapped": [(f"{first}/0", history[1]), (f"{first}/1", history[0])],
        "two entries swapped and renumbered": [
            (f"{first}/0", history[1] | {"seq": 1}),
            (f"{first}/1", history[0] | {"seq": 2}),
        ],
        "an entry invented": [(f"{first}/{len(history)}", history[0] | {"seq": len(history) + 1})],
        "another actor": [(f"{entry}/actor", OTHER_ADDRESS)],
        "another time": [(f"{entry}/occurredAt", history[0]["occurredAt"] + 1)],
        "another kind": [(f"{entry}/kind", 1)],
        "another document": [(f"{entry}/dataHash", OTHER_WORD)],
        "another container": [(f"{first}/1/counterparty", OTHER_ADDRESS)],
        "another corrected entry": [(f"{first}/{len(history) - 1}/counterparty", entry_number(1))],
        "a correction of a later entry": [
            (f"{first}/{len(history) - 1}/counterparty", entry_number(9))
        ],
        "another receiver": [("/products/2/history/3/counterparty", OTHER_ADDRESS)],
        "a container left out": [("/products/2", REMOVE)],
        "a closed recall left open": [("/products/2/recallLevel", 3)],
        "a lent key left out": [(f"/logs/{_delegation(source)}", REMOVE)],
        "another block number": [(f"{entry}/blockNumber", history[0]["blockNumber"] - 1)],
        "another transaction": [(f"{entry}/txHash", OTHER_WORD)],
        "another log index": [(f"{entry}/logIndex", history[0]["logIndex"] + 7)],
        "another custodian": [("/products/0/custodian", OTHER_ADDRESS)],
        "a hidden recall": [("/products/0/recallLevel", 1)],
        "another lot number": [("/products/0/uri", source["products"][0]["uri"] + "9")],
        "another subject": [("/subject", source["products"][1]["uri"])],
        "a product twice": [("/products/3", source["products"][1])],
        "an ancestor left out": [("/products/1", REMOVE)],
        "a document left out": [(document, REMOVE)],
        "a document altered": [(f"{document}/payload", payload.replace("Transform", "transform"))],
        "a document nobody names": [
            (f"/documents/{OTHER_WORD}", {"payload": "{}", "disclosures": []})
        ],
        "a disclosure left out": [(f"{document}/disclosures/{_place(disclosures)}", REMOVE)],
        "a disclosure twice": [(f"{document}/disclosures/{len(disclosures)}", disclosures[0])],
        "a disclosure altered": [(f"{document}/disclosures/0", "A" + disclosures[0][1:])],
        "another header": [("/block/header", source["block"]["header"][:-2] + "00")],
        "another block hash": [("/block/hash", OTHER_WORD)],
        "another block height": [("/block/number", source["block"]["number"] - 1)],
        "a proof node missing": [("/accountProof/0", REMOVE)],
        "a storage proof borrowed": [
            ("/products/0/storageProof", source["products"][1]["storageProof"])
        ],
        "another contract": [("/contracts/supplyChain", OTHER_ADDRESS)],
        "another chain": [("/chainId", 1)],
        "an attached log left out": [("/logs/0", REMOVE)],
        "an attached log altered": [("/logs/0/data", log["data"][:-2] + "ff")],
        "an attached log twice": [(f"/logs/{len(source['logs'])}", log)],
        "a foreign log": [(f"/logs/{len(source['logs'])}", log | {"address": OTHER_ADDRESS})],
        "a member too many": [("/note", "hello")],
        "a number as text": [(f"{entry}/seq", "1")],
        "a fraction": [(f"{entry}/seq", 1.5)],
        "an uppercase hash": [("/block/hash", source["block"]["hash"].upper().replace("X", "x"))],
        "a short address": [(f"{entry}/actor", "0xab")],
        "another format": [("/format", "sr360-proof/2")],
    }


def entry_number(seq: int) -> str:
    """How a correction names the entry it corrects."""
    return to_hex(seq.to_bytes(20, "big"))


def _delegation(source: Any) -> int:
    """Which attached log lends a key."""
    topics = [log["topics"][0] for log in source["logs"]]
    return topics.index(to_hex(DelegateSet.TOPIC0))


def _place(disclosures: list[str]) -> int:
    """Where the step's name stands: no lineage hangs on it, and salts shuffle the order."""
    padded = (disclosure + "=" * (-len(disclosure) % 4) for disclosure in disclosures)
    return next(at for at, one in enumerate(padded) if b'"bizStep"' in urlsafe_b64decode(one))


def trusted_json(trusted: Trusted) -> dict[str, Any]:
    code = trusted.supply_chain_code_hash or b""
    return {
        "chainId": trusted.chain_id,
        "contracts": {name: to_hex(at) for name, at in trusted.contracts.by_name().items()},
        "supplyChainCodeHash": to_hex(code),
        "startBlock": trusted.start_block,
    }
