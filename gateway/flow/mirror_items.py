"""Copies what partner gateways publish, so that an application for an item of theirs is judged before it travels.

Each item is believed on its owner's signature alone, and only for the regions the owner answers for. A page whose
signatures do not hold is not kept, and asked for again; an item that breaks its form is left out, told, and comes again
when its owner puts it right. A crash between pages goes on behind the last page kept.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import msgspec
import structlog

from gateway.core.audit.entry import EntryKind
from gateway.core.catalogue.items import published_item
from gateway.core.catalogue.regions import closeness
from gateway.core.errors import GatewayError, InvalidDocumentError, PartnerUnavailableError, RetryableError
from gateway.core.forms import Form
from gateway.core.model import Identity, Partner, PartnerKind, PartnerStatus, ServiceItem
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.publications import open_publication
from gateway.core.trust.tokens import issue_token
from gateway.flow.entries import WriteEntries, party
from gateway.flow.lease import KeepLease
from gateway.flow.offer_items import BEGINNING
from gateway.flow.ports import Answer, Chance, Clock, Feed, Mirror, MirroredItem, Partners, Reader

FEED_PATH: Final = "/federation/v1/items/changes"
EVERY_S: Final = 60.0
_PAGES: Final = 100_000  # no feed is longer, whatever a partner answers
_OK: Final = 200

_log = structlog.get_logger(__name__)


class _Offered(msgspec.Struct, frozen=True):
    document: msgspec.Raw
    publication: str


class _Page(msgspec.Struct, frozen=True):
    items: list[_Offered]
    epoch: str
    cursor: str
    complete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What one visit brought."""

    added: int = 0
    changed: int = 0
    refused: int = 0  # left out: outside the owner's regions, or not in canonical form


@dataclass(frozen=True, kw_only=True, slots=True)
class MirrorItems:
    """Follow the feeds of the partners whose items are mirrored."""

    identity: Identity
    signer: Signer
    reader: Reader
    partners: Partners
    feed: Feed
    form: Form
    entries: WriteEntries
    clock: Clock
    chance: Chance

    async def run(self, lease: KeepLease) -> None:
        """Visit every such partner each minute, from one node, until cancelled.

        One that fails, or never ends, holds up no other. Visits of two nodes, after one was away for longer than its
        lease, cost work and nothing else: a page and how far it goes are kept together.
        """
        async with asyncio.TaskGroup() as visits:
            visited: dict[str, asyncio.Task[None]] = {}
            while True:
                try:
                    for partner in await self.mirrored() if await lease.has("mirrors") else ():
                        if partner.id not in visited or visited[partner.id].done():
                            visited[partner.id] = visits.create_task(self._visit(partner))
                except RetryableError as error:
                    _log.warning("mirrors_unknown", code=error.code)
                await asyncio.sleep(EVERY_S)

    async def mirrored(self) -> tuple[Partner, ...]:
        """Return the active gateways whose items are copied here."""
        return tuple(
            each
            for each in await self.partners.partners()
            if each.mirrored and each.kind is PartnerKind.GATEWAY and each.status is PartnerStatus.ACTIVE
        )

    async def __call__(self, partner: Partner) -> Copied:
        """Copy what a partner changed since the last visit, page by page; each page is durable on its own.

        Raises PartnerUnavailableError where it does not answer as a feed does, UntrustedError where an item is not
        signed by it.
        """
        known = {each.owner: each for each in await self.feed.mirrors()}
        mirror = known.get(partner.id, Mirror(owner=partner.id))
        copied = Copied()
        for _ in range(_PAGES):
            page = _read(await self.reader.read(*self._request(partner, mirror.cursor)))
            if page.cursor == mirror.cursor and not page.complete:
                raise PartnerUnavailableError("the partner's feed does not move", code="feed_malformed")
            items = list(self._believed(page, partner))
            mirror = Mirror(owner=partner.id, epoch=page.epoch, cursor=page.cursor, copied_at=self.clock.now())
            entry = self.entries.administered(EntryKind.ITEMS_MIRRORED, party(partner))
            kept = await self.feed.keep_mirrored(mirror, items, entry, complete=page.complete)
            copied = Copied(
                added=copied.added + kept.added,
                changed=copied.changed + kept.changed,
                refused=copied.refused + len(page.items) - len(items),
            )
            if page.complete:
                break
        return copied

    async def _visit(self, partner: Partner) -> None:
        try:
            copied = await self(partner)
        except GatewayError as error:
            _log.warning("mirror_failed", partner=partner.id, code=error.code)
            return
        if copied != Copied():
            _log.info(
                "mirrored", partner=partner.id, added=copied.added, changed=copied.changed, refused=copied.refused
            )

    def _request(self, partner: Partner, cursor: str) -> tuple[str, str]:
        """Return the URL of the next page, and the token for it."""
        url = f"{partner.endpoint}{FEED_PATH}?{urlencode({'since': cursor or BEGINNING})}"
        token = issue_token(
            self.signer,
            issuer=self.identity.id,
            audience=partner.id,
            method="GET",
            url=url,
            body=b"",
            exchange=None,
            now=self.clock.now(),
            jti=self.chance.uuid7(),
        )
        return url, token

    def _believed(self, page: _Page, partner: Partner) -> Iterator[MirroredItem]:
        for offered in page.items:
            try:
                item = published_item(bytes(offered.document), self.form)
                _require_region(item, partner)
            except InvalidDocumentError as error:
                _log.debug("mirrored_item_refused", partner=partner.id, code=error.code)
                continue
            open_publication(offered.publication, item, keys=partner.keys, owner=partner.id)
            yield MirroredItem(item=item, publication=offered.publication)


def _read(answer: Answer) -> _Page:
    try:
        if answer.status == _OK:
            return msgspec.json.decode(answer.body, type=_Page)
    except msgspec.DecodeError:
        pass
    raise PartnerUnavailableError("the partner does not answer as a feed does", code="feed_malformed")


def _require_region(item: ServiceItem, partner: Partner) -> None:
    if not closeness(partner.regions, item.region):
        raise InvalidDocumentError(
            "the item is of a region that its owner does not answer for", code="region_not_owned"
        )
