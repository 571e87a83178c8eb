"""What is done with files that nobody vouches for; it runs on the bench, a process of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from math import inf
from typing import Any, Final

import orjson

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.comparison import compare
from gateway.core.conversion.conformance import (
    Example,
    Generated,
    Report,
    canonical_fields,
    check,
    examples_in,
    regional_schemas,
)
from gateway.core.conversion.conformance.record import record_of
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.rows import Row
from gateway.core.errors import AdapterError, Fault
from gateway.core.model import DocumentKind
from gateway.flow.ports import Judgement
from gateway.resources import shipped_code_lists, shipped_forms, shipped_schemas

ROWS_LIMIT: Final = (
    40_000  # of all messages together, nested ones too: variants may share a table, and each pays for it
)
WORK_LIMIT: Final = 200_000  # rows of a kind's largest message, times the files of the kind's examples
TOML_LIMIT: Final = 4 << 20  # bytes of all tables, and
LINE_LIMIT: Final = 64 << 10  # of one line: a key of a million parts takes a reader of TOML the square of that
EXAMPLES_LIMIT: Final = 2 << 20  # bytes
WEIGHT_LIMIT: Final = 100_000  # parts of a schema, once what is referred to stands where it is referred to from
REPORT_LIMIT: Final = 8 << 20  # bytes
GENERATE: Final = 25  # documents of each message that the law of the round trip is held of,
UPLOAD_GENERATE: Final = 10  # and of an upload, which somebody waits for;
UPLOAD_GENERATE_S: Final = 4.0  # of processor time for all of them, under half of what the process has

Tell = Callable[[str], None]  # is told what is worked on, so that whoever ends the work can say where it was


class Watched(Mapping[str, bytes]):
    """Files that tell which of them is being read."""

    def __init__(self, files: Mapping[str, bytes], tell: Tell) -> None:
        self._files = files
        self._tell = tell

    def __getitem__(self, name: str) -> bytes:
        """Return a file, once it is told."""
        content = self._files[name]
        self._tell(name)
        return content

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._files)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._files)


def report_on(files: Mapping[str, bytes], *, generate: int = GENERATE, seconds: float = inf) -> Report:
    """Load and check an adapter against everything that this program knows; raises AdapterError with every reason.

    So many documents are generated of each message, within `seconds` of processor time for all of them.
    """
    refuse_too_much(files)
    lists, schemas = shipped_code_lists(), shipped_schemas()
    adapter = load_adapter(files, lists)
    refuse_too_costly(adapter, files)
    examples = examples_in(files)
    return check(
        adapter,
        examples,
        forms=shipped_forms(),
        fields={kind: canonical_fields(schemas, kind) for kind in DocumentKind},
        code_lists=lists,
        schemas=regional_schemas(files),
        generated=_generated(adapter, files, examples, count=generate, seconds=seconds) if generate else (),
    )


def _generated(
    adapter: Adapter, files: Mapping[str, bytes], examples: tuple[Example, ...], *, count: int, seconds: float
) -> tuple[Generated, ...]:
    from gateway.adapters import drawn  # noqa: PLC0415 - Hypothesis: a fifth of a second for whoever draws nothing

    judged = drawn.Judged(adapter=adapter, files=files, examples=examples, forms=shipped_forms())
    return drawn.generated(judged, count, seconds=seconds)


def judge(files: Mapping[str, bytes], tell: Tell) -> Judgement:
    """Return what an adapter is; raises AdapterError."""
    report = report_on(Watched(files, tell), generate=UPLOAD_GENERATE, seconds=UPLOAD_GENERATE_S)
    written = orjson.dumps(record_of(report))
    if len(written) > REPORT_LIMIT:
        raise _costly("", f"a report of at most {REPORT_LIMIT} bytes")
    return Judgement(
        layout=report.adapter, version=report.version, digest=report.digest, passed=report.passed, report=written
    )


def compared(old: Mapping[str, bytes], new: Mapping[str, bytes], tell: Tell) -> dict[str, Any]:
    """Return what changed between two adapters; raises AdapterError where one of them cannot be loaded."""
    lists = shipped_code_lists()
    one, other = (load_adapter(Watched(files, tell), lists) for files in (old, new))
    return compare((one, old), (other, new)).record()


def refuse_too_much(files: Mapping[str, bytes]) -> None:
    """Raise AdapterError `adapter_too_costly` for files that take long to read, before any is read."""
    tables = {name: content for name, content in files.items() if name.endswith(".toml")}
    if sum(map(len, tables.values())) > TOML_LIMIT:
        raise _costly("", f"tables of at most {TOML_LIMIT} bytes together")
    for name, content in tables.items():
        if any(len(line) > LINE_LIMIT for line in content.split(b"\n")):
            raise _costly(f"{name}#", f"lines of at most {LINE_LIMIT} bytes")
    if sum(len(content) for name, content in files.items() if name.startswith("examples/")) > EXAMPLES_LIMIT:
        raise _costly("examples#", f"at most {EXAMPLES_LIMIT} bytes of examples")
    for name, schema in _schemas(files):
        if weight_of(schema) > WEIGHT_LIMIT:
            raise _costly(f"{name}#", f"at most {WEIGHT_LIMIT} parts, repeated as often as they are referred to")


def _schemas(files: Mapping[str, bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield whatever may be named as a schema; what cannot be read is left to the loader to tell."""
    for name in files:
        if name.endswith(".json") and not name.startswith("examples/"):
            with suppress(orjson.JSONDecodeError):
                schema = orjson.loads(files[name])
                if isinstance(schema, dict):
                    yield name, schema


def weight_of(schema: Mapping[str, Any]) -> int:
    """Return how many parts a schema has where every reference is replaced by what it means, cycles cut.

    A validator goes through all of them: forty definitions that each refer twice to the next are a million million.
    """
    known: dict[str, int] = {}

    def weigh(node: object) -> int:
        if isinstance(node, list):
            return sum(map(weigh, node)) + 1
        if not isinstance(node, dict):
            return 1
        parts = (weigh(value) for name, value in node.items() if name not in ("$ref", "$defs", "definitions"))
        return 1 + sum(parts) + (meant(str(node["$ref"])) if "$ref" in node else 0)

    def meant(reference: str) -> int:
        if reference not in known:
            known[reference] = 0  # what refers to itself goes on in a smaller document, or is refused elsewhere
            known[reference] = weigh(_target(schema, reference))
        return known[reference]

    return weigh(schema)


def _target(schema: Mapping[str, Any], reference: str) -> object:
    node: object = schema
    for token in reference.removeprefix("#").split("/")[1:]:
        node = node.get(token.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node


def refuse_too_costly(adapter: Adapter, files: Mapping[str, bytes]) -> None:
    """Raise AdapterError `adapter_too_costly` for more rows, or rows times examples, than a check goes through."""
    sizes = {
        (kind, name): size_of(message.variant.rows)
        for kind, channel in adapter.channels.items()
        for name, message in channel.messages.items()
    }
    if sum(sizes.values()) > ROWS_LIMIT:
        raise _costly("adapter.toml#/documents", f"at most {ROWS_LIMIT} rows in all messages together")
    for kind in adapter.kinds:
        examples = sum(name.startswith(f"examples/{kind}/") for name in files)
        if examples * max(size for (of, _), size in sizes.items() if of is kind) > WORK_LIMIT:
            raise _costly(f"examples/{kind}#", f"at most {WORK_LIMIT} rows times examples")


def size_of(rows: tuple[Row, ...]) -> int:
    """Return how many rows there are, nested ones too."""
    return sum(1 + size_of(row.rows or ()) for row in rows)


def _costly(pointer: str, expected: str) -> AdapterError:
    fault = Fault(
        pointer=pointer,
        code="adapter_too_costly",
        message="The adapter asks for more work than a check does.",
        message_zh="适配器检查工作量过大。",
        expected=expected,
    )
    return AdapterError(fault.message, code="adapter_too_costly", faults=(fault,))
