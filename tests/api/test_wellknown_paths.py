"""What anybody may ask."""

import asyncio
import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from gateway.api import wellknown
from gateway.api.app import build_app
from gateway.api.codes import meanings
from gateway.api.contract import OPERATIONS
from gateway.api.parts import Check
from gateway.core.errors import StoreUnavailableError
from tests.api.served import served
from tests.api.world import OUR_KEY, well


async def broken():
    raise StoreUnavailableError("no answer")


async def stuck():
    await asyncio.sleep(60)


async def test_the_keys_are_published_without_anything_private(gateway):
    told = await gateway.ask("GET", "/.well-known/jwks.json")

    (key,) = told.document["keys"]
    assert told.status == 200
    assert (key["kid"], key["alg"], key["use"]) == (OUR_KEY.key_id, "EdDSA", "sig")
    assert "d" not in key
    assert told.headers["Cache-Control"] == "public, max-age=300"


async def test_an_idle_gateway_is_alive_and_ready(gateway):
    alive, ready = await gateway.ask("GET", "/healthz"), await gateway.ask("GET", "/readyz")

    assert (alive.status, alive.document) == (200, {"status": "alive"})
    assert (ready.status, ready.document) == (200, {"status": "ready", "checks": [{"name": "store", "ok": True}]})


async def test_a_gateway_that_cannot_serve_says_which_check_failed_and_stays_alive(parts, monkeypatch):
    monkeypatch.setattr(wellknown, "_PROBE_TIMEOUT_S", 0.05)
    checks = (
        Check(name="log_key", probe=well),
        Check(name="store", probe=broken),
        Check(name="disk", probe=stuck),
    )

    async with served(build_app(replace(parts, checks=checks))) as gateway:
        ready = await gateway.ask("GET", "/readyz")
        alive = await gateway.ask("GET", "/healthz")

    assert (ready.status, alive.status) == (503, 200)
    assert ready.document["checks"] == [
        {"name": "log_key", "ok": True},
        {"name": "store", "ok": False, "code": "store_unavailable"},
        {"name": "disk", "ok": False, "code": "check_timed_out"},
    ]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json", "/.well-known/jwks.json"])
async def test_head_answers_the_headers_of_get(gateway, path):
    got, headed = await gateway.ask("GET", path), await gateway.ask("HEAD", path)

    assert headed.status == 200
    assert headed.headers["Content-Type"] == got.headers["Content-Type"]


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str | None] = set()
        self.links: set[str | None] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.ids |= {named["id"]} if "id" in named else set()
        self.links |= {named[name] for name in ("href", "src") if name in named}
        if tag not in {"meta", "br", "link", "!doctype"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
async def page(gateway):
    async with gateway.session.get("/docs") as response:
        return await response.text(), response.headers


async def test_the_page_names_every_operation_and_every_code(page):
    seen = Seen()
    seen.feed(page[0])

    assert seen.open == []
    assert {operation.id for operation in OPERATIONS} <= seen.ids
    assert {f"code-{code}" for code in meanings()} <= seen.ids


async def test_every_link_of_the_page_leads_somewhere(page):
    seen = Seen()
    seen.feed(page[0])

    within = {link[1:] for link in seen.links if link and link.startswith("#")}
    assert within <= seen.ids
    assert {link for link in seen.links if link and not link.startswith("#")} == {
        "/openapi.json",
        "/.well-known/jwks.json",
    }


async def test_the_page_runs_no_script_and_its_style_is_the_one_allowed(page):
    html, headers = page
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)

    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in headers["Content-Security-Policy"]
    assert "<script" not in html
    assert " style=" not in html
