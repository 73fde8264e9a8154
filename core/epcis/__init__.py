"""EPCIS 2.0 and GS1: what a supply-chain event may say, and which things it is about."""
