"""Every SELECT of the API, by noun. Rows in, no HTTP and no GraphQL here."""
