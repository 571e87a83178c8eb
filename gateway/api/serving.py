"""The HTTP server itself: the limits of the parser, and problem documents where no handler is reached."""

import asyncio
import socket
from http import HTTPStatus
from typing import Any, Final, cast

from aiohttp import hdrs, web
from aiohttp.http_exceptions import LineTooLong

from gateway.api.answering import log_failure, problem_for
from gateway.api.gate import Gate
from gateway.api.listening import Door
from gateway.api.parts import PARTS, Parts
from gateway.api.problems import Problem, http_problem

_LOOK_S: Final = 0.02  # how often a server that stops looks for connections that have become idle
_LAST_WORDS_S: Final = 0.3  # for the answers of those who are dismissed


class ProblemProtocol(web.RequestHandler):
    """One connection, whose parse errors and escaped exceptions are answered like everything else."""

    __slots__ = ("_begun", "_parts", "_server")

    def __init__(self, server: "ProblemServer", *, parts: Parts, **options: Any) -> None:
        super().__init__(server, **options)
        self._parts = parts
        self._server = server
        self._begun = False

    @property
    def idle(self) -> bool:
        """Whether it waits for a request of which nothing has come."""
        return self._waiting and not self._begun

    @property
    def _waiting(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def data_received(self, data: bytes) -> None:
        """Take what has come, and know whether it ends within the head of a request."""
        super().data_received(data)
        self._begun = self._waiting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection, or end it at once where too many are open."""
        if self._server.full:
            self._force_close = True  # whatever is sent on it is dropped as it comes
            self._server.turn_away(cast("asyncio.Transport", transport))
            return
        super().connection_made(transport)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's text quotes what was sent
    ) -> web.StreamResponse:
        """Answer what cannot be parsed; the connection is closed, for where the next request begins is unknown."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        error = exc if exc is not None else TimeoutError()  # aiohttp names none where a handler timed out
        response = _told(self._problem(error, status), error)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; one that aiohttp made itself, before any route was found, becomes a problem first."""
        if isinstance(resp, web.HTTPException):
            resp = _told(problem_for(resp, self._parts), resp)
        if self._parts.stopping.begun:
            resp.force_close()  # says `Connection: close`, so that nothing more is sent on it
        resp.headers.setdefault(hdrs.SERVER, "tongban")  # and not which versions of what it runs on
        return await super().finish_response(request, resp, start_time)

    def _problem(self, error: BaseException, status: int) -> Problem:
        if isinstance(error, LineTooLong):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        return http_problem(status, self._parts.new_id())


def _told(problem: Problem, error: BaseException) -> web.Response:
    log_failure({"route": "unknown", "status": int(problem.status)}, problem, error)
    return problem.response()


class ProblemServer(web.Server):
    """Makes a `ProblemProtocol` for each connection, of which there may be so many; requests go through the gate."""

    def __init__(self, served: web.Server, *, parts: Parts) -> None:
        self.gate = Gate.before(served.request_handler, parts)
        super().__init__(
            self.gate,
            request_factory=served.request_factory,
            handler_cancellation=False,  # a sender who hangs up must not stop a commit half way
        )
        self._parts = parts
        self._leaving = 0  # connections that were turned away and are not closed yet

    def close_idle(self) -> None:
        """Close the connections on which nothing is going on."""
        for connection in self.connections:
            if isinstance(connection, ProblemProtocol) and connection.idle:
                connection.force_close()

    @property
    def full(self) -> bool:
        """Whether there are as many connections as there may be."""
        return len(self._connections) >= self._parts.limits.connections

    def turn_away(self, transport: asyncio.Transport) -> None:
        """Answer on a connection that was one too many, and close it once its other end has had time to read that.

        Closing at once would reset it, for there is something unread, and the answer would be lost. Where too many
        are in that state already, closing at once is what is left.
        """
        if self._leaving >= self._parts.limits.connections:
            transport.abort()
            return
        self._leaving += 1
        transport.write(self.gate.turned_away.raw())
        transport.write_eof()
        self._loop.call_later(self._parts.limits.linger_s, self._close, transport)

    def _close(self, transport: asyncio.Transport) -> None:
        self._leaving -= 1
        transport.abort()

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection, within the limits."""
        limits = self._parts.limits
        return ProblemProtocol(
            self,
            parts=self._parts,
            loop=self._loop,
            access_log=None,  # the middleware writes the one line
            auto_decompress=False,
            keepalive_timeout=limits.idle_s,
            lingering_time=limits.linger_s,
            max_line_size=limits.line_bytes,
            max_field_size=limits.line_bytes,
            max_headers=limits.headers,
        )


class GatewayRunner(web.AppRunner):
    """Runs the application of `build_app` behind a `ProblemServer`; used like any aiohttp runner, but for `listen`."""

    __slots__ = ("_door",)

    def listen(self, listening: socket.socket) -> None:
        """Take connections from a socket that listens, until the end."""
        assert self.server is not None, "set it up first"  # noqa: S101 - a mistake of the caller's
        self._door = Door(server=self.server, listening=listening)
        self._door.open()

    async def cleanup(self) -> None:
        """Let go of everything, whatever goes on."""
        await self._close_doors()
        await super().cleanup()

    async def _close_doors(self) -> None:
        if (door := getattr(self, "_door", None)) is not None:
            await door.close()
        for site in list(self.sites):
            await site.stop()

    def begin_stop(self) -> None:
        """Be ready no more, and end each connection with its next answer; requests are still taken."""
        self.app[PARTS].stopping.begun = True

    async def stop_within(self, seconds: float) -> None:
        """Take no more requests, and finish those of which anything has come.

        Those that cannot be finished in time are told to repeat; a head that has not come by then is given up.
        """
        self.begin_stop()
        await self._close_doors()
        if isinstance(self.server, ProblemServer):
            await _emptied(self.server, seconds)
            self.server.gate.dismiss()
            await _emptied(self.server, _LAST_WORDS_S)
        await self.cleanup()

    async def _make_server(self) -> web.Server:
        return ProblemServer(await super()._make_server(), parts=self.app[PARTS])


async def _emptied(server: ProblemServer, seconds: float) -> None:
    """Wait until no connection is left, and close those that become idle meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    server.close_idle()
    while server.connections and loop.time() < until:
        await asyncio.sleep(_LOOK_S)  # one that was made a moment ago is not known to be idle yet
        server.close_idle()
