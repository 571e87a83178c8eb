"""What auditors call: entries by token; proofs, checkpoints and hashes open to all, for they name nobody."""

from typing import Final

from aiohttp import web

from gateway.api import views
from gateway.api.parts import PARTS
from gateway.api.query import Query, next_page
from gateway.api.reading import read_envelope
from gateway.api.reply import reply
from gateway.core.audit.entry import EntryKind, Outcome
from gateway.core.audit.paths import BundleId, read_path
from gateway.core.audit.tiles import WIDTH
from gateway.flow.ports import EntryFilter

_FOREVER: Final = "public, max-age=31536000, immutable"  # a full tile never changes
_A_WHILE: Final = "public, max-age=60"  # a partial one does not either, but a wider one soon replaces it


async def search_entries(request: web.Request) -> web.Response:
    """Answer a page of entries, newest first, and where the next one is."""
    parts, query = request.app[PARTS], Query(request.query)
    wanted, before = _wanted(query), query.size("before")
    limit = query.page("limit", most=parts.limits.page_items)
    query.close()
    page = await parts.search_entries(await read_envelope(request, parts), wanted, before=before, limit=limit)
    headers = {}
    if len(page) == limit:
        headers["Link"] = next_page(parts.public_url + request.path, request.query, before=str(page[-1].index))
    return reply(views.entries(page), headers=headers)


async def prove_inclusion(request: web.Request) -> web.Response:
    """Answer the proof that an entry is in the tree of a released checkpoint."""
    query = Query(request.query)
    size = query.size("size")
    query.close()
    proved = await request.app[PARTS].prove_entry.inclusion(int(request.match_info["index"]), size)
    return reply(views.inclusion(proved))


async def prove_consistency(request: web.Request) -> web.Response:
    """Answer the proof that a later tree begins with an earlier one."""
    query = Query(request.query)
    old, new = query.required_size("from"), query.required_size("to")
    query.close()
    proof = await request.app[PARTS].prove_entry.consistency(old, new)
    return reply(views.consistency(old, new, proof))


async def read_checkpoint(request: web.Request) -> web.Response:
    """Answer the newest released checkpoint as the signed note it is."""
    newest = await request.app[PARTS].prove_entry.newest()
    return web.Response(text=newest.note, content_type="text/plain", headers={"Cache-Control": "no-cache"})


async def read_tile(request: web.Request) -> web.Response:
    """Answer one tile of hashes, or one bundle of entries, at its C2SP tlog-tiles path."""
    parts, named = request.app[PARTS], read_path("tile/" + request.match_info["path"])
    if isinstance(named, BundleId):
        body, cache = await parts.read_bundle(await read_envelope(request, parts), named), "no-store"
    else:
        body, cache = await parts.prove_entry.tile(named), _FOREVER if named.width == WIDTH else _A_WHILE
    return web.Response(body=body, content_type="application/octet-stream", headers={"Cache-Control": cache})


def _wanted(query: Query) -> EntryFilter:
    return EntryFilter(
        kind=query.choice("kind", *EntryKind),
        outcome=query.choice("outcome", *Outcome),
        exchange=query.text("exchange"),
        number=query.text("number"),
        partner=query.text("partner"),
        item_code=query.text("item_code"),
        since=query.moment("since"),
        until=query.moment("until"),
    )
