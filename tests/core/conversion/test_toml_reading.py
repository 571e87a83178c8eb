"""A file that an editor left broken is told by place and cause, and every row by its line."""

import pytest

from gateway.core.conversion.toml_reading import UnreadableTOMLError, lines_of_tables, read_toml


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("rows = [\n  {a=1},\n  {b=2}\n  {c=3},\n]\n", "file_unreadable", "line 4, column 3: a comma is missing"),
        ('rows = [ { a = "x" } 备注, ]', "file_unreadable", "line 1, column 22: a comma is missing"),
        ("name = qingxi", "file_unreadable", "line 1, column 8: a value: text needs quotation marks"),
        ('name = "qingxi\nversion = 1', "file_unreadable", "line 1, column 15: a text is not closed on its line"),
        ("refused = [ 企业法人: 1 ]", "file_unreadable", "line 1, column 13: a value"),
        ("名称 = 1", "file_unreadable", "line 1, column 1: a name, = and a value"),
        ("a = [", "file_unreadable", "the end of the file: "),
        ("a = " + "[" * 5000, "file_unreadable", "values nested less deeply"),
        (
            "title = 1\nrefused = [\n  {a=1},\n]\nrefused = [\n  {a=2},\n]\n",
            "key_repeated",
            "line 7, column 2: refused once",
        ),
        ("a = { x = 1, x = 2 }", "key_repeated", "line 1, column 19: x once"),
        ("[documents.event]\n[documents.event]", "key_repeated", "line 2"),
    ],
)
def test_what_is_wrong_is_told_with_line_column_and_cause(text, code, said):
    with pytest.raises(UnreadableTOMLError) as raised:
        read_toml(text.encode())

    assert raised.value.code == code
    assert raised.value.expected.startswith(said)
    assert len(raised.value.expected) < 200


def test_another_encoding_is_told_by_the_first_line_that_shows_it():
    with pytest.raises(UnreadableTOMLError) as raised:
        read_toml('name = "x"\ntitleZh = "清溪"'.encode("gbk"))

    assert (raised.value.code, raised.value.expected[:7]) == ("file_not_utf8", "line 2:")


def test_a_byte_order_mark_of_an_editor_is_no_fault():
    assert read_toml(b"\xef\xbb\xbftitle = 1") == {"title": 1}


def test_rows_are_found_on_their_lines_however_they_are_written():
    text = """title = "rows = [ {"  # { not one
rows = [
  # { nor this one }
  { canonical = "/a,{", regional = '/[b' },

  { canonical = "/list", regional = "/L", codec = "array", rows = [
    { canonical = "/x", regional = "/X", refused = [1, 2] },
    { canonical = "/y", regional = "/Y" },
  ] }, { canonical = "/z" },
]
note = \"\"\"
[[rows]]
\"\"\"
[[variants]]
name = "one"
[[variants]]
[variants.regional]
[[variants.more]]
"""

    assert lines_of_tables(text.encode()) == {
        "/rows/0": 4,
        "/rows/1": 6,
        "/rows/1/rows/0": 7,
        "/rows/1/rows/1": 8,
        "/rows/2": 9,
        "/variants/0": 14,
        "/variants/1": 16,
        "/variants/1/regional": 17,
        "/variants/1/more/0": 18,
    }
