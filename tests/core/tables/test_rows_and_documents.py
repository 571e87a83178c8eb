"""A document as rows and rows as a document: derived, repeatable, and refused where no column can hold it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.core.tables.ids import batch_of, exchange_of, exchange_of_row, rejection_id, row_id
from gateway.core.tables.layout import Incoming, Mark, Outgoing, Reading, TablesLayout
from gateway.core.tables.rowsets import document_of, rows_of
from gateway.core.trust.claims import is_uuid7

EXCHANGE = "01930000-0000-7000-8000-00000000000a"
AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
LAYOUT = TablesLayout(
    outgoing=Outgoing(source="990", number="NUMBER", exchange="EXCHANGE", origin="BROUGHT", tables={"A": "DN_A"}),
    link={"PARENT": "ROWGUID"},
)
TEXTS = st.text(max_size=40)


def written(document, layout=LAYOUT):
    return rows_of(layout, document, exchange=EXCHANGE, number="N", at=AT)


def codes(document):
    with pytest.raises(InvalidDocumentError) as refused:
        written(document)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_the_ids_of_rows_are_known_answers():
    # SHA-256 over length-prefixed names, with version and variant of RFC 9562: whoever derives them gets these.
    assert row_id(EXCHANGE, "DN_A", 0) == "2cae2cfd18e68b3db27a970c9071a8d2"
    assert (
        exchange_of_row("gateway.here", "system.tables", "UP_PRO_RESULT", "r1")
        == "cde17c17-d0b3-7132-8c92-85b01b0e7461"
    )
    assert UUID(row_id(EXCHANGE, "DN_A", 0)).version == 8


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_the_exchange_of_a_row_has_the_form_of_every_exchange_id(gateway, system, table, row):
    exchange = exchange_of_row(gateway, system, table, row)

    assert is_uuid7(exchange)
    assert exchange_of(batch_of(exchange)) == exchange
    assert exchange == exchange_of_row(gateway, system, table, row)


def test_names_that_run_together_are_different_rows():
    assert exchange_of_row("g", "a", "bc", "d") != exchange_of_row("g", "ab", "c", "d")
    assert rejection_id(EXCHANGE, "1", "2") != rejection_id(EXCHANGE, "12")


@pytest.mark.parametrize("batch", ["", "7" * 31, "7" * 32, "z" * 32, "20261120"])
def test_a_batch_that_is_not_ours_leads_to_no_exchange(batch):
    assert exchange_of(batch) is None


def test_writing_twice_makes_the_very_same_rows():
    document = {"TABLE": "A", "NAME": "张三", "A_CHILD": [{"X": "1"}, {"X": "2"}]}

    assert written(document) == written(document)
    assert written(document).written() == written(document).written()


def test_every_row_carries_the_system_columns_of_this_gateway():
    document = {"TABLE": "A", "ROWGUID": "theirs", "CD_BATCH": "theirs", "X": "1", "C": [{"ROWGUID": "child", "Y": 2}]}

    main, child = written(document).rows

    assert (main.table, child.table) == ("DN_A", "C")
    assert main.columns == {
        "X": "1",
        "BROUGHT": "theirs",
        "ROWGUID": main.id,
        "CD_OPERATION": "I",
        "CD_TIME": "2026-11-20 09:02:03",
        "CD_BATCH": batch_of(EXCHANGE),
        "DATASOURCE": "990",
        "EXCHANGE": EXCHANGE,
        "NUMBER": "N",
    }
    assert (child.columns["BROUGHT"], child.columns["PARENT"], child.columns["Y"]) == ("child", main.id, 2)
    assert child.id != main.id


def test_a_null_is_no_column_and_a_number_beyond_every_reader_is_text():
    (row,) = written({"TABLE": "A", "GONE": None, "BIG": 2**60, "YES": True}).rows

    assert "GONE" not in row.columns
    assert (row.columns["BIG"], row.columns["YES"]) == (str(2**60), 1)


def test_what_no_column_can_hold_is_refused_with_every_place():
    document = {"TABLE": "A", 'X"; DROP TABLE A; --': "1", "INNER": {"Z": 1}, "C": [{"D": [1]}, 7]}

    assert codes(document) == [
        ('/X"; DROP TABLE A; --', "column_name_invalid"),
        ("/INNER", "value_not_a_column"),
        ("/C/0/D", "value_not_a_column"),
        ("/C/1", "value_not_a_column"),
    ]


@pytest.mark.parametrize("document", [{}, [], None, {"TABLE": 7}, {"TABLE": "A B"}, {"TABLE": ""}])
def test_a_document_that_names_no_table_is_refused(document):
    assert codes(document) == [("", "table_unnamed")]


def test_a_row_with_its_children_is_the_document_without_what_only_says_how_it_travels():
    incoming = Incoming(
        reading=Reading(table="UP_A", mark=Mark(column="SYNC_SIGN", waiting=("0",), taken="1", refused="2")),
        document=DocumentKind.EVENT,
        named="A",
        number="NUMBER",
    )
    row = {"ROWGUID": "r", "CD_BATCH": "b", "SYNC_SIGN": "0", "EXCHANGE": "e", "X": "1", "NUMBER": "N"}
    child: dict[str, str | int] = {"ROWGUID": "c", "CD_BATCH": "b", "PARENT": "r", "Y": 2}

    document = document_of(LAYOUT, incoming, row, {"C": [child], "NONE": []})

    assert document == {
        "TABLE": "A",
        "ROWGUID": "r",
        "CD_BATCH": "b",
        "X": "1",
        "NUMBER": "N",
        "C": [{"ROWGUID": "c", "Y": 2}],
    }
