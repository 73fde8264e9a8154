"""Everything that speaks to the chain: bindings, RPC, deployments, proofs, sending."""
