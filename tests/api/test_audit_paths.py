"""What auditors call: every answer verifies against the log's key, offline."""

import asyncio
from base64 import b64decode
from hashlib import sha256

import pytest

from gateway.core.audit.checkpoint import open_checkpoint
from gateway.core.audit.merkle import leaf_hash, root_of, verify_consistency
from gateway.core.audit.paths import decode_bundle
from tests.api.calls import APPLICATIONS, next_of, submitted
from tests.api.served import Served
from tests.api.world import AUDITOR, LOG_PUBLIC, SYSTEM, an_exchange


async def checkpoint_of(gateway: Served):
    told = await gateway.ask("GET", "/audit/v1/checkpoint")
    assert (told.status, told.headers["Cache-Control"]) == (200, "no-cache")
    return open_checkpoint(told.body, LOG_PUBLIC)


@pytest.fixture
async def logged(gateway_with_store: Served) -> Served:
    """Return a gateway that has taken three applications and refused one."""
    for _ in range(3):
        await submitted(gateway_with_store)
    await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, b"{}", exchange=an_exchange())
    return gateway_with_store


async def test_an_empty_log_has_a_signed_checkpoint_too(gateway_with_store):
    assert (await checkpoint_of(gateway_with_store)).size == 0


async def test_entries_come_newest_first_and_hash_to_their_leaves(logged):
    told = await logged.signed(AUDITOR, "GET", "/audit/v1/entries")

    entries = told.document["entries"]
    assert [each["index"] for each in entries] == sorted((each["index"] for each in entries), reverse=True)
    assert [each["entry"]["kind"] for each in entries][:2] == ["log_read", "exchange_refused"]
    first = entries[-1]
    leaf = told.body[told.body.rindex(b'"entry":') + len(b'"entry":') : -3]
    assert b64decode(first["leaf_hash"]) == leaf_hash(leaf)


async def test_a_search_finds_what_was_asked_for_only(logged):
    told = await logged.signed(AUDITOR, "GET", "/audit/v1/entries?outcome=refused&partner=shiyan-portal")

    assert [each["entry"]["code"] for each in told.document["entries"]] == ["document_invalid"]


async def test_a_search_is_paged(logged):
    path, seen = "/audit/v1/entries?kind=exchange_received&limit=2", []

    while path:
        told = await logged.signed(AUDITOR, "GET", path)
        seen += [each["index"] for each in told.document["entries"]]
        path = next_of(told.headers.get("Link", ""))

    assert seen == [2, 1, 0]


async def test_reading_the_log_is_logged_before_it_is_answered(logged):
    await logged.signed(AUDITOR, "GET", "/audit/v1/entries?limit=1")

    told = await logged.signed(AUDITOR, "GET", "/audit/v1/entries?kind=log_read&partner=auditor")

    assert len(told.document["entries"]) == 2


@pytest.mark.parametrize("query", ["kind=exchange_recieved", "outcome=denied"])
async def test_a_word_that_the_log_does_not_know_is_refused_and_not_answered_with_nothing(logged, query):
    told = await logged.signed(AUDITOR, "GET", f"/audit/v1/entries?{query}")

    assert (told.status, told.code) == (400, "query_invalid")


async def test_only_auditors_read_entries(logged):
    search = await logged.signed(SYSTEM, "GET", "/audit/v1/entries")
    bundle = await logged.signed(SYSTEM, "GET", "/audit/v1/tile/entries/000.p/1")

    assert (search.code, bundle.code) == ("role_forbidden", "role_forbidden")


async def test_an_inclusion_proof_leads_to_the_signed_root(logged):
    told = await logged.ask("GET", "/audit/v1/entries/1/proof")

    proof = told.document
    signed = open_checkpoint(proof["checkpoint"].encode(), LOG_PUBLIC)
    assert (signed.size, signed.root) == (proof["size"], b64decode(proof["root"]))
    assert climbs(proof) == signed.root


async def test_an_inclusion_proof_may_be_towards_an_earlier_checkpoint(logged):
    earlier = await checkpoint_of(logged)
    await submitted(logged)
    await checkpoint_of(logged)

    told = await logged.ask("GET", f"/audit/v1/entries/0/proof?size={earlier.size}")

    assert (told.document["size"], climbs(told.document)) == (earlier.size, earlier.root)


async def test_a_consistency_proof_shows_that_the_log_only_grew(logged):
    earlier = await checkpoint_of(logged)
    await submitted(logged)
    later = await later_checkpoint(logged)

    told = await logged.ask("GET", f"/audit/v1/consistency?from={earlier.size}&to={later.size}")

    proof = [b64decode(node) for node in told.document["proof"]]
    verify_consistency((earlier.size, earlier.root), (later.size, later.root), proof)


async def test_tiles_and_bundles_give_the_same_root(logged):
    size = (await checkpoint_of(logged)).size

    tile = await logged.ask("GET", f"/audit/v1/tile/0/000.p/{size}")
    bundle = await logged.signed(AUDITOR, "GET", f"/audit/v1/tile/entries/000.p/{size}")

    leaves = decode_bundle(bundle.body)
    assert tile.body == b"".join(map(leaf_hash, leaves))
    assert root_of(map(leaf_hash, leaves)) == (await checkpoint_of_size(logged, size))
    assert tile.headers["Cache-Control"] == "public, max-age=60"
    assert bundle.headers["Cache-Control"] == "no-store"


async def test_a_full_tile_may_be_kept_for_ever(gateway_with_store):
    refusals = (
        gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, b"{}", exchange=an_exchange()) for _ in range(256)
    )
    await asyncio.gather(*refusals)

    tile = await gateway_with_store.ask("GET", "/audit/v1/tile/0/000")

    assert len(tile.body) == 256 * 32
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/audit/v1/entries/99/proof", 422, "proof_invalid"),
        ("/audit/v1/entries/0/proof?size=99", 404, "checkpoint_unknown"),
        ("/audit/v1/entries/x/proof", 404, "path_unknown"),
        ("/audit/v1/entries/-1/proof", 404, "path_unknown"),
        ("/audit/v1/entries/9999999999999999/proof", 404, "path_unknown"),
        ("/audit/v1/consistency?from=2&to=1", 422, "proof_invalid"),
        ("/audit/v1/consistency?from=0&to=99", 404, "tree_size_unknown"),
        ("/audit/v1/consistency", 400, "query_invalid"),
        ("/audit/v1/tile/0/001", 404, "tile_unknown"),
        ("/audit/v1/tile/0/0", 404, "not_found"),
        ("/audit/v1/tile/64/000", 404, "not_found"),
        ("/audit/v1/tile/0/000.p/256", 404, "not_found"),
    ],
)
async def test_what_the_log_does_not_have_is_told_with_a_code(logged, path, status, code):
    told = await logged.ask("GET", path)

    assert (told.status, told.code) == (status, code)


async def later_checkpoint(gateway: Served):
    """Return a checkpoint over the whole log, which asking for the newest entry's proof has made."""
    size = (await checkpoint_of(gateway)).size
    proved = await gateway.ask("GET", f"/audit/v1/entries/{size}/proof")
    return open_checkpoint(proved.document["checkpoint"].encode(), LOG_PUBLIC)


async def checkpoint_of_size(gateway: Served, size: int) -> bytes:
    proved = await gateway.ask("GET", f"/audit/v1/entries/0/proof?size={size}")
    return b64decode(proved.document["root"])


def climbs(proof) -> bytes:
    """Return the root that a proof leads to (RFC 9162 2.1.3.2), computed here anew."""
    index, last, node = proof["index"], proof["size"] - 1, b64decode(proof["leaf_hash"])
    for sibling in map(b64decode, proof["proof"]):
        if index % 2 or index == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not index % 2 and index:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        index, last = index // 2, last // 2
    return node
