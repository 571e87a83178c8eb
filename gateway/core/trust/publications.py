"""The publication: the owner's signed word that this is what it publishes of one item, in one version.

A compact JWS of type `item-publication+jwt`: `iss` the gateway whose region owns the item, `iat`, `code`, `version`,
`region` and the `digest` of the item's canonical document. It has no receiver and does not expire: whoever holds the
document and the owner's keys can judge it, wherever the copy came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.model import ServiceItem
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.claims import ClaimReader, moment
from gateway.core.trust.digests import content_digest
from gateway.core.trust.jws import Profile, seal, unseal
from gateway.core.trust.keys import PublicKey
from gateway.core.trust.refusals import refused

_PROFILE = Profile(
    typ="item-publication+jwt",
    missing="publication_missing",
    malformed="publication_malformed",
    too_large="publication_malformed",
    type_wrong="publication_type_wrong",
    signature_invalid="publication_signature_invalid",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicationClaims:
    """What an owner signed about an item version."""

    key_id: str
    owner: str
    published_at: datetime
    code: str
    version: int
    region: str
    digest: str


def issue_publication(signer: Signer, item: ServiceItem, *, owner: str, now: datetime) -> str:
    """Return the owner's word about an item as it stands in its catalogue."""
    claims = {
        "iss": owner,
        "iat": int(now.timestamp()),
        "code": item.code,
        "version": item.version,
        "region": item.region,
        "digest": content_digest(item.document),
    }
    return seal(claims, typ=_PROFILE.typ, signer=signer)


def open_publication(
    publication: str | None, item: ServiceItem, *, keys: Sequence[PublicKey], owner: str
) -> PublicationClaims:
    """Return what the owner signed, if it is about this very item with this very document.

    `keys` are those registered for `owner`. Raises UntrustedError with one fault for each thing that is wrong.
    """
    key_id, signed = unseal(publication or "", profile=_PROFILE, keys=keys)
    reader = ClaimReader(signed, missing="publication_malformed", malformed="publication_malformed")
    claims = _read(reader, key_id)
    for name, expected, got in (
        ("iss", owner, claims.owner),
        ("code", item.code, claims.code),
        ("version", str(item.version), str(claims.version)),
        ("region", item.region, claims.region),
        ("digest", content_digest(item.document), claims.digest),
    ):
        reader.require(name, right=got == expected, code="publication_differs", expected=expected, got=got)
    if reader.faults:
        raise refused(reader.faults)
    return claims


def _read(reader: ClaimReader, key_id: str) -> PublicationClaims:
    return PublicationClaims(
        key_id=key_id,
        owner=reader.text("iss"),
        published_at=moment(reader.seconds("iat")),
        code=reader.text("code"),
        version=reader.count("version"),
        region=reader.text("region"),
        digest=reader.text("digest"),
    )
