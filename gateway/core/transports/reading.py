"""Reads `[transport]` of an adapter's manifest; what is wrong becomes a complaint, and no secret can stand in it."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.options import Options
from gateway.core.conversion.rows import Path
from gateway.core.conversion.wires import read_wire
from gateway.core.transports.spec import (
    AnswerSpec,
    AppCode,
    HttpSpec,
    NationalHeaders,
    Records,
    Spot,
    StaticKey,
)

_PATH: Final = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*", re.ASCII)
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}", re.ASCII)
_HEADER_VALUE: Final = re.compile(r"[ -~]{0,512}", re.ASCII)
_CREDENTIAL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
_EXCHANGE_KIND: Final = re.compile(r"(application|event)(\.[a-z][a-z-]{0,63})?", re.ASCII)
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_RESERVED: Final = frozenset(
    ("content-length", "content-type", "content-encoding", "transfer-encoding", "host", "connection", "te", "upgrade")
)
_CODE_LIMIT: Final = 256
_SOAP_STATUS: Final = (200, 500)  # SPEC SOAP 1.1 6.2: a fault is answered with 500


def read_http(options: Options) -> HttpSpec:
    """Read the transport that posts one document a request; the caller has taken `kind`, and finishes."""
    return HttpSpec(
        paths=_by_kind(options, "path", _PATH, "a path that begins with /"),
        answer=_answer(options.nested("answer")),
        authentication=_authentication(options.nested("authentication")) if options.has("authentication") else None,
        headers=_headers(options),
        soap_actions=_by_kind(options, "soap_action", _HEADER_VALUE, "printable ASCII"),
        exchange=_stamp(options, "exchange"),
        number=_stamp(options, "number"),
        lower_keys=options.flag("lower_keys"),
        timeout_s=options.integer("timeout_s", 30, low=1, high=60),
    )


def _authentication(options: Options) -> StaticKey | AppCode | NationalHeaders | None:
    readers: dict[str, Callable[[Options, str], StaticKey | AppCode | NationalHeaders]] = {
        "key": lambda entry, name: StaticKey(credential=name, at=_spot(entry)),
        "app-code": _app_code,
        "national": _national,
    }
    kind = options.choice("kind", tuple(readers))
    name = options.text("credential")
    if not _CREDENTIAL.fullmatch(name):
        options.complain("name_invalid", "credential", "the name of a secret, which is kept elsewhere")
    found = readers[kind](options, name) if kind in readers else None
    options.finish()
    return found


def _app_code(options: Options, credential: str) -> AppCode:
    return AppCode(
        credential=credential,
        at=_spot(options),
        path=_matching(options, "path", _PATH, "a path that begins with /", "/api-gateway/gateway/get-token"),
        digest=options.text("digest", "token"),
        timestamp=options.text("timestamp", "timestamp"),
        parameters=_texts(options.nested("parameters")) if options.has("parameters") else {},
        token=pointer_of(options, "token"),
        lifetime=pointer_of(options, "lifetime", ""),
        lifetime_s=options.integer("lifetime_s", 600, low=1, high=86_400),
        expired=frozenset(_codes(options, "expired")),
    )


def _national(options: Options, credential: str) -> NationalHeaders:
    requester = _matching(options, "requester", _HEADER_VALUE, "printable ASCII")
    services = _by_kind(options, "service", _HEADER_VALUE, "printable ASCII")
    if not services:
        options.complain("option_missing", "service", "the service's id")
    return NationalHeaders(credential=credential, requester=requester, services=services)


def _answer(options: Options) -> AnswerSpec:
    wire = read_wire(options, ())
    by_status = options.flag("by_status")
    known = options.nested("codes") if options.has("codes") else None
    codes = _texts(known) if known is not None else {}
    if known is not None and not all(map(_CODE.fullmatch, codes.values())):
        known.complain("option_invalid", None, "codes in lower_case_words")
    spec = AnswerSpec(
        wire=wire,
        status=frozenset(_statuses(options, "status", _SOAP_STATUS if wire.format == "soap" else (200,))),
        refused_status=frozenset(_statuses(options, "refused_status", ())),
        code=() if by_status else pointer_of(options, "code", "" if options.has("records") else None),
        accepted=frozenset(_codes(options, "accepted")),
        retry=frozenset(_codes(options, "retry")),
        refused=frozenset((*_codes(options, "refused"), *codes)),
        codes=codes,
        message=pointer_of(options, "message", ""),
        number=pointer_of(options, "number", ""),
        records=_records(options.nested("records")) if options.has("records") else None,
    )
    _check_meaning(options, spec, by_status=by_status)
    options.finish()
    return spec


def _check_meaning(options: Options, spec: AnswerSpec, *, by_status: bool) -> None:
    """Complain about answers that could mean two things, or never success."""
    if not by_status and not spec.accepted:
        options.complain("option_missing", "accepted", "the codes that accept, or by_status = true")
    if by_status and (spec.accepted or spec.records):
        options.complain("option_invalid", "by_status", "either the status accepts, or a code does")
    if spec.accepted & spec.retry or (spec.accepted | spec.retry) & spec.refused or spec.status & spec.refused_status:
        options.complain("option_invalid", "accepted", "each code with one meaning")


def _records(options: Options) -> Records:
    records = Records(
        at=pointer_of(options, "at"),
        code=pointer_of(options, "code"),
        message=pointer_of(options, "message", ""),
        place=pointer_of(options, "place", ""),
    )
    options.finish()
    return records


def _spot(options: Options) -> Spot:
    """Read where a value stands; exactly one of the three."""
    spot = Spot(
        header=_matching(options, "header", _HEADER, "a header's name", ""),
        query=options.text("query", ""),
        field=pointer_of(options, "field", ""),
    )
    if sum(map(bool, (spot.header, spot.query, spot.field))) != 1 or spot.header.lower() in _RESERVED:
        options.complain("option_invalid", None, "one of header, query and field")
    return spot


def _stamp(options: Options, name: str) -> Spot | None:
    if not options.has(name):
        return None
    nested = options.nested(name)
    spot = _spot(nested)
    nested.finish()
    return spot


def pointer_of(options: Options, name: str, default: str | None = None) -> Path:
    """Take a JSON Pointer; without a default it is required."""
    text = options.text(name, default)
    try:
        return pointers.tokens(text)
    except ValueError:
        options.complain("path_invalid", name, "a JSON Pointer")
        return ()


def _by_kind(options: Options, name: str, form: re.Pattern[str], expected: str) -> Mapping[str, str]:
    """Take a text for every exchange, or a table of texts by exchange kind."""
    if not options.has(name):
        return {}
    if type(options.raw(name)) is str:
        return {"": _matching(options, name, form, expected)}
    table = options.nested(name)
    found = {kind: _matching(table, kind, form, expected) for kind in table.names()}
    for kind in found:
        if not _EXCHANGE_KIND.fullmatch(kind):
            table.complain("option_unknown", kind, "application, event, or event.<type>")
    return found


def _headers(options: Options) -> Mapping[str, str]:
    if not options.has("headers"):
        return {}
    nested = options.nested("headers")
    found = _texts(nested)
    for name, value in found.items():
        if not _HEADER.fullmatch(name) or name.lower() in _RESERVED or not _HEADER_VALUE.fullmatch(value):
            nested.complain("option_invalid", name, "a header of printable ASCII")
    return found


def _texts(options: Options) -> dict[str, str]:
    names = options.names()
    if len(names) > _CODE_LIMIT:
        options.complain("option_invalid", None, f"at most {_CODE_LIMIT} entries")
        return {}
    return {name: options.text(name) for name in names}


def _matching(options: Options, name: str, form: re.Pattern[str], expected: str, default: str | None = None) -> str:
    text = options.text(name, default)
    if text and not form.fullmatch(text):
        options.complain("option_invalid", name, expected)
    return text


def _codes(options: Options, name: str) -> tuple[str, ...]:
    return tuple(map(spoken, options.scalars(name, ())))


def _statuses(options: Options, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    found = options.scalars(name, default)
    if not all(type(one) is int and 200 <= one <= 599 for one in found):  # noqa: PLR2004 - what a final status can be
        options.complain("option_invalid", name, "HTTP statuses from 200 to 599")
    return found


def spoken(value: object) -> str:
    """Return a code as the manifest spells it: a JSON answer may say 200, "200" or true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()
