"""One gateway's interface over its real steps, and callers with real keys.

The only stand-ins are a layout that is the canonical form itself, so that these tests are about HTTP and not about
mapping, and a wake-up that nobody answers, so that nothing is relayed.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils import uuid7

from gateway.adapters import work
from gateway.api.limits import Limits
from gateway.api.parts import Check, Parts
from gateway.core.audit.note import LogKey
from gateway.core.conversion.adapter import Adapter, Conversion
from gateway.core.errors import MalformedDocumentError
from gateway.core.model import DocumentKind, Identity, Partner, PartnerKind
from gateway.core.trust.signers import SoftwareSigner
from gateway.core.trust.tokens import issue_token
from gateway.flow.address import AddressDelivery
from gateway.flow.audit import ProveEntry, SearchEntries
from gateway.flow.bundle import ReadBundle
from gateway.flow.catalogue import PublishedItems
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.entries import WriteEntries
from gateway.flow.inspect import AdmitReader, ListItems, ReadApplication
from gateway.flow.judge import JudgeApplication, JudgeEvent
from gateway.flow.offer_items import OfferItems
from gateway.flow.open import OpenEnvelope
from gateway.flow.ports import Judgement, Store, TreeHead
from gateway.flow.promise import MakePromise
from gateway.flow.read import ReadRegional
from gateway.flow.receive import ReceiveExchange
from gateway.resources import shipped_forms
from gateway.wiring import operate_adapters

FORMS = shipped_forms()
PUBLIC_URL = "https://gateway.example"
NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
US = Identity(id="shiyan-gateway", region="420300000000", url=PUBLIC_URL)


def signer(seed: int) -> SoftwareSigner:
    """Return the key of a fixed seed."""
    return SoftwareSigner(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


OUR_KEY, LOG_SIGNER = signer(1), signer(2)
SYSTEM_KEY, PEER_KEY, AUDITOR_KEY, STRANGER_KEY = signer(3), signer(4), signer(5), signer(6)
OPERATOR_KEY = signer(7)
LOG_PUBLIC = LogKey(
    name="shiyan.example/log", public=Ed25519PrivateKey.from_private_bytes(b"\x02" * 32).public_key().public_bytes_raw()
)
PARTNERS = {
    each.id: each
    for each in (
        Partner(
            id="shiyan-portal",
            kind=PartnerKind.SYSTEM,
            name="十堰",
            regions=("420300000000",),
            adapter="canonical",
            keys=(SYSTEM_KEY.public_key,),
        ),
        Partner(
            id="ankang-gateway",
            kind=PartnerKind.GATEWAY,
            name="安康",
            regions=("610900000000",),
            endpoint="https://ankang.example",
            keys=(PEER_KEY.public_key,),
        ),
        Partner(id="auditor", kind=PartnerKind.AUDITOR, name="审计", keys=(AUDITOR_KEY.public_key,)),
        Partner(id="operator", kind=PartnerKind.OPERATOR, name="运维", keys=(OPERATOR_KEY.public_key,)),
    )
}


class FrozenClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


class PlainChance:
    """Ids that rise, and salts that need not be secret."""

    def uuid7(self) -> str:
        return str(uuid7())

    def bits(self, count: int) -> int:
        return secrets.randbits(count)

    def salt(self) -> bytes:
        return bytes(16)

    def fraction(self) -> float:
        return 0.5


class KnownPartners:
    """The directory of a gateway that serves the three partners."""

    def partner(self, name: str) -> Partner | None:
        return PARTNERS.get(name)

    def systems(self) -> tuple[Partner, ...]:
        return ()

    def serving(self, region: str) -> tuple[Partner, ...]:
        return tuple(each for each in PARTNERS.values() if any(region[:4] == served[:4] for served in each.regions))


class Signed:
    """What was signed last, as long as the test lasts."""

    def __init__(self):
        self.last: TreeHead | None = None

    async def read(self):
        return self.last

    async def keep(self, checkpoint):
        if self.last is None or checkpoint.size > self.last.size:
            self.last = TreeHead(size=checkpoint.size, root=checkpoint.root)


class Asleep:
    """A relay that nothing wakes."""

    def wake(self, destination: str) -> None: ...

    def heard_from(self, partner: str) -> None: ...


class CanonicalLayout:
    """A region whose own format is the canonical one."""

    name, version, digest = "canonical", "1.0.0", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"

    def to_canonical(self, kind: DocumentKind, body: bytes, media_type: str, **_: object) -> Conversion:
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise MalformedDocumentError("not JSON") from None
        return Conversion(document=document, body=body, media_type=media_type, losses=(), variant=kind, source=body)

    def to_regional(self, kind: DocumentKind, canonical: dict[str, Any]) -> Conversion:
        return self.to_canonical(kind, orjson.dumps(canonical), "application/json")

    def named(self, layout: str) -> Adapter | None:
        return cast("Adapter", self) if layout == self.name else None


class BenchHere:
    """The bench without its process: what becomes of hostile files there is tested where it is made."""

    async def judge(self, files: Mapping[str, bytes]) -> Judgement:
        return work.judge(files, lambda _: None)

    async def compare(self, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, Any]:
        return work.compared(old, new, lambda _: None)


async def well() -> None:
    """Be well."""


def wire(store: Store, limits: Limits | None = None) -> Parts:
    """Return the parts of an interface over a store."""
    clock, chance, directory, adapters = FrozenClock(), PlainChance(), KnownPartners(), CanonicalLayout()
    entries = WriteEntries(identity=US, clock=clock, chance=chance)
    opener = OpenEnvelope(identity=US, directory=directory, clock=clock, wakeup=Asleep())
    admit = AdmitReader(open=opener, entries=entries, store=store)
    promise = MakePromise(
        identity=US,
        signer=OUR_KEY,
        judge_application=JudgeApplication(
            form=FORMS[DocumentKind.APPLICATION], items=PublishedItems(items=store), directory=directory
        ),
        judge_event=JudgeEvent(form=FORMS[DocumentKind.EVENT], exchanges=store, directory=directory),
        address=AddressDelivery(identity=US, adapters=adapters, chance=chance),
        entries=entries,
        clock=clock,
        chance=chance,
    )
    checkpoint = MakeCheckpoint(key=LOG_PUBLIC, sign=LOG_SIGNER.sign, log=store, clock=clock, signed=Signed())
    receive = ReceiveExchange(
        open=opener,
        read=ReadRegional(adapters=adapters, forms=FORMS),
        promise=promise,
        entries=entries,
        store=store,
        wakeup=Asleep(),
    )
    return Parts(
        public_url=PUBLIC_URL,
        clock=clock,
        new_id=chance.uuid7,
        published_keys=lambda: (OUR_KEY.public_key,),
        checks=(Check(name="store", probe=well),),
        is_partner=lambda name: name in PARTNERS,
        fraction=chance.fraction,
        limits=limits or Limits(),
        log_refusal=receive.log_refusal,
        receive=receive,
        read_application=ReadApplication(admit=admit, store=store),
        list_items=ListItems(admit=admit, store=store),
        offer_items=OfferItems(admit=admit, feed=store, identity=US, signer=OUR_KEY, clock=clock),
        search_entries=SearchEntries(admit=admit, entries=entries, store=store),
        prove_entry=ProveEntry(log=store, checkpoint=checkpoint),
        read_bundle=ReadBundle(admit=admit, entries=entries, store=store),
        adapters=operate_adapters(store, BenchHere(), admit),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A partner that signs what it sends."""

    name: str
    key: SoftwareSigner

    def headers(
        self, method: str, path: str, body: bytes = b"", *, exchange: str | None = None, at: datetime = NOW
    ) -> dict[str, str]:
        """Return the headers of a request to a path of this gateway."""
        token = issue_token(
            self.key,
            issuer=self.name,
            audience=US.id,
            method=method,
            url=PUBLIC_URL + path,
            body=body,
            exchange=exchange,
            now=at,
            jti=str(uuid7()),
        )
        return {"Exchange-Token": token}


SYSTEM = Caller(name="shiyan-portal", key=SYSTEM_KEY)
PEER = Caller(name="ankang-gateway", key=PEER_KEY)
AUDITOR = Caller(name="auditor", key=AUDITOR_KEY)
OPERATOR = Caller(name="operator", key=OPERATOR_KEY)
STRANGER = Caller(name="nobody", key=STRANGER_KEY)


def an_application(**changes: object) -> bytes:
    """Return a canonical application from Shiyan to Ankang."""
    document = {
        "item": {"name": "养老保险关系转移接续", "localImplementationCode": "SY-0001"},
        "collectingRegion": "420300000000",
        "handlingRegion": "610900000000",
        "mode": "online",
        "applicant": {"type": "1", "name": "张三", "idType": "resident-id", "idNumber": "110101199003077790"},
        "appliedAt": (NOW - timedelta(hours=1)).isoformat(),
    }
    return orjson.dumps({**document, **changes})


def an_event(kind: str = "accepted") -> dict[str, Any]:
    """Return a canonical event."""
    return {"type": kind, "occurredAt": NOW.isoformat()}


def an_exchange() -> str:
    """Return a new exchange id."""
    return str(uuid7())
