"""Every failure has one form, one status and one stable code, and says nothing it should not."""

import inspect

import pytest
from structlog.testing import capture_logs

from gateway.api.app import build_app
from gateway.api.problems import STATUS, problem_of, status_of
from gateway.core import errors
from gateway.core.errors import (
    ConflictError,
    CorruptedError,
    Fault,
    GatewayError,
    InvalidDocumentError,
    StoreUnavailableError,
    UntrustedError,
)
from tests.api.served import served

KINDS = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, GatewayError)]
FAULTS = (
    Fault(pointer="/a", code="required_missing", message="m", message_zh="缺", expected="text"),
    Fault(pointer="/b", code="type_wrong", message="n", message_zh="错", expected="a number", got="string"),
)


def test_every_error_class_has_a_row_of_its_own():
    assert {kind for kind, _ in STATUS} == set(KINDS)


def test_no_row_hides_a_later_one():
    kinds = [kind for kind, _ in STATUS]

    hidden = [
        (later.__name__, earlier.__name__)
        for place, earlier in enumerate(kinds)
        for later in kinds[place + 1 :]
        if issubclass(later, earlier)
    ]

    assert hidden == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_family_answers_whether_to_change_repeat_or_stop(kind):
    status = status_of(kind("why"))

    if issubclass(kind, errors.RetryableError):
        assert status == 503
    elif issubclass(kind, errors.RejectedError) and kind is not errors.SettingsError:
        assert 400 <= status < 500
    else:
        assert status == 500


def test_all_faults_are_told_at_once_in_both_languages():
    problem = problem_of(InvalidDocumentError("two faults", faults=FAULTS), "d", retry_after_s=1).document()

    assert problem["errors"] == [
        {"pointer": "/a", "code": "required_missing", "message": "m", "message_zh": "缺", "expected": "text"},
        {
            "pointer": "/b",
            "code": "type_wrong",
            "message": "n",
            "message_zh": "错",
            "expected": "a number",
            "got": "string",
        },
    ]
    assert problem["title_zh"] == "报文不符合规则"


def test_a_closer_code_keeps_the_status_of_its_class():
    problem = problem_of(ConflictError("again", code="exchange_reused"), "d", retry_after_s=1)

    assert (problem.status, problem.code) == (409, "exchange_reused")


def test_a_401_carries_a_challenge_and_a_503_says_when_to_come_back():
    untrusted = problem_of(UntrustedError("no"), "d", retry_after_s=7)
    later = problem_of(StoreUnavailableError("locked"), "d", retry_after_s=7)

    assert untrusted.headers == {"WWW-Authenticate": 'Exchange-Token realm="federation"'}
    assert later.headers == {"Retry-After": "7"}


@pytest.mark.parametrize("kind", [StoreUnavailableError, CorruptedError])
def test_what_is_wrong_inside_is_told_to_the_operator_only(kind):
    problem = problem_of(kind("/var/lib/secret.db is locked", faults=FAULTS), "d", retry_after_s=1).document()

    assert "secret" not in str(problem)
    assert problem["errors"] == []


@pytest.fixture
async def failing(parts):
    async def fail(request):
        raise {"bug": KeyError("110101199003077790"), "store": StoreUnavailableError("disk full")}[request.query["as"]]

    app = build_app(parts)
    app.router.add_get("/fail", fail)
    async with served(app) as running:
        yield running


async def test_a_probe_is_news_in_the_log_only_where_it_says_no(failing):
    with capture_logs() as lines:
        await failing.ask("GET", "/healthz")
        await failing.ask("GET", "/readyz")
        await failing.ask("GET", "/openapi.json")

    assert [line["log_level"] for line in lines if line["event"] == "request_answered"] == ["debug", "debug", "info"]


async def test_a_bug_is_a_500_that_says_nothing_and_leaves_where_it_happened_in_the_log(failing):
    with capture_logs() as lines:
        told = await failing.ask("GET", "/fail?as=bug")

    (line,) = lines
    assert (told.status, told.code) == (500, "internal_error")
    assert (line["event"], line["log_level"], line["diagnostic"]) == (
        "request_crashed",
        "error",
        told.document["diagnostic"],
    )
    assert line["frames"][0] == "builtins.KeyError"
    assert any(frame.endswith(" fail") for frame in line["frames"])
    assert "110101199003077790" not in str(lines)
    assert "110101199003077790" not in str(told.document)


async def test_the_log_tells_the_operator_why_a_request_can_only_be_repeated(failing):
    with capture_logs() as lines:
        told = await failing.ask("GET", "/fail?as=store")

    assert (told.status, told.headers["Retry-After"]) == (503, "4")
    assert lines[0]["reason"] == "disk full"
    assert lines[0]["diagnostic"] == told.document["diagnostic"]


async def test_a_request_leaves_one_line_without_anything_that_was_sent(gateway):
    with capture_logs() as lines:
        await gateway.ask("GET", "/healthz?id=110101199003077790", headers={"Exchange-Token": "secret-token"})
        await gateway.ask("GET", "/110101199003077790", headers={"Exchange-Token": "secret-token"})

    assert [(line["route"], line["status"]) for line in lines] == [("/healthz", 200), ("unknown", 404)]
    assert "110101199003077790" not in str(lines)
    assert "secret-token" not in str(lines)


async def test_problems_are_never_cached(gateway):
    told = await gateway.ask("GET", "/nowhere")

    assert told.headers["Cache-Control"] == "no-store"
