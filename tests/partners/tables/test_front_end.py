"""What a front-end database does with rows: all or none, once, in order; and what its failures are to us."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg
import pytest

from gateway.core.errors import InvalidDocumentError, PartnerUnavailableError, SettingsError
from gateway.core.model import DocumentKind, Partner, PartnerKind
from gateway.core.tables.rowsets import TableRow, rows_of
from gateway.flow.ports import Position
from gateway.partners.tables.front_ends import DatabaseFrontEnds
from gateway.partners.tables.sql import DIALECTS, Statements
from tests.front_ends import RegionalDatabase, region, tables_adapter, tables_layout
from tests.gateways import application
from tests.simulator import CHANCE

__all__ = ["region"]
AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
LAYOUT = replace(tables_layout(), timeout_s=60)
HASTY = replace(LAYOUT, timeout_s=1)


class Kept:
    """Credentials as a test keeps them."""

    def __init__(self, secrets):
        self.secrets = secrets

    async def secret(self, partner, name):
        if name not in self.secrets:
            raise SettingsError(f"{partner} has no credential {name}", code="credential_missing")
        return self.secrets[name]


@pytest.fixture
async def front_ends():
    async with DatabaseFrontEnds(credentials=Kept({})) as opened:
        yield opened


@pytest.fixture
async def front_end(region, front_ends):
    return await front_ends.of(partner(region.url), LAYOUT)


def partner(url):
    return Partner(id="system.tables", kind=PartnerKind.SYSTEM, name="-", endpoint=url, adapter="national-tables")


def rowset(layout=LAYOUT, *, exchange=None, **changes):
    document = tables_adapter().read(DocumentKind.APPLICATION, application(), "application/json")
    named = {**document, **changes}
    return rows_of(layout, named, exchange=exchange or CHANCE.uuid7(), number="N", at=AT)


async def test_writing_a_batch_again_changes_nothing_even_after_its_rows_were_taken_away(region, front_end):
    rows = rowset()

    await front_end.write(rows)
    await front_end.write(rows)
    twice = len(await region.rows("DN_PRO_MATERIAL"))
    await region.run('DELETE FROM "DN_PRO_ACCEPT"')
    await front_end.write(rows)

    assert twice == 2
    assert await region.rows("DN_PRO_ACCEPT") == []


async def test_without_a_ledger_the_ids_of_the_rows_keep_a_batch_from_being_written_twice(region, front_ends):
    layout = replace(LAYOUT, outgoing=replace(LAYOUT.outgoing, ledger=""))
    front_end = await front_ends.of(partner(region.url), layout)
    rows = rowset(layout)

    await asyncio.gather(*(front_end.write(rows) for _ in range(4)))

    assert len(await region.rows("DN_PRO_ACCEPT")) == 1
    assert len(await region.rows("DN_PRO_MATERIAL")) == 2


async def test_a_batch_with_one_row_that_the_database_refuses_leaves_none_and_names_the_row(region, front_end):
    await region.run('CREATE UNIQUE INDEX "ONE_OF_A_NAME" ON "DN_PRO_MATERIAL" ("MATERIALNAME")')
    await front_end.write(rowset())

    with pytest.raises(InvalidDocumentError) as refused:
        await front_end.write(rowset())

    assert refused.value.code == "rows_refused"
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/UP_PRO_MATERIAL/0", "row_refused")]
    assert len(await region.rows("DN_PRO_ACCEPT")) == 1


async def test_a_value_of_the_wrong_type_is_refused_for_good(postgres_url, front_ends):
    region = RegionalDatabase(url=postgres_url, dialect="postgresql")
    await region.build(tables_adapter())
    front_end = await front_ends.of(partner(region.url), LAYOUT)

    with pytest.raises(InvalidDocumentError) as refused:
        await front_end.write(rowset(TASKVERSION="soon"))

    assert [fault.code for fault in refused.value.faults] == ["value_refused"]
    assert "soon" not in str(refused.value)


async def test_a_column_that_must_have_a_value_is_named(region, front_end):
    await region.run('DROP TABLE "DN_PRO_ACCEPT"')
    columns = ", ".join(f'"{name}" text' for name in rowset().rows[0].columns if name not in {"APPLYCONTENT", "REMARK"})
    columns = columns.replace('"CD_TIME" text', '"CD_TIME" timestamp').replace(
        '"TASKVERSION" text', '"TASKVERSION" int'
    )
    await region.run(f'CREATE TABLE "DN_PRO_ACCEPT" ({columns}, "REMARK" text NOT NULL)')

    with pytest.raises(InvalidDocumentError) as refused:
        await front_end.write(rowset())

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/REMARK", "value_required")]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ('DROP TABLE "DN_PRO_MATERIAL"', "front_end_table_missing"),
        ('ALTER TABLE "DN_PRO_ACCEPT" DROP COLUMN "TASKNAME"', "front_end_column_missing"),
    ],
)
async def test_a_database_that_is_not_built_as_the_layout_says_may_be_put_right(region, front_end, harm, code):
    await region.run(harm)

    with pytest.raises(PartnerUnavailableError) as away:
        await front_end.write(rowset())

    assert away.value.code == code
    assert await region.rows("DN_PRO_ACCEPT") == []


async def test_a_file_that_somebody_holds_locked_is_tried_again_later(region, front_ends):
    front_end = await front_ends.of(partner(region.url), HASTY)
    if region.dialect == "postgresql":
        holder = await asyncpg.connect(region.url)
        async with holder.transaction():
            await holder.execute('LOCK TABLE "DN_PRO_ACCEPT"')
            with pytest.raises(PartnerUnavailableError) as away:
                await front_end.write(rowset())
        await holder.close()
        assert away.value.code in {"front_end_locked", "front_end_timeout"}
    else:
        with closing(sqlite3.connect(region.url.removeprefix("sqlite:///"))) as file:
            file.execute("BEGIN EXCLUSIVE")
            with pytest.raises(PartnerUnavailableError) as away:
                await front_end.write(rowset())
        assert away.value.code == "front_end_locked"

    await (await front_ends.of(partner(region.url), LAYOUT)).write(rowset())
    assert len(await region.rows("DN_PRO_ACCEPT")) == 1


async def test_a_lost_connection_is_made_again(region, front_end):
    await front_end.write(rowset())
    if region.dialect == "postgresql":
        await region.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tongban' "
            "AND datname = current_database()"
        )
    codes = [await attempted(front_end, rowset()) for _ in range(5)]

    assert codes[-1] == "", codes
    assert set(codes) <= {"", "front_end_unreachable"}
    assert len(await region.rows("DN_PRO_ACCEPT")) == 1 + codes.count("")


async def attempted(front_end, rows):
    try:
        await front_end.write(rows)
    except PartnerUnavailableError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/at/all.db", "postgresql://tongban@127.0.0.1:1/none", "oracle://127.0.0.1/none"],
)
async def test_a_database_that_is_not_there_is_unreachable_and_never_made(front_ends, url):
    with pytest.raises(PartnerUnavailableError) as away:
        await (await front_ends.of(partner(url), LAYOUT)).write(rowset())

    assert away.value.code == "front_end_unreachable"


async def test_the_login_is_a_credential_and_never_part_of_the_address(postgres_url):
    layout, kept = replace(LAYOUT, credential="database"), Kept({})
    login = urlsplit(postgres_url).netloc.rpartition("@")[0]
    where = partner(postgres_url.replace(f"{login}@", ""))
    stranger = login.replace("tongban", "nobody")
    async with DatabaseFrontEnds(credentials=kept) as front_ends:
        codes = []
        for secret in (None, "tongban:wrong", stranger, login):
            kept.secrets = {"database": secret} if secret else {}
            with pytest.raises(PartnerUnavailableError) as away:
                await (await front_ends.of(where, layout)).write(rowset())
            codes.append(away.value.code)

    assert codes == ["credential_missing", "front_end_denied", "front_end_denied", "front_end_table_missing"]


async def test_a_file_that_may_not_be_written_or_is_no_database_is_told_as_such(tmp_path, front_ends):
    no_database = tmp_path / "letters.db"
    no_database.write_text("no database, but long enough to be looked at as one " * 20)
    front_end = await front_ends.of(partner(f"sqlite:///{no_database}"), LAYOUT)

    with pytest.raises(PartnerUnavailableError) as away:
        await front_end.write(rowset())

    assert away.value.code == "front_end_failed"


async def test_rows_are_read_in_order_of_time_and_id_and_ours_are_not(region, front_end):
    (reading,) = [one.reading for one in LAYOUT.incoming if one.reading.table == "UP_PRO_RESULT"]
    first = await region.write("UP_PRO_RESULT", {"PROJECTNO": "1"})
    await region.write("UP_PRO_RESULT", {"PROJECTNO": "2"}, DATASOURCE="990")
    second = await region.write("UP_PRO_RESULT", {"PROJECTNO": "3"}, DATASOURCE=None)

    rows = await front_end.waiting(reading, None, until="2030-01-01 00:00:00")
    later = await front_end.waiting(reading, rows[0].position, until="2030-01-01 00:00:00")
    early = await front_end.waiting(reading, None, until="2020-01-01 00:00:00")

    assert [row.position.row for row in rows] == [first, second]
    assert [row.position.row for row in later] == [second]
    assert rows[0].columns["CD_TIME"] == "2026-11-20 09:00:01"
    assert early == ()


async def test_a_mark_is_not_set_on_a_row_that_was_written_anew_meanwhile(region, front_end):
    (reading,) = [one.reading for one in LAYOUT.incoming if one.reading.table == "UP_PRO_PROCESS"]
    assert reading.mark is not None
    guid = await region.write("UP_PRO_PROCESS", {"PROJECTNO": "1"})
    (row,) = await front_end.waiting(reading, None, until="")

    await front_end.mark("UP_PRO_PROCESS", reading.mark, Position(at="2020-01-01 00:00:00", row=guid), "1")
    still = await front_end.waiting(reading, None, until="")
    await front_end.mark("UP_PRO_PROCESS", reading.mark, row.position, "1")

    assert [each.position for each in still] == [row.position]
    assert await front_end.waiting(reading, None, until="") == ()


@pytest.mark.parametrize("name", ['A"; DROP TABLE B; --', "A B", "", "1A", "A" * 64, "Ａ", "A\0"])
def test_no_name_that_was_not_checked_stands_in_a_statement(name):
    for dialect in DIALECTS.values():
        with pytest.raises(ValueError, match="not the name"):
            Statements(dialect=dialect, layout=LAYOUT).add(TableRow(table="A", id="1", columns={name: "1"}))


def test_names_are_folded_where_the_database_spells_them_small():
    statements = Statements(dialect=DIALECTS["postgresql"], layout=replace(LAYOUT, folded=True))

    assert statements.names("UP_PRO_ACCEPT").text == 'SELECT * FROM "up_pro_accept" WHERE 1 = 0'
