"""Content-addressed storage: an embedded IPFS node and a client that trusts no node."""
