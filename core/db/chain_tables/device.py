"""DeviceRegistry: which sensors are to be believed, and when."""

from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob


class Device(SQLModel, table=True):
    """A sensor, named by the address of its key; times are Unix seconds."""

    __tablename__ = "device"
    __table_args__ = (CHAIN,)
    address: bytes = blob(primary_key=True)
    calibration_hash: bytes = blob()
    valid_from: int = big()
    valid_until: int = big()
    """The last second."""
    revoked_since: int | None = big(default=None)
    """What it measured from this second on does not count."""
    subject: bytes | None = blob(default=None)
    """The one product or shipment it speaks for; None = any."""
    public_key: bytes | None = blob(default=None)
    """x and y of a P-256 key; None = secp256k1."""
    registered_block: int = big()
