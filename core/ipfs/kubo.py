"""ipfshttpclient, told to use plain requests.

By default it patches a copy of requests, which passes urllib3 an argument that warns today and
fails in urllib3 3; the patch only serves Unix sockets and forced address families, which are not
used here. The switch is read when the package is imported, so import it from here.
"""

import os

os.environ.setdefault("PY_IPFS_HTTP_CLIENT_PATCH_REQUESTS", "no")

from ipfshttpclient import Client, connect, exceptions

__all__ = ["Client", "connect", "exceptions"]
