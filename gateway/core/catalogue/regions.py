"""Which division lies within which: 12 digits after GB/T 2260, 2 + 2 + 2 for province, city and county, 3 + 3 below."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

LEVELS: Final = (2, 4, 6, 9, 12)  # digits that name a province, a city, a county, a township, a village


@lru_cache(maxsize=4096)  # partners answer for the same few divisions, document after document
def significant(region: str) -> str:
    """Return the digits that name a division, without the zeros that only fill the code up."""
    bare = region.rstrip("0")
    return region[: next((level for level in LEVELS if level >= len(bare)), len(region))]


def closeness(regions: Iterable[str], region: str) -> int:
    """Return how closely `regions` cover `region`: how many digits the closest names, 0 where none does."""
    within = (significant(each) for each in regions)
    return max((len(prefix) for prefix in within if region.startswith(prefix)), default=0)
