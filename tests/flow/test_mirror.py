"""What a gateway publishes reaches its partners' catalogues, under its signature and nobody else's."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

import orjson
import pytest
from aiohttp import web

from gateway.bootstrap import RunningGateway
from gateway.core.audit.entry import EntryKind
from gateway.core.catalogue.search import ItemFilter
from gateway.core.errors import PartnerUnavailableError, UntrustedError
from gateway.core.model import Partner, PartnerKind, PartnerStatus
from gateway.core.trust.publications import issue_publication, open_publication
from gateway.flow import mirror_items
from gateway.flow.ports import EntryFilter
from tests.gateways import ANKANG, JIUQUAN, SHIYAN, opened_gateway, publish, published, register
from tests.patience import until
from tests.simulator import CLOCK, PartnerSimulator


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Shiyan copies what Ankang publishes."""

    shiyan: RunningGateway
    ankang: RunningGateway
    owner: Partner

    async def copied(self):
        return await self.shiyan.steps.mirror_items(self.owner)


@asynccontextmanager
async def pair(folder):
    async with (
        opened_gateway(folder, "shiyan", SHIYAN) as shiyan,
        opened_gateway(folder, "ankang", ANKANG) as ankang,
    ):
        owner = _partner(ankang, ANKANG, mirrored=True)
        await register(shiyan, owner)
        await register(ankang, _partner(shiyan, SHIYAN))
        yield Pair(shiyan=shiyan, ankang=ankang, owner=owner)


def _partner(gateway, region, **changes):
    return Partner(
        id=gateway.identity.id,
        kind=PartnerKind.GATEWAY,
        name=gateway.identity.id,
        regions=(region,),
        endpoint=gateway.identity.url,
        keys=gateway.keys,
        **changes,
    )


async def catalogue(gateway):
    page = await gateway.store.find_items(ItemFilter(), limit=1000)
    return {(each.code, each.version): each for each in page.items}


async def test_a_catalogue_is_copied_byte_for_byte_and_page_by_page(tmp_path):
    async with pair(tmp_path) as both:
        await publish(both.ankang, ANKANG, range(230))

        copied = await both.copied()

        assert (copied.added, copied.changed, copied.refused) == (230, 0, 0)
        assert await catalogue(both.shiyan) == await catalogue(both.ankang)


async def test_a_second_visit_brings_only_what_changed(tmp_path):
    async with pair(tmp_path) as both:
        await publish(both.ankang, ANKANG, range(120))
        await both.copied()
        await publish(both.ankang, ANKANG, [7], conditions="改")

        copied = await both.copied()
        quiet = await both.copied()

        assert (copied.added, copied.changed) == (0, 1)
        assert (quiet.added, quiet.changed) == (0, 0)
        assert await catalogue(both.shiyan) == await catalogue(both.ankang)
        (mirror,) = await both.shiyan.store.mirrors()
        assert (mirror.owner, mirror.items) == (both.ankang.identity.id, 120)


async def test_copying_is_on_the_log_only_where_something_changed(tmp_path):
    async with pair(tmp_path) as both:
        await publish(both.ankang, ANKANG)
        await both.copied()
        await both.copied()

        assert len(await both.shiyan.store.search(EntryFilter(kind=EntryKind.ITEMS_MIRRORED))) == 1


async def test_what_was_copied_is_not_offered_as_our_own(tmp_path):
    async with pair(tmp_path) as both:
        await publish(both.ankang, ANKANG)
        await publish(both.shiyan, SHIYAN, [0, 1])
        await both.copied()

        offered = await both.shiyan.store.feed(0, limit=100, size=1 << 20)

        assert {item.region for item in offered.items} == {SHIYAN}


async def test_an_item_of_our_own_is_never_replaced_by_a_partners(tmp_path):
    async with pair(tmp_path) as both:
        await publish(both.shiyan, ANKANG, [0], conditions="我方")
        await publish(both.ankang, ANKANG, [0, 1], conditions="对方")

        copied = await both.copied()

        assert copied.added == 1
        ours = [each for each in (await catalogue(both.shiyan)).values() if "我方".encode() in each.document]
        assert len(ours) == 1


async def test_items_of_regions_that_the_owner_does_not_answer_for_are_left_out(tmp_path):
    async with pair(tmp_path) as both:
        await publish(both.ankang, ANKANG, [0])
        await publish(both.ankang, JIUQUAN, [0, 1])

        copied = await both.copied()

        assert (copied.added, copied.refused) == (1, 2)


async def test_after_the_owner_began_a_new_store_nothing_that_is_gone_stays(tmp_path):
    async with opened_gateway(tmp_path, "shiyan", SHIYAN) as shiyan:
        for generation, numbers in enumerate((range(60), range(50, 70))):
            folder = tmp_path / str(generation)
            folder.mkdir()
            (tmp_path / "keys").mkdir(exist_ok=True)
            async with opened_gateway(folder, "ankang", ANKANG) as ankang:
                await register(ankang, _partner(shiyan, SHIYAN))
                await publish(ankang, ANKANG, numbers)
                await shiyan.steps.mirror_items(_partner(ankang, ANKANG, mirrored=True))

                assert await catalogue(shiyan) == await catalogue(ankang)


async def test_whoever_holds_an_item_and_the_owners_key_can_judge_it(tmp_path):
    async with pair(tmp_path) as both:
        await publish(both.ankang, ANKANG, [0])
        reader = PartnerSimulator(id="system.any", kind=PartnerKind.SYSTEM, region=ANKANG, adapter="national")
        await register(both.ankang, reader.partner())

        reply = await reader.get(both.ankang.identity, "/federation/v1/items/changes")
        (offered,) = reply.json["items"]
        (item,) = (await catalogue(both.ankang)).values()

        owner = both.ankang.identity.id
        claims = open_publication(offered["publication"], item, keys=both.ankang.keys, owner=owner)
        assert (claims.owner, claims.code) == (owner, item.code)
        forged = replace(item, document=item.document.replace(b"in-use", b"paused"))
        with pytest.raises(UntrustedError, match="another item or document"):
            open_publication(offered["publication"], forged, keys=both.ankang.keys, owner=owner)


@asynccontextmanager
async def answering(folder, answer):
    """A gateway beside a partner that answers the feed as it likes."""
    app = web.Application()
    app.router.add_get("/federation/v1/items/changes", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with opened_gateway(folder, "shiyan", SHIYAN) as shiyan:
            partner = PartnerSimulator(id="gateway.bent", kind=PartnerKind.GATEWAY, region=ANKANG, seed=9)
            partner.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield shiyan, partner.partner(mirrored=True)
    finally:
        await runner.cleanup()


def page(items=(), *, cursor="e-1", complete=True):
    return {"items": list(items), "epoch": "e", "cursor": cursor, "complete": complete}


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=503),
        web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        web.Response(text="<html>"),
        web.Response(body=b"\xff\xfe"),
        web.json_response({"items": []}),
        web.json_response(page([{"document": {}}])),
        web.json_response(page(cursor=7)),
        web.json_response(page(complete=False, cursor="")),
        web.Response(body=b'{"items":[' + b" " * 2_000_000),
    ],
    ids=["busy", "redirect", "html", "not text", "no cursor", "no publication", "a number", "endless", "too long"],
)
async def test_an_answer_that_is_no_feed_changes_nothing(tmp_path, answer):
    async def again(_):
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async with answering(tmp_path, again) as (shiyan, partner):
        with pytest.raises(PartnerUnavailableError):
            await shiyan.steps.mirror_items(partner)

        assert await catalogue(shiyan) == {}


async def test_an_item_under_another_signature_is_not_kept_and_the_page_is_asked_for_again(tmp_path):
    (item,) = published(ANKANG, [0])
    offered = {"document": orjson.Fragment(item.document), "publication": "e30.e30.e30"}

    async def answer(_):
        return web.Response(body=orjson.dumps(page([offered])))

    async with answering(tmp_path, answer) as (shiyan, partner):
        with pytest.raises(UntrustedError):
            await shiyan.steps.mirror_items(partner)

        assert await catalogue(shiyan) == {}
        assert await shiyan.store.mirrors() == ()


async def test_only_active_gateways_that_an_operator_chose_are_visited(tmp_path):
    async with opened_gateway(tmp_path, "shiyan", SHIYAN) as shiyan:
        chosen = PartnerSimulator(id="gateway.a", kind=PartnerKind.GATEWAY, region=ANKANG).partner(endpoint="http://a")
        suspended = replace(chosen, id="gateway.c", mirrored=True, status=PartnerStatus.SUSPENDED)
        system = replace(chosen, id="system.d", mirrored=True, kind=PartnerKind.SYSTEM)
        await register(shiyan, replace(chosen, mirrored=True), replace(chosen, id="gateway.b"), suspended, system)

        assert [each.id for each in await shiyan.steps.mirror_items.mirrored()] == ["gateway.a"]


@pytest.mark.parametrize(
    "bend",
    [
        lambda document: document.replace(b'{"', b'{ "', 1),
        lambda document: orjson.dumps({**orjson.loads(document), "name": ""}, option=orjson.OPT_SORT_KEYS),
    ],
    ids=["another spelling", "no name"],
)
async def test_an_item_that_is_not_canonical_is_left_out_and_the_rest_of_its_page_kept(tmp_path, bend):
    owner = PartnerSimulator(id="gateway.bent", kind=PartnerKind.GATEWAY, region=ANKANG, seed=9)
    good, bad = published(ANKANG, [0, 1])
    bad = replace(bad, document=bend(bad.document))

    async def answer(_):
        items = [
            {
                "document": orjson.Fragment(item.document),
                "publication": issue_publication(owner.signer, item, owner=owner.id, now=CLOCK.now()),
            }
            for item in (bad, good)
        ]
        return web.Response(body=orjson.dumps(page(items)))

    async with answering(tmp_path, answer) as (shiyan, partner):
        copied = await shiyan.steps.mirror_items(partner)

        assert (copied.added, copied.refused) == (1, 1)
        assert list((await catalogue(shiyan)).values()) == [good]


async def test_a_partner_whose_feed_never_answers_holds_up_no_other(tmp_path, monkeypatch):
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    monkeypatch.setattr(mirror_items, "EVERY_S", 0.05)
    over = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with pair(tmp_path) as both:
        port = server.sockets[0].getsockname()[1]
        await register(both.shiyan, replace(both.owner, id="gateway.silent", endpoint=f"http://127.0.0.1:{port}"))
        visiting = asyncio.create_task(both.shiyan.steps.mirror_items.run(both.shiyan.steps.lease))
        for number in range(3):
            await publish(both.ankang, ANKANG, [number])
            await until(partial(has_copied, both.shiyan, number + 1))
        visiting.cancel()
        await asyncio.gather(visiting, return_exceptions=True)
        over.set()
    server.close()


async def has_copied(gateway, count):
    """Tell whether so many items are in a catalogue."""
    return len(await catalogue(gateway)) >= count
