"""Devices: sensors, and when and about what they are to be believed."""

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, global_id
from api.graphql.scalars import Address, Hash, Long
from core.db.chain_tables import Device as DeviceRow


@strawberry.type(description="A registered sensor; times are Unix seconds.")
class Device(Node):
    address: Address
    calibration_hash: Hash = strawberry.field(description="Of its last calibration record.")
    valid_from: Long
    valid_until: Long = strawberry.field(description="The last second.")
    revoked_since: Long | None = strawberry.field(description="What it measures later is void.")
    subject: Hash | None = strawberry.field(description="All it may speak for; null = anything.")
    registered_block: Long


def device_node(row: DeviceRow) -> Device:
    """A registered device."""
    return Device(
        id=global_id("Device", row.address),
        address=Address(row.address),
        calibration_hash=Hash(row.calibration_hash),
        valid_from=Long(row.valid_from),
        valid_until=Long(row.valid_until),
        revoked_since=None if row.revoked_since is None else Long(row.revoked_since),
        subject=None if row.subject is None else Hash(row.subject),
        registered_block=Long(row.registered_block),
    )


async def registered_device(info: Info, address: bytes) -> Device | None:
    """The device of an address, if DeviceRegistry knows it."""
    row = await info.context.load.device.load(address)
    return None if row is None else device_node(row)
