"""A leaf is one entry in one spelling, every field of it counts, and nothing personal fits in."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.audit.entry import (
    Entry,
    EntryKind,
    IndexRow,
    Outcome,
    Party,
    commitment,
    index_of,
    read_entry,
)
from gateway.core.audit.forms import ENTRY_FORMS, PARTY_FORMS, fits
from gateway.core.audit.merkle import leaf_hash
from gateway.core.canonical import canonical_json
from gateway.core.errors import CorruptedError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "audit" / "entry.json").read_bytes())
COMMITTED = VECTORS["commitments"][0]["commitment"]
AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
FULL = Entry(
    id="01980000-0000-7000-8000-000000000000",
    kind=EntryKind.EXCHANGE_RECEIVED,
    outcome=Outcome.ACCEPTED,
    code="mapping_lossy",
    occurred_at=AT + timedelta(milliseconds=123),
    recorded_at=AT + timedelta(milliseconds=456),
    exchange="01980000-0000-7000-8000-000000000001",
    number="TB420300-0000017-K",
    exchange_kind="application.submitted",
    source=Party(partner="shiyan-portal", region="420300000000", organisation="11420300MB0C12345X"),
    destination=Party(partner="gateway-ankang", region="610900000000"),
    role="collecting",
    represented="shiyan-hukou",
    item_code="11440100007482575H3440118009000",
    item_version=3,
    adapter="national",
    adapter_version="1.0.0",
    mapping_digest="sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    purpose="cross-province-service",
    legal_basis="pipl-13-1-3",
    agreement="agreement-7",
    key_id="shiyan-2026",
    request_bytes=3000,
    response_bytes=0,
    losses=2,
    request_commitment=COMMITTED,
    response_commitment=COMMITTED,
    receipt_commitment=COMMITTED,
)
RESTORED: dict[str, Any] = {"log_size": 40, "log_signed": 41}
COUNTS: dict[str, Any] = {
    "items_added": 3,
    "items_changed": 2,
    "items_unchanged": 1_130,
    "items_ended": 1,
    "items_faulty": 0,
}
RETIRED: dict[str, Any] = {
    "retired_before": "2026-03-01T00:00:00Z",
    "retired_size": 512,
    "retired_root": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    "archive_digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
}
BARE = Entry(
    id="01980000-0000-7000-8000-000000000002",
    kind=EntryKind.GATEWAY_STARTED,
    outcome=Outcome.ACCEPTED,
    occurred_at=AT,
    recorded_at=AT,
)

IMPORT = replace(BARE, kind=EntryKind.ITEMS_IMPORTED, adapter="sichuan", request_bytes=314_820, **COUNTS)
RETIREMENT = replace(BARE, kind=EntryKind.ENTRIES_RETIRED, **RETIRED)
WHOLE = replace(FULL, **RESTORED, **COUNTS, **RETIRED)


def changed(entry: Entry, **fields: Any) -> Entry:
    return replace(entry, **fields)


@pytest.mark.parametrize(
    ("entry", "case"),
    [*zip((FULL, BARE, IMPORT, RETIREMENT), VECTORS["leaves"], strict=True)],
    ids=("full", "bare", "import", "retirement"),
)
def test_a_leaf_has_the_pinned_bytes_and_hash(entry, case):
    assert entry.leaf() == case["leaf"].encode()
    assert leaf_hash(entry.leaf()).hex() == case["hash"]
    assert read_entry(case["leaf"].encode()) == entry


@pytest.mark.parametrize("entry", [FULL, BARE])
def test_a_leaf_is_canonical_json(entry):
    value = json.loads(entry.leaf())

    assert entry.leaf() == rfc8785.dumps(value) == canonical_json(value)


def test_every_field_of_an_entry_is_in_the_full_leaf():
    leaf = json.loads(WHOLE.leaf())

    assert leaf.keys() == {field.name for field in fields(Entry)} | {"v"}
    assert leaf["source"].keys() == {field.name for field in fields(Party)}


OPTIONAL = [field.name for field in fields(Entry) if field.default in ("", None)]


@pytest.mark.parametrize("name", OPTIONAL)
def test_leaving_any_field_out_changes_the_hash(name):
    absent = next(field.default for field in fields(Entry) if field.name == name)
    without = changed(WHOLE, **{name: absent})

    assert leaf_hash(without.leaf()) != leaf_hash(WHOLE.leaf())
    assert name not in json.loads(without.leaf())
    assert read_entry(without.leaf()) == without


def test_zero_is_a_count_and_not_an_absence():
    assert json.loads(FULL.leaf())["response_bytes"] == 0
    assert "losses" not in json.loads(BARE.leaf())


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9990, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
def test_a_time_of_any_zone_is_told_in_utc_to_the_millisecond(at, offset):
    aware = at.replace(tzinfo=timezone(timedelta(hours=offset)))
    entry = changed(BARE, recorded_at=aware)

    read = read_entry(entry.leaf())

    assert timedelta() <= aware - read.recorded_at < timedelta(milliseconds=1)
    assert index_of(entry) == index_of(read)
    assert read.leaf() == entry.leaf()


def test_a_time_without_an_offset_is_refused():
    for name in ("occurred_at", "recorded_at"):
        with pytest.raises(ValueError, match="offset"):
            changed(BARE, **{name: AT.replace(tzinfo=None)})


def test_the_index_row_is_derived_from_the_entry():
    assert index_of(FULL) == IndexRow(
        id=FULL.id,
        kind="exchange_received",
        outcome="accepted",
        code="mapping_lossy",
        exchange=FULL.exchange,
        number="TB420300-0000017-K",
        source="shiyan-portal",
        destination="gateway-ankang",
        item_code="11440100007482575H3440118009000",
        recorded_ms=1795249800456,
    )
    assert index_of(BARE)[3:9] == ("", "", "", "", "", "")


LEAF = BARE.leaf()


@pytest.mark.parametrize(
    "leaf",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="not-json"),
        pytest.param(b"[]", id="array"),
        pytest.param(b"1", id="number"),
        pytest.param(b"\xff", id="not-utf-8"),
        pytest.param(LEAF.replace(b'"v":1', b'"v":2'), id="a-later-version"),
        pytest.param(LEAF.replace(b',"v":1', b""), id="no-version"),
        pytest.param(LEAF.replace(b',"v":1', b',"v":1,"w":1'), id="unknown-field"),
        pytest.param(LEAF.replace(b"gateway_started", b"gateway_stopped"), id="unknown-kind"),
        pytest.param(LEAF.replace(b'"outcome":"accepted",', b""), id="no-outcome"),
        pytest.param(LEAF.replace(b'"v":1', b'"source":{"partner":"a","name":"b"},"v":1'), id="unknown-party-field"),
        pytest.param(LEAF.replace(b'"v":1', b'"source":{},"v":1'), id="nameless-party"),
        pytest.param(LEAF.replace(b'"v":1', b'"source":null,"v":1'), id="null-party"),
        pytest.param(LEAF.replace(b'"v":1', b'"role":1,"v":1'), id="number-for-text"),
        pytest.param(LEAF.replace(b'"occurred_at"', b'"losses":1.0,"occurred_at"'), id="fraction-for-count"),
        pytest.param(LEAF.replace(b'"occurred_at"', b'"losses":true,"occurred_at"'), id="boolean-for-count"),
        pytest.param(LEAF.replace(b'"occurred_at"', b'"losses":-1,"occurred_at"'), id="negative-count"),
        pytest.param(LEAF.replace(b"2026-11-21T", b"0001-01-01T").replace(b"Z", b"+09:00"), id="before-all-time"),
        pytest.param(LEAF.replace(b"000Z", b"000"), id="no-offset"),
    ],
)
def test_what_is_not_an_entry_is_corruption(leaf):
    with pytest.raises(CorruptedError) as caught:
        read_entry(leaf)

    assert caught.value.code == "leaf_unreadable"


@pytest.mark.parametrize(
    "leaf",
    [
        pytest.param(LEAF + b"\n", id="trailing-newline"),
        pytest.param(LEAF.replace(b":1}", b": 1}"), id="space"),
        pytest.param(b'{"v":1,' + LEAF[1:].replace(b',"v":1', b""), id="another-order"),
        pytest.param(LEAF.replace(b'"v":1', b'"v":1,"v":1'), id="twice"),
        pytest.param(LEAF.replace(b"accepted", b"\\u0061ccepted"), id="escape"),
        pytest.param(LEAF.replace(b"08:30:00.000Z", b"08:30:00Z"), id="no-milliseconds"),
        pytest.param(LEAF.replace(b"08:30:00.000Z", b"16:30:00.000+08:00"), id="another-zone"),
        pytest.param(LEAF.replace(b'"v":1', b'"role":"","v":1'), id="empty-text"),
        pytest.param(LEAF.replace(b'"occurred_at"', b'"losses":null,"occurred_at"'), id="null-count"),
        pytest.param(LEAF.replace(b'"v":1', b'"v":true'), id="boolean-version"),
    ],
)
def test_an_entry_spelled_otherwise_is_corruption(leaf):
    with pytest.raises(CorruptedError) as caught:
        read_entry(leaf)

    assert caught.value.code == "leaf_not_canonical"


PERSONAL = [
    "张三",
    "Zhang San",
    "11010519491231002X",
    "110105194912310021",
    "110105491231002",
    "13800138000",
    "a\nb",
    "\u3000",
]
TEXT_FIELDS = ENTRY_FORMS.names


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("name", TEXT_FIELDS)
def test_names_and_personal_numbers_fit_no_field(name, value):
    with pytest.raises(ValueError, match=rf"its field has: {name}$") as caught:
        changed(FULL, **{name: value})

    assert value not in str(caught.value)
    assert not fits(name, value)


@pytest.mark.parametrize("value", PERSONAL)
def test_names_and_personal_numbers_are_no_partners(value):
    with pytest.raises(ValueError, match="partner"):
        Party(partner=value)


@pytest.mark.parametrize("name", ["region", "organisation"])
@pytest.mark.parametrize("value", ["张三", "Zhang San", "13800138000", "a\nb", "x"])
def test_prose_is_no_region_and_no_organisation(name, value):
    with pytest.raises(ValueError, match=name):
        Party(**{"partner": "shiyan", name: value})


def test_an_entry_needs_an_id_and_a_party_a_name():
    with pytest.raises(ValueError, match=r"has: id$"):
        changed(BARE, id="")
    with pytest.raises(ValueError, match=r"has: partner$"):
        Party(partner="")


def test_every_field_that_does_not_fit_is_named_at_once():
    with pytest.raises(ValueError, match=r"has: code, role$"):
        changed(FULL, code="NOT A CODE", role="NOT A ROLE")


@pytest.mark.parametrize("name", ["item_version", "request_bytes", "response_bytes", "losses"])
@pytest.mark.parametrize("value", [-1, 2**53, 1.5, True, "1"])
def test_only_a_count_is_a_count(name, value):
    with pytest.raises(ValueError, match=name):
        changed(BARE, **{name: value})


def test_what_fits_a_field_fits_an_entry():
    assert all(fits(name, getattr(WHOLE, name)) for name in TEXT_FIELDS)
    assert not any(fits(name, "") for name in TEXT_FIELDS)
    assert PARTY_FORMS.fits("region", "610900")


def test_the_widest_entry_fits_a_bundle():
    widest = changed(FULL, code="a" * 64, key_id="k" * 128, agreement="a" * 128, adapter="a" * 128, purpose="p" * 64)

    assert len(widest.leaf()) < 65_535


@pytest.mark.parametrize("case", VECTORS["commitments"])
def test_commitments_are_the_pinned_ones(case):
    assert commitment(case["domain"], bytes.fromhex(case["salt"]), case["payload"].encode()) == case["commitment"]


def test_a_commitment_keeps_its_parts_apart():
    salt = bytes(range(16))
    framed = b"\0\0\0\0\0\0\0\1d" + b"\0\0\0\0\0\0\0\x10" + salt + b"payload"

    assert commitment("d", salt, b"payload") == "sha-256:" + sha256(framed).hexdigest()
    assert commitment("d", salt + b"p", b"ayload") != commitment("d", salt, b"payload")
    assert commitment("ab", salt, b"c") != commitment("a", b"b" + salt, b"c")


def test_a_salt_that_can_be_guessed_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        commitment("d", bytes(15), b"payload")
