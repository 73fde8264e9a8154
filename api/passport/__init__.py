"""The consumer's page behind a GS1 Digital Link, and the same facts as data."""
