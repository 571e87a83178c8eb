"""A small regional system: it sends applications to its gateway, handles those it is given, and reports each step.

It stands for the outside world, so it holds its own key, signs and verifies for real, and counts what reaches it.
What its gateway does not answer it sends again, under the same exchange id and a new token, as any system should.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Final

import aiohttp
import orjson
from aiohttp import web

from gateway.core.casework.lifecycle import EventType
from gateway.core.errors import RejectedError
from gateway.core.model import Identity
from gateway.core.trust.digests import content_digest
from gateway.core.trust.keys import PublicKey
from gateway.core.trust.receipts import ReceiptClaims, issue_receipt, open_receipt
from gateway.core.trust.signers import SoftwareSigner
from gateway.core.trust.tokens import issue_token, open_token
from gateway.demo.case import Case, Layout, Step
from gateway.demo.layouts.codes import authority_code
from gateway.flow.ports import Chance, Clock

Tell = Callable[[str, str, Case], None]  # what was done, the collaboration number, and the case

_E = EventType

# What the handling side does with an application, and what the collecting side answers.
DIRECT: Final = (_E.ACCEPTED, _E.REVIEWED, _E.DECIDED, _E.CERTIFICATE_ISSUED, _E.DELIVERED)
AFTER_NOTICE: Final = (
    _E.ACCEPTED,
    _E.SPECIAL_PROCEDURE_STARTED,
    _E.SPECIAL_PROCEDURE_ENDED,
    _E.DECIDED,
    _E.CERTIFICATE_ISSUED,
    _E.DELIVERED,
)
ANSWERS: Final = {_E.NOTICE: _E.SUPPLEMENTED, _E.DELIVERED: _E.RATED}
REACTIONS: Final = {_E.SUPPLEMENTED: AFTER_NOTICE, _E.RATED: (_E.CLOSED,)}
LAST: Final = _E.CLOSED

_ATTEMPT_S: Final = 20.0
_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 2.0


@dataclass(kw_only=True, slots=True)
class Seen:
    """What one system has sent, and what has reached it."""

    applications: Counter[str] = field(default_factory=Counter)  # by exchange id, as the events
    events: Counter[str] = field(default_factory=Counter)
    closed: set[str] = field(default_factory=set)  # collaboration numbers
    failures: list[str] = field(default_factory=list)
    receipts: list[tuple[str, ReceiptClaims]] = field(default_factory=list)
    submitted: Counter[str] = field(default_factory=Counter)  # own case numbers, from the first attempt on
    acknowledged: dict[str, str] = field(default_factory=dict)  # own case numbers to collaboration numbers
    arrived: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # others' case numbers, the same
    reported: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # events by number, in order
    told: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # those of the other side
    repeats: int = 0  # requests that nobody answered, and that were sent again

    @property
    def duplicates(self) -> int:
        """How often something came that had come before."""
        return sum(count - 1 for counter in (self.applications, self.events) for count in counter.values())


@dataclass(kw_only=True, slots=True)
class RegionalSystem:
    """One region's system, speaking one layout."""

    id: str
    region: str
    name_zh: str
    layout: Layout
    gateway: Identity
    gateway_keys: tuple[PublicKey, ...]
    signer: SoftwareSigner
    clock: Clock
    chance: Chance
    tell: Tell
    patience_s: float = 120.0  # how long one document is sent again before the system gives up
    seen: Seen = field(default_factory=Seen)
    url: str = ""
    _cases: dict[str, asyncio.Future[Case]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _runner: web.AppRunner | None = None

    @property
    def busy(self) -> bool:
        """Whether it still has something to report."""
        return bool(self._tasks)

    async def start(self) -> str:
        """Listen on a free loopback port and return the address that deliveries go to."""
        app = web.Application()
        app.router.add_post("/exchange", self._delivered)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/exchange"
        return self.url

    async def stop(self) -> None:
        """Stop working and listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    async def submit(self, case: Case) -> str:
        """Send an application and return its collaboration number, proved by the receipt."""
        self.seen.submitted[case.case_number] += 1
        receipt = await self._post("/federation/v1/applications", self.layout.application(case))
        self.seen.acknowledged[case.case_number] = receipt.subject
        self._case(receipt.subject).set_result(case)
        self.tell("submitted", receipt.subject, case)
        return receipt.subject

    async def report(self, number: str, event: EventType) -> None:
        """Report one step of a case."""
        self.seen.reported[number].append(event)
        case = await self._case(number)
        step = Step(
            type=event,
            case_number=case.case_number,
            region=self.region,
            authority=f"{self.name_zh}市行政审批局",
            authority_code=authority_code(self.region),
            officer="张敏",
            at=self.clock.now(),
        )
        await self._post(f"/federation/v1/applications/{number}/events", self.layout.event(step))
        self.tell(event, number, case)

    async def _delivered(self, request: web.Request) -> web.Response:
        """Take what the gateway hands over: verify who sends it, keep it once, and receipt it every time."""
        body = await request.read()
        token = request.headers.get("Exchange-Token", "")
        now = self.clock.now()
        try:
            claims = open_token(
                token, keys=self.gateway_keys, audience=self.id, method="POST", url=self.url, body=body, now=now
            )
        except RejectedError as error:
            return web.json_response({"status": 401, "code": error.code}, status=401)
        number = request.headers["Collaboration-Number"]
        exchange = claims.exchange or ""
        self._take(exchange, request.headers["Exchange-Kind"], number, body)
        receipt = issue_receipt(
            self.signer,
            issuer=self.id,
            audience=self.gateway.id,
            now=now,
            jti=self.chance.uuid7(),
            exchange=exchange,
            subject=number,
            request_jti=claims.id,
            request_digest=claims.digest,
            entry=self.chance.uuid7(),
        )
        return web.json_response({"receipt": receipt}, status=202)

    def _take(self, exchange: str, kind: str, number: str, body: bytes) -> None:
        counter = self.seen.applications if kind == "application.submitted" else self.seen.events
        counter[exchange] += 1
        if counter[exchange] > 1:
            return
        steps: tuple[EventType, ...]
        if kind == "application.submitted":
            case = self.layout.read_application(body)
            self.seen.arrived[case.case_number].append(number)
            self._case(number).set_result(case)
            # Every third application lacks something, so that the notice and its answer are lived through too.
            steps = (_E.NOTICE,) if len(self.seen.applications) % 3 == 0 else DIRECT
        else:
            event = EventType(self.layout.read_event(body))
            self.seen.told[number].append(event)
            steps = (ANSWERS[event],) if event in ANSWERS else REACTIONS.get(event, ())
            if event is LAST:
                self.seen.closed.add(number)
        if steps:
            self._soon(self._live(number, steps))

    def _case(self, number: str) -> asyncio.Future[Case]:
        """Return the case of a number once it is known: an event may come before the receipt that tells the number."""
        if number not in self._cases:
            self._cases[number] = asyncio.get_running_loop().create_future()
        return self._cases[number]

    async def _live(self, number: str, steps: tuple[EventType, ...]) -> None:
        for step in steps:
            await self.report(number, step)

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.seen.failures.append(str(error))

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ATTEMPT_S))
        return self._session

    async def _post(self, path: str, body: bytes) -> ReceiptClaims:
        """Post a document to our gateway until it is answered, and return its receipt once that has verified."""
        exchange = self.chance.uuid7()
        answer = await self._answered(path, body, exchange)
        claims = open_receipt(
            answer["receipt"],
            keys=self.gateway_keys,
            issuer=self.gateway.id,
            audience=self.id,
            exchange=exchange,
            digest=content_digest(body),
        )
        self.seen.receipts.append((answer["receipt"], claims))
        return claims

    async def _answered(self, path: str, body: bytes, exchange: str) -> dict[str, str]:
        """Return what the gateway says to a document, which is sent again while it says nothing."""
        deadline, pause_s = monotonic() + self.patience_s, _FIRST_PAUSE_S
        while True:
            status, answer = await self._attempt(path, body, exchange)
            if status == HTTPStatus.ACCEPTED:
                return answer
            if status < HTTPStatus.INTERNAL_SERVER_ERROR or monotonic() > deadline:
                raise RuntimeError(f"{self.id}: {path} refused: {status} {answer}")
            self.seen.repeats += 1
            await asyncio.sleep(pause_s * (0.5 + self.chance.fraction() / 2))
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    async def _attempt(self, path: str, body: bytes, exchange: str) -> tuple[int, dict[str, str]]:
        """Sign and post a document; return the status, 503 where nobody answers, and what was said."""
        url = self.gateway.url + path
        token = issue_token(
            self.signer,
            issuer=self.id,
            audience=self.gateway.id,
            method="POST",
            url=url,
            body=body,
            exchange=exchange,
            now=self.clock.now(),
            jti=self.chance.uuid7(),
        )
        headers = {"Exchange-Token": token, "Content-Type": self.layout.media_type}
        try:
            async with self._connections().post(url, data=body, headers=headers) as response:
                return response.status, orjson.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"code": type(error).__name__}
