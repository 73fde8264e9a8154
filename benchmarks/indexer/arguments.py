"""Kinds of command-line arguments that argparse does not have."""

import argparse


def count(text: str) -> int:
    """1 or more. Raises ArgumentTypeError, which argparse turns into a usage error."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 on, got {text!r}")
    return value
