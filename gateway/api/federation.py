"""What partners call: read the request, hand it to its use case, render the answer."""

from http import HTTPStatus

import structlog
from aiohttp import web

from gateway.api import views
from gateway.api.parts import PARTS, Parts
from gateway.api.problems import Problem, problem_of
from gateway.api.query import Query, next_page
from gateway.api.reading import read_envelope
from gateway.api.reply import reply
from gateway.core.catalogue.collaboration import is_collaboration_number
from gateway.core.catalogue.search import ItemFilter
from gateway.core.cloudevent import CloudEvent
from gateway.core.errors import NotFoundError
from gateway.core.model import DocumentKind
from gateway.flow.offer_items import BEGINNING
from gateway.flow.receive import Accepted, Refused

_log = structlog.stdlib.get_logger("gateway.api")


async def submit_application(request: web.Request) -> web.Response:
    """Take an application from a regional system, in its own format."""
    parts = request.app[PARTS]
    answer = await parts.receive.application(await read_envelope(request, parts))
    return reply(views.accepted(answer), status=HTTPStatus.ACCEPTED)


async def report_event(request: web.Request) -> web.Response:
    """Take what a regional system reports about an application, in its own format."""
    parts, number = request.app[PARTS], _number(request)
    answer = await parts.receive.event(await read_envelope(request, parts), number)
    return reply(views.accepted(answer), status=HTTPStatus.ACCEPTED)


async def relay_exchanges(request: web.Request) -> web.Response:
    """Take one exchange, or a batch, from a partner gateway."""
    parts = request.app[PARTS]
    envelope = await read_envelope(request, parts)
    answers = await parts.receive.relayed(envelope)
    if envelope.media_type.partition(";")[0].strip().lower() == CloudEvent.BATCH_MEDIA_TYPE:
        return reply({"results": [views.batch_result(_told(each, parts)) for each in answers]})
    (answer,) = answers
    if isinstance(answer, Refused):
        raise answer.error
    return reply(views.accepted(answer), status=HTTPStatus.ACCEPTED)


async def read_application(request: web.Request) -> web.Response:
    """Answer where an application stands, to a party of it."""
    parts, number = request.app[PARTS], _number(request)
    view = await parts.read_application(await read_envelope(request, parts), number)
    return reply(views.application(view))


async def list_items(request: web.Request) -> web.Response:
    """Answer a page of the items asked for, and where the next one is."""
    parts, query = request.app[PARTS], Query(request.query)
    wanted, after = _items_wanted(query), query.size("after")
    limit = query.page("limit", most=parts.limits.page_items)
    query.close()
    envelope = await read_envelope(request, parts)
    page = await parts.list_items(envelope, wanted, after=after or 0, limit=limit)
    headers = {}
    if page.after is not None:
        headers["Link"] = next_page(parts.public_url + request.path, request.query, after=str(page.after))
    return reply(views.items(page.items), headers=headers)


def _items_wanted(query: Query) -> ItemFilter:
    kind = query.choice("kind", DocumentKind.SERVICE_ITEM, DocumentKind.BASE_ITEM)
    online = query.choice("online", "true", "false")
    return ItemFilter(
        kind=DocumentKind(kind or DocumentKind.SERVICE_ITEM),
        name=query.text("name"),
        code=query.text("code"),
        region=query.region("region"),
        mode=query.text("mode"),
        subject=query.text("subject"),
        authority=query.text("authority"),
        level=query.text("level"),
        online=online == "true" if online else None,
        at=query.moment("at"),
    )


async def changed_items(request: web.Request) -> web.Response:
    """Answer a page of our own items in the order of their changes, each under our signed word."""
    parts, query = request.app[PARTS], Query(request.query)
    since, limit = query.text("since") or BEGINNING, query.page("limit", most=parts.limits.page_items)
    query.close()
    return reply(views.offer(await parts.offer_items(await read_envelope(request, parts), since=since, limit=limit)))


def _number(request: web.Request) -> str:
    """Return the number in the path; what cannot be one is answered like one that nobody has."""
    number = request.match_info["number"]
    if not is_collaboration_number(number):
        raise NotFoundError("no application of yours has this number", code="number_unknown")
    return number


def _told(answer: Accepted | Refused, parts: Parts) -> Accepted | tuple[str, Problem]:
    """Return what one exchange of a batch is told; a refusal has its own diagnostic, and its own line in the log."""
    if isinstance(answer, Accepted):
        return answer
    problem = problem_of(answer.error, parts.new_id(), retry_after_s=parts.retry_after_s())
    _log.info("exchange_refused", status=int(problem.status), code=problem.code, diagnostic=problem.diagnostic)
    return answer.exchange, problem
