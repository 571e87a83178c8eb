"""Documents drawn from an adapter's own schema hold it to the law of the round trip where no example does."""

import signal
import subprocess
import sys
from dataclasses import replace
from math import inf
from typing import Any

import orjson
import pytest

from gateway.adapters.drawn import Judged, generated
from gateway.adapters.work import judge, report_on
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.codecs.codec import Codec, Way
from gateway.core.conversion.conformance import Generated, Report, check, examples_in
from gateway.core.conversion.conformance.page import page_of
from gateway.core.conversion.conformance.record import record_of
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_code_lists
from tests.adapters.hostile import Files, with_schema
from tests.cli.workplace import LAYOUT
from tests.patience import PATIENCE_S

ITEM = DocumentKind("service-item")
COLUMNS: dict[str, Any] = {name: {"type": "string"} for name in ("NAME", "AREA", "CODE", "TYPE")}
RIGHT = '{ canonical = "/source", regional = "/SRC" },'
ONE_WAY = (
    '{ canonical = "/source", regional = "/SRC", only = "to-canonical" },'
    '{ canonical = "/source", regional = "/ORIGIN", only = "to-regional" },'
)


def files(rows: str, **columns: object) -> Files:
    """Return the small layout with rows and columns more, of which its example shows nothing."""
    found = with_schema({"type": "object", "properties": {**COLUMNS, "SRC": {"type": ["string", "null"]}, **columns}})
    table = LAYOUT["service-item.mapping.toml"].strip().removesuffix("]")
    return found | {"service-item.mapping.toml": f"{table}{rows}]".encode()}


def told(report: Report) -> Generated:
    assert [one.passed for one in report.verdicts] == [True]
    (one,) = report.generated
    return one


def of_codec(codec: Codec, *, lossy: bool = False) -> Report:
    """Judge the small layout with another codec in the row of `/SRC`, as a faulty one of ours would be."""
    held = files(RIGHT)
    adapter = load_adapter(held, shipped_code_lists())
    channel = adapter.channels[ITEM]
    (message,) = channel.messages.values()
    *rows, last = message.variant.rows
    variant = replace(message.variant, rows=(*rows, replace(last, codec=codec, lossy=lossy)))
    document = replace(channel.document, variants=(variant,))
    messages = {variant.name: replace(message, variant=variant)}
    bent = replace(adapter, channels={ITEM: replace(channel, document=document, messages=messages)})
    return judged(bent, held)


def judged(adapter: Adapter, held: Files) -> Report:
    examples = examples_in(held)
    found = Judged(adapter=adapter, files=held, examples=examples, forms={})
    return check(adapter, examples, generated=generated(found, 25, seconds=inf))


def codec(carry: Any) -> Codec:
    return Codec(name="text", read=Way(carry=carry), write=Way(carry=lambda value: value))


def shorten(text: str) -> str:
    return text[:3]


def drop(text: str) -> str | None:
    return text if len(text) < 4 else None


def crash(text: str) -> str:
    return text if len(text) < 4 else text[len(text)]


def test_a_right_adapter_passes_and_says_how_much_was_drawn():
    one = told(report_on(files(RIGHT)))

    assert (one.passed, one.drawn, one.ended) == (True, 25, "")
    assert one.converted > 20


def test_a_row_that_is_read_here_and_written_there_fails_what_its_example_passes():
    report = report_on(files(ONE_WAY, ORIGIN={"type": "string"}))

    one = told(report)
    assert not report.passed
    assert [(each.breach, each.pointers[0]) for each in one.failures] == [("lost", "/SRC"), ("changed", "/source")]
    assert one.failures[0].rows == ("service-item.mapping.toml#/rows/4",)
    assert one.failures[0].shape == ("/SRC string",)


def test_a_direction_that_is_missing_holds_where_the_loss_is_named():
    assert told(report_on(files('{ canonical = "/source", regional = "/SRC", only = "to-canonical" },'))).passed
    assert told(report_on(files('{ canonical = "/source", regional = "/SRC", only = "to-regional" },'))).passed


def test_columns_that_feed_one_field_may_stand_in_for_each_other():
    rows = '{ canonical = "/source", regional = ["/SRC", "/ALT"], codec = "first-of" },'

    assert told(report_on(files(rows, ALT={"type": "string"}))).passed


@pytest.mark.parametrize(("carry", "breach"), [(shorten, "respelled"), (drop, "lost"), (crash, "raised")])
def test_a_codec_that_loses_silently_or_crashes_fails_what_its_example_passes(carry, breach):
    report = of_codec(codec(carry))

    assert not report.passed
    assert told(report).failures[0].breach == breach


def test_a_loss_that_its_row_declares_holds():
    assert of_codec(codec(shorten), lossy=True).passed


def test_no_value_of_a_drawn_document_is_in_any_form_of_the_report():
    report = report_on(files(ONE_WAY, SRC={"enum": ["unmistakable"]}))

    assert not report.passed
    assert b"unmistakable" not in orjson.dumps(record_of(report))
    assert "unmistakable" not in page_of(report)


def test_the_same_files_draw_the_same_documents():
    first, second = (report_on(files(ONE_WAY, ORIGIN={"type": "string"})) for _ in range(2))

    assert first == second


def test_a_message_that_only_refuses_passes_and_says_so():
    held = files(RIGHT)
    held["schema/item.json"] = orjson.dumps({"required": ["NAME"], "properties": {"NAME": {"type": "object"}}})

    report = report_on(held)

    (one,) = report.generated
    assert (one.passed, one.converted, one.refusals_only) == (True, 0, True)
    assert "held of refusals only" in page_of(report)


def test_a_message_without_a_schema_and_one_that_nothing_fits_say_so():
    bare = {name: content for name, content in files(RIGHT).items() if not name.startswith("schema/")}
    bare["adapter.toml"] = LAYOUT["adapter.toml"].encode()

    assert [one.ended for one in report_on(bare).generated] == ["no_schema"]
    assert [one.ended for one in report_on(with_schema({"$ref": "#"})).generated] == ["undrawable"]


def test_drawing_ends_when_its_time_is_over():
    (one,) = report_on(files(RIGHT), seconds=-1.0).generated

    assert (one.drawn, one.ended, one.passed) == (0, "out_of_time", True)


def test_a_document_that_is_never_finished_ends_the_drawing_of_its_message():
    endless = {f"P{number}": {"pattern": "^(x+x+)+y?(x+x+)+y?(x+x+)+$|^x*z$"} for number in range(4)}

    (one,) = report_on(with_schema({"properties": endless})).generated

    assert (one.ended, one.failures) == ("out_of_time", ())
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_none_are_drawn_where_none_are_asked_for():
    assert report_on(files(RIGHT), generate=0).generated == ()


def test_an_upload_is_held_to_the_same_law():
    verdict = judge(files(ONE_WAY, ORIGIN={"type": "string"}), lambda _: None)

    assert not verdict.passed
    assert orjson.loads(verdict.report)["generated"][0]["failures"][0]["breach"] == "lost"


def test_a_refusal_with_a_code_is_no_failure():
    def refuse(_: object) -> object:
        raise InvalidDocumentError("no")

    assert told(of_codec(codec(refuse))).passed


@pytest.mark.parametrize("library", ["hypothesis", "pypinyin", "xlsxwriter"])
def test_serving_and_every_other_command_go_without_what_one_command_needs(library):
    asked = (
        "import sys, click, gateway.bootstrap\n"
        "from gateway.cli.root import tongban\n"
        "asking = click.Context(tongban)\n"
        "assert all([tongban.get_command(asking, each) for each in tongban.list_commands(asking)])\n"
        f"sys.exit({library!r} in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", asked], check=False, timeout=PATIENCE_S).returncode == 0


def test_drawing_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    report_on(files(RIGHT, SRC={"type": "string", "pattern": "^\\d{3}.*$"}))

    assert list(tmp_path.iterdir()) == []
