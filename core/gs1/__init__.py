"""GS1 identifiers and the data of GS1 barcodes, driven by GS1's own syntax dictionary."""
