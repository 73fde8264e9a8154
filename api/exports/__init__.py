"""A product's passport in other people's formats, from the same events; contexts travel along."""
