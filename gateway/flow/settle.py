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
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson

from gateway.core.backoff import delay
from gateway.core.errors import Fault, RejectedError
from gateway.core.model import Delivery, DeliveryState, Identity, Partner
from gateway.core.transports.answers import Meaning
from gateway.core.trust.digests import content_digest
from gateway.core.trust.receipts import open_receipt
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Answer, Chance, Clock, Outcome, Verdict

HORIZON: Final = timedelta(days=7)  # after this a transient failure is final
ACCEPTED: Final = frozenset({200, 201, 202})
# About the document, so that sending it again cannot help; other refusals are about the moment or the link.
FINAL: Final = frozenset({400, 409, 410, 413, 415, 422})
_FAULTS_KEPT: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class SettleDelivery:
    """Judge the answers of partners."""

    identity: Identity
    entries: WriteEntries
    clock: Clock
    chance: Chance

    def batch(self, partner: Partner, deliveries: Sequence[Delivery], answer: Answer) -> list[Verdict]:
        """Return a verdict for each delivery of a batch; an answer that is not one postpones them all."""
        results = _results(answer) if answer.status in ACCEPTED else None
        if results is None or len(results) != len(deliveries):
            code = _problem(_object(answer))[0] if results is None else "answer_malformed"
            return [self.postponed(delivery, partner, code) for delivery in deliveries]
        return [self._one(partner, *pair) for pair in zip(deliveries, results, strict=True)]

    def single(self, partner: Partner, delivery: Delivery, answer: Answer) -> Verdict:
        """Return the verdict on one delivery that travelled alone."""
        body = _object(answer)
        if answer.status in ACCEPTED:
            return self._receipted(partner, delivery, body)
        if answer.status in FINAL:
            return self.dead(partner, delivery, *_problem(body))
        return self.postponed(delivery, partner, _problem(body)[0])

    def answered(self, partner: Partner, delivery: Delivery, outcome: Outcome) -> Verdict:
        """Return the verdict on a delivery to a system that signs no receipts."""
        judgement, answer = outcome.judgement, outcome.answer
        if judgement.meaning is Meaning.REFUSED:
            return self.dead(partner, delivery, judgement.code, judgement.faults)
        if judgement.meaning is Meaning.RETRY or answer is None:
            return self.postponed(delivery, partner, judgement.code or "answer_malformed")
        return Verdict(
            delivery=delivery.id,
            state=DeliveryState.SETTLED,
            receipt=_plain(answer),
            entry=self.entries.answered(delivery, partner, answer.body),
        )

    def postponed(self, delivery: Delivery, partner: Partner, code: str) -> Verdict:
        """Return DUE again after a back-off of the delivery's own, or DEAD beyond the horizon."""
        now = self.clock.now()
        if now - delivery.created_at > HORIZON:
            return self.dead(partner, delivery, "horizon_passed", ())
        retry_at = now + delay(delivery.attempts + 1, self.chance.fraction())
        return Verdict(delivery=delivery.id, state=DeliveryState.DUE, code=code, retry_at=retry_at)

    def _one(self, partner: Partner, delivery: Delivery, result: dict[str, Any]) -> Verdict:
        if "receipt" in result:
            return self._receipted(partner, delivery, result)
        problem = result.get("problem")
        body = problem if isinstance(problem, dict) else {}
        if body.get("status") in FINAL or body.get("status") in {403, 404}:
            return self.dead(partner, delivery, *_problem(body))
        return self.postponed(delivery, partner, _problem(body)[0])

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
            state=DeliveryState.SETTLED,
            receipt=str(receipt),
            entry=self.entries.settled(delivery, partner, str(receipt)),
        )

    def written(self, partner: Partner, delivery: Delivery, rows: bytes) -> Verdict:
        """Return the verdict on a delivery whose rows are committed in the partner's own database."""
        entry = self.entries.written(delivery, partner, rows)
        return Verdict(delivery=delivery.id, state=DeliveryState.SETTLED, entry=entry)

    def dead(self, partner: Partner, delivery: Delivery, code: str, faults: tuple[Fault, ...]) -> Verdict:
        """Return DEAD: what is wrong lies in the delivery itself."""
        entry = self.entries.dead(delivery, partner, code)
        return Verdict(delivery=delivery.id, state=DeliveryState.DEAD, code=code, faults=faults, entry=entry)


def _plain(answer: Answer) -> str:
    """Return an answer as it is kept where a receipt would stand: a data URL (RFC 2397), unlike any receipt."""
    return f"data:{answer.media_type};base64,{b64encode(answer.body).decode()}"


def _object(answer: Answer) -> dict[str, Any]:
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _results(answer: Answer) -> list[dict[str, Any]] | None:
    results = _object(answer).get("results")
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        return None
    return results


def _problem(body: dict[str, Any]) -> tuple[str, tuple[Fault, ...]]:
    """Return the code and the faults of a problem document, or of what came in place of one."""
    code = body.get("code")
    errors = body.get("errors")
    listed = errors[:_FAULTS_KEPT] if isinstance(errors, list) else []
    faults = tuple(
        Fault(
            pointer=str(each.get("pointer", "")),
            code=str(each.get("code", "")),
            message=str(each.get("message", "")),
            message_zh=str(each.get("message_zh", "")),
            expected=str(each.get("expected", "")),
        )
        for each in listed
        if isinstance(each, dict)
    )
    return (code if isinstance(code, str) and code else "answer_malformed"), faults
