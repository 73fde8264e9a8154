"""Forecasts for real series, fixed in canonical bytes before the outcome is known."""
