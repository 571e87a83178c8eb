"""The receipt: the receiver's signed word that it has taken an exchange, and under which audit entry.

A compact JWS of type `exchange-receipt+jwt`: `iss` the receiver, `aud` the sender, `iat`, `jti`, `exchange`, `subject`
(collaboration number), `request: {jti, digest}` (the token it answers, the body it took), `status` "accepted", `entry`
(audit entry id). A receipt does not expire: it is kept as proof. A repeat of the exchange is answered by the first
receipt, so `request.jti` may be that of an earlier attempt, and is not compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.trust.algorithms import Signer
from gateway.core.trust.claims import ClaimReader, moment
from gateway.core.trust.jws import Profile, seal, unseal
from gateway.core.trust.keys import PublicKey
from gateway.core.trust.refusals import refused

ACCEPTED = "accepted"
_PROFILE = Profile(
    typ="exchange-receipt+jwt",
    missing="receipt_missing",
    malformed="receipt_malformed",
    too_large="receipt_malformed",
    type_wrong="receipt_type_wrong",
    signature_invalid="receipt_signature_invalid",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptClaims:
    """What a receiver signed: that it took this exchange with this body."""

    key_id: str
    issuer: str
    audience: str
    issued_at: datetime
    id: str
    exchange: str
    subject: str
    request_id: str  # the `jti` of the token it answered
    request_digest: str
    status: str
    entry: str


def issue_receipt(
    signer: Signer,
    *,
    issuer: str,
    audience: str,
    now: datetime,
    jti: str,
    exchange: str,
    subject: str,
    request_jti: str,
    request_digest: str,
    entry: str,
    status: str = ACCEPTED,
) -> str:
    """Return the receipt for an exchange that is already durable here."""
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": int(now.timestamp()),
        "jti": jti,
        "exchange": exchange,
        "subject": subject,
        "request": {"jti": request_jti, "digest": request_digest},
        "status": status,
        "entry": entry,
    }
    return seal(claims, typ=_PROFILE.typ, signer=signer)


def open_receipt(
    receipt: str | None, *, keys: Sequence[PublicKey], issuer: str, audience: str, exchange: str, digest: str
) -> ReceiptClaims:
    """Return what the receiver signed, if it settles the delivery of this exchange with this digest.

    `keys` are those registered for `issuer`. Raises UntrustedError with one fault for each thing that is wrong.
    """
    key_id, signed = unseal(receipt or "", profile=_PROFILE, keys=keys)
    reader = ClaimReader(signed, missing="receipt_malformed", malformed="receipt_malformed")
    request = reader.inside("request")
    claims = _read(reader, request, key_id)
    for where, name, code, expected, got in (
        (reader, "iss", "receipt_issuer_wrong", issuer, claims.issuer),
        (reader, "aud", "receipt_audience_wrong", audience, claims.audience),
        (reader, "exchange", "receipt_exchange_wrong", exchange, claims.exchange),
        (request, "digest", "receipt_digest_wrong", digest, claims.request_digest),
        (reader, "status", "receipt_status_wrong", ACCEPTED, claims.status),
    ):
        where.require(name, right=got == expected, code=code, expected=expected, got=got)
    if reader.faults:
        raise refused(reader.faults)
    return claims


def _read(reader: ClaimReader, request: ClaimReader, key_id: str) -> ReceiptClaims:
    return ReceiptClaims(
        key_id=key_id,
        issuer=reader.text("iss"),
        audience=reader.text("aud"),
        issued_at=moment(reader.seconds("iat")),
        id=reader.text("jti"),
        exchange=reader.text("exchange"),
        subject=reader.text("subject"),
        request_id=request.text("jti"),
        request_digest=request.text("digest"),
        status=reader.text("status"),
        entry=reader.text("entry"),
    )
