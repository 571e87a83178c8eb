"""What a system's plain answer makes of a delivery, by the rules that its adapter states.

Three things can be: *accepted*, *refused* for good, or nothing was said and it is *tried again*. What cannot be read
says nothing. A code that the rules do not know is a refusal that an operator sees, never a success: had it been one,
sending again would be the wrong answer too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.formats import read_document
from gateway.core.conversion.formats.charset import codec_name
from gateway.core.conversion.formats.payload import open_payloads
from gateway.core.conversion.formats.soap_format import FAULT, open_soap
from gateway.core.conversion.formats.wire import Wire
from gateway.core.conversion.remarks import echo
from gateway.core.conversion.rows import Path
from gateway.core.errors import Fault, MalformedDocumentError, UnsupportedFormatError
from gateway.core.transports.spec import AnswerSpec

_FAULT_LIMIT: Final = 20
_MESSAGE_LIMIT: Final = 500
_SOAP_RETRY: Final = frozenset(("Server", "Receiver"))
_BARE: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "form": "application/x-www-form-urlencoded",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}


class Meaning(StrEnum):
    """What an answer means for the delivery."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What an answer means, and why where it is no success."""

    meaning: Meaning
    code: str = ""
    faults: tuple[Fault, ...] = ()
    said: frozenset[str] = frozenset()  # the system's own codes, as it spelled them


def judge(spec: AnswerSpec, status: int, charset: str, body: bytes) -> Judgement:
    """Judge one complete answer; never raises."""
    if status in spec.refused_status:
        return Judgement(meaning=Meaning.REFUSED, code="answer_refused")
    if status not in spec.status:
        return _again("answer_status")
    if not spec.code and spec.records is None:
        return Judgement(meaning=Meaning.ACCEPTED)
    try:
        document = _read(spec.wire, charset, body)
    except (MalformedDocumentError, UnsupportedFormatError):
        return _again("answer_malformed")
    if isinstance(document, dict) and FAULT in document and spec.wire.format == "soap":
        return _faulted(document[FAULT])
    return _judged(spec, document)


def _read(wire: Wire, charset: str, body: bytes) -> Any:
    """Read an answer by the layout's word for its format: many systems call their JSON text/html."""
    try:
        named = codec_name(charset.lower()) if charset else ""
    except UnsupportedFormatError:
        named = ""
    if wire.format == "soap":
        document = open_soap(body, named, wire)
        return (
            document
            if wire.payload is None or FAULT in document
            else open_payloads(document, wire.payload, wire.arrays)
        )
    parameter = f"; charset={named}" if named else ""
    return read_document(body, _BARE[wire.format] + parameter, wire)


def _judged(spec: AnswerSpec, document: Any) -> Judgement:
    told = list(_told(spec, document))
    said = frozenset(code for code, _ in told)
    if not told:
        return _again("answer_malformed")
    refusals = [(code, fault) for code, fault in told if code not in spec.accepted | spec.retry]
    if refusals:
        faults = tuple(fault for _, fault in refusals[:_FAULT_LIMIT])
        return Judgement(meaning=Meaning.REFUSED, code=faults[0].code, faults=faults, said=said)
    if said & spec.retry:
        return Judgement(meaning=Meaning.RETRY, code="answer_retry", said=said)
    if spec.number and not _text(document, spec.number):
        return _again("answer_malformed")
    return Judgement(meaning=Meaning.ACCEPTED, said=said)


def _told(spec: AnswerSpec, document: Any) -> Iterator[tuple[str, Fault]]:
    """Yield each code of an answer, its own and its records', with the fault that it would be."""
    if spec.code and (code := _text(document, spec.code)):
        yield code, _fault(spec, code, _text(document, spec.message), "")
    records = pointers.find(document, spec.records.at) if spec.records else None
    for record in records if isinstance(records, list) else [records]:
        if spec.records and record is not None:
            code = _text(record, spec.records.code)
            yield code, _fault(spec, code, _text(record, spec.records.message), _text(record, spec.records.place))


def _fault(spec: AnswerSpec, code: str, message: str, place: str) -> Fault:
    """Say what a code means; what the system itself said of it stands beside, for the operator's eyes only."""
    known = "answer_refused" if code in spec.refused else "answer_code_unmapped"
    return Fault(
        pointer=place,
        code=spec.codes.get(code, known),
        message=message[:_MESSAGE_LIMIT],
        message_zh=message[:_MESSAGE_LIMIT],
        got=echo(code),
    )


def _faulted(said: dict[str, Any]) -> Judgement:
    """Judge a SOAP fault: the server's own trouble passes, what it holds against the message does not."""
    code = str(said.get("code", ""))
    if code.partition(".")[0] in _SOAP_RETRY:  # SPEC SOAP 1.1 4.4.1: what follows a dot is a finer name
        return Judgement(meaning=Meaning.RETRY, code="answer_soap_fault", said=frozenset((code,)))
    reason = str(said.get("reason", ""))[:_MESSAGE_LIMIT]
    fault = Fault(pointer="", code="answer_soap_fault", message=reason, message_zh=reason, got=echo(code))
    return Judgement(meaning=Meaning.REFUSED, code=fault.code, faults=(fault,), said=frozenset((code,)))


def _text(document: Any, path: Path) -> str:
    found = pointers.find(document, path)
    if isinstance(found, dict):  # an XML element with attributes
        found = found.get("#text")
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found).strip() if isinstance(found, str | int | float | Decimal) else ""


def _again(code: str) -> Judgement:
    return Judgement(meaning=Meaning.RETRY, code=code)
