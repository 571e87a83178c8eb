"""What a manifest may say of a front-end database, and what it may not."""

import pytest

from gateway.core.errors import AdapterError
from gateway.core.model import DocumentKind
from gateway.core.tables.layout import ColumnType
from gateway.core.tables.shapes import shapes
from tests.front_ends import QUICK, tables_adapter, tables_layout


def faults(transport):
    with pytest.raises(AdapterError) as refused:
        tables_adapter(transport)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_the_sample_of_the_guide_is_read():
    layout = tables_layout()

    assert [(one.reading.table, one.document, one.reading.blank, one.reading.filled) for one in layout.incoming][
        :3
    ] == [
        ("UP_PRO_ACCEPT", "application", "COLLABORATIONNO", ""),
        ("UP_PRO_ACCEPT", "event", "", "COLLABORATIONNO"),
        ("UP_PRO_PROCESS", "event", "", ""),
    ]
    assert layout.outgoing.table("UP_PRO_ACCEPT") == "DN_PRO_ACCEPT"
    assert layout.rejections.read is not None
    assert layout.rejections.read.theirs == "TABLECDSOURCE"


def test_columns_and_their_types_are_read_off_the_mapping_tables():
    adapter = tables_adapter()
    assert adapter.manifest.tables is not None

    shape = shapes(adapter.manifest, adapter.manifest.tables)[DocumentKind.APPLICATION, "UP_PRO_ACCEPT"]

    assert shape.columns["TASKVERSION"] is ColumnType.INTEGER
    assert shape.children["UP_PRO_MATERIAL"]["GETNUM"] is ColumnType.INTEGER
    assert adapter.manifest.tables.type_of("CD_TIME") is ColumnType.TIMESTAMP
    assert adapter.manifest.tables.type_of("GETNUM") is ColumnType.INTEGER


@pytest.mark.parametrize(
    ("old", "new", "at", "code"),
    [
        ('table = "UP_PRO_RESULT"', 'table = "UP_PRO_RESULT; DROP TABLE x"', "incoming/3/table", "name_invalid"),
        ('exchange = "EXCHANGEID"', 'exchange = "A\\"B"', "outgoing/exchange", "name_invalid"),
        ('source = "990"', 'sauce = "990"', "outgoing/sauce", "option_unknown"),
        ('CD_TIME = "timestamp"', 'CD_TIME = "blob"', "types/CD_TIME", "option_invalid"),
        ('taken = "1"', 'taken = "0"', "incoming/0/mark/waiting", "option_invalid"),
        ('kind = "tables"', 'kind = "pigeon"', "kind", "option_invalid"),
        ('"1" = "value_missing"', '"1" = "Wert fehlt"', "rejections/errors/1", "name_invalid"),
        ("interval_ms = 50", "interval_ms = 1", "interval_ms", "option_invalid"),
        ('table = "UP_PRO_RESULT"', 'table = "UP_PRO_PROCESS"', "incoming", "option_invalid"),
    ],
)
def test_what_is_wrong_is_told_by_place(old, new, at, code):
    assert old in QUICK

    assert (f"adapter.toml#/transport/{at}", code) in faults(QUICK.replace(old, new, 1))


def test_an_event_needs_the_column_of_the_number():
    without = QUICK.replace(
        'table = "UP_PRO_PROCESS"\ndocument = "event"\nnumber = "COLLABORATIONNO"',
        'table = "UP_PRO_PROCESS"\ndocument = "event"',
    )

    assert ("adapter.toml#/transport/incoming/2/number", "option_missing") in faults(without)
