"""Hold the log against what was signed last, as it is remembered outside the store: a restored store does not know."""

from dataclasses import dataclass

from gateway.core.audit.merkle import verify_consistency
from gateway.core.audit.tiles import consistency_proof, tiles_for_consistency
from gateway.core.errors import CorruptedError, ProofError
from gateway.flow.ports import LastSigned, Log, TreeHead


@dataclass(frozen=True, kw_only=True, slots=True)
class RequireContinued:
    """Let nothing be written or signed on a log that others have seen longer, or otherwise."""

    log: Log
    signed: LastSigned

    async def __call__(self) -> TreeHead:
        """Return the head of the log, if it continues what was signed last.

        Raises CorruptedError `log_behind` where the log is shorter, `checkpoint_forked` where it begins otherwise.
        """
        last = await self.signed.read()  # before the head: what was signed was in the log by then
        head = await self.log.head()
        if last is None:
            return head
        if head.size < last.size:
            raise CorruptedError(
                f"the log has {head.size} entries, and {last.size} were signed: the store is an older one. Look for "
                "the newer; if it is lost, `tongban store accept-restore` says so in the log and goes on",
                code="log_behind",
            )
        proof = consistency_proof(
            last.size, head.size, await self.log.tiles(tiles_for_consistency(last.size, head.size))
        )
        try:
            verify_consistency((last.size, last.root), (head.size, head.root), proof)
        except ProofError as error:
            raise CorruptedError(
                "the log does not begin with what was signed last", code="checkpoint_forked"
            ) from error
        return head
