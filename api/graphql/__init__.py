"""The GraphQL door: Strawberry types over api.queries."""
