"""In which places two documents differ, as the RFC 6901 pointers of the first that an operator should look at."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

POINTER_LIMIT: Final = 100  # of one pair of documents


def differing(old: Any, new: Any) -> tuple[str, ...]:
    """Return pointers to the values that one of two JSON documents has and the other has not, or has otherwise.

    What is there only once is pointed at whole; arrays are compared by position.
    """
    return tuple(islice(_differing(old, new, ""), POINTER_LIMIT))


def _differing(old: Any, new: Any, at: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in old and name in new:
                yield from _differing(old[name], new[name], place)
            else:
                yield place
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            place = f"{at}/{index}"
            if index < min(len(old), len(new)):
                yield from _differing(old[index], new[index], place)
            else:
                yield place
    elif type(old) is not type(new) or old != new:
        yield at
