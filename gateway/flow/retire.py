"""Retire what is old: on purpose, on the log, and only what was signed and is past every retry.

Exchanges go with what carried them, but for those of which a delivery is still due, in flight or dead; their ids are
remembered for ever. Entries go in whole bundles of 256, and what stays of them is their hashes: every root, proof and
checkpoint goes on to verify. Where an archive is given, what goes is written there first, in the form of C2SP
tlog-tiles, and the entry that says so commits to it; one without says that nothing was archived.
"""

import asyncio
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

import structlog

from gateway.core.audit.entry import EntryKind, root_digest
from gateway.core.audit.merkle import leaf_hash
from gateway.core.audit.paths import BundleId, bundle_path, encode_bundle, tile_path
from gateway.core.audit.tiles import WIDTH, TileId, root_at, tiles_for_root
from gateway.core.errors import ConflictError, CorruptedError, RejectedError, RetryableError
from gateway.flow.entries import WriteEntries
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Archive, Clock, Retired, Retirement, Store
from gateway.flow.settle import HORIZON

LEAST: Final = HORIZON + timedelta(days=1)  # kept, whatever is asked for: nobody repeats an exchange after it
DUTY: Final = "keep_house"
OPERATOR, RETENTION = "operator", "retention"  # in which role this gateway retires

_EVERY_S: Final = 30.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetireOld:
    """Retire what was received or logged before a time."""

    store: Store
    entries: WriteEntries
    clock: Clock

    async def exchanges(self, before: datetime, role: str = OPERATOR) -> bool:
        """Retire the exchanges received before a time; ConflictError `retirement_too_recent` within eight days."""
        self.require_past(before)
        size = (await self.store.head()).size
        await self._retire(Retired.EXCHANGES, before, size, role)
        return True

    async def log(self, before: datetime, role: str = OPERATOR, archive: Archive | None = None) -> bool:
        """Retire the entries recorded before a time, as far as bundles are whole and signed; return whether any are.

        Raises as `exchanges`, and ConflictError `archive_unfit` where the archive holds something else; then nothing
        is retired.
        """
        self.require_past(before)
        size = await self.size_before(before)
        if size <= await self.store.retired_size():
            return False
        digest = await self._archived(size, archive) if archive else ""
        await self._retire(Retired.ENTRIES, before, size, role, digest)
        return True

    async def size_before(self, before: datetime) -> int:
        """Return how many entries from the first on can be retired: recorded before a time, signed, whole bundles."""
        signed = await self.store.checkpoint()
        low, high = await self.store.retired_size(), signed.size if signed else 0
        bound = before.timestamp() * 1000
        while low < high:
            middle = (low + high) // 2
            (row,) = await self.store.index_rows(middle, 1)
            low, high = (middle + 1, high) if row.recorded_ms < bound else (low, middle)
        return low // WIDTH * WIDTH

    def require_past(self, before: datetime) -> None:
        """Raise ConflictError `retirement_too_recent` for a time within the last eight days."""
        if before > self.clock.now() - LEAST:
            raise ConflictError(
                "what is so recent may still be asked for: name a time at least eight days ago",
                code="retirement_too_recent",
            )

    async def _retire(self, kind: Retired, before: datetime, size: int, role: str, archived: str = "") -> None:
        root = root_at(size, await self.store.tiles(tiles_for_root(size)))
        entry = self.entries.retired(
            EntryKind.ENTRIES_RETIRED if kind is Retired.ENTRIES else EntryKind.EXCHANGES_RETIRED,
            before=before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            size=size,
            root=root_digest(root),
            archived=archived,
            role=role,
        )
        retirement = Retirement(
            kind=kind, before=before, size=size, root=root, entry=entry.entry.id, retired_at=self.clock.now()
        )
        # A crash before this leaves everything; after it, `discard` ends what was begun.
        await self.store.retire(retirement, entry)
        await self.store.discard()

    async def _archived(self, size: int, archive: Archive) -> str:
        """Write the bundles that will go, their hashes and the newest checkpoint; return the digest of the bundles."""
        digest = sha256()
        for index in range(await self.store.retired_size() // WIDTH, size // WIDTH):
            leaves = await self.store.leaves(index * WIDTH, WIDTH)
            tile = TileId(0, index)
            hashes = (await self.store.tiles([tile]))[tile]
            if b"".join(map(leaf_hash, leaves)) != hashes:
                raise CorruptedError("entries do not have the hashes that the tree has", code="log_root_differs")
            bundle = encode_bundle(leaves)
            digest.update(bundle)
            await archive.put(bundle_path(BundleId(index)), bundle)
            await archive.put(tile_path(tile), hashes)
        signed = await self.store.checkpoint()
        if signed is not None:
            await archive.put(f"checkpoint-{signed.size}", signed.note.encode())
        return f"sha-256=:{b64encode(digest.digest()).decode()}:"


@dataclass(kw_only=True, slots=True)
class KeepHouse:
    """What one node at a time does for a store: room for what comes, and what is past its time retired.

    It retires from the first day of a month on, so that whole months go.
    """

    store: Store
    retire: RetireOld
    lease: KeepLease
    clock: Clock
    exchanges_days: int = 0  # how long exchanges are kept; 0: for ever
    entries_days: int = 0
    _ended: bool = field(default=False)  # whether nothing is left of what somebody began to take away

    async def run(self) -> None:
        """Keep house until cancelled."""
        while True:
            try:
                if await self.lease.has(DUTY):
                    await self()
            except (RetryableError, RejectedError) as error:  # rejected where an operator retires at this moment, too
                _log.warning("house_not_kept", code=error.code)
            await asyncio.sleep(_EVERY_S)

    async def __call__(self) -> None:
        """Do one round."""
        now = self.clock.now()
        await self.store.make_room(now)
        if not self._ended:
            await self.store.discard()
            self._ended = True
        latest = {each.kind: each.before for each in await self.store.retirements()}
        for kind, days in ((Retired.EXCHANGES, self.exchanges_days), (Retired.ENTRIES, self.entries_days)):
            before = _month_of(now - timedelta(days=days))
            if days and (kind not in latest or latest[kind] < before):
                self._ended = False
                retire = self.retire.exchanges if kind is Retired.EXCHANGES else self.retire.log
                if await retire(before, RETENTION):
                    _log.info("retired", kind=kind.value, before=before.isoformat())
                self._ended = True


def _month_of(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
