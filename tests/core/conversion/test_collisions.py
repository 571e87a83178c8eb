"""What is different before a conversion and the same after it is told, with the rows that do it."""

import orjson

from gateway.core.conversion.conformance import Collision, check, examples_in
from gateway.core.conversion.loading import load_adapter
from tests.core.conversion.samples import files


def collisions(rows: str, *regional: object, **tables: str) -> list[Collision]:
    found = files(rows, **tables)
    loaded = load_adapter(found)
    for number, document in enumerate(regional):
        canonical = loaded.canonical_of(loaded.kinds[0], document).document
        found[f"examples/application/{number}.regional.json"] = orjson.dumps(document)
        found[f"examples/application/{number}.canonical.json"] = orjson.dumps(canonical)
    return list(check(loaded, examples_in(found)).collisions)


def test_two_rows_that_write_one_place_are_named():
    rows = """{ canonical = "/a", regional = "/X", when_regional = { at = "/K", is = "1" } },
      { canonical = "/a", regional = "/Y", when_regional = { at = "/K", is = "2" } },
      { canonical = "/k", regional = "/K" }"""

    (one,) = collisions(rows)

    assert (one.sort, one.to, one.place) == ("rows", "canonical", "/a")
    assert one.rows == ("application.mapping.toml#/rows/0", "application.mapping.toml#/rows/1")


def test_two_fields_that_feed_one_are_named():
    (one,) = collisions('{ canonical = "/a", regional = ["/X", "/Y"], codec = "first-of" }')

    assert (one.sort, one.place, one.met) == ("fields", "/a", ("/X", "/Y"))


def test_two_codes_that_become_one_are_named_with_their_lines():
    kinds = 'values = [{ regional = "1", canonical = "x" }, { regional = "2", canonical = "x", '
    kinds += 'only = "to-canonical", lossy = true }]'

    (one,) = collisions('{ canonical = "/a", regional = "/A", codec = "code", table = "kind" }', codes__kind=kinds)

    assert (one.sort, one.to, one.place, one.met) == ("codes", "canonical", "x", ("1", "2"))
    assert one.rows == ("codes/kind.toml#/values/0", "codes/kind.toml#/values/1")


def test_values_of_the_examples_that_merge_are_told_by_place_and_never_repeated():
    rows = '{ canonical = "/l", regional = "/L", codec = "array", rows = [{ canonical = "/a", regional = "/A" }] }'

    (one,) = collisions(rows, {"L": [{"A": "王五"}, {"A": " 王五"}]})

    assert (one.sort, one.place, one.rows) == ("values", "/l/*/a", ("application.mapping.toml#/rows/0/rows/0",))
    assert one.met == ("0#/L/0/A", "0#/L/1/A")
    assert one.declared
    assert "王五" not in repr(one)


def test_what_stays_different_is_no_collision():
    rows = """{ canonical = "/a", regional = "/A", codec = "array", separator = "\\n", rows = [
      { canonical = "", regional = "/N" }] },
      { canonical = "/b", regional = "/B", when_regional = { at = "/K", is = "1" } },
      { canonical = "/k", regional = "/K" }"""

    assert collisions(rows, {"A": [{"N": "x"}], "B": "1", "K": "1"}, {"A": [{"N": "y"}], "B": "2", "K": "1"}) == []
