"""The Digital Link resolver: links of a product and of the levels above it, and which one is meant.

Source: GS1-Conformant resolver standard 1.1; RFC 9264 (linksets); RFC 4647, 3.4 (languages).
"""
