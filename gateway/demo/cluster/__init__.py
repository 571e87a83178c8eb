"""Regions of several nodes on one machine, each over a real PostgreSQL, of which any part may be killed."""
