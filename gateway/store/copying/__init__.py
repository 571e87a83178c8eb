"""Carries a whole store over into another, whichever database either is in."""
