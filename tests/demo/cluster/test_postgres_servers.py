"""Real servers come up, go down in every way, and a standby that takes over has all that was committed."""

import asyncpg
import pytest

from gateway.core.errors import StoreUnavailableError
from gateway.demo.cluster.postgres import PostgresServer, shared_url


async def asked(url, question):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_standby_that_is_promoted_has_what_a_killed_primary_committed(servers_folder):
    primary = PostgresServer(servers_folder / "first")
    standby = PostgresServer(servers_folder / "second", name="second", standby_of=primary)
    try:
        primary.start()
        standby.start()
        assert await asked(primary.url, "SELECT sync_state FROM pg_stat_replication") == "sync"
        primary.create_database("kept")
        primary.kill()
        assert not primary.running

        standby.promote()

        assert await asked(shared_url((primary, standby), "kept"), "SELECT current_setting('cluster_name')") == "second"
        standby.create_database("new")
    finally:
        standby.stop()
        primary.stop()


async def test_a_server_keeps_its_port_and_data_however_it_ends(servers_folder):
    server = PostgresServer(servers_folder / "alone", options={"work_mem": "5MB"})
    server.start()
    try:
        server.create_database("kept")
        url = shared_url((server,), "kept")
        server.restart()
        server.configure(work_mem="7MB")
        server.restart(immediately=True)
        server.kill()
        server.start()

        assert await asked(url, "SELECT current_setting('work_mem')") == "7MB"
        assert await asked(url, "SELECT current_setting('fsync')") == "on"
    finally:
        server.stop()


def test_a_server_that_cannot_start_says_why(servers_folder):
    server = PostgresServer(servers_folder / "wrong", options={"max_connections": "none"})

    with pytest.raises(StoreUnavailableError, match="max_connections"):
        server.start()
