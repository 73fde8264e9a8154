"""The EPCIS query language: what an event can be found by, and what a query asks for.

Source: EPCIS 2.0 section 8.2.7.1 (SimpleEventQuery) and GS1's REST binding (OpenAPI 2.0).
"""
