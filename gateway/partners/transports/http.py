"""Plain HTTP to a regional system: one document a request, and its answer judged by what the adapter says of answers.

A request that may have been taken is sent again with the same exchange id, in the place that the manifest names; a
system that ignores it may act twice, and no gateway can help that.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import InvalidDocumentError, PartnerUnavailableError, RejectedError, SettingsError
from gateway.core.model import Delivery, Partner
from gateway.core.transports.answers import Judgement, Meaning, judge
from gateway.core.transports.request import request_of
from gateway.core.transports.spec import AppCode, HttpSpec
from gateway.flow.ports import Courier, Outcome, Parcel
from gateway.partners.transports.proofs import Proof, Prover

_UNAUTHORISED = frozenset((401, 403))


@dataclass(frozen=True, kw_only=True, slots=True)
class HTTPTransport:
    """Posts deliveries one by one; the courier bounds the time and the size of every answer."""

    courier: Courier
    prove: Prover

    async def carry(
        self, partner: Partner, adapter: Adapter, spec: HttpSpec, deliveries: Sequence[Delivery]
    ) -> Sequence[Outcome]:
        """Send deliveries side by side and return what became of each."""
        return await asyncio.gather(*(self._one(spec, partner, adapter, delivery) for delivery in deliveries))

    async def _one(self, spec: HttpSpec, partner: Partner, adapter: Adapter, delivery: Delivery) -> Outcome:
        try:
            outcome, proof = await self._asked(spec, partner, adapter, delivery)
            if _token_refused(spec, outcome):
                self.prove.forget(partner, proof)
                outcome, _ = await self._asked(spec, partner, adapter, delivery)
                if _token_refused(spec, outcome):
                    return _again("credential_refused")
        except (PartnerUnavailableError, SettingsError) as error:
            return _again(error.code)  # of the moment, or of this gateway: an operator can mend it in time
        except RejectedError as error:
            faults = error.faults if isinstance(error, InvalidDocumentError) else ()
            return Outcome(judgement=Judgement(meaning=Meaning.REFUSED, code=error.code, faults=faults))
        return outcome

    async def _asked(
        self, spec: HttpSpec, partner: Partner, adapter: Adapter, delivery: Delivery
    ) -> tuple[Outcome, Proof]:
        proof = await self.prove(partner, spec, delivery.kind)
        request = request_of(spec, adapter, delivery, partner.endpoint, proof.spots)
        answer = await self.courier.send(
            Parcel(
                url=request.url,
                media_type=request.media_type,
                body=request.body,
                headers={**request.headers, **proof.headers},
                timeout_s=spec.timeout_s,
            )
        )
        judgement = judge(spec.answer, answer.status, answer.charset, answer.body)
        return Outcome(judgement=judgement, answer=answer), proof


def _token_refused(spec: HttpSpec, outcome: Outcome) -> bool:
    if not isinstance(spec.authentication, AppCode) or outcome.answer is None:
        return False
    return outcome.answer.status in _UNAUTHORISED or bool(outcome.judgement.said & spec.authentication.expired)


def _again(code: str) -> Outcome:
    return Outcome(judgement=Judgement(meaning=Meaning.RETRY, code=code))
