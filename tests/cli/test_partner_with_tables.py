"""`tongban partner add` for a system that exchanges by table: its database is its address, and it signs nothing."""

import orjson
import pytest

from tests.front_ends import NAME, QUICK, write_layouts

pytestmark = pytest.mark.usefixtures("settled")
SYSTEM = ("system.ankang", "--kind", "system", "--name", "安康", "--region", "610900000000", "--adapter", NAME)


@pytest.fixture
def add(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TONGBAN_ADAPTERS", str(write_layouts(tmp_path / "layouts")))
    return lambda endpoint: run("partner", "add", *SYSTEM, "--endpoint", endpoint, "--json")


@pytest.mark.parametrize(
    "endpoint", ["sqlite:////var/lib/front-end.db", "postgresql://10.1.2.3:5432/qzk?sslmode=verify-full"]
)
def test_a_system_is_registered_by_its_database_and_needs_no_key(add, endpoint):
    added = add(endpoint)

    assert added.exit_code == 0, added.stderr
    assert (orjson.loads(added.stdout)["endpoint"], orjson.loads(added.stdout)["keys"]) == (endpoint, [])


@pytest.mark.parametrize(
    "endpoint",
    [
        "postgresql://user:secret@10.1.2.3/qzk",
        "postgresql://10.1.2.3/qzk?password=secret",
        "https://ankang.example",
        "sqlite://front-end.db",
        "oracle://10.1.2.3/qzk",
    ],
)
def test_what_is_no_database_or_holds_a_login_is_refused(add, endpoint):
    refused = add(endpoint)

    assert refused.exit_code == 1
    assert [fault["code"] for fault in orjson.loads(refused.stderr)["faults"]] == ["database_invalid"]
    assert "secret" not in refused.stderr


def test_a_layout_that_needs_a_login_is_only_registered_once_it_is_kept(run, tmp_path, monkeypatch):
    wanting = QUICK.replace('kind = "tables"', 'kind = "tables"\ncredential = "database"')
    monkeypatch.setenv("TONGBAN_ADAPTERS", str(write_layouts(tmp_path / "layouts", wanting)))
    arguments = ("partner", "add", *SYSTEM, "--endpoint", "postgresql://10.1.2.3/qzk", "--json")

    before = run(*arguments)
    run("partner", "credential", "system.ankang", "database", input=b"tongban:secret\n")
    after = run(*arguments)

    assert [fault["code"] for fault in orjson.loads(before.stderr)["faults"]] == ["credential_missing"]
    assert after.exit_code == 0, after.stderr
