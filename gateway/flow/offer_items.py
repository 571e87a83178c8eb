"""What partners copy: our own items in the order in which they changed, each under our signed word."""

from dataclasses import dataclass
from typing import Final

from gateway.core.model import Envelope, Identity, PartnerKind, ServiceItem
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.publications import issue_publication
from gateway.flow.inspect import AdmitReader
from gateway.flow.ports import Clock, Feed

PAGE_BYTES: Final = 512 * 1024  # of documents together, so that a page is well within what a courier reads
BEGINNING: Final = "0"  # the cursor before the first change
_SEPARATOR: Final = "-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A page of changed items with their publications, and the cursor behind it."""

    items: tuple[tuple[ServiceItem, str], ...]
    epoch: str
    cursor: str
    complete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferItems:
    """Page through the items that changed since a cursor."""

    admit: AdmitReader
    feed: Feed
    identity: Identity
    signer: Signer
    clock: Clock

    async def __call__(self, envelope: Envelope, *, since: str, limit: int) -> Offer:
        """Return the page behind `since`.

        A cursor of another epoch (this store was restored or replaced) begins anew, and the answer's epoch says so.
        """
        await self.admit(envelope, PartnerKind.SYSTEM, PartnerKind.GATEWAY, PartnerKind.AUDITOR)
        epoch, after = _read(since)
        page = await self.feed.feed(after, limit=limit, size=PAGE_BYTES)
        if after and epoch != page.epoch:
            page = await self.feed.feed(0, limit=limit, size=PAGE_BYTES)
        now = self.clock.now()
        return Offer(
            items=tuple(
                (item, issue_publication(self.signer, item, owner=self.identity.id, now=now)) for item in page.items
            ),
            epoch=page.epoch,
            cursor=f"{page.epoch}{_SEPARATOR}{page.last}",
            complete=page.complete,
        )


def _read(cursor: str) -> tuple[str, int]:
    """Return the epoch and the change number of a cursor; what is none of ours is the beginning."""
    epoch, _, number = cursor.rpartition(_SEPARATOR)
    return (epoch, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else ("", 0)  # noqa: PLR2004 - digits of a 64-bit number
