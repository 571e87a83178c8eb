"""The floor of the conversion benchmark: what a careful programmer would write for this one layout, by hand.

It carries the same fields and refuses unmapped codes, but stops at the first fault, keeps no unknown field, and names
no loss.
"""

from bench.by_hand.back import to_regional
from bench.by_hand.there import to_canonical

__all__ = ["to_canonical", "to_regional"]
