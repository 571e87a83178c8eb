"""Between regional formats and the canonical form, both ways, from tables that are data."""
