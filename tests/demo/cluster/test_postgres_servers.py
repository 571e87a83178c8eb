"""Real servers come up, go down in every way, and say why they do not; those that stand by: tests/store/postgres."""

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
