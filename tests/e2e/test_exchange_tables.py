"""Whole exchanges through a front-end database: rows out, rows in, rejections back, in SQLite and in PostgreSQL."""

import asyncio

import orjson
import pytest

from gateway.core.audit.entry import EntryKind
from gateway.core.catalogue.collaboration import collaboration_number
from gateway.core.cloudevent import read_event
from gateway.core.model import DeliveryState
from gateway.core.tables.ids import batch_of
from tests.front_ends import QUICK, front_border, region, relayed_application, said
from tests.gateways import application
from tests.simulator import CHANCE

__all__ = ["region"]
NUMBER = "420300-00000-00001J"


async def sent(here, number=NUMBER, *, case=0):
    """Let the partner gateway relay an application, and return its exchange."""
    exchange = CHANCE.uuid7()
    reply = await here.partner.relay(
        here.identity, b"[" + relayed_application(number, exchange=exchange, case=case) + b"]"
    )
    assert "receipt" in reply.json["results"][0], reply.body
    return exchange


async def test_an_application_becomes_rows_of_one_batch_and_is_settled(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        exchange = await sent(here)
        await here.settled()

        (main,) = await region.rows("DN_PRO_ACCEPT")
        materials = await region.rows("DN_PRO_MATERIAL")
        (entry,) = await here.entries(EntryKind.DELIVERY_SETTLED)

    assert (main["CD_BATCH"], main["COLLABORATIONNO"], main["EXCHANGEID"]) == (batch_of(exchange), NUMBER, exchange)
    assert (main["DATASOURCE"], main["CD_OPERATION"], main["SYNC_SIGN"]) == ("990", "I", "0")
    assert {each["CD_BATCH"] for each in materials} == {batch_of(exchange)}
    assert {each["PROJECTNO"] for each in materials} == {main["PROJECTNO"]}
    assert sorted(each["MATERIALNAME"] for each in materials) == ["居民身份证", "申请表"]
    assert entry.request_commitment


@pytest.mark.parametrize("rows", [100, 1])
async def test_events_are_relayed_in_the_order_in_which_they_happened(tmp_path, region, rows):
    few = QUICK.replace('kind = "tables"', f'kind = "tables"\nrows = {rows}').replace(
        "interval_ms = 50", "interval_ms = 2000"
    )
    async with front_border(tmp_path, region, transport=few) as here:
        await sent(here)
        await here.settled()
        for kind in ("accepted", "reviewed", "special_procedure_started", "special_procedure_ended", "decided"):
            await region.write_document(said(kind, NUMBER))
        await here.partner.until(lambda: len(here.partner.seen) == 5)
        await here.settled(6)
        marks = [row["SYNC_SIGN"] for row in await region.rows("UP_PRO_SPECIAL_PROCEDURE")]
        entries = await here.entries(EntryKind.EXCHANGE_RECEIVED)

    assert [kind.removeprefix("event.") for _, kind, _, _ in here.partner.seen] == [
        "accepted",
        "reviewed",
        "special_procedure_started",
        "special_procedure_ended",
        "decided",
    ]
    assert marks == ["1", "1"]
    assert [entry.role for entry in entries] == ["", *["vouched_for"] * 5]
    assert {entry.key_id for entry in entries[1:]} == {here.gateway.keys[0].id}


async def test_an_application_written_by_a_region_reaches_the_other_side_with_its_materials(tmp_path, region):
    async with front_border(tmp_path, region, collecting=True) as here:
        await region.write_document(orjson.loads(application(3)))
        await here.partner.until(lambda: len(here.partner.seen) == 1)
        await here.settled()
        rows = await region.rows("UP_PRO_ACCEPT")

    ((_, kind, number, body),) = here.partner.seen
    event = read_event(body)
    assert kind == "application.submitted"
    assert number.startswith("420300-")
    assert sorted(each["name"] for each in event.data["materials"]) == ["居民身份证", "申请表"]
    assert [row["SYNC_SIGN"] for row in rows] == ["1"]


async def test_a_rejection_that_comes_later_is_seen_on_the_delivery_by_row_and_column(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        exchange = await sent(here)
        await here.settled()
        material = next(each for each in await region.rows("DN_PRO_MATERIAL") if each["MATERIALNAME"] == "申请表")
        await region.write(
            "DN_AUDIT_ABNORMAL",
            {
                "ERRTYPE": "1",
                "TABLENAME": "DN_PRO_MATERIAL",
                "TABLEROWGUID": material["ROWGUID"],
                "TABLECDBATCH": batch_of(exchange),
                "TABLECDSOURCE": "990",
                "REMARK": "收取方式 GETTYPE 不能为空",
            },
        )
        (delivery,) = await here.until(lambda: rejected(here))
        (entry,) = await here.entries(EntryKind.DELIVERY_REJECTED)
        view = await here.partner.get(here.identity, f"/federation/v1/applications/{NUMBER}")

    assert (delivery.state, delivery.code) == (DeliveryState.SETTLED, "rejected_in_table")
    assert [(each.pointer, each.code, each.got) for each in delivery.faults] == [
        ("/UP_PRO_MATERIAL/1/GETTYPE", "value_missing", "1")
    ]
    assert (entry.exchange, entry.number) == (exchange, NUMBER)
    assert view.json["deliveries"][0]["rejected"] is True
    assert view.json["deliveries"][0]["faults"][0]["pointer"] == "/UP_PRO_MATERIAL/1/GETTYPE"


async def rejected(here):
    return [each for each in await here.deliveries() if each.rejected]


async def test_a_rejection_of_rows_that_nobody_knows_is_logged_once_and_not_lost(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        await region.write("DN_AUDIT_ABNORMAL", {"ERRTYPE": "1", "TABLECDBATCH": "7" * 32, "REMARK": "?"})
        await region.write("DN_AUDIT_ABNORMAL", {"ERRTYPE": "1", "TABLECDBATCH": "7" * 32, "TABLECDSOURCE": "111"})
        await here.until(lambda: here.entries(EntryKind.REJECTION_UNMATCHED))
        await asyncio.sleep(0.3)

        entries = await here.entries(EntryKind.REJECTION_UNMATCHED)

    assert [(entry.code, entry.source and entry.source.partner) for entry in entries] == [
        ("rejection_unmatched", "system.tables")
    ]


async def test_bad_rows_are_told_in_the_table_of_rejections_and_good_rows_of_the_same_batch_go_on(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        await sent(here)
        await here.settled()
        bad = [
            await region.write_document(said("accepted", "420300-00000-000026")),
            await region.write_document(said("accepted", NUMBER) | {"ACCEPTDATE": "soon"}),
            await region.write_document(said("accepted", NUMBER), CD_OPERATION="D"),
            await region.write_document(said("reviewed", NUMBER) | {"COLLABORATIONNO": None}),
        ]
        await region.write_document(said("accepted", NUMBER))
        await here.partner.until(lambda: len(here.partner.seen) == 1)
        told = await here.until(lambda: refusals(region, 4))
        marks = {row["ROWGUID"]: row["SYNC_SIGN"] for row in await region.rows("UP_PRO_ACCEPT")}
        refused = await here.entries(EntryKind.EXCHANGE_REFUSED)

    assert [each["TABLEROWGUID"] for each in told] == bad
    assert [each["REMARK"].partition(";")[0] for each in told] == [
        "number_unknown",
        "document_invalid",
        "row_operation_refused",
        "row_number_missing",
    ]
    assert "soon" not in told[1]["REMARK"]
    assert "/ACCEPTDATE" in told[1]["REMARK"]
    assert sorted(marks.values()) == ["1", "2", "2", "2"]
    assert [(entry.code, entry.role, entry.source and entry.source.partner) for entry in refused] == [
        (code, "vouched_for", "system.tables")
        for code in ("number_unknown", "document_invalid", "row_operation_refused", "row_number_missing")
    ]


async def refusals(region, count):
    told = sorted(await region.rows("UP_AUDIT_ABNORMAL"), key=lambda row: row["TABLEROWGUID"])
    return told if len(told) == count else None


async def test_a_row_that_is_changed_after_it_was_taken_is_refused_and_one_refused_before_is_taken(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        await sent(here)
        await here.settled()
        good = await region.write_document(said("accepted", NUMBER))
        poor = await region.write_document(said("reviewed", NUMBER) | {"EVENTENDTIME": "soon"})
        await here.until(lambda: refusals(region, 1))
        await region.run(
            'UPDATE "UP_PRO_PROCESS" SET "EVENTENDTIME" = \'2026-11-20 10:00:00\', "CD_OPERATION" = \'U\', '
            '"SYNC_SIGN" = \'0\' WHERE "ROWGUID" = ?',
            poor,
        )
        await here.partner.until(lambda: len(here.partner.seen) == 2)
        await region.run('UPDATE "UP_PRO_ACCEPT" SET "REMARK" = \'!\', "SYNC_SIGN" = \'0\' WHERE "ROWGUID" = ?', good)
        told = await here.until(lambda: refusals(region, 2))

    assert [kind for _, kind, _, _ in here.partner.seen] == ["event.accepted", "event.reviewed"]
    assert {each["TABLEROWGUID"]: each["REMARK"].partition(";")[0] for each in told} == {
        poor: "document_invalid",
        good: "exchange_reused",
    }


async def test_interleaved_batches_of_many_applications_keep_each_ones_order(tmp_path, region):
    count = 7
    numbers = [collaboration_number("420300", position) for position in range(count)]
    async with front_border(tmp_path, region) as here:
        for position, number in enumerate(numbers):
            await sent(here, number, case=position)
        await here.settled(count)
        for kind in ("accepted", "reviewed", "decided"):
            for number in numbers:
                await region.write_document(said(kind, number))
        await here.partner.until(lambda: len(here.partner.seen) == 3 * count)

    for number in numbers:
        kinds = [kind for _, kind, subject, _ in here.partner.seen if subject == number]
        assert kinds == ["event.accepted", "event.reviewed", "event.decided"]
