"""Who may attest now: the newest ConfigSet of SensorOracle, read from the chain itself."""

from dataclasses import dataclass

from core.chain.bindings.sensor_oracle import ConfigSet, encode_config_digest
from core.chain.client import Rpc, to_bytes
from core.chain.deployments import Deployment
from core.crypto import to_hex
from core.errors import DeploymentMissing


@dataclass(frozen=True, slots=True)
class OracleConfig:
    """The signer set of the current epoch."""

    digest: bytes
    signers: frozenset[bytes]
    threshold: int


class ConfigReader:
    """Reads the configuration again whenever its digest on chain has changed."""

    def __init__(self, rpc: Rpc, deployment: Deployment) -> None:
        self._rpc = rpc
        self._contract = to_hex(deployment.sensor_oracle)
        self._start_block = deployment.start_block
        self._config: OracleConfig | None = None

    async def current(self) -> OracleConfig:
        """The configuration now.

        Raises:
            RpcUnavailable: the chain does not answer.
            DeploymentMissing: no signers were set yet.
        """
        call = {"to": self._contract, "data": to_hex(encode_config_digest())}
        digest = to_bytes(await self._rpc.call("eth_call", call, "latest"))
        if self._config is None or self._config.digest != digest:
            self._config = await self._read(digest)
        return self._config

    async def _read(self, digest: bytes) -> OracleConfig:
        query = {
            "address": self._contract,
            "topics": [to_hex(ConfigSet.TOPIC0)],
            "fromBlock": hex(self._start_block),
        }
        for log in reversed(await self._rpc.call("eth_getLogs", query)):
            event = ConfigSet.decode([to_bytes(t) for t in log["topics"]], to_bytes(log["data"]))
            if event.config_digest == digest:
                return OracleConfig(digest, frozenset(event.signers), event.threshold)
        raise DeploymentMissing(
            "SensorOracle has no signers yet", hint="Call setConfig with the workers' addresses."
        )
