"""Tables for spreadsheets: what went in comes out, as text where it was text, whoever reads it."""

import csv
import io

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.sheets import CsvSheet, SheetFormat, XlsxSheet, open_sheet, safe


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_is_not_run(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("420300000000", "\t420300000000"),
        ("00123", "\t00123"),
        ("2026", "2026"),
        ("11420300000000003A3002000001000", "11420300000000003A3002000001000"),
        ("", ""),
    ],
)
def test_a_code_of_many_digits_is_not_rounded(text, written):
    assert safe(text) == written


@given(st.lists(st.lists(st.text(alphabet="=+-@'\",\n0甲 a", max_size=6), min_size=2, max_size=2), max_size=5))
def test_csv_gives_back_every_text_but_for_the_guard_before_it(rows):
    out = io.BytesIO()

    sheet = CsvSheet(out, ["甲", "b"])
    for row in rows:
        sheet.row(row)

    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    header, *read = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    assert header == ["甲", "b"]
    assert [[cell[1:] if cell != text else cell for cell, text in zip(*each, strict=True)]
            for each in zip(read, rows, strict=True)] == rows  # fmt: skip


def test_xlsx_keeps_texts_numbers_and_gaps_apart(tmp_path):
    with open_sheet(SheetFormat.XLSX, tmp_path / "x.xlsx", ["a", "b", "c", "d"]) as sheet:
        sheet.row(["=1+1", 1403, None, "https://example.cn"])
        sheet.row(["甲" * 40_000, 0.5, "", "\x01"])

    workbook = openpyxl.load_workbook(tmp_path / "x.xlsx")
    first, second = workbook.worksheets[0].iter_rows(min_row=2, values_only=True)
    assert first == ("=1+1", 1403, None, "https://example.cn")
    assert second[:2] == ("甲" * 32_766 + "…", 0.5)
    assert workbook.worksheets[0].cell(2, 1).data_type == "s"
    assert workbook.worksheets[0].cell(2, 4).hyperlink is None


def test_a_sheet_that_is_full_goes_on_in_another(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "x.xlsx"), {"constant_memory": True}) as workbook:
        sheet = XlsxSheet(workbook, ["n"], rows=3)
        for number in range(5):
            sheet.row([number])

    sheets = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets
    assert [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in sheets] == [
        ["n", 0, 1],
        ["n", 2, 3],
        ["n", 4],
    ]
