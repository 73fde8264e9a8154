"""The shared vocabulary: what every service means by an event, a hash, a row, a message."""
