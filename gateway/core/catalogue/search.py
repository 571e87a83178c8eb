"""What an item is found by: terms that an index keeps, and the one answer to whether an item is what was asked for.

Chinese names have no words to split at, so a name is kept as its characters and its pairs of characters: a part of a
name is in it only if all its pairs are. That is necessary, not sufficient, so what an index finds is asked again.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from gateway.core.catalogue.publication import IN_USE
from gateway.core.catalogue.regions import LEVELS
from gateway.core.model import DocumentKind, Facets, ServiceItem


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemFilter:
    """Which items are asked for; empty fields ask for nothing in particular."""

    kind: DocumentKind = DocumentKind.SERVICE_ITEM
    name: str = ""  # parts of the name, set apart by spaces; wide or narrow, capital or small
    code: str = ""  # any code of the item, or its beginning
    region: str = ""  # division code, or its beginning
    mode: str = ""  # of handling across provinces
    subject: str = ""  # whom it serves, or a theme
    authority: str = ""  # its code or, where that is not ASCII, a part of its name
    level: str = ""
    online: bool | None = None
    at: datetime | None = None  # only what is published at this instant: of each code, the newest version in force

    def accepts(self, item: ServiceItem) -> bool:
        """Tell whether an item is asked for, but for `at`, which its other versions decide."""
        facets = item.facets
        return (
            item.kind == self.kind
            and item.region.startswith(self.region)
            and all(part in plain(item.name) for part in _parts(self.name))
            and (not self.code or any(code.startswith(self.code) for code in (item.code, *facets.codes)))
            and (not self.mode or self.mode in facets.modes)
            and (not self.subject or self.subject in facets.subjects)
            and (not self.level or self.level in facets.levels)
            and (self.online is None or self.online == facets.online)
            and (not self.authority or _has_authority(self.authority, facets))
        )


def plain(text: str) -> str:
    """Return a text as it is compared: wide and narrow forms made one (NFKC), without case and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def terms(item: ServiceItem) -> set[str]:
    """Return every term that an index keeps of an item: one or two characters of its name, longer ones of all else."""
    facets, name = item.facets, plain(item.name)
    return {
        *name,
        *_pairs(name),
        f"k:{item.kind}",
        f"u:{item.status}",
        f"n:{facets.online:d}",
        f"a:{facets.authority}",
        *(f"r:{item.region[:level]}" for level in LEVELS),
        *(f"m:{mode}" for mode in facets.modes),
        *(f"s:{subject}" for subject in facets.subjects),
        *(f"l:{level}" for level in facets.levels),
        *_authority_pairs(facets.authority_name),
    }


@lru_cache(maxsize=8192)  # an authority has many items
def _authority_pairs(name: str) -> tuple[str, ...]:
    return tuple(f"a:{pair}" for pair in _pairs(plain(name)))


def wanted_terms(wanted: ItemFilter) -> set[str]:
    """Return terms that every item asked for has; the fewer items have them, the less is left to look at."""
    found = {f"k:{wanted.kind}"}
    for part in _parts(wanted.name):
        found.update(_pairs(part) or part)
    if wanted.at is not None:
        found.add(f"u:{IN_USE}")
    if wanted.online is not None:
        found.add(f"n:{wanted.online:d}")
    if (level := max((level for level in LEVELS if level <= len(wanted.region)), default=0)) > 0:
        found.add(f"r:{wanted.region[:level]}")
    named = {"m": wanted.mode, "s": wanted.subject, "l": wanted.level}
    found.update(f"{label}:{value}" for label, value in named.items() if value)
    if wanted.authority:
        found.update([f"a:{wanted.authority}"] if wanted.authority.isascii() else _authority_pairs(wanted.authority))
    return found


def _has_authority(wanted: str, facets: Facets) -> bool:
    return wanted == facets.authority if wanted.isascii() else plain(wanted) in plain(facets.authority_name)


def _parts(text: str) -> list[str]:
    return [part for part in map(plain, unicodedata.normalize("NFKC", text).split()) if part]


def _pairs(text: str) -> list[str]:
    return [first + second for first, second in pairwise(text)]
