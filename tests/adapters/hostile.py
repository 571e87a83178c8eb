"""Adapters that mean harm: each makes somebody work as hard as the limits let it, or leads where nothing may go."""

import json
from collections.abc import Callable, Iterable

from tests.cli.workplace import LAYOUT

Files = dict[str, bytes]


def small(**changed: bytes) -> Files:
    """Return the small layout with some files of its own."""
    return {name: content.encode() for name, content in LAYOUT.items()} | changed


def rows(count: int, tail: str = "") -> bytes:
    """Return a table of so many rows."""
    lines = (f'  {{ canonical = "/extra/c{number}", regional = "/r{number}"{tail} }},' for number in range(count))
    return "\n".join(["rows = [", *lines, "]"]).encode()


def variants(count: int, tables: int) -> bytes:
    """Return a manifest of so many messages, told apart by a code, that share so many tables."""
    manifest = LAYOUT["adapter.toml"]
    for number in range(count):
        manifest += (
            f'[[documents.service-item.variants]]\nname = "v{number}"\ntable = "t{number % tables}.mapping.toml"\n'
            f'regional = {{ "/KIND" = "{number}" }}\ncanonical = {{ "/kind" = "{number}" }}\n'
        )
    return manifest.encode()


def with_schema(schema: object) -> Files:
    manifest = LAYOUT["adapter.toml"] + 'schema = "schema/item.json"\n'
    return small(**{"adapter.toml": manifest.encode(), "schema/item.json": json.dumps(schema).encode()})


def nested(levels: int) -> object:
    schema: object = {}
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


def examples(count: int, fields: int) -> Iterable[tuple[str, bytes]]:
    regional = json.loads(LAYOUT["examples/service-item/first.regional.json"])
    canonical = json.loads(LAYOUT["examples/service-item/first.canonical.json"])
    regional |= {f"STRAY{number}": "x" * 20 for number in range(fields)}
    for number in range(count):
        yield f"examples/service-item/e{number}.regional.json", json.dumps(regional).encode()
        yield f"examples/service-item/e{number}.canonical.json", json.dumps(canonical).encode()


def codes(values: int) -> bytes:
    lines = (f'  {{ regional = "{number}", canonical = "{number}" }},' for number in range(values))
    return "\n".join(['title = "x"', 'titleZh = "x"', "values = [", *lines, "]"]).encode()


CONFLICT = b'rows = [{ canonical = "/a", regional = "/b" }, { canonical = "/a/x", regional = "/b" }]'
FILES: dict[str, Callable[[], Files]] = {
    "messages_that_share_a_huge_table": lambda: small(
        **{"adapter.toml": variants(64, 1), "t0.mapping.toml": rows(2000)}
    ),
    "many_huge_tables": lambda: small(
        **{"adapter.toml": variants(60, 60)}, **{f"t{number}.mapping.toml": rows(2000) for number in range(60)}
    ),
    "one_table_as_large_as_may_be": lambda: small(**{"service-item.mapping.toml": rows(2000)}),
    "a_table_with_a_row_too_many": lambda: small(**{"service-item.mapping.toml": rows(2001)}),
    "rows_that_all_contradict": lambda: small(
        **{"service-item.mapping.toml": rows(2000).replace(b"/r", b"/a/b/c/d/r").replace(b"/extra/c", b"/x/x/x/x/c")}
        | {"other.mapping.toml": CONFLICT}
    ),
    "rows_nested_too_deep": lambda: small(
        **{"service-item.mapping.toml": b'rows = [{ codec = "array", canonical = "/a", regional = "/a", ' * 60}
    ),
    "brackets_without_end": lambda: small(**{"service-item.mapping.toml": b"a = " + b"[" * 500_000}),
    "a_key_of_a_million_dots": lambda: small(**{"service-item.mapping.toml": b"a." * 500_000 + b"a = 1"}),
    "tables_within_tables": lambda: small(**{"service-item.mapping.toml": b"a = " + b"{ a = " * 150_000}),
    "many_files_of_noise": lambda: small(**{f"codes/c{number}.toml": b"\x00" * 30_000 for number in range(490)}),
    "large_code_tables": lambda: small(**{f"codes/c{number}.toml": codes(1000) for number in range(100)}),
    "a_code_table_with_a_value_too_many": lambda: small(**{"codes/c.toml": codes(1001)}),
    "too_many_files": lambda: small(**{f"more/f{number}.txt": b"" for number in range(500)}),
    "too_many_bytes": lambda: small(**{"more.txt": b"x" * (17 << 20)}),
    "a_path_that_leads_out": lambda: small(**{"../outside.toml": b""}),
    "a_schema_that_is_its_own_part": lambda: with_schema({"$ref": "#"}),
    "schemas_that_refer_to_each_other": lambda: with_schema(
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    ),
    "a_schema_that_refers_elsewhere": lambda: with_schema({"$ref": "file:///etc/passwd"}),
    "a_schema_nested_deep": lambda: with_schema(nested(200)),
    "a_pattern_that_explodes": lambda: with_schema(
        {"properties": {"NAME": {"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"}}}
    ),
    "a_pattern_that_repeats_repeats": lambda: with_schema(
        {"properties": {"NAME": {"pattern": "((a{0,500}){0,500}){0,500}"}}}
    ),
    "a_schema_that_doubles": lambda: with_schema(
        {
            "$defs": {f"d{number}": {"allOf": [{"$ref": f"#/$defs/d{number + 1}"}] * 2} for number in range(40)}
            | {"d40": {}},
            "$ref": "#/$defs/d0",
        }
    ),
    "patterns_that_take_a_drawer_for_ever": lambda: with_schema(
        {"properties": {f"P{number}": {"pattern": "^(x+x+)+y?(x+x+)+y?(x+x+)+$|^x*z$"} for number in range(40)}}
    ),
    "a_pattern_of_another_dialect": lambda: with_schema({"properties": {"NAME": {"pattern": "^\\p{Han}+$"}}}),
    "enums_without_end": lambda: with_schema(
        {"properties": {f"E{number}": {"enum": list(range(2_000))} for number in range(40)}}
    ),
    "parts_that_refer_to_all_the_others": lambda: with_schema(
        {
            "$defs": {
                f"d{one}": {"properties": {f"p{other}": {"$ref": f"#/$defs/d{other}"} for other in range(12)}}
                for one in range(12)
            },
            "$ref": "#/$defs/d0",
        }
    ),
    "constraints_that_contradict": lambda: with_schema(
        {
            "required": ["NAME", "GONE"],
            "properties": {
                "NAME": {"minLength": 9, "maxLength": 3},
                "NONE": {"type": "integer", "minimum": 5, "maximum": 4.5},
                "MANY": {"type": "array", "minItems": 1_000_000_000},
                "LONG": {"minLength": 1_000_000_000},
                "GONE": False,
            },
        }
    ),
    "examples_with_many_strays": lambda: small(**dict(examples(100, 2_000))),
    "many_examples_of_a_large_table": lambda: small(
        **{"service-item.mapping.toml": rows(2000)}, **dict(examples(240, 10))
    ),
    "an_example_nested_deep": lambda: small(
        **{"examples/service-item/first.regional.json": b'{"NAME":' + b"[" * 100_000}
    ),
}
