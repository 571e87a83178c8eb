"""What the tests of stores put into them: valid nouns, each different from the last."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from gateway.core.audit.entry import Entry, EntryKind, Outcome, Party
from gateway.core.conversion.versions import AdapterVersion, Origin, Step, VersionChange, VersionState
from gateway.core.model import (
    Application,
    Backoff,
    Delivery,
    DeliveryState,
    Exchange,
    Partner,
    PartnerKind,
    ServiceItem,
)
from gateway.core.trust.keys import PublicKey
from gateway.flow.ports import Intake, Nonce, SaltedEntry, Verdict

NOW = datetime(2026, 11, 3, 9, 30, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
_numbers = count(1)


def an_id() -> str:
    """Return a UUIDv7 greater than every one before it."""
    return f"01930000-0000-7000-8000-{next(_numbers):012x}"


def a_nonce(**changes: Any) -> Nonce:
    return replace(Nonce(sender="shiyan", jti=an_id(), expires_at=NOW + timedelta(minutes=10)), **changes)


def an_entry(*, salt: bytes = b"", **changes: Any) -> SaltedEntry:
    entry = Entry(
        id=an_id(),
        kind=EntryKind.EXCHANGE_RECEIVED,
        outcome=Outcome.ACCEPTED,
        occurred_at=NOW,
        recorded_at=NOW,
        source=Party(partner="shiyan", region="420300000000"),
        destination=Party(partner="ankang"),
    )
    return SaltedEntry(entry=replace(entry, **changes), salt=salt)


def an_exchange(**changes) -> Exchange:
    exchange = Exchange(
        id=an_id(),
        kind="application.submitted",
        sender="shiyan",
        receiver="hubei",
        subject=f"XT{next(_numbers):08d}",
        digest="sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        body='{"办件": "张三"}'.encode(),
        media_type="application/json",
        token="header.claims.signature",
        receipt=f"receipt.{next(_numbers)}",
        received_at=NOW,
    )
    return replace(exchange, **changes)


def an_application(exchange: Exchange, **changes: Any) -> Application:
    application = Application(
        number=exchange.subject,
        exchange=exchange.id,
        source=exchange.sender,
        target="ankang",
        item_code="11420300MB1234567X4000123001000",
        item_name="异地就医备案",
        collecting_region="420300000000",
        handling_region="610900000000",
        mode="online",
        state="submitted",
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(application, **changes)


def a_delivery(exchange: Exchange, destination: str = "ankang", **changes: Any) -> Delivery:
    delivery = Delivery(
        id=an_id(),
        exchange=exchange.id,
        kind=exchange.kind,
        destination=destination,
        subject=exchange.subject,
        media_type="application/cloudevents+json",
        body=b'{"id": "' + exchange.id.encode() + b'"}',
        created_at=NOW,
    )
    return replace(delivery, **changes)


def a_submission(*destinations: str, **changes: Any) -> Intake:
    """Return the intake that begins an application, with a delivery for each destination."""
    exchange = an_exchange(**changes)
    return Intake(
        exchange=exchange,
        entry=an_entry(exchange=exchange.id, number=exchange.subject),
        application=an_application(exchange),
        deliveries=tuple(a_delivery(exchange, destination) for destination in destinations),
    )


def an_event(number: str, event: str, *destinations: str, **changes: Any) -> Intake:
    """Return the intake of an event, with a delivery for each destination."""
    exchange = an_exchange(kind=f"event.{event}", sender="ankang", subject=number, **changes)
    return Intake(
        exchange=exchange,
        entry=an_entry(exchange=exchange.id, number=number),
        event=event,
        deliveries=tuple(a_delivery(exchange, destination) for destination in destinations),
    )


def a_claim() -> int:
    """Return the number of a claim, which no other has."""
    return next(_numbers)


def settled(delivery: Delivery, **changes: Any) -> Verdict:
    return replace(
        Verdict(delivery=delivery.id, claim=delivery.claim, state=DeliveryState.SETTLED, receipt="theirs"), **changes
    )


def postponed(delivery: Delivery, **changes: Any) -> Verdict:
    return replace(
        Verdict(delivery=delivery.id, claim=delivery.claim, state=DeliveryState.DUE, code="partner_unavailable"),
        **changes,
    )


def buried(delivery: Delivery, **changes: Any) -> Verdict:
    return replace(
        Verdict(delivery=delivery.id, claim=delivery.claim, state=DeliveryState.DEAD, code="document_invalid"),
        **changes,
    )


def well(destination: str = "ankang") -> Backoff:
    return Backoff(destination=destination)


def a_partner(**changes: Any) -> Partner:
    partner = Partner(
        id="ankang",
        kind=PartnerKind.GATEWAY,
        name="安康市",
        regions=("610900000000", "610000000000"),
        endpoint="http://127.0.0.1:8402",
        keys=(PublicKey(id="ankang-1", algorithm="EdDSA", jwk='{"kty":"OKP"}'),),
    )
    return replace(partner, **changes)


def an_item(**changes: Any) -> ServiceItem:
    item = ServiceItem(
        code=f"11420300MB1234567X4{next(_numbers):012d}01",
        region="420300000000",
        name="异地就医备案",
        status="1",
        version=1,
        effective_from=NOW,
        effective_to=None,
        document='{"name":"异地就医备案"}'.encode(),
        digest="sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        quarantine=("organisation_check_digit",),
    )
    return replace(item, **changes)


def a_version(version: str = "1.0.0", **changes: Any) -> AdapterVersion:
    kept = AdapterVersion(
        layout="henan",
        version=version,
        digest=f"sha-256=:{version}:",
        origin=Origin.UPLOADED,
        state=VersionState.CHECKED,
        passed=True,
        put_at=NOW,
        put_by="operator",
    )
    return replace(kept, **changes)


def a_change(version: str = "1.0.0", step: Step = Step.ACTIVATE, **changes: Any) -> VersionChange:
    return replace(VersionChange(layout="henan", version=version, step=step, at=LATER, by="operator"), **changes)
