"""From an event to a signed, relayed and final entry on chain; every step can be repeated."""
