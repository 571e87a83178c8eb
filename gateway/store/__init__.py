"""MEMORY: what must survive a crash."""
