"""Step 12: what a partner's answer makes of a delivery.

A receipt settles only when its signature is the partner's, it is made out to us, and it names the exchange and the
digest that we sent. Everything else either speaks about the delivery itself, and then it is dead at once and an
operator sees why, or about the moment (unreachable, overloaded, keys not yet registered), and then it is tried again
until the horizon.

A system that signs no receipts settles by a plain answer, where its adapter says that this answer accepts. Then the
log commits to the exact bytes of that answer and to no receipt: that is what it is worth, our word for theirs.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import structlog

from gateway.core.backoff import bounded, delay
from gateway.core.errors import Fault, RejectedError
from gateway.core.model import Delivery, DeliveryState, Identity, Partner
from gateway.core.transports.answers import Meaning
from gateway.core.transports.refusals import Refusal, answer_object, refusal_of, results_of
from gateway.core.trust.digests import content_digest
from gateway.core.trust.receipts import open_receipt
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Answer, Chance, Clock, Outcome, Verdict

HORIZON: Final = timedelta(days=7)  # after this a transient failure is final
ACCEPTED: Final = frozenset({200, 201, 202})
# About the document, so that sending it again cannot help; other refusals are about the moment or the link.
FINAL: Final = frozenset({400, 409, 410, 413, 415, 422})
FINAL_IN_BATCH: Final = FINAL | {403, 404}  # of one exchange out of a batch that was read: the link is not to blame
CLOCK_CODES: Final = frozenset({"token_expired", "token_from_future"})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class SettleDelivery:
    """Judge the answers of partners."""

    identity: Identity
    entries: WriteEntries
    clock: Clock
    chance: Chance

    def batch(self, partner: Partner, deliveries: Sequence[Delivery], answer: Answer) -> list[Verdict]:
        """Return a verdict for each delivery of a batch; an answer that is not one postpones them all."""
        results = results_of(answer.body) if answer.status in ACCEPTED else None
        if results is None or not _answers(deliveries, results):
            refusal = self._refusal(partner, answer)
            return [self.postponed(delivery, partner, refusal.code, refusal, answer) for delivery in deliveries]
        return [self._one(partner, *pair) for pair in zip(deliveries, results, strict=True)]

    def single(self, partner: Partner, delivery: Delivery, answer: Answer) -> Verdict:
        """Return the verdict on one delivery that travelled alone."""
        if answer.status in ACCEPTED:
            return self._receipted(partner, delivery, answer_object(answer.body))
        refusal = self._refusal(partner, answer)
        if answer.status in FINAL:
            return self.dead(partner, delivery, refusal.code, refusal.faults)
        return self.postponed(delivery, partner, refusal.code, refusal, answer)

    def answered(self, partner: Partner, delivery: Delivery, outcome: Outcome) -> Verdict:
        """Return the verdict on a delivery to a system that signs no receipts."""
        judgement, answer = outcome.judgement, outcome.answer
        if judgement.meaning is Meaning.REFUSED:
            return self.dead(partner, delivery, judgement.code, judgement.faults)
        if judgement.meaning is Meaning.RETRY or answer is None:
            code = judgement.code or "answer_malformed"
            return (self.unanswered if answer is None else self.postponed)(delivery, partner, code)
        return Verdict(
            delivery=delivery.id,
            claim=delivery.claim,
            state=DeliveryState.SETTLED,
            receipt=_plain(answer),
            entry=self.entries.answered(delivery, partner, answer.body),
        )

    def postponed(
        self, delivery: Delivery, partner: Partner, code: str, said: Refusal | None = None, answer: Answer | None = None
    ) -> Verdict:
        """Return DUE again after a back-off of the delivery's own, or DEAD beyond the horizon."""
        now, faults = self.clock.now(), said.faults if said else ()
        if now - delivery.created_at > HORIZON:
            return self.dead(partner, delivery, "horizon_passed", faults)
        asked = bounded(answer.retry_after_s if answer else None)
        return Verdict(
            delivery=delivery.id,
            claim=delivery.claim,
            state=DeliveryState.DUE,
            code=code,
            faults=faults,
            retry_at=now + max(asked, delay(delivery.attempts + 1, self.chance.fraction())),
            asked=asked,
        )

    def unanswered(self, delivery: Delivery, partner: Partner, code: str) -> Verdict:
        """Return the verdict on a delivery of which the partner said nothing at all."""
        return replace(self.postponed(delivery, partner, code), answered=False)

    def _refusal(self, partner: Partner, answer: Answer) -> Refusal:
        """Return why a whole answer is no receipt; where our clocks are to blame, by how much they differ is told."""
        if answer.status in ACCEPTED:
            return Refusal(code="answer_malformed")
        otherwise = "answer_refused" if answer.status in FINAL else "answer_status"
        refusal = refusal_of(answer_object(answer.body), otherwise=otherwise)
        if refusal.code in CLOCK_CODES and answer.told_at is not None:
            ahead_s = round((self.clock.now() - answer.told_at).total_seconds())
            _log.warning("clocks_differ", partner=partner.id, code=refusal.code, ahead_s=ahead_s)
        return refusal

    def _one(self, partner: Partner, delivery: Delivery, result: dict[str, Any]) -> Verdict:
        if "receipt" in result:
            return self._receipted(partner, delivery, result)
        refusal = refusal_of(result.get("problem"), otherwise="answer_malformed")
        if refusal.status in FINAL_IN_BATCH:
            return self.dead(partner, delivery, refusal.code, refusal.faults)
        return self.postponed(delivery, partner, refusal.code, refusal)

    def _receipted(self, partner: Partner, delivery: Delivery, body: dict[str, Any]) -> Verdict:
        receipt = body.get("receipt")
        try:
            open_receipt(
                receipt if isinstance(receipt, str) else "",
                keys=partner.keys,
                issuer=partner.id,
                audience=self.identity.id,
                exchange=delivery.exchange,
                digest=content_digest(delivery.body),
            )
        except RejectedError as error:
            # The partner may well have taken it: sending again is safe, believing an unproved receipt is not.
            return self.postponed(delivery, partner, error.code)
        return Verdict(
            delivery=delivery.id,
            claim=delivery.claim,
            state=DeliveryState.SETTLED,
            receipt=str(receipt),
            entry=self.entries.settled(delivery, partner, str(receipt)),
        )

    def written(self, partner: Partner, delivery: Delivery, rows: bytes) -> Verdict:
        """Return the verdict on a delivery whose rows are committed in the partner's own database."""
        entry = self.entries.written(delivery, partner, rows)
        return Verdict(delivery=delivery.id, claim=delivery.claim, state=DeliveryState.SETTLED, entry=entry)

    def dead(self, partner: Partner, delivery: Delivery, code: str, faults: tuple[Fault, ...]) -> Verdict:
        """Return DEAD: what is wrong lies in the delivery itself."""
        entry = self.entries.dead(delivery, partner, code)
        return Verdict(
            delivery=delivery.id,
            claim=delivery.claim,
            state=DeliveryState.DEAD,
            code=code,
            faults=faults,
            entry=entry,
        )


def _plain(answer: Answer) -> str:
    """Return an answer as it is kept where a receipt would stand: a data URL (RFC 2397), unlike any receipt."""
    return f"data:{answer.media_type};base64,{b64encode(answer.body).decode()}"


def _answers(deliveries: Sequence[Delivery], results: Sequence[dict[str, Any]]) -> bool:
    """Tell whether results are of these deliveries, one each and none of them in another's place."""
    ours = {delivery.exchange for delivery in deliveries}
    named = [each if isinstance(each := result.get("exchange"), str) else "" for result in results]
    return len(results) == len(deliveries) and all(
        name == delivery.exchange or name not in ours for delivery, name in zip(deliveries, named, strict=True)
    )
