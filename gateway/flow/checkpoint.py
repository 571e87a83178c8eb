"""Sign what the log is at this moment, and make it durable before anybody sees it."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.core.audit import checkpoint as note
from gateway.core.audit.note import LogKey, Sign
from gateway.core.errors import CorruptedError, RejectedError, RetryableError, SettingsError
from gateway.flow.continuity import RequireContinued
from gateway.flow.ports import Checkpoint, Clock, LastSigned, Log, TreeHead

INTERVAL_S: Final = 10.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class MakeCheckpoint:
    """Sign the head of the log as a C2SP checkpoint, with the log's own key, where it goes on from the last."""

    key: LogKey
    sign: Sign
    log: Log
    clock: Clock
    signed: LastSigned

    @property
    def continued(self) -> RequireContinued:
        """What the log must be before anything is added to it or signed."""
        return RequireContinued(log=self.log, signed=self.signed)

    async def __call__(self) -> Checkpoint:
        """Return the checkpoint of the log as it stands; it is kept, in the store and outside, before it is shown.

        Raises as `require_own_log` and `RequireContinued`.
        """
        await self.require_own_log()
        kept = await self.over(await self.continued())
        await self.signed.keep(kept)
        return kept

    async def over(self, head: TreeHead) -> Checkpoint:
        """Return the checkpoint over a head of the log, kept in the store; one size has one checkpoint."""
        kept = await self.log.checkpoint(head.size)
        if kept is not None and kept.root != head.root:
            raise CorruptedError("the log has another root than was signed for this size", code="checkpoint_forked")
        if kept is not None:
            return kept
        said = note.Checkpoint(origin=self.key.name, size=head.size, root=head.root)
        signed = note.sign_checkpoint(said, self.key, self.sign).decode()
        made = Checkpoint(size=head.size, root=head.root, note=signed, made_at=self.clock.now())
        return await self.log.keep_checkpoint(made)

    async def require_own_log(self) -> Checkpoint | None:
        """Return the newest checkpoint; raise SettingsError `log_key_differs` where another key signed it.

        That is a node whose folder of keys was not copied: whatever it signed, nobody would believe.
        """
        newest = await self.log.checkpoint()
        if newest is None:
            return None
        try:
            note.open_checkpoint(newest.note.encode(), self.key)
        except RejectedError:
            message = "the store's log is signed with another key: copy the folder of keys of the node that began it"
            raise SettingsError(message, code="log_key_differs") from None
        return newest

    async def run(self) -> None:
        """Make a checkpoint every ten seconds in which something was logged, until cancelled."""
        while True:
            try:
                await self()
            except RetryableError as error:
                _log.warning("checkpoint_not_made", code=error.code)
            await asyncio.sleep(INTERVAL_S)
