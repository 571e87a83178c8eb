"""Benchmarks: each measures its own floor or competitor in the same run."""
