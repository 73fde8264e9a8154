"""What a regulation or an agreement asks of events beyond the standard: rules that are data."""
