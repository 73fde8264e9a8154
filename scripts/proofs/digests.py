"""Compares what four implementations hash for a wallet: `python -m scripts.proofs.digests`.

Random messages of every struct that our contracts verify are hashed by core.crypto, eth-account
and cast, and by the contract itself: it must take a signature over that digest, and refuse one over
a digest that differs in a bit. A fresh anvil is started for it.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from eth_account.messages import encode_typed_data

from core.chain.bindings import carbon_token, sensor_oracle, supply_chain
from core.chain.client import Rpc, to_bytes
from core.chain.deployments import Deployment
from core.chain.keys import deployer
from core.config import Settings
from core.crypto import address_of, compact, digest, keccak256, sign, to_hex, typed_data
from core.crypto.eip712 import Domain, StructType
from core.crypto.structs import carbon_token_domain, sensor_oracle_domain, supply_chain_domain
from core.errors import SmartRetailError
from scripts.anvil import CHAIN_ID, free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.proofs.tools import ProofFailed
from scripts.tools import tool_path
from scripts.transact import transact

_IN_FLIGHT: Final = 32
_FAR_AWAY_S: Final = 1 << 40  # a deadline that no chain in use has reached
_ACTOR: Final = ("actor", "from", "to", "holder")
_WORKER_KEY: Final = keccak256(b"the one worker of the compared SensorOracle")
_PAST_MS: Final = 1 << 40  # a moment that every chain in use has passed


@dataclass(frozen=True)
class Probe:
    """A struct, and the call in which its contract checks the signature before anything else."""

    struct: type[Any]
    call: Callable[[Any, bytes], bytes]
    contract: str = "supply_chain"
    domain: Callable[[int, bytes], Domain] = supply_chain_domain
    refusal: str = "InvalidSignature"


PROBES: Final = (
    Probe(supply_chain.Record, supply_chain.encode_record_signed),
    Probe(supply_chain.RecordBatch, supply_chain.encode_record_batch_signed),
    Probe(
        supply_chain.Handover,
        lambda message, signature: supply_chain.encode_handover_signed(
            message, signature, signature
        ),
    ),
    Probe(supply_chain.Recall, supply_chain.encode_recall_signed),
    Probe(supply_chain.UnorderedRecord, supply_chain.encode_record_unordered),
    Probe(supply_chain.Correction, supply_chain.encode_correct_signed),
    Probe(
        carbon_token.Retirement,
        carbon_token.encode_retire_for,
        contract="carbon_token",
        domain=carbon_token_domain,
    ),
    Probe(
        sensor_oracle.Report,
        lambda message, signature: sensor_oracle.encode_report(
            message, [sensor_oracle.Signature(*compact(signature))]
        ),
        contract="sensor_oracle",
        domain=sensor_oracle_domain,
        refusal="UnknownSigner",
    ),
)


@dataclass(frozen=True)
class Case:
    """One random message, its signer and where it is to be verified."""

    probe: Probe
    message: Any
    key: bytes
    contract: bytes
    domain: Domain

    @property
    def digest(self) -> bytes:
        return digest(self.domain, self.message.struct_hash())

    @property
    def wallet_json(self) -> dict[str, Any]:
        """What `eth_signTypedData_v4` is given."""
        return typed_data(self.domain, self.message.TYPE, *self.message.values())


async def hire_worker(rpc: Rpc, deployment: Deployment) -> bytes:
    """Let one key of ours sign reports; the digest of that configuration."""
    oracle = deployment.sensor_oracle
    hire = sensor_oracle.encode_set_config([address_of(_WORKER_KEY)], 1)
    await transact(rpc, deployer(Settings()), oracle, hire)
    ask = {"to": to_hex(oracle), "data": to_hex(sensor_oracle.encode_config_digest())}
    return to_bytes(await rpc.call("eth_call", ask, "latest"))


def cases(
    deployment: Deployment, count: int, config_digest: bytes, seed: int = 0x360
) -> Iterator[Case]:
    """`count` random messages, the structs in turn; `config_digest` is `hire_worker`'s."""
    chance = random.Random(seed)  # noqa: S311 (test data, the same every time)
    for number in range(count):
        probe = PROBES[number % len(PROBES)]
        key = keccak256(chance.randbytes(32))
        values = [
            _value(chance, kind, name, address_of(key)) for kind, name in _type(probe.struct).fields
        ]
        message, contract = probe.struct(*values), getattr(deployment, probe.contract)
        if isinstance(message, sensor_oracle.Report):
            message, key = _consistent(message, config_digest), _WORKER_KEY
        yield Case(probe, message, key, contract, probe.domain(CHAIN_ID, contract))


def _consistent(report: sensor_oracle.Report, config_digest: bytes) -> sensor_oracle.Report:
    """The report with what SensorOracle demands before it hashes one."""
    minimum, median, maximum = sorted((report.minimum, report.median, report.maximum))
    lower, upper = sorted((report.lower_bound, report.upper_bound))
    start, end = sorted((report.from_time % _PAST_MS, report.to_time % _PAST_MS))
    count = max(report.count, 1)
    return replace(
        report,
        root=report.root if any(report.root) else b"\x01" * 32,
        minimum=minimum,
        median=median,
        maximum=maximum,
        lower_bound=lower,
        upper_bound=upper,
        from_time=start,
        to_time=end,
        count=count,
        excursions=report.excursions % (count + 1),
        config_digest=config_digest,
    )


def _type(struct: type[Any]) -> StructType:
    found: StructType = struct.TYPE
    return found


def _value(chance: random.Random, kind: str, name: str, signer: bytes) -> Any:
    if kind.endswith("[]"):
        # As many of each array: the contracts refuse unequal lengths before they hash.
        return [_value(chance, kind[:-2], name, signer) for _ in range(1 + signer[0] % 4)]
    if kind == "address":
        return signer if name in _ACTOR else chance.randbytes(20)
    if kind.startswith("uint"):
        bits = int(kind[4:])
        if name == "deadline":
            return chance.randrange(_FAR_AWAY_S, 1 << bits)
        return chance.choice(
            (chance.getrandbits(bits), chance.getrandbits(bits), 0, (1 << bits) - 1)
        )
    if kind == "int64":
        return chance.choice((chance.getrandbits(64) - (1 << 63), 0, -1, -(1 << 63), (1 << 63) - 1))
    return chance.choice((chance.randbytes(32), bytes(32), b"\xff" * 32))


def eth_account_digest(case: Case) -> bytes:
    """The digest as eth-account computes it from the wallet's JSON."""
    signable = encode_typed_data(full_message=case.wallet_json)
    return keccak256(b"\x19" + signable.version + signable.header + signable.body)


async def cast_signature(case: Case) -> bytes:
    """The signature cast makes of the wallet's JSON; RFC 6979 makes it a function of the digest."""
    process = await asyncio.create_subprocess_exec(
        *(str(tool_path("cast")), "wallet", "sign", "--private-key", to_hex(case.key)),
        *("--data", json.dumps(case.wallet_json)),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return bytes.fromhex(printed.decode().strip().removeprefix("0x"))


async def contract_takes(rpc: Rpc, case: Case, signature: bytes) -> bool:
    """Whether the contract takes it for the signer's; other refusals come after that check."""
    call = {"to": to_hex(case.contract), "data": to_hex(case.probe.call(case.message, signature))}
    try:
        await rpc.call("eth_call", call, "latest")
    except SmartRetailError as error:
        if "error" not in error.details:
            raise  # not one of our custom errors, so it says nothing about the signature
        return bool(error.details["error"] != case.probe.refusal)
    return True


async def differences(rpc: Rpc, all_cases: list[Case], cast_count: int) -> list[str]:
    """What the implementations disagree on; cast, a process each, is asked `cast_count` times."""
    slots = asyncio.Semaphore(_IN_FLIGHT)
    processes = asyncio.Semaphore(os.cpu_count() or 1)

    async def examine(number: int, case: Case) -> list[str]:
        ours = case.digest
        found = [] if eth_account_digest(case) == ours else ["eth-account"]
        signature = sign(case.key, ours)
        async with slots:
            if not await contract_takes(rpc, case, signature):
                found.append("the contract")
            if await contract_takes(rpc, case, sign(case.key, _other(ours))):
                found.append("the contract takes another digest's signature")
        if number < cast_count:
            async with processes:
                found += [] if await cast_signature(case) == signature else ["cast"]
        return [f"{one}: {case.message}" for one in found]

    answers = await asyncio.gather(*(examine(*one) for one in enumerate(all_cases)))
    return [one for answer in answers for one in answer]


def _other(one: bytes) -> bytes:
    return one[:-1] + bytes([one[-1] ^ 1])


async def compare(count: int, cast_count: int) -> str:
    """A sentence with the figures. Raises ProofFailed on the first differences."""
    began = time.monotonic()
    compile_contracts()
    anvil = await start_anvil(free_port())
    try:
        with TemporaryDirectory() as folder:
            deployment = await deploy_to(anvil.url, deployer(Settings()), Path(folder))
        async with Rpc(anvil.url, timeout_s=60) as rpc:
            hired = await hire_worker(rpc, deployment)
            wrong = await differences(rpc, list(cases(deployment, count, hired)), cast_count)
    finally:
        await anvil.stop()
    if wrong:
        raise ProofFailed(f"{len(wrong)} digests differ, for example {wrong[:3]}")
    names = ", ".join(_type(probe.struct).name for probe in PROBES)
    return (
        f"{count} messages ({names}): core.crypto, eth-account and the contract agree on every "
        f"digest, cast on {min(count, cast_count)} of them; {time.monotonic() - began:.0f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--cast", type=int, default=200, help="how many of them cast hashes too")
    given = parser.parse_args()
    try:
        print(asyncio.run(compare(given.messages, given.cast)))
    except SmartRetailError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
