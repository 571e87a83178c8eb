"""Step 7: is it true to its form, complete, about an item in force, and theirs to send? All faults at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.core.casework.lifecycle import Side, check_speaker
from gateway.core.casework.rules import application_faults
from gateway.core.catalogue.publication import publication_faults
from gateway.core.catalogue.regions import closeness
from gateway.core.errors import Fault, InvalidDocumentError, NotFoundError
from gateway.core.forms import Form
from gateway.core.model import Application, Partner, PartnerKind
from gateway.flow.catalogue import PublishedItems
from gateway.flow.ports import Directory, Exchanges
from gateway.flow.read import Arrival


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgeApplication:
    """Hold a canonical application against its form, the rules and the published catalogue."""

    form: Form
    items: PublishedItems
    directory: Directory

    async def __call__(self, arrival: Arrival, sender: Partner, now: datetime) -> Partner:
        """Return who takes the application next; raises InvalidDocumentError with every fault found.

        A gateway that hands over to a system of its own must know the item; one that only collects leaves an
        item it has never heard of to the handling side.
        """
        document = arrival.document
        if faults := self.form.faults(document):
            raise InvalidDocumentError("the application breaks its canonical form", faults=faults)
        handler = self._handler(document["handlingRegion"], sender)
        versions = await self.items.versions(item_code(document), now)
        faults = (
            *application_faults(document, now),
            *_region_faults(document, sender, handler),
            *publication_faults(versions, now, must_exist=handler is not None and handler.kind is PartnerKind.SYSTEM),
        )
        if faults or handler is None:
            raise InvalidDocumentError("the application breaks the rules", faults=faults)
        return handler

    def _handler(self, region: str, sender: Partner) -> Partner | None:
        """Return who answers for a region most closely; what came from a gateway goes no further than our systems."""
        kinds = (
            {PartnerKind.SYSTEM} if sender.kind is PartnerKind.GATEWAY else {PartnerKind.SYSTEM, PartnerKind.GATEWAY}
        )
        return next((each for each in self.directory.serving(region) if each.kind in kinds), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgeEvent:
    """Hold a canonical event against its form and against who may say it about this application."""

    form: Form
    exchanges: Exchanges
    directory: Directory

    async def __call__(self, arrival: Arrival, sender: Partner) -> tuple[Application, Partner]:
        """Return the application and the partner on its other side.

        Raises NotFoundError for a number this sender has no part in, InvalidDocumentError, or ForbiddenError
        `event_of_other_side`. Whether the state allows the event is decided when it is taken, under the lock.
        """
        application = await self.exchanges.application(arrival.number)
        if application is None or sender.id not in (application.source, application.target):
            raise NotFoundError("no application of yours has this number", code="number_unknown")
        if faults := self.form.faults(arrival.document):
            raise InvalidDocumentError("the event breaks its canonical form", faults=faults)
        if arrival.document.get("collaborationNumber", arrival.number) != arrival.number:
            raise InvalidDocumentError("the event names another application", faults=(_OTHER_NUMBER,))
        handling = sender.id == application.target
        check_speaker(arrival.event, Side.HANDLING if handling else Side.COLLECTING)
        other = self.directory.partner(application.source if handling else application.target)
        if other is None:
            raise NotFoundError("the other side of this application is not registered any more", code="partner_gone")
        return application, other


_OTHER_NUMBER: Final = Fault(
    pointer="/collaborationNumber",
    code="number_differs",
    message="the document names another application than the one it was sent for",
    message_zh="报文中的业务协同编号与所属办件不一致",
    expected="the number it was sent for, or none",
)


def item_code(document: Mapping[str, Any]) -> str:
    """Return the code under which the catalogue knows the item of an application, the closest first."""
    item = document["item"]
    named = (
        item.get(name) for name in ("handlingItemCode", "implementationCode", "localImplementationCode", "baseCode")
    )
    return next((code for code in named if code), "")


def _region_faults(document: Mapping[str, Any], sender: Partner, handler: Partner | None) -> list[Fault]:
    faults = []
    if not closeness(sender.regions, document["collectingRegion"]):
        faults.append(
            Fault(
                pointer="/collectingRegion",
                code="region_not_yours",
                message="the sender does not answer for this region",
                message_zh="发送方不负责该收件地",
                expected=" | ".join(sender.regions),
            )
        )
    if handler is None:
        faults.append(
            Fault(
                pointer="/handlingRegion",
                code="region_unreachable",
                message="nobody connected to this gateway answers for this region",
                message_zh="本网关没有通往该办理地的合作方",
                expected="a region some active partner answers for",
            )
        )
    return faults
