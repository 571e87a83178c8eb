"""What a transaction changes in the index of the catalogue, gathered so that each set is written once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.core.catalogue.search import terms
from gateway.core.model import ServiceItem
from gateway.store.postings import BLOCK

_Sets = defaultdict[int, defaultdict[str, set[int]]]  # block, term, rows


def _no_sets() -> _Sets:
    return defaultdict(lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """What a transaction changes in the index, gathered so that each set is written once."""

    _added: _Sets = field(default_factory=_no_sets)
    _removed: _Sets = field(default_factory=_no_sets)
    _new: set[tuple[str, int]] = field(default_factory=set)
    _gone: set[tuple[str, int]] = field(default_factory=set)

    def add(self, sequence: int, item: ServiceItem) -> None:
        """Have an item found."""
        _note(sequence, terms(item), self._added, self._removed)
        codes = {(code, sequence) for code in _codes(item)}
        self._new.update(codes)
        self._gone.difference_update(codes)

    def remove(self, sequence: int, item: ServiceItem) -> None:
        """Have an item not found any more by what it was."""
        _note(sequence, terms(item), self._removed, self._added)
        codes = {(code, sequence) for code in _codes(item)}
        self._gone.update(codes)
        self._new.difference_update(codes)

    def gone_codes(self) -> list[tuple[str, int]]:
        """Return the codes, each with its item, by which an item is no longer found."""
        return sorted(self._gone)

    def new_codes(self) -> list[tuple[str, int]]:
        """Return the codes by which an item is found from now on."""
        return sorted(self._new)

    def blocks(self) -> Iterator[tuple[int, Mapping[str, tuple[set[int], set[int]]]]]:
        """Yield each block with what is added to the set of each term and what is taken out, in order of term."""
        for block in sorted(self._added.keys() | self._removed.keys()):
            added, removed = self._added[block], self._removed[block]
            yield block, {term: (added[term], removed[term]) for term in sorted(added.keys() | removed.keys())}


def _note(sequence: int, found: set[str], in_these: _Sets, no_longer_in: _Sets) -> None:
    block, row = divmod(sequence, BLOCK)
    sets = in_these[block]
    for term in found:
        sets[term].add(row)
    if no_longer_in:
        sets = no_longer_in[block]
        for term in found & sets.keys():
            sets[term].discard(row)


def _codes(item: ServiceItem) -> list[str]:
    codes = sorted({item.code, *item.facets.codes}, reverse=True)
    return [code for number, code in enumerate(codes) if not any(each.startswith(code) for each in codes[:number])]
