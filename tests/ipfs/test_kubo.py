"""What importing the IPFS client costs a service that only reads bytes."""

import subprocess
import sys

PROBE = """
import sys, warnings
warnings.simplefilter("error")
import core.ipfs.client
assert not [name for name in sys.modules if name.startswith(("chardet", "charset_normalizer"))]
import charset_normalizer
"""


def test_the_client_takes_no_tables_to_guess_encodings_with() -> None:
    found = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
