"""Proposes a draft adapter from sample documents: each row with a score and its evidence, and never a guessed code."""
