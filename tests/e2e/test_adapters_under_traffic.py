"""Versions of an adapter are switched while applications come in: none fails, and each names one that served."""

import asyncio
import itertools
import re

import orjson

from gateway.core.audit.entry import EntryKind
from gateway.core.audit.verify import verify_log
from gateway.core.model import PartnerKind
from gateway.resources import data_folder, read_adapter_folder
from tests.adapters.hostile import FILES
from tests.gateways import Border, application, border, register
from tests.patience import PATIENCE_S
from tests.simulator import CHANCE, PartnerSimulator

ADAPTERS = "/operations/v1/adapters"
LATER = "99.0.0"


def later_national() -> dict[str, str]:
    files = read_adapter_folder(data_folder("adapters") / "national")
    texts = {name: content.decode() for name, content in files.items() if not name.endswith((".md", ".xml"))}
    texts["adapter.toml"] = re.sub(r'(?m)^version = ".*"$', f'version = "{LATER}"', texts["adapter.toml"])
    return texts


async def an_operator(here: Border, seed: int) -> PartnerSimulator:
    operator = PartnerSimulator(id=f"operator.{seed}", kind=PartnerKind.OPERATOR, region="", seed=seed)
    await register(here.gateway, operator.partner(regions=()))
    return operator


async def operate(here: Border, operator: PartnerSimulator, path: str = "", files: object = None) -> tuple[int, str]:
    body = b"" if files is None else orjson.dumps({"files": files})
    told = await operator.post(here.identity, ADAPTERS + path, body, "application/json", exchange=CHANCE.uuid7())
    return told.status, told.json.get("code", "")


async def test_switching_under_traffic_fails_nobody_and_every_exchange_names_a_version_that_served(tmp_path):
    async with border(tmp_path) as here:
        operators = [await an_operator(here, seed) for seed in (7, 8)]
        (shipped,) = [each.version for each in await here.gateway.store.adapter_versions(layout="national")]
        assert (await operate(here, operators[0], files=later_national()))[0] == 201
        done, overlaps = asyncio.Event(), list[int]()

        async def apply(first: int) -> list[int]:
            told = []
            for number in itertools.count(first, 3):
                told.append((await here.system.submit(here.identity, application(number))).status)
                if done.is_set():
                    return told
            raise AssertionError

        async def switch(operator: PartnerSimulator) -> list[tuple[int, str]]:
            told = []
            for version in [LATER, shipped] * 6:
                told.append(await operate(here, operator, f"/national/{version}/activate"))
                overlaps.append(len(await here.gateway.store.adapter_versions(layout="national", active=True)))
                await asyncio.sleep(0.25)
            return told

        applying = [asyncio.create_task(apply(first)) for first in range(3)]
        switched = await asyncio.gather(*map(switch, operators))
        done.set()
        applied = [status for each in await asyncio.gather(*applying) for status in each]

        assert set(applied) == {202}
        assert {each for told in switched for each in told} <= {(200, ""), (409, "adapter_overtaken")}
        assert set(overlaps) == {1}
        await assert_served(here, shipped)
        await assert_the_log_verifies(here)


async def assert_the_log_verifies(here: Border) -> None:
    await here.gateway.steps.checkpoint()
    store, size = here.gateway.store, (await here.gateway.store.head()).size
    notes = [each.note.encode() for each in await store.checkpoints()]
    report = verify_log(await store.leaves(0, size), notes, here.gateway.log_key, await store.index_rows(0, size))

    assert report.passed


async def assert_served(here: Border, shipped: str) -> None:
    """Every exchange names a version that served when it came, or until the moment a node may take to notice."""
    received = await here.entries(EntryKind.EXCHANGE_RECEIVED)
    changes = await here.gateway.store.version_changes("national")
    spans = [
        (change.version, change.at, following.at if following else None)
        for change, following in itertools.zip_longest(changes, changes[1:])
    ]
    digests = {each.version: each.digest for each in await here.gateway.store.adapter_versions(layout="national")}
    assert {each.adapter_version for each in received} == {shipped, LATER}
    for entry in received:
        served = [
            version
            for version, since, until in spans
            if since <= entry.recorded_at
            and (until is None or (entry.occurred_at - until).total_seconds() < PATIENCE_S)
        ]
        assert entry.adapter_version in served
        assert entry.mapping_digest == digests[entry.adapter_version]


async def test_hostile_adapters_leave_the_gateway_answering(tmp_path):
    async with border(tmp_path) as here:
        operator = await an_operator(here, 7)
        waits = list[float]()

        async def pulse() -> None:
            while True:
                started = asyncio.get_running_loop().time()
                await asyncio.sleep(0.01)
                waits.append(asyncio.get_running_loop().time() - started)

        beating = asyncio.create_task(pulse())
        for name in ("messages_that_share_a_huge_table", "a_schema_that_doubles", "a_key_of_a_million_dots"):
            files = {path: content.decode() for path, content in FILES[name]().items()}
            assert await operate(here, operator, files=files) == (422, "adapter_too_costly")
            assert (await here.system.submit(here.identity, application(len(waits)))).status == 202
        beating.cancel()

        assert len(waits) > 10  # the loop turned all the while; how fast is for bench/ to say
