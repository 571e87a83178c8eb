"""Pairs fields one to one over a whole document: the best sum, not the best first. Bounded by cutting into parts.

Candidates form a graph; its connected parts do not influence each other. A part of at most PART_LIMIT fields is
solved exactly by the Hungarian method (Kuhn 1955, in the O(n³) form of Jonker and Volgenant's shortest augmenting
paths); a larger one, which only a document of look-alikes has, is paired best first.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Final, TypeVar

PART_LIMIT: Final = 120
_NOBODY: Final = -1
_L = TypeVar("_L", bound=Hashable)
_R = TypeVar("_R", bound=Hashable)


def assign(scores: Mapping[tuple[_L, _R], float]) -> dict[_L, _R]:
    """Return the one-to-one pairs with the greatest sum of scores; everything may also stay alone."""
    found: dict[_L, _R] = {}
    for part in _parts(scores):
        size = max(len({left for left, _ in part}), len({right for _, right in part}))
        found |= _exactly(part, scores) if size <= PART_LIMIT else best_first({pair: scores[pair] for pair in part})
    return found


def best_first(scores: Mapping[tuple[_L, _R], float]) -> dict[_L, _R]:
    """Return one-to-one pairs, the highest score first."""
    found: dict[_L, _R] = {}
    taken: set[_R] = set()
    for left, right in sorted(scores, key=lambda pair: -scores[pair]):
        if left not in found and right not in taken:
            found[left] = right
            taken.add(right)
    return found


def _parts(pairs: Collection[tuple[_L, _R]]) -> Iterator[list[tuple[_L, _R]]]:
    by_left: dict[_L, list[tuple[_L, _R]]] = defaultdict(list)
    by_right: dict[_R, list[tuple[_L, _R]]] = defaultdict(list)
    for pair in pairs:
        by_left[pair[0]].append(pair)
        by_right[pair[1]].append(pair)
    left_over = dict.fromkeys(pairs)
    while left_over:
        waiting = [next(iter(left_over))]
        part: dict[tuple[_L, _R], None] = {}
        while waiting:
            pair = waiting.pop()
            if pair in part:
                continue
            part[pair] = None
            left_over.pop(pair, None)
            waiting += by_left[pair[0]] + by_right[pair[1]]
        yield list(part)


def _exactly(part: list[tuple[_L, _R]], scores: Mapping[tuple[_L, _R], float]) -> dict[_L, _R]:
    lefts, rights = list(dict.fromkeys(one for one, _ in part)), list(dict.fromkeys(one for _, one in part))
    # Each left one may also take a place of its own that is worth nothing: it then stays alone.
    width = len(rights) + len(lefts)
    allowed = set(part)
    costs = [
        [-scores[left, right] if (left, right) in allowed else 0.0 for right in rights] + [0.0] * len(lefts)
        for left in lefts
    ]
    return {
        lefts[row]: rights[column]
        for row, column in enumerate(_cheapest(costs, width))
        if column < len(rights) and (lefts[row], rights[column]) in allowed
    }


def _cheapest(costs: list[list[float]], width: int) -> list[int]:
    """Return each row's column in the cheapest complete assignment; there are at least as many columns as rows."""
    search = _Search(costs, width)
    for row in range(len(costs)):
        search.place(row)
    columns = [width] * len(costs)
    for column in range(width):
        if search.owner[column] != _NOBODY:
            columns[search.owner[column]] = column
    return columns


class _Search:
    """The prices of rows and columns, and which row has which column; the column after the last is a way in."""

    def __init__(self, costs: list[list[float]], width: int) -> None:
        self.costs, self.width = costs, width
        self.row_price, self.column_price = [0.0] * len(costs), [0.0] * (width + 1)
        self.owner = [_NOBODY] * (width + 1)

    def place(self, row: int) -> None:
        """Give a row a column along the cheapest path that frees one, moving others on."""
        self.owner[self.width] = row
        distance, through = [float("inf")] * self.width, [self.width] * self.width
        done: list[int] = []
        here = self.width
        while self.owner[here] != _NOBODY:
            done.append(here)
            here = self._nearest(here, done, distance, through)
        while here != self.width:
            before = through[here]
            self.owner[here] = self.owner[before]
            here = before

    def _nearest(self, here: int, done: list[int], distance: list[float], through: list[int]) -> int:
        """Relax the distances from one column on, settle the prices, and return the nearest column not done."""
        row, reached = self.owner[here], set(done)
        for column in range(self.width):
            price = self.costs[row][column] - self.row_price[row] - self.column_price[column]
            if column not in reached and price < distance[column]:
                distance[column], through[column] = price, here
        nearest = min((column for column in range(self.width) if column not in reached), key=distance.__getitem__)
        step = distance[nearest]
        for column in done:
            self.row_price[self.owner[column]] += step
            self.column_price[column] -= step
        for column in range(self.width):
            if column not in reached:
                distance[column] -= step
        return nearest
