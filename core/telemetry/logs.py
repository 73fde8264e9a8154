"""Structured logs: one line an event, as text for people or JSON for machines."""

import logging
import sys

# Tracebacks are formatted by `format_exc_info`. structlog would import rich for them wherever the
# command line's libraries are installed: 3 MB and 50 ms of every service.
_unwanted = "rich" not in sys.modules
if _unwanted:
    sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402

if _unwanted:
    del sys.modules["rich"]

from core.config import Settings  # noqa: E402


def configure(settings: Settings, service: str) -> None:
    """Send every log line of this process to stderr with the service's name on it."""
    structlog.reset_defaults()
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
