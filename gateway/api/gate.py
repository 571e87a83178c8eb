"""The gate in front of the routes: it asks `Admission`, and answers those who have to come again later.

They are answered as cheaply as a server can: no route is looked for, no body read, no line logged and no entry
written for each. Once a second one line tells how many there were, under the diagnostic that their answers carry.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from aiohttp import hdrs, web

from gateway.api.admission import Admission, Visit
from gateway.api.parts import Parts
from gateway.api.problems import MEDIA_TYPE, problem_of
from gateway.core.errors import OverloadedError, RetryableError, UntrustedError
from gateway.core.trust.tokens import HEADER_NAME, read_unverified_issuer

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

VISIT: Final = web.RequestKey("visit", Visit)
# Who asks whether this process is alive or ready, or how it fares, must learn it above all when it is not well.
EXEMPT: Final = frozenset({"/healthz", "/readyz", "/metrics"})
BEGINNING: Final = "/federation/v1/applications"  # POST begins an application; all else goes on with one, or asks
TOLD_S: Final = 1.0  # how long those turned away share one document and one line

_log = structlog.stdlib.get_logger("gateway.api")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A handler of requests, of which those that find no room never reach it."""

    handler: Handler
    parts: Parts
    admission: Admission
    turned_away: "TurnedAway"
    _inside: set[asyncio.Task[Any]] = field(default_factory=set)
    _dismissed: set[asyncio.Task[Any]] = field(default_factory=set)

    @classmethod
    def before(cls, handler: Handler, parts: Parts) -> "Gate":
        """Return a gate with a room of its own."""
        admission = Admission(limits=parts.limits)
        return cls(handler=handler, parts=parts, admission=admission, turned_away=TurnedAway(parts=parts))

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        if request.path in EXEMPT:
            return await self.handler(request)
        try:
            visit = self._let_in(request)
        except OverloadedError:
            return self.turned_away.answer(request)
        request[VISIT] = visit
        try:
            return await self._handled(request)
        finally:
            visit.leave()

    def dismiss(self) -> None:
        """Have whoever is still inside answered now: what they asked for may have happened, and a repeat tells."""
        for task in self._inside:
            self._dismissed.add(task)
            task.cancel()

    async def _handled(self, request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker: a coroutine runs in one
        self._inside.add(task)
        try:
            return await self.handler(request)
        except asyncio.CancelledError:
            if task not in self._dismissed:
                raise
            task.uncancel()
            error = RetryableError("the gateway ends", code="gateway_stopping")
            return problem_of(error, self.parts.new_id(), retry_after_s=self.parts.retry_after_s()).response()
        finally:
            self._inside.discard(task)
            self._dismissed.discard(task)

    def _let_in(self, request: web.BaseRequest) -> Visit:
        begins = request.method == hdrs.METH_POST and request.path == BEGINNING
        self.admission.check_room(begins=begins)  # the commonest refusal reads no token
        whole = not request.body_exists or request.content.is_eof()
        return self.admission.enter(self._claimed(request), begins=begins, whole=whole)

    def _claimed(self, request: web.BaseRequest) -> str:
        """Return which partner a request says it comes from, "" where that is none; nothing is believed of it."""
        try:
            issuer, _ = read_unverified_issuer(request.headers.get(HEADER_NAME, ""))
        except UntrustedError:
            return ""
        return issuer if self.parts.is_partner(issuer) else ""


@dataclass(kw_only=True, slots=True)
class TurnedAway:
    """The answers of those who have to come again later."""

    parts: Parts
    count: int = 0  # since the last line
    _diagnostic: str = ""
    _body: bytes = field(default=b"")

    def answer(self, request: web.BaseRequest) -> web.Response:
        """Return 503 with Retry-After; the connection is closed where a body is still on its way."""
        response = web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, body=self.document(), content_type=MEDIA_TYPE)
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        response.headers[hdrs.RETRY_AFTER] = str(self.parts.retry_after_s())
        if request.body_exists and not request.content.is_eof():
            response.force_close()
        return response

    def raw(self) -> bytes:
        """Return the same for one who has not asked anything yet, as the bytes that go over the wire."""
        document = self.document()
        lines = (
            "HTTP/1.1 503 Service Unavailable",
            f"Content-Type: {MEDIA_TYPE}",
            f"Content-Length: {len(document)}",
            "Cache-Control: no-store",
            f"Retry-After: {self.parts.retry_after_s()}",
            "Connection: close",
            "Server: tongban",
        )
        return "\r\n".join([*lines, "", ""]).encode() + document

    def document(self) -> bytes:
        """Return the problem document for one more; the log will count it."""
        if not self.count:
            self._diagnostic = self.parts.new_id()
            problem = problem_of(OverloadedError("turned away"), self._diagnostic, retry_after_s=0)
            self._body = orjson.dumps(problem.document())
            asyncio.get_running_loop().call_later(TOLD_S, self._tell)
        self.count += 1
        return self._body

    def _tell(self) -> None:
        _log.warning("requests_turned_away", count=self.count, code=OverloadedError.code, diagnostic=self._diagnostic)
        self.count = 0
