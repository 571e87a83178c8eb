"""What a partner gateway says instead of a receipt: a problem document, believed as far as it has that form.

A partner may answer anything. What is kept of it is bounded, and a code that is no code is not repeated: codes reach
the log, and a sentence in their place might hold anybody's name. What it says in words is for an operator's eyes only.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.core.audit.forms import fits
from gateway.core.errors import Fault

_FAULTS_KEPT: Final = 20
_TEXT_KEPT: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why something was not taken."""

    code: str
    faults: tuple[Fault, ...] = ()
    status: int = 0  # as the problem document itself states it; 0 where it does not


def answer_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that an answer is, empty for anything else."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def results_of(body: bytes) -> list[dict[str, Any]] | None:
    """Return what is said of each exchange of a batch, or None where the answer is no such list."""
    results = answer_object(body).get("results")
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        return None
    return results


def refusal_of(problem: object, *, otherwise: str) -> Refusal:
    """Return what a problem document (RFC 9457) says, under the code `otherwise` where it names none."""
    told = problem if isinstance(problem, dict) else {}
    code, status, errors = told.get("code"), told.get("status"), told.get("errors")
    return Refusal(
        code=code if isinstance(code, str) and fits("code", code) else otherwise,
        faults=tuple(_fault(each) for each in errors[:_FAULTS_KEPT] if isinstance(each, dict))
        if isinstance(errors, list)
        else (),
        status=status if type(status) is int else 0,
    )


def _fault(told: dict[str, Any]) -> Fault:
    code = told.get("code")
    return Fault(
        pointer=_text(told.get("pointer")),
        code=code if isinstance(code, str) and fits("code", code) else "",
        message=_text(told.get("message")),
        message_zh=_text(told.get("message_zh")),
        expected=_text(told.get("expected")),
    )


def _text(value: object) -> str:
    """Return a text as far as it is kept; one with control characters could write over an operator's screen."""
    return value[:_TEXT_KEPT] if isinstance(value, str) and value.isprintable() else ""
