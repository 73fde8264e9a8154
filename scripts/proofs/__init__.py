"""What is proven about the contracts beyond their tests; docs/reference/proofs.md says how."""
