"""Rules about the order of events: what may happen to a thing depends on what happened to it."""
