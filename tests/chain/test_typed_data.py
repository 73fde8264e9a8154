"""One digest: what core.crypto computes, a wallet signs and the contract accepts."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from core import clock
from core.chain.bindings import carbon_token, sensor_oracle, supply_chain
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import account
from core.config import Settings
from core.crypto import address_of, digest, keccak256, recover, sign, to_hex, typed_data
from core.crypto.structs import carbon_token_domain, sensor_oracle_domain, supply_chain_domain
from core.errors import InvalidSignature

CHAIN_ID = 31337
HOUR = 3600


def _key(index: int) -> bytes:
    return account(Settings(), index)


def _record() -> supply_chain.Record:
    return supply_chain.Record(
        actor=address_of(_key(1)),
        product_id=keccak256(b"test_typed_data"),
        prev_head=bytes(32),
        data_hash=keccak256(b"a document"),
        occurred_at=clock.now_ms(),
        kind=1,
        deadline=clock.now_s() + HOUR,
    )


def _batch() -> supply_chain.RecordBatch:
    return supply_chain.RecordBatch(
        actor=address_of(_key(1)),
        product_ids=[keccak256(b"lot %d" % n) for n in range(3)],
        prev_heads=[bytes(32)] * 3,
        data_hash=keccak256(b"a document"),
        occurred_at=clock.now_ms(),
        kind=2,
        deadline=clock.now_s() + HOUR,
    )


def _handover() -> supply_chain.Handover:
    return supply_chain.Handover(
        from_=address_of(_key(1)),
        to=address_of(_key(2)),
        product_id=keccak256(b"never recorded"),
        prev_head=bytes(32),
        data_hash=keccak256(b"a document"),
        occurred_at=clock.now_ms(),
        deadline=clock.now_s() + HOUR,
    )


def _report() -> sensor_oracle.Report:
    words = [keccak256(b"%d" % n) for n in range(4)]
    values = (3_900, -200, 8_700, 0, 8_000)
    return sensor_oracle.Report(
        words[0], words[1], bytes(20), words[2], words[3], *values, 100, 3, 1, 2, bytes(32)
    )


def _retirement() -> carbon_token.Retirement:
    return carbon_token.Retirement(
        holder=address_of(_key(1)),
        id=(1 << 256) - 1,
        amount=7,
        beneficiary=address_of(_key(2)),
        purpose_hash=keccak256(b"a purpose"),
        product_id=keccak256(b"test_typed_data"),
        publisher=address_of(_key(3)),
        nonce=0,
        deadline=clock.now_s() + HOUR,
    )


DOMAINS = {_report: sensor_oracle_domain, _retirement: carbon_token_domain}


@pytest.mark.parametrize("make", [_record, _batch, _handover, _report, _retirement])
def test_eth_account_signs_the_digest_of_core_crypto(make: Callable[[], Any]) -> None:
    struct = make()
    domain = DOMAINS.get(make, supply_chain_domain)(CHAIN_ID, bytes(range(20)))
    ours = digest(domain, struct.struct_hash())
    message = typed_data(domain, struct.TYPE, *struct.values())
    theirs = Account.sign_message(encode_typed_data(full_message=message), _key(1))
    assert bytes(theirs.message_hash) == ours
    assert recover(ours, bytes(theirs.signature)) == address_of(_key(1))
    assert bytes(theirs.signature) == sign(_key(1), ours)


async def _simulate(rpc: Rpc, to: bytes, data: bytes) -> None:
    call = {"from": to_hex(address_of(_key(9))), "to": to_hex(to), "data": to_hex(data)}
    await rpc.call("eth_call", call, "latest")


async def test_the_contract_accepts_that_signature(rpc: Rpc, deployment: Deployment) -> None:
    at, record, batch = deployment.supply_chain, _record(), _batch()
    domain = supply_chain_domain(CHAIN_ID, at)
    signature = sign(_key(1), digest(domain, record.struct_hash()))
    await _simulate(rpc, at, supply_chain.encode_record_signed(record, signature))
    signature = sign(_key(1), digest(domain, batch.struct_hash()))
    await _simulate(rpc, at, supply_chain.encode_record_batch_signed(batch, signature))


@pytest.mark.parametrize("wrong", ["chain", "contract", "name"])
async def test_a_signature_for_elsewhere_is_refused(
    rpc: Rpc, deployment: Deployment, wrong: str
) -> None:
    at, record = deployment.supply_chain, _record()
    domain = {
        "chain": supply_chain_domain(1, at),
        "contract": supply_chain_domain(CHAIN_ID, deployment.sensor_oracle),
        "name": sensor_oracle_domain(CHAIN_ID, at),
    }[wrong]
    signature = sign(_key(1), digest(domain, record.struct_hash()))
    with pytest.raises(InvalidSignature, match=to_hex(record.actor)):
        await _simulate(rpc, at, supply_chain.encode_record_signed(record, signature))
