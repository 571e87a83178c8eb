"""Pinned publications, made by another implementation, that any reader of the feed can run."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.core.errors import UntrustedError
from gateway.core.model import ServiceItem
from gateway.core.trust.algorithms import register_key
from gateway.core.trust.publications import PublicationClaims, open_publication

VECTORS = orjson.loads((Path(__file__).parents[2] / "vectors" / "trust" / "publications.json").read_bytes())
PINNED = VECTORS["item"]
ITEM = ServiceItem(
    code=PINNED["code"],
    region=PINNED["region"],
    name="排污许可",
    status="in-use",
    version=PINNED["version"],
    effective_from=None,
    effective_to=None,
    document=PINNED["document"].encode(),
    digest="",
)


def each(cases: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def opened(publication: str) -> PublicationClaims:
    keys = [register_key(jwk) for jwk in VECTORS["registered"]]
    return open_publication(publication, ITEM, keys=keys, owner=VECTORS["owner"])


@each(VECTORS["accepted"])
def test_a_publication_is_accepted_with_its_claims(case):
    claims = opened(case["publication"])

    assert case["claims"] == {
        "iss": claims.owner,
        "iat": int(claims.published_at.timestamp()),
        "code": claims.code,
        "version": claims.version,
        "region": claims.region,
        "digest": claims.digest,
    }


@each(VECTORS["refused"])
def test_a_publication_is_refused_by_code_and_place(case):
    with pytest.raises(UntrustedError) as caught:
        opened(case["publication"])

    assert (caught.value.code, [fault.pointer for fault in caught.value.faults]) == (case["code"], case["pointers"])
