"""What a service tells those who run it: logs, and where it asks for them metrics and traces.

Nothing is imported here: a device has no use for the dependencies of metrics, contract tools none
for those of logs.
"""
