"""The steps of an exchange: use cases over ports."""
