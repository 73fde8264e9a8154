"""Every custom error becomes one typed error with a sentence."""

from typing import Any

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from core import errors
from core.chain.bindings import supply_chain
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.revert import ERRORS, reverted
from core.crypto import keccak256, to_hex
from core.errors import ContractReverted, SmartRetailError
from tests.chain.abi_values import items, type_of, values

OURS = (
    "ActorRegistry",
    "AnchorLog",
    "CarbonToken",
    "CertificateRegistry",
    "DeliveryEscrow",
    "DeviceRegistry",
    "FootprintRegistry",
    "ForecastLedger",
    "SensorFeed",
    "SensorOracle",
    "SerialRegistry",
    "SupplyChain",
)
LIBRARIES = (
    *("AccessManaged", "Create2", "ERC1155", "FailedDeployment", "InsufficientBalance"),
    *("InvalidShortString", "MissingPrecompile", "StringTooLong"),
)


def _own_errors() -> list[Any]:
    return [
        pytest.param(item, id=f"{contract}.{item['name']}")
        for contract, item in items("error")
        if contract in OURS and not item["name"].startswith(LIBRARIES)
    ]


@pytest.mark.parametrize("item", _own_errors())
@given(data=st.data())
def test_own_errors_have_a_type_and_a_sentence(item: dict[str, Any], data: st.DataObject) -> None:
    types = [type_of(i) for i in item["inputs"]]
    drawn = data.draw(values(item["inputs"]))
    error = reverted(
        keccak256(f"{item['name']}({','.join(types)})".encode())[:4] + encode(types, drawn)
    )
    assert not isinstance(error, ContractReverted)
    assert error.details["error"] == item["name"]
    assert error.message
    assert "object at 0x" not in error.message


def test_stale_head_names_both_positions() -> None:
    expected, actual = (3 << 192).to_bytes(32, "big"), (5 << 192).to_bytes(32, "big")
    data = supply_chain.StaleHead.SELECTOR + bytes(32) + expected + actual
    error = reverted(data)
    assert isinstance(error, errors.StaleHead)
    assert "at event 5" in error.message
    assert "for event 3" in error.message
    assert error.hint


@given(st.binary(max_size=200))
def test_any_bytes_become_an_error(data: bytes) -> None:
    assert isinstance(reverted(data), SmartRetailError)


@pytest.mark.parametrize("selector", sorted(ERRORS))
def test_cut_off_data_becomes_an_error(selector: bytes) -> None:
    error = reverted(selector, "execution reverted")
    assert isinstance(error, SmartRetailError)
    assert error.details["data"] == to_hex(selector)


async def test_a_call_the_contract_refuses(rpc: Rpc, deployment: Deployment) -> None:
    call = {
        "from": "0x" + "11" * 20,
        "to": to_hex(deployment.supply_chain),
        "data": to_hex(supply_chain.encode_record(bytes(32), bytes(32), 1, 16)),
    }
    with pytest.raises(errors.BadInput, match="kind 16"):
        await rpc.call("eth_call", call, "latest")
    with pytest.raises(errors.BadInput, match="kind 16"):
        await rpc.call("eth_estimateGas", call)
