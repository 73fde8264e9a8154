"""Events from a table (CSV, RFC 4180) by a saved mapping of its columns."""
