"""Every line of a draft that is out of use loads when its # alone is taken away."""

import re
import tomllib
from collections.abc import Iterator

import pytest

from gateway.core.conversion.conformance import examples_in, regional_schemas
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.suggest.dictionary import dictionary_of
from gateway.core.conversion.suggest.suggestion import Knowledge, Suggestion, Wish, suggest
from gateway.core.errors import AdapterError
from gateway.core.model import DocumentKind
from gateway.resources import (
    Installed,
    read_adapter_folder,
    shipped,
    shipped_code_lists,
    shipped_forms,
    shipped_labels,
    shipped_schemas,
)

ALONE = re.compile(r"(\s*)# (.*)")


def held_out_drafts(measured: Installed) -> Iterator[Suggestion]:
    """Yield a draft of each document kind of one layout, made without the layout's own tables."""
    adapter, files = measured.adapter, read_adapter_folder(measured.folder)
    others = [
        (one.adapter, regional_schemas(read_adapter_folder(one.folder)))
        for one in shipped()
        if one.adapter is not measured.adapter
    ]
    for kind, channel in adapter.channels.items():
        first = next((one for one in examples_in(files) if one.kind is kind), None)
        if first is not None:
            known = Knowledge(
                schemas=shipped_schemas(),
                forms=shipped_forms(),
                labels=shipped_labels(),
                dictionaries={kind: dictionary_of(others, kind)},
            )
            name = channel.regional(adapter.read(kind, first.regional, first.media_type))
            schema = files.get(channel.messages[name].variant.schema) if name else None
            yield suggest({first.name: first.regional}, known, Wish(name="new", kind=kind), schema)


def broken_lines(files: dict[str, bytes]) -> list[str]:
    """Return each line that does not load once its # is taken away, with why."""
    bare = {name: body for name, body in files.items() if not name.startswith(("examples/", "schema/"))}
    bare["adapter.toml"] = re.sub(rb"(?m)^schema = .*\n", b"", bare["adapter.toml"])
    load_adapter(bare, shipped_code_lists())
    tables = [one for one in bare if one.endswith(".mapping.toml")]  # which lines of other files do not touch
    found = []
    for name, body in bare.items():
        beside = bare if name.endswith(".mapping.toml") else {**bare, **dict.fromkeys(tables, b"rows = []")}
        lines, before = body.decode().splitlines(), tomllib.loads(body.decode())
        for number, line in enumerate(lines):
            if alone := ALONE.fullmatch(line):
                changed = "\n".join([*lines[:number], "".join(alone.groups()), *lines[number + 1 :]])
                try:
                    load_adapter(beside | {name: changed.encode()}, shipped_code_lists())
                    if before == tomllib.loads(changed):
                        found.append(f"{name}: {line}: says nothing")
                except AdapterError as error:
                    found.append(f"{name}: {line}: {error}")
    return found


@pytest.mark.parametrize("measured", shipped(), ids=lambda one: one.adapter.name)
def test_every_line_that_is_out_of_use_loads_when_its_mark_is_taken_away(measured):
    drafts = list(held_out_drafts(measured))

    assert drafts
    for found in drafts:
        assert broken_lines(dict(found.files)) == []


def test_rows_out_of_use_stand_where_they_belong_with_codec_and_code_table():
    sample = '{"CLLB": [{"CLMC": "甲", "SFSQ": "是", "SQSL": 3, "CLFS": "1"}, {"CLMC": "乙", "CLFS": "2"}]}'.encode()
    known = Knowledge(schemas=shipped_schemas(), forms=shipped_forms(), labels=shipped_labels(), dictionaries={})

    found = suggest({"one": sample}, known, Wish(name="new", kind=DocumentKind.APPLICATION))

    told = found.files["application.mapping.toml"].decode()
    assert '    # { canonical = "/receipt", regional = "/CLFS", codec = "code", table = "material-receipt"' in told
    assert "codes/material-receipt.toml" in found.files
