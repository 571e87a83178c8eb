"""The checks see what they are for: each is broken on purpose, on stores of gateways that really ran."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.core.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.demo.ports import free_port
from gateway.store.keyring import KeyPurpose, Keyring
from tests.faults.books import opened_sides
from tests.faults.checks import CHECKS, LOG_CHECKS, Seen, Told, findings
from tests.faults.world import world
from tests.gateways import ANKANG, SHIYAN
from tests.processes import GatewayProcess


@dataclass(frozen=True, kw_only=True)
class Left:
    """What two gateways left behind, and what was told and seen."""

    folder: Path
    told: list[Told]
    seen: dict[str, Seen]

    def beneath(self, name: str, statement: str) -> None:
        """Change a store from underneath; it must change something."""
        with closing(sqlite3.connect(self.folder / f"{name}.sqlite")) as connection, connection:
            assert connection.execute(statement).rowcount > 0

    async def named(self, *, resting: bool = True, shown: dict[str, list[bytes]] | None = None) -> set[str]:
        """Return the names of what the checks find."""
        found = await self.found(resting=resting, shown=shown)
        assert found <= {*CHECKS, *LOG_CHECKS}
        return found

    async def found(self, *, resting: bool, shown: dict[str, list[bytes]] | None) -> set[str]:
        processes = [
            GatewayProcess(self.folder, name, region, free_port())
            for name, region in (("shiyan", SHIYAN), ("ankang", ANKANG))
        ]
        async with opened_sides(*processes) as sides:
            found = await findings(sides, told=self.told, seen=self.seen, shown=shown, resting=resting)
        return {each.check for each in found}


async def lived(folder: Path) -> Left:
    async with world(folder) as running:
        traffic = running.traffic
        await asyncio.gather(traffic.live(0), traffic.live(1))
        assert await running.findings() == []
        await running.shiyan.steps.checkpoint()
        return Left(folder=folder, told=traffic.told, seen=traffic.seen)


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> Left:
    """What a day left behind, made once."""
    return asyncio.run(lived(tmp_path_factory.mktemp("lived")))


@pytest.fixture
def left(once, tmp_path) -> Left:
    """A copy of it, to be spoiled."""
    shutil.copytree(once.folder, tmp_path / "copy")
    seen: dict[str, Seen] = {system: list(seen) for system, seen in once.seen.items()}
    return Left(folder=tmp_path / "copy", told=list(once.told), seen=seen)


async def test_where_nothing_is_wrong_nothing_is_found(left):
    assert await left.named() == set()
    assert len(left.told) == 12


@pytest.mark.parametrize(
    ("check", "name", "statement"),
    [
        ("acknowledged_kept", "shiyan", "UPDATE taken_exchanges SET receipt = receipt || 'x' WHERE sequence = 1"),
        ("acknowledged_kept", "shiyan", "UPDATE taken_exchanges SET subject = 'another' WHERE sequence = 1"),
        ("taken_once", "ankang", "UPDATE taken_exchanges SET receipt = 'none' WHERE sequence = 1"),
        ("taken_once", "ankang", "UPDATE taken_exchanges SET id = 'another' WHERE sequence = 3"),
        ("carried_once", "shiyan", "DELETE FROM deliveries WHERE sequence = 1"),
        ("carried_once", "shiyan", "UPDATE deliveries SET exchange = 'another' WHERE sequence = 1"),
        ("at_rest", "shiyan", "UPDATE deliveries SET state = 'dead', head = 1 WHERE sequence = 1"),
        ("at_rest", "ankang", "UPDATE deliveries SET state = 'due' WHERE sequence = 2"),
        ("arrived", "ankang", "UPDATE taken_exchanges SET id = 'another' WHERE sequence = 1"),
        ("in_order", "ankang", "UPDATE taken_exchanges SET sequence = 1000 - sequence"),
        ("states_logged", "shiyan", "UPDATE deliveries SET state = 'due' WHERE sequence = 1"),
        ("sides_agree", "ankang", "UPDATE taken_exchanges SET receipt = receipt || 'x' WHERE sequence = 1"),
        ("sides_agree", "ankang", "UPDATE applications SET state = 'delivered'"),
        ("commitments_open", "shiyan", "UPDATE exchange_bodies SET body = x'7b7d' WHERE sequence = 1"),
        ("commitments_open", "shiyan", "DELETE FROM entry_salts"),
        ("proofs_verify", "shiyan", "UPDATE tiles SET hashes = zeroblob(length(hashes))"),
        ("log_grows", "shiyan", "UPDATE tiles SET hashes = zeroblob(length(hashes))"),
        ("log_sound", "shiyan", "UPDATE entry_index SET code = 'changed' WHERE position = 3"),
        ("log_sound", "shiyan", "UPDATE leaves SET leaf = x'7b7d' WHERE position = 3"),
    ],
)
async def test_a_store_that_was_tampered_with_is_named(left, check, name, statement):
    left.beneath(name, statement)

    assert check in await left.named()


async def test_what_was_acknowledged_and_is_nowhere_is_named(left):
    left.told.append(replace(left.told[0], exchange="0198c0de-0000-7000-8000-000000000000"))

    assert await left.named() == {"acknowledged_kept"}


async def test_an_exchange_that_was_acknowledged_twice_in_different_words_is_named(left):
    left.told.append(replace(left.told[0], receipt=left.told[1].receipt))

    assert await left.named() == {"acknowledged_kept"}


async def test_what_never_reached_the_system_it_was_for_is_named(left):
    seen = left.seen["system.ankang"]
    assert isinstance(seen, list)
    seen.pop()

    assert await left.named() == {"arrived"}


async def test_what_reached_a_system_in_another_order_is_named(left):
    seen = left.seen["system.shiyan"]
    assert isinstance(seen, list)
    seen.reverse()

    assert await left.named() == {"in_order"}


async def test_what_came_again_is_nothing_unless_it_came_as_something_else(left):
    seen = left.seen["system.shiyan"]
    assert isinstance(seen, list)
    seen.append(seen[0])
    assert await left.named() == set()

    seen.append((*seen[0][:3], b"{}"))
    assert await left.named() == {"in_order"}


async def test_what_a_system_saw_and_nobody_sent_is_named(left):
    seen = left.seen["system.ankang"]
    assert isinstance(seen, list)
    seen.append(("0198c0de-0000-7000-8000-000000000000", *seen[0][1:]))

    assert await left.named() == {"in_order"}


async def test_a_second_root_that_was_shown_for_one_size_is_named(left):
    keyring = Keyring(left.folder / "shiyan-keys")
    shiyan = GatewayProcess(left.folder, "shiyan", SHIYAN, free_port())
    async with opened_sides(shiyan) as (side,):
        kept = await side.store.checkpoint()
    assert kept is not None
    forked = Checkpoint(origin=side.log_key.name, size=kept.size, root=sha256(b"another").digest())
    note = sign_checkpoint(forked, side.log_key, keyring.signer(purpose=KeyPurpose.LOG).sign)

    assert await left.named(shown={side.id: [kept.note.encode()]}) == set()
    assert await left.named(shown={side.id: [note]}) == {"log_grows"}


async def test_what_is_still_on_its_way_is_no_finding_while_work_goes_on(left):
    left.beneath("ankang", "UPDATE applications SET state = 'delivered'")

    assert await left.named(resting=False) == set()


def test_every_check_that_is_described_is_made():
    described = Path(__file__).with_name("checks.py").read_text().split('"""')[1]

    assert [line.split()[1] for line in described.splitlines() if line[:1].isdigit()] == [*CHECKS, *LOG_CHECKS]
