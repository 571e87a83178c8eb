"""The pairs of functions that carry one value between a regional and the canonical form."""
