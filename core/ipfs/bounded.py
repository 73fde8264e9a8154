"""Answers of a node are read piece by piece and in bounded time.

requests knows a limit for one `recv` only, and ipfshttpclient asks it for whole answers: a node
that sends a byte now and then, or gigabytes, would hold a thread or the memory.
"""

import time
from collections.abc import Iterator
from typing import Any, Final

from urllib3.exceptions import HTTPError

from core.errors import IpfsUnavailable

PIECE: Final = 64 * 1024


def bound_answers(client: Any, timeout_s: float) -> None:
    """Make every streamed answer of this client end within about twice `timeout_s`."""

    def bound(response: Any, *_: Any, **__: Any) -> None:
        deadline = time.monotonic() + timeout_s
        response.iter_content = lambda chunk_size=None, decode_unicode=False: _pieces(
            response, deadline
        )

    client._client._session.hooks["response"].append(bound)


def _pieces(response: Any, deadline: float) -> Iterator[bytes]:
    """As they arrive. Raises IpfsUnavailable at the deadline, or when the answer breaks off."""
    try:
        while piece := response.raw.read1(PIECE, decode_content=True):
            yield piece
            if time.monotonic() > deadline:
                raise IpfsUnavailable("the IPFS node sends its answer too slowly")
    except HTTPError as error:
        raise IpfsUnavailable(f"the IPFS node's answer broke off: {error}") from error
