"""ipfshttpclient, told to use plain requests; import it from here.

By default it patches a copy of requests, which passes urllib3 an argument that warns today and
fails in urllib3 3; the patch only serves Unix sockets and forced address families, which are not
used here. The switch is read when the package is imported.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_GUESSERS: Final = ("chardet", "charset_normalizer")
"""What requests guesses a text's encoding with, where it is installed: 4 MB of tables. A node's
answers are bytes and JSON."""


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """As if these packages were not installed; one that was imported before stays."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        with warnings.catch_warnings(action="ignore"):  # requests says what it misses
            yield
    finally:
        for name in hidden:
            del sys.modules[name]


os.environ.setdefault("PY_IPFS_HTTP_CLIENT_PATCH_REQUESTS", "no")
with _without(_GUESSERS):
    from ipfshttpclient import Client, connect, exceptions

__all__ = ["Client", "connect", "exceptions"]
