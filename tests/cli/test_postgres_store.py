"""The commands that begin and migrate a store do so on PostgreSQL as on a file, and show no password."""

import json


def test_a_store_is_begun_once_in_an_empty_database_and_its_password_is_not_shown(settled, run, postgres_url):
    assert settled
    password = postgres_url.partition("@")[0].rpartition(":")[2]
    there = {"TONGBAN_STORE": postgres_url}

    refused = run("keys", "list", env=there), run("partner", "list", env=there)
    begun = run("migrate", "--create", "--json", env=there)
    again = run("migrate", "--create", env=there)
    listed = run("partner", "list", env=there)

    assert [each.exit_code for each in refused] == [0, 1]
    assert "store_missing" in refused[1].stderr
    assert json.loads(begun.stdout)["created"] is True
    assert (again.exit_code, listed.exit_code) == (0, 0)
    assert "Began" not in again.stdout
    assert all(password not in each.output for each in (*refused, begun, again, listed))
