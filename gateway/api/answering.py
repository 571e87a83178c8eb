"""The one middleware: whatever happens to a request, it is answered in one form and leaves one line in the log.

Lines hold ids, codes and durations; never bodies, tokens, query values, nor the text of an unforeseen exception.
"""

import traceback
from http import HTTPStatus
from time import perf_counter
from typing import Final

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from gateway.api.parts import Parts
from gateway.api.problems import Problem, http_problem, problem_of
from gateway.core.errors import GatewayError

Line = dict[str, str | int | float]

_log = structlog.stdlib.get_logger("gateway.api")
_PROBES: Final = frozenset({"/healthz", "/readyz"})  # asked every second by a load balancer: only a no is news


def answering(parts: Parts) -> Middleware:
    """Return the middleware."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = perf_counter()
        try:
            response = await handler(request)
        except Exception as error:  # the edge of the process: every failure becomes an answer
            if request.transport is None:
                raise  # the sender is gone, nobody is left to answer; aiohttp takes the ConnectionError
            problem = problem_for(error, parts)
            response = problem.response()
            if request.body_exists and not request.content.is_eof():
                response.force_close()  # what follows on this connection is the rest of a refused body
            log_failure(_line(request, problem.status, started), problem, error)
        else:
            quietly = request.path in _PROBES and response.status == HTTPStatus.OK
            (_log.debug if quietly else _log.info)("request_answered", **_line(request, response.status, started))
        return response

    return answer


def problem_for(error: BaseException, parts: Parts) -> Problem:
    """Return the problem that any exception amounts to; one that nobody foresaw says nothing of itself."""
    diagnostic = parts.new_id()
    if isinstance(error, GatewayError):
        return problem_of(error, diagnostic, retry_after_s=parts.retry_after_s())
    if isinstance(error, web.HTTPException):
        allow = error.allowed_methods if isinstance(error, web.HTTPMethodNotAllowed) else ()
        return http_problem(error.status, diagnostic, allow=tuple(allow))
    return http_problem(HTTPStatus.INTERNAL_SERVER_ERROR, diagnostic)


def log_failure(line: Line, problem: Problem, error: BaseException) -> None:
    """Write the line of a failed request: what the operator needs, and nothing the document said."""
    line = line | {"code": problem.code, "diagnostic": problem.diagnostic}
    if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.info("request_refused", **line)
    elif isinstance(error, GatewayError):
        _log.warning("request_failed", **line, reason=str(error))
    else:
        _log.error("request_crashed", **line, frames=frames_of(error))


def frames_of(error: BaseException) -> list[str]:
    """Return where an exception and its causes were raised, without their texts, which may quote a document."""
    frames: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        frames += [f"{type(seen).__module__}.{type(seen).__qualname__}"]
        frames += [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(seen.__traceback__)
        ]
        seen = seen.__cause__ or seen.__context__
    return frames


def _line(request: web.Request, status: int, started: float) -> Line:
    """Return the line with the route's template: a path that no route has is the sender's text and stays out."""
    resource = request.match_info.route.resource
    return {
        "method": request.method if request.method in hdrs.METH_ALL else "other",
        "route": resource.canonical if resource is not None else "unknown",
        "status": int(status),
        "duration_ms": round((perf_counter() - started) * 1000, 3),
    }
