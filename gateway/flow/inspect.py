"""What partners may ask: where an application stands, and which items are published."""

from dataclasses import dataclass

from gateway.core.catalogue.search import ItemFilter
from gateway.core.errors import NotFoundError, RejectedError
from gateway.core.model import Application, Delivery, Envelope, Exchange, PartnerKind
from gateway.flow.entries import WriteEntries
from gateway.flow.open import Opened, OpenEnvelope
from gateway.flow.ports import ItemPage, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationView:
    """An application as one of its parties sees it: where it stands, what crossed, and what is still under way."""

    application: Application
    history: tuple[Exchange, ...]
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AdmitReader:
    """Let a proved partner read; the token counts once, and a refusal is logged."""

    open: OpenEnvelope
    entries: WriteEntries
    store: Store

    async def __call__(self, envelope: Envelope, *kinds: PartnerKind) -> Opened:
        """Return the proved reader; raises UntrustedError or ForbiddenError."""
        try:
            opened = self.open(envelope, *kinds)
            await self.store.log((), opened.nonce)
        except RejectedError as error:
            await self.store.log([self.entries.refused(error, body=envelope.body)])
            raise
        return opened


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadApplication:
    """Tell a party of an application where it stands."""

    admit: AdmitReader
    store: Store

    async def __call__(self, envelope: Envelope, number: str) -> ApplicationView:
        """Return the application; NotFoundError `number_unknown` for anybody who is not a party to it."""
        reader = (await self.admit(envelope, PartnerKind.SYSTEM, PartnerKind.GATEWAY)).sender
        application = await self.store.application(number)
        if application is None or reader.id not in (application.source, application.target):
            raise NotFoundError("no application of yours has this number", code="number_unknown")
        return ApplicationView(
            application=application,
            history=await self.store.history(number),
            deliveries=await self.store.deliveries(subject=number),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ListItems:
    """Page through the items that this gateway knows, or those that are asked for."""

    admit: AdmitReader
    store: Store

    async def __call__(self, envelope: Envelope, wanted: ItemFilter, *, after: int = 0, limit: int = 100) -> ItemPage:
        """Return item versions in the order in which they first came, from behind position `after`."""
        await self.admit(envelope, PartnerKind.SYSTEM, PartnerKind.GATEWAY, PartnerKind.AUDITOR)
        return await self.store.find_items(wanted, after=after, limit=limit)
