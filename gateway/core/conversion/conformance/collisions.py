"""Finds what is different before a conversion and the same after it: from the tables alone, and in the examples."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.codecs.codec import blank
from gateway.core.conversion.codecs.codes import CodeTable
from gateway.core.conversion.conformance.fields import Placed, placed_rows
from gateway.core.conversion.conformance.report import Collision
from gateway.core.conversion.conformance.trial import Trial
from gateway.core.conversion.pointer import find, join
from gateway.core.conversion.rows import Row

_TOLD: Final = 20  # places of one collision that the report names
_TAKING: Final = ("ignore", "overflow", "part")  # nothing is written for these; a part yields to any other row

# Where a value stood (example and pointer), by what it became, by what it was.
_Met = dict[bytes, dict[bytes, list[str]]]


def collisions_of(adapter: Adapter, trials: Collection[Trial]) -> Iterator[Collision]:
    """Yield every collision of an adapter; values are never repeated, only where they stand."""
    shown: set[tuple[str, str, tuple[str, ...]]] = set()
    for channel in adapter.channels.values():
        for message in channel.messages.values():
            for one in _of_rows(placed_rows(channel.document, message.variant)):
                if (one.to, one.place, one.rows) not in shown:  # variants share tables
                    shown.add((one.to, one.place, one.rows))
                    yield one
    for table in adapter.manifest.codes.values():
        yield from _of_codes(table)
    yield from _of_values(adapter, trials)


def _of_rows(rows: Iterable[Placed]) -> Iterator[Collision]:
    """Yield the places that several rows write, and those that several fields feed."""
    for reading in (True, False):
        writers: dict[str, list[Placed]] = defaultdict(list)
        for one in rows:
            row = one.row
            if not (row.reads if reading else row.writes) or row.rows is not None or row.name in _TAKING:
                continue
            taken, given = (one.regional, one.canonical) if reading else (one.canonical, one.regional)
            for path in given[:1] if row.name == "first-of" else given:
                writers[path].append(one)
            if row.name == "first-of" and reading:
                yield _collision("fields", reading, given[0], [one], taken)
        for path, several in writers.items():
            if len(several) > 1:
                yield _collision("rows", reading, path, several, [one.at for one in several])


def _collision(sort: str, reading: bool, place: str, rows: list[Placed], met: Iterable[str]) -> Collision:  # noqa: FBT001 - the direction
    return Collision(
        sort=sort,
        to="canonical" if reading else "regional",
        place=place,
        rows=tuple(one.at for one in rows),
        met=tuple(met),
        declared=True,  # a table in which rows meet without a condition does not load
    )


def _of_codes(table: CodeTable) -> Iterator[Collision]:
    """Yield the codes that become one; a table in which that is not said does not load."""
    for to, partners, places in (
        ("canonical", table.read, table.read_at),
        ("regional", table.write, table.write_at),
    ):
        meeting: dict[str, list[str]] = defaultdict(list)
        for code, partner in partners.items():
            meeting[partner].append(code)
        for partner, codes in meeting.items():
            if len(codes) > 1:
                rows = tuple(f"codes/{table.name}.toml#{places[code]}" for code in codes)
                yield Collision(sort="codes", to=to, place=partner, rows=rows, met=tuple(codes), declared=True)


def _of_values(adapter: Adapter, trials: Iterable[Trial]) -> Iterator[Collision]:
    """Yield the rows by which different values of the examples became one."""
    forth: dict[str, _Met] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    back: dict[str, _Met] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    rows: dict[str, Placed] = {}
    for trial in trials:
        if trial.forth is None:
            continue
        channel = adapter.channels[trial.verdict.kind]
        variant = channel.messages[trial.forth.variant].variant
        rows |= {one.at: one for one in placed_rows(channel.document, variant)}
        pair = (trial.given, trial.forth.document)
        for row, at, regional, canonical in _pairs(variant.rows, pair, ""):
            key, where = f"{variant.table}#{row.place}", f"{trial.verdict.name}#{at}"
            forth[key][canonical][regional].append(where)
            back[key][regional][canonical].append(where)
    for to, found in (("canonical", forth), ("regional", back)):
        for key, met in found.items():
            yield from _merged(to, rows[key], met)


def _merged(to: str, one: Placed, met: Mapping[bytes, Mapping[bytes, list[str]]]) -> Iterator[Collision]:
    row = one.row
    unifies = bool(row.codec is not None and row.codec.normalises) or row.name in ("first-of", "json", "array")
    for values in met.values():
        if len(values) > 1:
            yield Collision(
                sort="values",
                to=to,
                place=(one.canonical if to == "canonical" else one.regional)[0],
                rows=(one.at,),
                met=tuple(places[0] for places in values.values())[:_TOLD],
                declared=row.lossy or unifies or _loses_codes(row),
            )


def _loses_codes(row: Row) -> bool:
    """Tell whether a row goes through a code table, or a list of codes, that says itself what it merges."""
    return row.codec is not None and row.codec.name in ("code", "list", "duration")


def _pairs(rows: tuple[Row, ...], documents: tuple[Any, Any], at: str) -> Iterator[tuple[Row, str, bytes, bytes]]:
    """Yield for each row what it was given and what it made of that, element by element."""
    for row in rows:
        if not (row.reads and row.regional and row.canonical and row.place) or not _applies(row, documents[0]):
            continue
        if row.name == "part":  # its text is another row's, and comes back whole
            continue
        regional = [find(documents[0], path) for path in row.regional]
        canonical = [find(documents[1], path) for path in row.canonical]
        here = at + join(row.regional[0])
        if row.name == "array" and row.rows is not None and not row.separator:
            if type(regional[0]) is list and type(canonical[0]) is list:
                for index, pair in enumerate(zip(regional[0], canonical[0], strict=False)):
                    yield from _pairs(row.rows, pair, f"{here}/{index}")
        elif row.rows is None and not all(map(blank, regional)) and not all(map(blank, canonical)):
            yield row, here, _key(regional), _key(canonical)


def _applies(row: Row, regional: Any) -> bool:
    condition = row.when_regional
    if condition is None:
        return True
    value = find(regional, condition.at)
    return value in condition.values if condition.values else not blank(value)


def _key(values: list[Any]) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str)
