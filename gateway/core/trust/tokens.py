"""The Exchange-Token: who sends this very request, to whom, when, and as part of which exchange.

A compact JWS in the request header `Exchange-Token`:

| where | name | what |
|---|---|---|
| header | `typ` | `exchange+jwt` |
| header | `alg`, `kid` | the key registered with the receiver, and its algorithm; no other header parameter |
| claim | `iss`, `aud` | partner id of the sender, id of the receiving gateway, one text each |
| claim | `iat`, `exp` | whole seconds; `exp` at most 300 after `iat` |
| claim | `jti` | new for every attempt |
| claim | `htm`, `htu` | method in capitals, and URL with its query; see urls.py for what makes two URLs equal |
| claim | `digest` | RFC 9530 digest of the body bytes, of the empty body too |
| claim | `exchange` | UUIDv7 by the sender, the same on every retry; may be absent from a GET or HEAD |
| claim | `agreement`, `purpose` | optional |

Other claims are ignored, as RFC 7519 4 has it. Refusals come in the order of jws.py; once the signature is good, all
wrong claims are told at once. The replay of a `jti` is the store's to notice: it remembers `(issuer, id)` for as long
as the token could be accepted, that is until `expires_at` plus the allowed difference of clocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.trust.algorithms import Signer
from gateway.core.trust.claims import URL_LIMIT, ClaimReader, is_uuid7, moment
from gateway.core.trust.digests import content_digest
from gateway.core.trust.jws import Profile, read_key_id, read_unverified, seal, unseal
from gateway.core.trust.keys import PublicKey
from gateway.core.trust.refusals import refused
from gateway.core.trust.urls import same_address

HEADER_NAME = "Exchange-Token"
LIFETIME_LIMIT_S = 300
CLOCK_SKEW_S = 30  # by which two gateways' clocks may differ
_READS = ("GET", "HEAD")  # nothing crosses, so there may be no exchange
_PROFILE = Profile(
    typ="exchange+jwt",
    missing="token_missing",
    malformed="token_malformed",
    too_large="token_too_large",
    type_wrong="token_type_wrong",
    signature_invalid="signature_invalid",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenClaims:
    """What a sender proved: every claim here was signed by `key_id` and fits the request it came with."""

    key_id: str
    issuer: str
    audience: str
    issued_at: datetime
    expires_at: datetime
    id: str
    method: str
    url: str
    digest: str
    exchange: str | None
    agreement: str | None = None
    purpose: str | None = None


def issue_token(
    signer: Signer,
    *,
    issuer: str,
    audience: str,
    method: str,
    url: str,
    body: bytes,
    exchange: str | None,
    now: datetime,
    jti: str,
    lifetime_s: int = 120,
    purpose: str | None = None,
    agreement: str | None = None,
) -> str:
    """Return the token for one attempt at one request. Raises ValueError for a lifetime that nobody would accept."""
    if not 0 < lifetime_s <= LIFETIME_LIMIT_S:
        raise ValueError(f"a token lives 1 to {LIFETIME_LIMIT_S} seconds, not {lifetime_s}")
    issued_at = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + lifetime_s,
        "jti": jti,
        "htm": method,
        "htu": url,
        "digest": content_digest(body),
    }
    optional = {"exchange": exchange, "agreement": agreement, "purpose": purpose}
    claims.update((name, value) for name, value in optional.items() if value is not None)
    return seal(claims, typ=_PROFILE.typ, signer=signer)


def read_unverified_issuer(token: str | None) -> tuple[str, str]:
    """Return the `iss` and `kid` that a token states, to look up whose keys it must be opened with.

    Neither is believed: anybody can write them. Raises UntrustedError for a wrong form, size or type.
    """
    kid = read_key_id(token or "", profile=_PROFILE)
    claims = _reader(read_unverified(token or "", profile=_PROFILE))
    issuer = claims.text("iss")
    if claims.faults:
        raise refused(claims.faults)
    return issuer, kid


def open_token(
    token: str | None,
    *,
    keys: Sequence[PublicKey],
    audience: str,
    method: str,
    url: str,
    body: bytes,
    now: datetime,
    skew_s: int = CLOCK_SKEW_S,
) -> TokenClaims:
    """Return what the sender proved about this very request.

    `keys` are those registered for the partner that the token names as `iss`, and nobody else's.
    Raises UntrustedError with one fault for each thing that is wrong, under the codes of refusals.py.
    """
    key_id, signed = unseal(token or "", profile=_PROFILE, keys=keys)
    reader = _reader(signed)
    claims = _read(reader, key_id)
    _check_window(reader, claims, now.timestamp(), skew_s)
    _check_request(reader, claims, audience, method, url)
    digest = content_digest(body)
    reader.require("digest", right=claims.digest == digest, code="digest_wrong", expected=digest, got=claims.digest)
    if reader.faults:
        raise refused(reader.faults)
    return claims


def _reader(claims: dict[str, object]) -> ClaimReader:
    return ClaimReader(claims, missing="claim_missing", malformed="claim_malformed")


def _read(reader: ClaimReader, key_id: str) -> TokenClaims:
    method = reader.text("htm")
    return TokenClaims(
        key_id=key_id,
        issuer=reader.text("iss"),
        audience=reader.text("aud"),
        issued_at=moment(reader.seconds("iat")),
        expires_at=moment(reader.seconds("exp")),
        id=reader.text("jti"),
        method=method,
        url=reader.text("htu", limit=URL_LIMIT),
        digest=reader.text("digest"),
        exchange=_exchange(reader, method),
        agreement=reader.optional_text("agreement"),
        purpose=reader.optional_text("purpose"),
    )


def _exchange(reader: ClaimReader, method: str) -> str | None:
    value = reader.optional_text("exchange") if method in _READS else reader.text("exchange")
    right = value is None or is_uuid7(value)
    reader.require("exchange", right=right, code="exchange_malformed", expected="a UUIDv7 in lower case", got=value)
    return value


def _check_window(reader: ClaimReader, claims: TokenClaims, now_s: float, skew_s: int) -> None:
    """Check iat and exp, each against the clock only if both could be read."""
    if not reader.told.isdisjoint(("iat", "exp")):
        return
    issued_s, expires_s = claims.issued_at.timestamp(), claims.expires_at.timestamp()
    lifetime_s = int(expires_s - issued_s)
    reader.require("exp", right=lifetime_s > 0, code="claim_malformed", expected="later than iat")
    reader.require(
        "exp",
        right=lifetime_s <= LIFETIME_LIMIT_S,
        code="token_lifetime_excessive",
        expected=f"at most {LIFETIME_LIMIT_S} seconds after iat",
        got=f"{lifetime_s} seconds",
    )
    clock = f"the clock here says {int(now_s)}, and {skew_s} seconds of difference are allowed"
    right = now_s < expires_s + skew_s
    reader.require("exp", right=right, code="token_expired", expected=clock, got=str(int(expires_s)))
    right = issued_s <= now_s + skew_s
    reader.require("iat", right=right, code="token_from_future", expected=clock, got=str(int(issued_s)))


def _check_request(reader: ClaimReader, claims: TokenClaims, audience: str, method: str, url: str) -> None:
    right = claims.audience == audience
    reader.require("aud", right=right, code="audience_wrong", expected=audience, got=claims.audience)
    right = claims.method == method
    reader.require("htm", right=right, code="method_wrong", expected=method, got=claims.method)
    right = claims.url == url or same_address(claims.url, url)
    reader.require("htu", right=right, code="url_wrong", expected=url, got=claims.url)
