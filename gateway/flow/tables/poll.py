"""Look into the front-end databases again and again, each on its own: one that is away holds nobody else up.

One node does it at a time: two would take every row, but one of them might accept what the other has refused. A look is
begun under a number of the lease, and ends before the next row once others may have it.
"""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from gateway.core.backoff import after_failure, cleared
from gateway.core.errors import RejectedError, RetryableError
from gateway.core.model import Backoff, Partner
from gateway.core.tables.layout import TablesLayout
from gateway.core.tables.shapes import shapes
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Adapters, Chance, Clock, Directory, FrontEnds, Wakeup
from gateway.flow.tables.rejections import ReadRejections
from gateway.flow.tables.take import Desk, TakeRows

NOTICE_S: Final = 1.0  # how soon a system that was registered, suspended or changed is noticed

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, slots=True)
class PollFrontEnds:
    """One task for every active system whose layout travels by table."""

    directory: Directory
    adapters: Adapters
    front_ends: FrontEnds
    take: TakeRows
    rejections: ReadRejections
    lease: KeepLease
    wakeup: Wakeup
    clock: Clock
    chance: Chance
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Poll until cancelled."""
        try:
            while True:
                self._attend(on_duty=await self.lease.has("front ends"))
                await asyncio.sleep(NOTICE_S)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _attend(self, *, on_duty: bool) -> None:
        """Have a task for each system; what failed in one of them in a way that nothing repairs is raised here."""
        systems = self.directory.systems() if on_duty else ()
        wanted = {each.id for each in systems if self._layout(each) is not None}
        for name in [name for name in self._tasks if name not in wanted or self._tasks[name].done()]:
            task = self._tasks.pop(name)
            if task.done() and not task.cancelled():
                task.result()
            task.cancel()
        for name in wanted - self._tasks.keys():
            self._tasks[name] = asyncio.get_running_loop().create_task(self._watch(name), name=f"front end of {name}")

    async def _watch(self, name: str) -> None:
        backoff = cleared(name)
        while (partner := self.directory.partner(name)) and (layout := self._layout(partner)):
            try:
                more = await self._look(partner, layout)
            except (RetryableError, RejectedError) as error:
                backoff = await self._rest(backoff, error)
                continue
            backoff = cleared(name)
            await asyncio.sleep(0 if more else layout.interval_ms / 1000)

    async def _look(self, partner: Partner, layout: TablesLayout) -> bool:
        adapter = self.adapters.named(partner.adapter)
        if adapter is None:
            return False
        front_end = await self.front_ends.of(partner, layout)
        with self.lease.claim() as number:
            desk = Desk(
                partner=partner,
                layout=layout,
                shapes=shapes(adapter.manifest, layout),
                front_end=front_end,
                is_ours=partial(self.lease.covers, number),
            )
            more = await self.take(desk)
            more = await self.rejections(desk) or more
        self.wakeup.heard_from(partner.id)  # a database that answers can be written to
        return more

    async def _rest(self, backoff: Backoff, error: RetryableError | RejectedError) -> Backoff:
        now = self.clock.now()
        backoff = after_failure(backoff, now=now, chance=self.chance.fraction())
        _log.warning("front_end_unread", partner=backoff.destination, code=error.code, failures=backoff.failures)
        if backoff.retry_at is not None:
            await asyncio.sleep((backoff.retry_at - now).total_seconds())
        return backoff

    def _layout(self, partner: Partner) -> TablesLayout | None:
        adapter = self.adapters.named(partner.adapter) if partner.endpoint else None
        layout = adapter.manifest.tables if adapter else None
        return layout if layout and (layout.incoming or layout.rejections.read) else None
