"""What operators decide over HTTP, and who else may look."""

import asyncio
from base64 import b64decode
from collections.abc import Mapping

import orjson
import pytest

from gateway.core.conversion.loading import listing_digest
from tests.api.served import Answered, Served
from tests.api.world import AUDITOR, OPERATOR, SYSTEM, Caller, an_exchange
from tests.cli.workplace import LAYOUT

ADAPTERS = "/operations/v1/adapters"


def small(version: str = "1.0.0", **changed: str) -> dict[str, str]:
    """Return the files of a small layout in some version; None leaves a file out."""
    manifest = LAYOUT["adapter.toml"].replace("1.0.0", version)
    return LAYOUT | {"adapter.toml": manifest} | changed


async def upload(gateway: Served, files: Mapping[str, object], caller: Caller = OPERATOR) -> Answered:
    return await gateway.signed(caller, "POST", ADAPTERS, orjson.dumps({"files": files}), exchange=an_exchange())


async def step(gateway: Served, path: str) -> Answered:
    return await gateway.signed(OPERATOR, "POST", f"{ADAPTERS}/{path}", exchange=an_exchange())


async def states(gateway: Served) -> dict[str, str]:
    told = await gateway.signed(AUDITOR, "GET", f"{ADAPTERS}?layout=small")
    return {each["version"]: each["state"] for each in told.document["versions"]}


async def entries(gateway: Served, kind: str) -> list[dict[str, object]]:
    told = await gateway.signed(AUDITOR, "GET", f"/audit/v1/entries?kind={kind}")
    return [each["entry"] for each in told.document["entries"]]


async def test_an_adapter_is_uploaded_activated_rolled_back_and_retired(gateway_with_store):
    first = await upload(gateway_with_store, small())
    second = await upload(gateway_with_store, small("1.1.0"))
    assert (first.status, first.document["state"], first.document["report"]["passed"]) == (201, "checked", True)
    assert second.document["put_by"] == "operator"

    assert (await step(gateway_with_store, "small/1.0.0/activate")).document["state"] == "active"
    assert (await step(gateway_with_store, "small/1.1.0/activate")).document["state"] == "active"
    assert await states(gateway_with_store) == {"1.0.0": "retired", "1.1.0": "active"}
    assert (await step(gateway_with_store, "small/rollback")).document["version"] == "1.0.0"
    assert (await step(gateway_with_store, "small/1.0.0/retire")).document["state"] == "retired"

    told = await gateway_with_store.signed(AUDITOR, "GET", f"{ADAPTERS}/small/1.0.0")
    assert [each["step"] for each in told.document["history"]] == ["activate", "activate", "roll_back", "retire"]
    assert told.document["standing"] == ["1.0.0", ""]
    (entry,) = await entries(gateway_with_store, "adapter_rolled_back")
    assert (entry["adapter"], entry["adapter_version"]) == ("small", "1.0.0")
    assert (entry["mapping_digest"], entry["source"]) == (first.document["digest"], {"partner": "operator"})


async def test_a_step_that_was_taken_may_be_repeated(gateway_with_store):
    await upload(gateway_with_store, small())
    again = await upload(gateway_with_store, small())
    await step(gateway_with_store, "small/1.0.0/activate")

    assert again.status == 200
    assert (await step(gateway_with_store, "small/1.0.0/activate")).status == 200
    assert len(await entries(gateway_with_store, "adapter_activated")) == 1


async def test_files_come_back_byte_for_byte_so_that_a_conversion_can_be_run_again(gateway_with_store):
    odd = small() | {"README.txt": {"base64": "1tDOxA=="}}
    uploaded = await upload(gateway_with_store, odd)

    told = await gateway_with_store.signed(AUDITOR, "GET", f"{ADAPTERS}/small/1.0.0/files")

    files = {path: b64decode(content["base64"]) for path, content in told.document["files"].items()}
    assert files["README.txt"] == "中文".encode("gbk")
    assert listing_digest(files) == uploaded.document["digest"]


async def test_two_versions_are_compared(gateway_with_store):
    table = LAYOUT["service-item.mapping.toml"].replace("/AREA", "/DIVISION")
    example = LAYOUT["examples/service-item/first.regional.json"].replace("AREA", "DIVISION")
    await upload(gateway_with_store, small())
    changed = {"service-item.mapping.toml": table, "examples/service-item/first.regional.json": example}
    await upload(gateway_with_store, small("1.1.0", **changed))

    told = await gateway_with_store.signed(AUDITOR, "GET", f"{ADAPTERS}/small/1.1.0/changes?since=1.0.0")

    (row,) = told.document["rows"]
    assert (row["change"], row["regional"], row["was_regional"]) == ("changed", ["/DIVISION"], ["/AREA"])


@pytest.mark.parametrize("caller", [SYSTEM, AUDITOR], ids=lambda caller: caller.name)
async def test_nobody_but_operators_decides(gateway_with_store, caller):
    refused = await upload(gateway_with_store, small(), caller)
    path = f"{ADAPTERS}/small/1.0.0/activate"

    assert (refused.status, refused.code) == (403, "role_forbidden")
    assert (await gateway_with_store.signed(caller, "POST", path, exchange=an_exchange())).code == "role_forbidden"
    assert await states(gateway_with_store) == {}


async def test_partners_do_not_look(gateway_with_store):
    assert (await gateway_with_store.signed(SYSTEM, "GET", ADAPTERS)).code == "role_forbidden"


async def test_a_draft_does_not_serve(gateway_with_store):
    wrong = LAYOUT["examples/service-item/first.canonical.json"].replace("01", "20")
    draft = await upload(gateway_with_store, small(**{"examples/service-item/first.canonical.json": wrong}))

    refused = await step(gateway_with_store, "small/1.0.0/activate")

    assert (draft.status, draft.document["state"], draft.document["passed"]) == (201, "draft", False)
    assert (refused.status, refused.code) == (409, "adapter_not_checked")


async def test_what_cannot_be_loaded_is_refused_by_row_logged_and_not_kept(gateway_with_store):
    refused = await upload(gateway_with_store, small(**{"codes/kind.toml": 'title = "x"\nvalues = [{}]'}))

    assert (refused.status, refused.code) == (422, "adapter_invalid")
    assert "codes/kind.toml#/values/0/regional" in {each["pointer"] for each in refused.document["errors"]}
    assert [each["code"] for each in await entries(gateway_with_store, "exchange_refused")] == ["adapter_invalid"]
    assert await states(gateway_with_store) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"files": 1}',
        b'{"files": {"a": 1}}',
        b'{"files": {"a": {"base64": "%"}}}',
        b'{"files": {"a": "\\ud800"}}',
        b'{"files": {}, "more": 1}',
        b'{"files": ' + b"[" * 100_000,
        b"PK\x03\x04",
    ],
)
async def test_what_is_no_upload_is_refused_as_such(gateway_with_store, body):
    refused = await gateway_with_store.signed(OPERATOR, "POST", ADAPTERS, body, exchange=an_exchange())

    assert (refused.status, refused.code) == (400, "upload_malformed")


@pytest.mark.parametrize(
    "name", ["../escape", "/etc/passwd", "a/../b", "a\\b", "", ".hidden", "C:x", "a" * 300, "a\0b"]
)
async def test_a_name_that_leads_elsewhere_is_refused(gateway_with_store, name):
    refused = await upload(gateway_with_store, small() | {name: "x"})

    assert (refused.status, refused.code) == (422, "adapter_invalid")
    assert {each["code"] for each in refused.document["errors"]} == {"name_invalid"}


async def test_a_version_never_changes(gateway_with_store):
    await upload(gateway_with_store, small())

    refused = await upload(gateway_with_store, small() | {"more.txt": "x"})

    assert (refused.status, refused.code) == (409, "adapter_version_exists")


@pytest.mark.parametrize("path", ["small/9.0.0/activate", "nowhere/1.0.0/retire"])
async def test_what_is_not_there_is_not_found(gateway_with_store, path):
    await upload(gateway_with_store, small())

    assert (await step(gateway_with_store, path)).code == "adapter_version_unknown"


async def test_nothing_served_before_the_first(gateway_with_store):
    await upload(gateway_with_store, small())
    await step(gateway_with_store, "small/1.0.0/activate")

    assert (await step(gateway_with_store, "small/rollback")).code == "adapter_no_earlier"


async def test_of_operators_who_decide_at_once_the_slower_are_told_and_one_version_serves(gateway_with_store):
    versions = [f"1.{number}.0" for number in range(6)]
    for version in versions:
        await upload(gateway_with_store, small(version))

    told = await asyncio.gather(*[step(gateway_with_store, f"small/{each}/activate") for each in versions])

    assert {each.status for each in told} <= {200, 409}
    assert {each.code for each in told if each.status == 409} <= {"adapter_overtaken"}
    assert list((await states(gateway_with_store)).values()).count("active") == 1
