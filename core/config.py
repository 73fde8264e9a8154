"""The only reader of the environment: one typed value, built in a main, passed down.

Every setting can be given as `SR360_<GROUP>__<NAME>`, e.g. `SR360_CHAIN__RPC_URL`. The embedded
defaults need no service installed; production refuses the well-known development secrets.
"""

from enum import StrEnum
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEV_MNEMONIC: Final = "test test test test test test test test test test test junk"
"""anvil's published development mnemonic: worthless by design, refused in production."""


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class ReceiptMode(StrEnum):
    """Which blocks' receipts are asked for."""

    AUTO = "auto"
    """As the blocks seen last suggest."""
    DENSE = "dense"
    """All, together with the headers: right when most blocks hold our logs."""
    SPARSE = "sparse"
    """Those whose bloom allows our logs, once their header is proven."""


class Choreography(StrEnum):
    """What happens to an event that contradicts what is known of its things."""

    OFF = "off"
    """Nobody looks."""
    WARN = "warn"
    """It is taken, and its sender told."""
    REFUSE = "refuse"
    """It is refused; a thing of unknown history is told."""
    STRICT = "strict"
    """Things of unknown history are refused too."""


STRENGTHS: Final = (Choreography.OFF, Choreography.WARN, Choreography.REFUSE, Choreography.STRICT)
"""From the weakest on."""


class ChainSettings(BaseModel):
    rpc_url: str = "http://127.0.0.1:8545"
    rpc_urls: tuple[str, ...] = ()
    """More endpoints of the same chain, for fail-over and quorum."""
    quorum: int = Field(default=1, ge=1)
    """How many endpoints must give the same header before the indexer follows it."""
    mode: ReceiptMode = ReceiptMode.AUTO
    chain_id: int = 31337
    finality_depth: int | None = None
    """Blocks behind the head that count as final; None = the chain's own tag."""
    finality_tag: Literal["finalized", "safe"] = "finalized"
    """`safe` comes minutes sooner and can be reorganised if the chain's validators fail."""
    poll_interval_s: float = 0.25
    log_range: int = 2_000
    """Blocks asked for in one history request, at most."""

    @model_validator(mode="after")
    def _enough_endpoints(self) -> "ChainSettings":
        if self.quorum > 1 + len(self.rpc_urls):
            raise ValueError("SR360_CHAIN__QUORUM is more than the endpoints that are named")
        return self


class DbSettings(BaseModel):
    url: SecretStr = SecretStr("")
    """SQLAlchemy URL of PostgreSQL; empty = SQLite files under the state folder."""
    partition_blocks: int = Field(default=0, ge=0)
    """Blocks a partition of the growing tables holds, decided when they are made; 0 = not split."""


class IpfsSettings(BaseModel):
    host: str = "127.0.0.1"
    api_port: int = 5361
    gateway_port: int = 8361
    timeout_s: float = 10.0


class ApiSettings(BaseModel):
    host: str = "127.0.0.1"
    port: int = 8360
    public_url: str = ""
    """What QR codes and links point to; empty = http://host:port."""
    public_rpc_url: str = ""
    """Endpoint named to browsers that check a proof; empty = the chain's RPC URL."""
    max_body_bytes: int = 2_000_000
    max_capture_bytes: int = 256_000_000
    """Of a document that partners without a wallet send to `/capture`, unpacked."""
    max_capture_events: int = 500_000
    """In such a document."""
    partner_token: SecretStr = SecretStr("")
    """Who sends it may record under our key, keep queries and have messages sent; empty = everyone
    while `host` is this machine, else nobody."""
    choreography: Choreography = Choreography.REFUSE
    """What happens to events that contradict what is known, where their sender asks for nothing
    else."""
    choreography_floor: Choreography | None = None
    """The weakest of those a sender may ask for; None = `warn`, or `off` where that is the
    default."""
    keep_captured_days: int = Field(default=30, ge=0)
    """How long a finished capture job keeps its document; how it ended stays for ever."""
    gcp_lengths_file: Path | None = None
    """GS1's list of the lengths of company prefixes, JSON or XML as GS1 publishes it."""
    links_file: Path | None = None
    """JSON list of links the Digital Link resolver knows beside its own."""

    @property
    def weakest_choreography(self) -> Choreography:
        """The weakest that a sender may ask for."""
        if self.choreography_floor is not None:
            return self.choreography_floor
        return min(self.choreography, Choreography.WARN, key=STRENGTHS.index)

    @model_validator(mode="after")
    def _keep_own_floor(self) -> "ApiSettings":
        weakest = STRENGTHS.index(self.weakest_choreography)
        if STRENGTHS.index(self.choreography) < weakest:
            raise ValueError("SR360_API__CHOREOGRAPHY is weaker than SR360_API__CHOREOGRAPHY_FLOOR")
        return self


class IndexerSettings(BaseModel):
    host: str = "127.0.0.1"
    port: int = 8362
    """Where `/health`, `/ready` and `/metrics` are; 0 = any free port."""
    ready_lag_blocks: int = 1
    """Blocks behind the node's head that still count as caught up."""
    document_timeout_s: float = 30.0
    """How long one document may take, all its blocks together, before its turn ends."""


class TelemetrySettings(BaseModel):
    otlp_endpoint: str = ""
    """OTLP/HTTP collector, such as http://localhost:4318; empty = no traces."""


class WebhookSettings(BaseModel):
    allow_private: bool = False
    """Whether messages may go into private networks, and by plain http."""
    timeout_s: float = Field(default=10.0, gt=0)
    """How long a subscriber may take to answer."""
    poll_interval_s: float = Field(default=0.5, gt=0)
    """Seconds between looks for new events and due messages."""
    keep_days: int = Field(default=30, ge=1)
    """How long delivered and failed messages, and which events were told, are kept."""


class MqttSettings(BaseModel):
    host: str = "127.0.0.1"
    port: int = 18830
    username: str = ""
    password: SecretStr = SecretStr("")
    embedded: bool = True
    """Start amqtt in process; False = a broker (mosquitto, EMQX) is there already."""


class OracleSettings(BaseModel):
    threshold: int = 2
    batch_size: int = 100
    batch_wait_s: float = 2.0
    # SensorOracle itself refuses a batch over five minutes ahead of the chain's clock.
    clock_skew_s: float = Field(default=60.0, ge=0, le=240)
    lower_bound_mc: int = 0
    upper_bound_mc: int = 8_000


class KeySettings(BaseModel):
    """Private keys as 0x-hex. Empty = derived from the development mnemonic (chain 31337 only)."""

    mnemonic: SecretStr = SecretStr(DEV_MNEMONIC)
    deployer: SecretStr = SecretStr("")
    relayer: SecretStr = SecretStr("")
    issuer: SecretStr = SecretStr("")
    """Ed25519 seed that signs credentials."""
    oracle_workers: tuple[SecretStr, ...] = ()
    recorder: SecretStr = SecretStr("")
    """Signs what partners without a wallet capture; empty in production = they cannot."""


class RoleSettings(BaseModel):
    """Accounts (0x-hex) that administer in production: all of them, all different.

    In development they are not read: the deployer holds every role. contracts/roles.toml says
    what each may do.
    """

    admin: str = ""
    registrar: str = ""
    issuer: str = ""
    oracle_admin: str = ""
    guardian: str = ""
    resumer: str = ""


class Settings(BaseSettings):
    """Everything a service may be told from outside."""

    model_config = SettingsConfigDict(
        env_prefix="SR360_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    environment: Environment = Environment.DEVELOPMENT
    state_dir: Path = Path(".sr360")
    cache_dir: Path = Path(".build/cache")
    """What is only there to be faster; may be deleted at any time."""
    web_dist: Path = Path("web/dist")
    log_level: str = "INFO"
    log_json: bool = False
    chain: ChainSettings = ChainSettings()
    db: DbSettings = DbSettings()
    ipfs: IpfsSettings = IpfsSettings()
    api: ApiSettings = ApiSettings()
    indexer: IndexerSettings = IndexerSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    webhook: WebhookSettings = WebhookSettings()
    mqtt: MqttSettings = MqttSettings()
    oracle: OracleSettings = OracleSettings()
    keys: KeySettings = KeySettings()
    roles: RoleSettings = RoleSettings()

    @model_validator(mode="after")
    def _refuse_development_secrets(self) -> "Settings":
        production = self.environment is Environment.PRODUCTION
        if production and self.keys.mnemonic.get_secret_value() == DEV_MNEMONIC:
            raise ValueError(
                "production refuses anvil's development mnemonic: set SR360_KEYS__MNEMONIC, "
                "or SR360_KEYS__DEPLOYER, __RELAYER and __ORACLE_WORKERS with an empty mnemonic"
            )
        return self

    @model_validator(mode="after")
    def _keep_webhooks_outside(self) -> "Settings":
        if self.environment is Environment.PRODUCTION and self.webhook.allow_private:
            raise ValueError("production sends no webhooks into private networks")
        return self

    @model_validator(mode="after")
    def _keep_rpc_key(self) -> "Settings":
        """Hosted nodes carry their key in the URL, and the public URL is told to everyone."""
        parts = urlsplit(self.chain.rpc_url)
        keyed = "@" in parts.netloc or parts.path not in ("", "/") or parts.query
        production = self.environment is Environment.PRODUCTION
        if production and keyed and not self.api.public_rpc_url:
            raise ValueError(
                "SR360_CHAIN__RPC_URL has a path, query or password, which may be a key: set "
                "SR360_API__PUBLIC_RPC_URL to the endpoint that readers' browsers may use"
            )
        return self

    @property
    def database_url(self) -> str:
        """PostgreSQL URL as given, or the embedded SQLite folder as `sqlite:///<state>/db`."""
        return self.db.url.get_secret_value() or f"sqlite:///{self.state_dir / 'db'}"

    @property
    def public_url(self) -> str:
        return self.api.public_url or f"http://{self.api.host}:{self.api.port}"

    @property
    def public_rpc_url(self) -> str:
        return self.api.public_rpc_url or self.chain.rpc_url
