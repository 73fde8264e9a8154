"""What a service tells those who run it: logs, and where it asks for them metrics and traces.

Only `logs` is imported here: a device has no use for the others' dependencies.
"""

from core.telemetry.logs import configure

__all__ = ["configure"]
