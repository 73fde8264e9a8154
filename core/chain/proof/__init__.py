"""Proofs: heads, headers, Merkle-Patricia proofs, and the bundle anyone can verify."""
