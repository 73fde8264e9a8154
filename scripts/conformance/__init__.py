"""How many of the published vectors hold, file by file: docs/reference/conformance.md."""
