"""Keeps and reads the index of the catalogue: terms to rows in postings, codes and their beginnings in a table."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from gateway.core.catalogue.search import ItemFilter, wanted_terms
from gateway.core.model import ServiceItem
from gateway.flow.ports import ItemPage
from gateway.store.index_changes import IndexChanges
from gateway.store.item_rows import as_item
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared
from gateway.store.postings import BLOCK, changed, common
from gateway.store.times import to_us

_SQL = prepared("item_index")
_HIGHEST: Final = "\U0010ffff"  # sorts behind every text, so that a prefix closes its range
_CODES_READ: Final = 10_000  # a beginning that more items share is looked for in what the terms leave
_LOOKED_AT: Final = 2_000  # items of one page at the most: a page may be short, but it is never slow


async def write_index(session: Session, index: IndexChanges) -> None:
    """Write every set once."""
    for name, codes in (("drop_codes", index.gone_codes()), ("add_codes", index.new_codes())):
        if codes:
            named = {"codes": [code for code, _ in codes], "sequences": [sequence for _, sequence in codes]}
            await session.change(_SQL[name], named)
    for block, terms in index.blocks():
        kept = await _postings(session, [*terms], block)
        sets = [changed(kept.get(term, b""), added, removed) for term, (added, removed) in terms.items()]
        await session.change(_SQL["put_postings"], {"block": block, "terms": [*terms], "items": sets})


async def find_items(session: Session, wanted: ItemFilter, after: int, limit: int) -> ItemPage:
    """Return items asked for in the order in which they came, from behind position `after`."""
    found: list[tuple[int, ServiceItem]] = []
    looked_at = 0
    async for chunk in _chunks(_candidates(session, wanted, after), max(0, limit)):
        looked_at += len(chunk)
        found += [(at, item) for at, item in await _read(session, chunk, wanted) if wanted.accepts(item)]
        if len(found) >= limit:
            return ItemPage(items=tuple(item for _, item in found[:limit]), after=found[limit - 1][0])
        if looked_at >= _LOOKED_AT:
            return ItemPage(items=tuple(item for _, item in found), after=chunk[-1])
    return ItemPage(items=tuple(item for _, item in found))


async def _chunks(positions: AsyncIterator[int], size: int) -> AsyncIterator[list[int]]:
    """Yield positions by so many; none at all where the size is 0."""
    chunk: list[int] = []
    if size == 0:
        return
    async for position in positions:
        chunk.append(position)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _candidates(session: Session, wanted: ItemFilter, after: int) -> AsyncIterator[int]:
    """Yield positions behind `after` that may be asked for, in order: all that are, and few that are not."""
    coded = await _with_code(session, wanted.code) if wanted.code else None
    asked = sorted(wanted_terms(wanted))
    last: int = (await session.one(_SQL["last_item"]))["last"]
    first = after + 1
    for block in range(first // BLOCK, last // BLOCK + 1):
        among = None if coded is None else frozenset(coded.get(block, ()))
        if among is not None and not among:
            continue
        kept = await _postings(session, asked, block)
        sets = [kept.get(term, b"") for term in asked]
        for row in common(sets, start=max(0, first - block * BLOCK), among=among):
            yield block * BLOCK + row


async def _postings(session: Session, terms: Sequence[str], block: int) -> dict[str, bytes]:
    """Return the sets of those terms that have rows in a block."""
    rows = await session.rows(_SQL["postings"], {"terms": terms, "block": block})
    return {row["term"]: row["items"] for row in rows}


async def _with_code(session: Session, code: str) -> dict[int, list[int]] | None:
    """Return the rows, by block, of the items that a code or its beginning names; None for too many to list."""
    rows = await session.rows(_SQL["coded"], {"code": code, "last": code + _HIGHEST, "limit": _CODES_READ + 1})
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row["sequence"] // BLOCK].append(row["sequence"] % BLOCK)
    return None if len(rows) > _CODES_READ else found


async def _read(session: Session, positions: list[int], wanted: ItemFilter) -> list[tuple[int, ServiceItem]]:
    """Return the items at these positions; of a search at an instant, those that are published then."""
    values: dict[str, Any] = {"positions": positions}
    if wanted.at is not None:
        values["at"] = to_us(wanted.at)
    name = "look" if wanted.at is None else "look_published"
    return [(row["sequence"], as_item(row)) for row in await session.rows(_SQL[name], values)]
