"""Steps 2 to 9: take an exchange, once, and answer with a receipt that is already true.

There is one pipeline for everything that crosses:

1. open     the token proves who sent exactly these bytes             open.py
2. read     bytes become a canonical document                         read.py
3. judge    every rule, every fault at once                           judge.py
4. address  the delivery that carries it on, already written          address.py
5. receive  dedupe record, application, exchange, delivery and audit entry, in one transaction
6. answer   the receipt; to a repeat the first one, byte for byte

A refusal at any step is logged, then raised. Nothing of it reaches the business tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.core.cloudevent import CloudEvent, cut_batch
from gateway.core.errors import RejectedError, ReplayedTokenError, UnsupportedFormatError
from gateway.core.model import DocumentKind, Envelope, PartnerKind
from gateway.core.trust.digests import content_digest
from gateway.flow.entries import WriteEntries
from gateway.flow.open import Opened, OpenEnvelope
from gateway.flow.ports import Intake, SaltedEntry, Store, Taken, Wakeup
from gateway.flow.promise import MakePromise
from gateway.flow.read import Arrival, ReadRegional, read_relayed


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The answer to an exchange that was taken, now or before."""

    exchange: str
    number: str
    receipt: str
    first: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """The answer to one exchange that was not taken."""

    exchange: str
    error: RejectedError


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """One exchange of a request, as far as it came before anything is stored."""

    body: bytes
    outcome: Intake | Accepted | Refused


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiveExchange:
    """Take what partners send. Repeating a request is harmless: the same content gets the first receipt again."""

    open: OpenEnvelope
    read: ReadRegional
    promise: MakePromise
    entries: WriteEntries
    store: Store
    wakeup: Wakeup

    async def application(self, envelope: Envelope) -> Accepted:
        """Take an application from a regional system, in its own format."""
        return await self._from_system(envelope, DocumentKind.APPLICATION, number="")

    async def event(self, envelope: Envelope, number: str) -> Accepted:
        """Take what a regional system reports about an application, in its own format."""
        return await self._from_system(envelope, DocumentKind.EVENT, number=number)

    async def vouched(self, opened: Opened, kind: DocumentKind, number: str) -> Accepted:
        """Take what this gateway read in a system's tables and vouches for."""
        return await self._opened_by(opened, kind, number=number)

    async def relayed(self, envelope: Envelope) -> tuple[Accepted | Refused, ...]:
        """Take one exchange or a batch from a partner gateway; each is accepted or refused on its own.

        A batch holds at most one exchange of an application, since the next builds on what this one makes durable.
        """
        opened = await self._opened(envelope, PartnerKind.GATEWAY)
        try:
            bodies = _events_of(envelope)
        except RejectedError as error:
            await self._log_refusal(error, envelope, opened)
            raise
        drafts = [await self._draft(opened, body, partial(read_relayed, body)) for body in bodies]
        return await self._take(opened, drafts)

    async def log_refusal(self, error: RejectedError) -> None:
        """Log a refusal of what could not even be read as a request."""
        await self.store.log([self.entries.refused(error, body=b"")])

    async def _from_system(self, envelope: Envelope, kind: DocumentKind, *, number: str) -> Accepted:
        return await self._opened_by(await self._opened(envelope, PartnerKind.SYSTEM), kind, number=number)

    async def _opened_by(self, opened: Opened, kind: DocumentKind, *, number: str) -> Accepted:
        draft = await self._draft(opened, opened.envelope.body, lambda: self.read(opened, kind, number))
        (answer,) = await self._take(opened, [draft])
        if isinstance(answer, Refused):
            raise answer.error
        return answer

    async def _opened(self, envelope: Envelope, kind: PartnerKind) -> Opened:
        try:
            return self.open(envelope, kind)
        except RejectedError as error:
            await self._log_refusal(error, envelope)
            raise

    async def _draft(self, opened: Opened, body: bytes, read: Callable[[], Arrival]) -> _Draft:
        """Carry one exchange as far as it comes without the store; a refusal waits for what the store remembers."""
        exchange = opened.claims.exchange or ""
        try:
            arrival = read()
            exchange = arrival.exchange
            return _Draft(body=body, outcome=await self.promise(opened, arrival))
        except RejectedError as error:
            earlier = await self._taken_before(opened, exchange, body)
            return _Draft(body=body, outcome=earlier or Refused(exchange=exchange, error=error))

    async def _taken_before(self, opened: Opened, exchange: str, body: bytes) -> Accepted | None:
        """Return the first answer to an exchange that was taken when the rules still allowed it."""
        earlier = await self.store.taken(exchange) if exchange else None
        if earlier is None or (earlier.sender, earlier.digest) != (opened.sender.id, content_digest(body)):
            return None
        return Accepted(exchange=exchange, number=earlier.subject, receipt=earlier.receipt, first=False)

    async def _take(self, opened: Opened, drafts: Sequence[_Draft]) -> tuple[Accepted | Refused, ...]:
        intakes = [draft.outcome for draft in drafts if isinstance(draft.outcome, Intake)]
        outcomes = iter(await self._received(opened, intakes, self._refusals(opened, drafts)))
        taken = [
            _Draft(body=draft.body, outcome=_answer(draft.outcome, next(outcomes)))
            for draft in drafts
            if isinstance(draft.outcome, Intake)
        ]
        if late := self._refusals(opened, taken):
            await self.store.log(late)
        for delivery in (delivery for intake in intakes for delivery in intake.deliveries):
            self.wakeup.wake(delivery.destination)
        answers = iter(taken)
        final = (next(answers) if isinstance(draft.outcome, Intake) else draft for draft in drafts)
        return tuple([draft.outcome for draft in final if not isinstance(draft.outcome, Intake)])

    async def _received(
        self, opened: Opened, intakes: Sequence[Intake], refusals: Sequence[SaltedEntry]
    ) -> tuple[Taken | RejectedError, ...]:
        try:
            # A crash before this returns leaves nothing; after it, a retry finds the receipt that was not sent.
            return await self.store.receive(opened.nonce, intakes, refusals)
        except ReplayedTokenError as error:
            await self._log_refusal(error, opened.envelope, opened)
            raise

    def _refusals(self, opened: Opened, drafts: Sequence[_Draft]) -> list[SaltedEntry]:
        return [
            self.entries.refused(draft.outcome.error, body=draft.body, opened=opened, exchange=draft.outcome.exchange)
            for draft in drafts
            if isinstance(draft.outcome, Refused)
        ]

    async def _log_refusal(self, error: RejectedError, envelope: Envelope, opened: Opened | None = None) -> None:
        await self.store.log([self.entries.refused(error, body=envelope.body, opened=opened)])


def _answer(intake: Intake, outcome: Taken | RejectedError) -> Accepted | Refused:
    if isinstance(outcome, RejectedError):
        return Refused(exchange=intake.exchange.id, error=outcome)
    # The subject of a repeat is that of the first time; the receipt says which, and so does the store.
    return Accepted(exchange=intake.exchange.id, number=outcome.number, receipt=outcome.receipt, first=outcome.first)


def _events_of(envelope: Envelope) -> list[bytes]:
    media_type = envelope.media_type.partition(";")[0].strip().lower()
    if media_type == CloudEvent.BATCH_MEDIA_TYPE:
        return cut_batch(envelope.body)
    if media_type == CloudEvent.MEDIA_TYPE:
        return [envelope.body]
    raise UnsupportedFormatError("gateways speak CloudEvents in JSON")
