"""Service items: their identifiers and what is published when."""
