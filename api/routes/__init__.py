"""Small REST routes that are not about capturing or passports."""
