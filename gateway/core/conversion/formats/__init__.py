"""Bytes to documents and back: strict, bounded, and never repeating what was in them."""
