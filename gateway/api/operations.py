"""What operators call: which version of an adapter serves; auditors read the same."""

from http import HTTPStatus

from aiohttp import web

from gateway.api import views
from gateway.api.parts import PARTS
from gateway.api.query import Query
from gateway.api.reading import read_envelope
from gateway.api.reply import reply


async def upload_adapter(request: web.Request) -> web.Response:
    """Judge an adapter and keep it as a version."""
    parts = request.app[PARTS]
    done = await parts.adapters.upload(await read_envelope(request, parts))
    return reply(views.uploaded(done), status=HTTPStatus.CREATED if done.first else HTTPStatus.OK)


async def list_adapters(request: web.Request) -> web.Response:
    """Answer every version that is kept."""
    parts, query = request.app[PARTS], Query(request.query)
    layout = query.text("layout")
    query.close()
    return reply(views.versions(await parts.adapters.all(await read_envelope(request, parts), layout)))


async def read_adapter(request: web.Request) -> web.Response:
    """Answer a version with its report and the history of its layout."""
    parts = request.app[PARTS]
    return reply(views.shown(await parts.adapters.one(await read_envelope(request, parts), *_named(request))))


async def read_files(request: web.Request) -> web.Response:
    """Answer the files of a version, byte for byte."""
    parts = request.app[PARTS]
    return reply(views.files(await parts.adapters.files(await read_envelope(request, parts), *_named(request))))


async def read_changes(request: web.Request) -> web.Response:
    """Answer what changed to a version since another."""
    parts, query = request.app[PARTS], Query(request.query)
    since = query.text("since")
    query.close()
    layout, version = _named(request)
    return reply(await parts.adapters.changes(await read_envelope(request, parts), layout, since, version))


async def activate_adapter(request: web.Request) -> web.Response:
    """Let a version serve."""
    parts = request.app[PARTS]
    return reply(views.version(await parts.adapters.activate(await read_envelope(request, parts), *_named(request))))


async def retire_adapter(request: web.Request) -> web.Response:
    """Take a version out of service."""
    parts = request.app[PARTS]
    return reply(views.version(await parts.adapters.retire(await read_envelope(request, parts), *_named(request))))


async def roll_back_adapter(request: web.Request) -> web.Response:
    """Let the version that served before serve again."""
    parts = request.app[PARTS]
    layout = request.match_info["layout"]
    return reply(views.version(await parts.adapters.roll_back(await read_envelope(request, parts), layout)))


def _named(request: web.Request) -> tuple[str, str]:
    return request.match_info["layout"], request.match_info["version"]
