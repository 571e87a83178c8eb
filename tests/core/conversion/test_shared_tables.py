"""Variants that share a table share its work and its complaints, and nothing of each other's values."""

from types import FunctionType

import pytest

from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import AdapterError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import with_event_variants

NAMES = ("accepted", "refused", "voided")
ENTRY = """[[documents.event.variants]]
name = "%s"
table = "event.mapping.toml"
schema = "event.schema.json"
regional = { "/STATUS" = "%s" }
canonical = { "/type" = "%s" }
"""
ENTRIES = "\n" + "".join(ENTRY % (name, f"0{number}", name) for number, name in list(enumerate(NAMES)))
ROW = '{ canonical = "/officer", regional = "/OFFICER" }'


def files(row: str, schema: bytes = b'{"type":"object"}') -> dict[str, bytes]:
    return with_event_variants({"event": row}, ENTRIES) | {"event.schema.json": schema}


@pytest.mark.parametrize("reading", [True, False])
def test_variants_of_one_table_run_the_same_code(reading):
    messages = load_adapter(files(ROW)).channels[DocumentKind.EVENT].messages

    steps = [message.read if reading else message.write for message in messages.values()]

    assert len({id(step.__code__) for step in steps if isinstance(step, FunctionType)}) == 1
    assert len(set(steps)) == len(NAMES)


@pytest.mark.parametrize(("number", "name"), list(enumerate(NAMES)))
def test_each_variant_writes_its_own_values(number, name):
    loaded = load_adapter(files(ROW))
    regional, canonical = {"STATUS": f"0{number}", "OFFICER": "x"}, {"type": name, "officer": "x"}

    assert loaded.canonical_of(DocumentKind.EVENT, regional).document == canonical
    assert loaded.to_regional(DocumentKind.EVENT, canonical).document == regional


@pytest.mark.parametrize(
    ("found", "at"),
    [
        (files('{ canonical = "/officer", regional = "OFFICER" }'), "event.mapping.toml#/rows/0/regional"),
        (files(f'{ROW}, {{ canonical = "/officer", regional = "/B" }}'), "event.mapping.toml#/rows/1"),
        (files(ROW, b'{"type":"nonsense"}'), "event.schema.json#/type"),
    ],
)
def test_what_is_wrong_with_a_shared_file_is_told_once_and_at_loading(found, at):
    with pytest.raises(AdapterError) as caught:
        load_adapter(found)

    told = [(fault.pointer, fault.code) for fault in caught.value.faults]
    assert at in {pointer for pointer, _ in told}
    assert len(told) == len(set(told))


def test_a_table_that_contradicts_what_tells_only_one_variant_is_refused():
    found = files('{ canonical = "/officer", regional = "/STATUS/OFFICER" }')

    with pytest.raises(AdapterError) as caught:
        load_adapter(found)

    assert "rows_contradict" in {fault.code for fault in caught.value.faults}
