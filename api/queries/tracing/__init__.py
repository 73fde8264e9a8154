"""Trace back and trace forward: what a product came from, and what it went into or travelled in."""
