"""One file per contract: a typed event in, rows out. No handler does I/O or changes anything."""
