"""Finds rows that cannot all be true: two that fill one place, or one that sits inside another's value."""

from collections.abc import Iterable
from itertools import pairwise

from gateway.core.conversion.options import Complaints
from gateway.core.conversion.pointer import join
from gateway.core.conversion.rows import Condition, Path, Row, carries_whole

_SIDES = ("regional", "canonical")


def check_rows(rows: tuple[Row, ...], *, file: str, complaints: Complaints, top: bool = True) -> None:
    """Complain about every contradiction among rows of one level, and among those nested in them."""
    for reading in (True, False):
        active = [row for row in rows if (row.reads if reading else row.writes)]
        _check_targets(active, reading=reading, file=file, complaints=complaints)
        for given in (False, True):
            _check_inside(active, reading=reading, given=given, file=file, complaints=complaints)
    for row in rows:
        _check_roots(row, rows, file=file, complaints=complaints, top=top)
        if row.name == "part" and not any(carries_whole(other, row) for other in rows):
            complaints.add(file, row.place, "rows_contradict", "a text row, both ways, for the whole of it")
        if row.rows is not None:
            check_rows(row.rows, file=file, complaints=complaints, top=False)


def _check_targets(rows: list[Row], *, reading: bool, file: str, complaints: Complaints) -> None:
    filled: dict[Path, list[Row]] = {}
    for row in rows:
        if row.name in ("ignore", "overflow", "part") and not reading:
            continue
        paths = row.paths(reading=reading)[1]
        for path in paths[:1] if row.name == "first-of" and not reading else paths:
            if any(
                not _disjoint(row.when(reading=reading), other.when(reading=reading))
                for other in filled.get(path, ())
                if (row.name == "part") == (other.name == "part")  # a part yields to any other row
            ):
                complaints.add(file, row.place, "rows_contradict", f"one row that fills {join(path)}")
            filled.setdefault(path, []).append(row)


def _check_inside(rows: list[Row], *, reading: bool, given: bool, file: str, complaints: Complaints) -> None:
    """No path may lead through another row's value; `0` and a name cannot both follow one place."""
    leaves = {path: row for row in rows for path in row.paths(reading=reading)[given]}
    arrays: dict[Path, bool] = {}
    for path, row in leaves.items():
        for length in range(len(path)):
            through = path[:length]
            if through in leaves and through:
                complaints.add(file, row.place, "rows_contradict", f"{join(through)} is itself a row's value")
            if arrays.setdefault(through, path[length] == "0") != (path[length] == "0"):
                complaints.add(file, row.place, "rows_contradict", f"{join(through)} is either an array or an object")
        if path and (path[0] == "0" or path[-1] == "0" or ("0", "0") in pairwise(path)):
            complaints.add(file, row.place, "path_invalid", "0 between two names")


def _check_roots(row: Row, rows: tuple[Row, ...], *, file: str, complaints: Complaints, top: bool) -> None:
    """Complain about an empty path (the element itself) unless it is alone on its side, inside an array."""
    for side in _SIDES:
        paths: tuple[Path, ...] = getattr(row, side)
        if () not in paths:
            continue
        others = [other for other in rows if other is not row and getattr(other, side)]
        if top or others or len(paths) > 1 or row.when_canonical or row.when_regional:
            complaints.add(file, row.place, "path_invalid", "the empty path only inside an array, as the only one")
    if row.name == "overflow" and not top:
        complaints.add(file, row.place, "path_invalid", "an overflow at the top of a table")


def _disjoint(one: Condition | None, other: Condition | None) -> bool:
    if one is None or other is None or one.at != other.at:
        return False
    return disjoint(one.values, other.values)


def disjoint(one: Iterable[object], other: Iterable[object]) -> bool:
    """Tell whether two lists of values share none; an empty list stands for any value."""
    left, right = ({(type(value), value) for value in values} for values in (one, other))
    return bool(left) and bool(right) and not left & right
