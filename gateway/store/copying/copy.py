"""Copies a store that is at rest, table by table, and takes the copy into service in its place.

1. The source is held: nobody else has it open, or can.  2. Its log holds: the root of its leaves is its head.
3. The target becomes an unfinished copy, which no gateway opens.  4. Rows travel in batches; each is one transaction
with the mark of how far it goes, so that a copy that was cut off goes on there.  5. Both ends are compared, row by row
and root by root.  6. The source is marked as moved, and then the copy as finished: at no moment are there two stores
that a gateway would open.
"""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from secrets import token_hex

from gateway.core.errors import SettingsError
from gateway.flow.ports import TreeHead
from gateway.store.copying.comparing import compare, recomputed_head
from gateway.store.copying.ends import End, Mark, Origin, require_in_service
from gateway.store.copying.shape import TABLES, Table

_BORN_WITH = frozenset({"tree", "feed"})  # one row each, in a store in which nothing ever happened


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a copy is with one table, or its comparison."""

    table: str
    rows: int
    total: int
    compared: bool = False


Tell = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What became of a copy."""

    tables: dict[str, int]  # rows of each
    source: TreeHead  # each recomputed from the leaves of its end
    target: TreeHead
    resumed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyStore:
    """Copy one store into another; both are the caller's to let go of."""

    source: End
    target: End
    source_place: str  # as it may be shown: without its password
    target_place: str
    tell: Tell

    async def __call__(self) -> Copied:
        """Return what was copied, once the copy is in service and the source is not; going on where a copy was cut off.

        Raises SettingsError `store_moved`, `store_unfinished`, `store_not_empty`, `copy_source_changed`; and
        CorruptedError where a log does not hold, or the ends differ: then the source stays in service.
        """
        origin, found = await self.source.origin(), await self.target.mark()
        await self._require_source(found)
        mark = found if found is not None else await self._begun(origin)
        self._require_same(mark, origin)
        await self._carry(mark)
        return await self._concluded(mark, resumed=found is not None)

    async def _require_source(self, found: Mark | None) -> None:
        """Refuse a source that is not in service, but for one that was moved here and has not heard so."""
        mark = await self.source.mark()
        if mark is not None and (found is None or mark.copy != found.copy or not mark.moved):
            require_in_service(mark)

    async def _begun(self, origin: Origin) -> Mark:
        for table in TABLES:
            if await self.target.count(table) > (table.name in _BORN_WITH):
                raise SettingsError(
                    f"the target is not empty: there are rows in {table.name}. Name one in which nothing is",
                    code="store_not_empty",
                )
        if (await self.target.origin()).head.size:
            raise SettingsError("the target is not empty: it has a log", code="store_not_empty")
        await recomputed_head(self.source)  # before hours are spent on it
        mark = Mark(copy=token_hex(16), moved=False, place=self.source_place, origin=origin)
        await self.target.begin(mark)
        return mark

    def _require_same(self, mark: Mark, origin: Origin) -> None:
        if mark.moved:
            require_in_service(mark)
        if mark.origin != origin:
            raise SettingsError(
                "the target is an unfinished copy of another store, or of this one before a gateway used it again: "
                "remove it, and begin with an empty one",
                code="copy_source_changed",
            )

    async def _carry(self, mark: Mark) -> None:
        names = [table.name for table in TABLES]
        reached = names.index(mark.table) if mark.table else 0
        for table in TABLES[reached:]:
            after = mark.after if table.name == mark.table else ()
            await self._carry_table(table, replace(mark, table=table.name, after=after))

    async def _carry_table(self, table: Table, mark: Mark) -> None:
        total, done = await self.source.count(table), await self.target.count(table) if mark.after else 0
        if not mark.after:
            await self.target.put(table, (), mark)  # empties it
        async with aclosing(self.source.rows(table, mark.after)) as batches:
            async for batch in batches:
                # A crash in here leaves the batches before this one, and the mark that says so.
                await self.target.put(table, batch, replace(mark, after=batch[-1][: len(table.key)]))
                done += len(batch)
                self.tell(Progress(table=table.name, rows=done, total=total))

    async def _concluded(self, mark: Mark, *, resumed: bool) -> Copied:
        tables: dict[str, int] = {}

        def tell(table: str, rows: int) -> None:
            tables[table] = rows
            self.tell(Progress(table=table, rows=rows, total=rows, compared=True))

        await compare(self.source, self.target, tell)
        heads = [await recomputed_head(end) for end in (self.source, self.target)]
        counters = await self.source.counters()
        # The source first: a crash between the two leaves no store that a gateway opens, and doing it again ends it.
        await self.source.leave(replace(mark, moved=True, place=self.target_place, table="", after=()))
        await self.target.finish(counters)
        return Copied(tables=tables, source=heads[0], target=heads[1], resumed=resumed)
