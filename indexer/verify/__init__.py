"""Doubt everything in the mirror: replay the chain with other code and compare row by row."""

from indexer.verify.audit import verify
from indexer.verify.base import Base
from indexer.verify.report import Finding, Report

__all__ = ["Base", "Finding", "Report", "verify"]
