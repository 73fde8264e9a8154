"""ActorRegistry: who is who."""

from sqlmodel import SQLModel

from core.db.columns import CHAIN, big, blob, text


class Actor(SQLModel, table=True):
    """An address with the identity the registrar vouches for."""

    __tablename__ = "actor"
    __table_args__ = (CHAIN,)
    address: bytes = blob(primary_key=True)
    role: int = big()
    identifier: str = text()
    name: str = text()
    registered_block: int = big()
    revoked_block: int | None = big(default=None)
