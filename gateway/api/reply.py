"""A JSON document as an answer."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web


def reply(
    document: Mapping[str, Any],
    *,
    status: int = HTTPStatus.OK,
    media_type: str = "application/json",
    cache: str = "no-store",
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Return the answer; unless told otherwise, no cache keeps it."""
    return web.Response(
        status=status,
        body=orjson.dumps(document),
        content_type=media_type,
        headers={"Cache-Control": cache, **(headers or {})},
    )
