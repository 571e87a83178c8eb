"""Steps 7 and 8, first half: everything that taking one exchange will make durable, receipt included.

The receipt is signed here but shown to nobody until the transaction that holds all this has returned.
"""

from dataclasses import dataclass
from typing import Final

from gateway.core.casework.lifecycle import State
from gateway.core.catalogue.collaboration import collaboration_number, is_collaboration_number
from gateway.core.errors import Fault, InvalidDocumentError
from gateway.core.model import Application, Exchange, Identity, Partner
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.receipts import issue_receipt
from gateway.flow.address import AddressDelivery
from gateway.flow.entries import WriteEntries
from gateway.flow.judge import JudgeApplication, JudgeEvent, item_code
from gateway.flow.open import Opened
from gateway.flow.ports import Chance, Clock, Intake
from gateway.flow.read import Arrival

_NUMBER_BITS: Final = 50  # ten characters of a collaboration number


@dataclass(frozen=True, kw_only=True, slots=True)
class MakePromise:
    """Turn what arrived into an Intake; raises RejectedError where it may not be taken."""

    identity: Identity
    signer: Signer
    judge_application: JudgeApplication
    judge_event: JudgeEvent
    address: AddressDelivery
    entries: WriteEntries
    clock: Clock
    chance: Chance

    async def __call__(self, opened: Opened, arrival: Arrival) -> Intake:
        """Judge, address and receipt one exchange."""
        if arrival.event:
            return await self._event(opened, arrival)
        return await self._application(opened, arrival)

    async def _application(self, opened: Opened, arrival: Arrival) -> Intake:
        now = self.clock.now()
        number = self._number(arrival)
        handler = await self.judge_application(arrival, opened.sender, now)
        document = arrival.document
        application = Application(
            number=number,
            exchange=arrival.exchange,
            source=opened.sender.id,
            target=handler.id,
            item_code=item_code(document),
            item_name=document["item"]["name"],
            collecting_region=document["collectingRegion"],
            handling_region=document["handlingRegion"],
            mode=document["mode"],
            state=State.SUBMITTED,
            created_at=now,
            updated_at=now,
        )
        return self._intake(opened, arrival, application, handler)

    async def _event(self, opened: Opened, arrival: Arrival) -> Intake:
        application, other = await self.judge_event(arrival, opened.sender)
        return self._intake(opened, arrival, application, other)

    def _number(self, arrival: Arrival) -> str:
        """Return the number that the first gateway gave, or give one: this is the first."""
        if not arrival.number:
            return collaboration_number(self.identity.region[:6], self.chance.bits(_NUMBER_BITS))
        if is_collaboration_number(arrival.number):
            return arrival.number
        fault = Fault(
            pointer="/subject",
            code="number_malformed",
            message="not a collaboration number, or its check character is wrong",
            message_zh="业务协同编号格式或校验位有误",
            expected="RRRRRR-XXXXX-XXXXXC",
        )
        raise InvalidDocumentError(fault.message, faults=(fault,))

    def _intake(self, opened: Opened, arrival: Arrival, application: Application, destination: Partner) -> Intake:
        number = application.number
        addressed = self.address(arrival, number=number, destination=destination, now=self.clock.now())
        entry = self.chance.uuid7()
        receipt = self._receipt(opened, arrival, number, entry)
        return Intake(
            exchange=self._exchange(opened, arrival, number, receipt),
            application=None if arrival.event else application,
            event=arrival.event,
            deliveries=(addressed.delivery,),
            entry=self.entries.received(
                entry,
                opened=opened,
                arrival=arrival,
                application=application,
                destination=destination,
                receipt=receipt,
                losses=len(addressed.losses),
            ),
        )

    def _receipt(self, opened: Opened, arrival: Arrival, number: str, entry: str) -> str:
        return issue_receipt(
            self.signer,
            issuer=self.identity.id,
            audience=opened.sender.id,
            now=self.clock.now(),
            jti=self.chance.uuid7(),
            exchange=arrival.exchange,
            subject=number,
            request_jti=opened.claims.id,
            request_digest=arrival.digest,
            entry=entry,
        )

    def _exchange(self, opened: Opened, arrival: Arrival, number: str, receipt: str) -> Exchange:
        return Exchange(
            id=arrival.exchange,
            kind=arrival.kind,
            sender=opened.sender.id,
            receiver=self.identity.id,
            subject=number,
            digest=arrival.digest,
            body=arrival.body,
            media_type=arrival.media_type,
            token=opened.envelope.token,
            receipt=receipt,
            received_at=opened.envelope.received_at,
        )
