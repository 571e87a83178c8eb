"""Every failure as an RFC 9457 problem document with a stable code.

The only place that ties errors to HTTP statuses: `core` and `flow` say what is wrong, this says how HTTP calls it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web

from gateway.api.codes import meaning_of
from gateway.core.errors import (
    AdapterError,
    ConflictError,
    CorruptedError,
    Fault,
    ForbiddenError,
    GatewayError,
    InvalidDocumentError,
    MalformedDocumentError,
    NotFoundError,
    OverloadedError,
    OversizedDocumentError,
    PartnerUnavailableError,
    ProofError,
    RejectedError,
    ReplayedTokenError,
    RetiredError,
    RetryableError,
    SettingsError,
    StoreUnavailableError,
    UnsupportedFormatError,
    UntrustedError,
)

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "https://tongban.cn/problems/"

# The first row that fits decides, so subclasses stand before their parents.
STATUS: Final[tuple[tuple[type[GatewayError], HTTPStatus], ...]] = (
    (ReplayedTokenError, HTTPStatus.UNAUTHORIZED),
    (UntrustedError, HTTPStatus.UNAUTHORIZED),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (MalformedDocumentError, HTTPStatus.BAD_REQUEST),
    (InvalidDocumentError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (OversizedDocumentError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (UnsupportedFormatError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (RetiredError, HTTPStatus.GONE),
    (ConflictError, HTTPStatus.CONFLICT),
    (ProofError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (AdapterError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (SettingsError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (RejectedError, HTTPStatus.BAD_REQUEST),
    (OverloadedError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (PartnerUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (RetryableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (CorruptedError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (GatewayError, HTTPStatus.INTERNAL_SERVER_ERROR),
)

# What goes wrong before any step of ours is reached has no error class, only a status.
HTTP_CODES: Final[dict[int, str]] = {
    400: "request_malformed",
    404: "path_unknown",
    405: "method_not_allowed",
    408: "body_too_slow",
    413: "document_too_large",
    417: "expectation_failed",
    431: "header_too_large",
    500: "internal_error",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One failure as its sender may see it; `diagnostic` is the UUIDv7 under which the log tells the rest."""

    status: int
    code: str
    detail: str
    diagnostic: str
    faults: tuple[Fault, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the members of RFC 9457, and ours: `code`, `diagnostic`, `errors` and the Chinese title."""
        meaning = meaning_of(self.code)
        return {
            "type": TYPE_PREFIX + self.code,
            "title": meaning.title,
            "title_zh": meaning.title_zh,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "diagnostic": self.diagnostic,
            "errors": [fault_document(fault) for fault in self.faults],
        }

    def response(self) -> web.Response:
        """Return the problem as an answer that no cache keeps."""
        headers = {"Cache-Control": "no-store", **self.headers}
        return web.Response(
            status=self.status, body=orjson.dumps(self.document()), content_type=MEDIA_TYPE, headers=headers
        )


def status_of(error: GatewayError) -> HTTPStatus:
    """Return the status that HTTP has for an error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def statuses_of(code: str) -> tuple[HTTPStatus, ...]:
    """Return every status that a code can come with; none for one that only stands inside `errors`."""
    named = {kind.__name__: status for kind, status in STATUS}
    raised = {named[name] for name in meaning_of(code).raised}
    return tuple(sorted(raised | {HTTPStatus(status) for status, known in HTTP_CODES.items() if known == code}))


def problem_of(error: GatewayError, diagnostic: str, *, retry_after_s: int) -> Problem:
    """Return what the sender of a refused request is told.

    Only what the sender can act on is explained; why a store or a partner failed is for the log.
    """
    status = status_of(error)
    rejected = isinstance(error, RejectedError) and status < HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem(
        status=status,
        code=error.code,
        detail=str(error) if rejected else meaning_of(error.code).action,
        diagnostic=diagnostic,
        faults=error.faults if rejected else (),
        headers=_headers(status, retry_after_s),
    )


def http_problem(
    status: int, diagnostic: str, *, detail: str = "", allow: Sequence[str] = (), faults: tuple[Fault, ...] = ()
) -> Problem:
    """Return what is told about a request that reached none of our steps; unlisted statuses fall to 400 or 500."""
    listed = status if status in HTTP_CODES else (HTTPStatus.BAD_REQUEST if status < 500 else 500)  # noqa: PLR2004
    code = HTTP_CODES[listed]
    headers = {"Allow": ", ".join(sorted(allow))} if allow else {}
    detail = detail or meaning_of(code).action
    return Problem(status=listed, code=code, detail=detail, diagnostic=diagnostic, faults=faults, headers=headers)


def _headers(status: int, retry_after_s: int) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        # SPEC RFC 9110 15.5.2: a 401 MUST carry a challenge.
        return {"WWW-Authenticate": 'Exchange-Token realm="federation"'}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(retry_after_s)}
    return {}


def fault_document(fault: Fault) -> dict[str, str]:
    """Return one fault as it is told on the wire."""
    document = {
        "pointer": fault.pointer,
        "code": fault.code,
        "message": fault.message,
        "message_zh": fault.message_zh,
        "expected": fault.expected,
    }
    return document if fault.got is None else {**document, "got": fault.got}
