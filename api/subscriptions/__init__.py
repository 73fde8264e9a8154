"""Telling subscribers about new events: by webhook, by WebSocket, at once or by schedule."""
