"""`tongban partner`: who is registered, and what can never be."""

import orjson
import pytest

from gateway.core.trust.keys import thumbprint
from tests.cli.workplace import CHECKOUT, GATEWAY

JWKS = CHECKOUT / "config" / "partner-ankang.jwks.json"
ANKANG = ("gateway.ankang", "--kind", "gateway", "--name", "安康", "--region", "610900000000")


pytestmark = pytest.mark.usefixtures("settled")


@pytest.fixture
def partner(run):
    return lambda *arguments, **more: run("partner", *arguments, **more)


def registered(partner):
    return orjson.loads(partner("list", "--json").stdout)


def log_kinds(run):
    lines = run("audit", "entries", "--json").stdout.splitlines()
    return [orjson.loads(line)["entry"]["kind"] for line in lines]


def test_a_partner_is_registered_with_its_keys_and_the_log_says_so(partner, run):
    result = partner("add", *ANKANG, "--endpoint", "https://ankang.example", "--jwks", JWKS)

    kid = thumbprint(orjson.loads(JWKS.read_bytes())["keys"][0])[:16]
    assert (result.exit_code, kid in result.stdout) == (0, True)
    assert registered(partner) == [
        {
            "id": "gateway.ankang",
            "kind": "gateway",
            "name": "安康",
            "status": "active",
            "regions": ["610900000000"],
            "endpoint": "https://ankang.example",
            "adapter": "",
            "mirrored": False,
            "settled_by": "receipt",
            "keys": [{"kid": kid, "alg": "EdDSA"}],
        }
    ]
    assert "partner_registered" in log_kinds(run)


def test_keys_may_come_on_stdin_and_as_a_single_key(partner):
    key = orjson.dumps(orjson.loads(JWKS.read_bytes())["keys"][0])

    assert partner("add", *ANKANG, "--jwks", "-", input=key).exit_code == 0


def test_the_list_for_people_shows_every_id_whole(partner):
    partner("add", *ANKANG, "--jwks", JWKS)

    assert "gateway.ankang" in partner("list").stdout
    assert "610900000000" in partner("list").stdout


def test_an_empty_list_says_how_to_begin(partner):
    assert "tongban partner add" in partner("list").stdout
    assert registered(partner) == []


def test_a_partner_is_not_replaced_by_accident(partner):
    partner("add", *ANKANG, "--jwks", JWKS)

    again = partner("add", *ANKANG, "--jwks", JWKS)
    changed = partner("add", *ANKANG[:4], "安康市", *ANKANG[5:], "--jwks", JWKS, "--replace", "--json")

    assert (again.exit_code, "partner_exists" in again.stderr) == (1, True)
    assert orjson.loads(changed.stdout)["name"] == "安康市"


def test_changing_a_suspended_partner_leaves_it_suspended(partner):
    partner("add", *ANKANG, "--jwks", JWKS)
    partner("suspend", "gateway.ankang")

    partner("add", *ANKANG, "--jwks", JWKS, "--replace")

    assert registered(partner)[0]["status"] == "suspended"


def test_suspending_and_resuming_are_logged_once_each(partner, run):
    partner("add", *ANKANG, "--jwks", JWKS)

    answers = [partner(verb, "gateway.ankang", "--json") for verb in ("suspend", "suspend", "resume", "resume")]

    assert [orjson.loads(each.stdout)["changed"] for each in answers] == [True, False, True, False]
    assert [kind for kind in log_kinds(run) if kind != "log_read"] == [
        "partner_resumed",
        "partner_suspended",
        "partner_registered",
    ]


@pytest.mark.parametrize("verb", ["suspend", "resume"])
def test_nobody_unknown_is_suspended(partner, verb):
    result = partner(verb, "gateway.nowhere")

    assert (result.exit_code, "partner_unknown" in result.stderr) == (1, True)


def test_everything_wrong_with_a_partner_is_told_at_once(partner):
    result = partner(
        "add", "a b", "--kind", "auditor", "--name", " ", "--region", "6109", "--endpoint", "ftp://x/",
        "--adapter", "national", "--jwks", JWKS, "--json",
    )  # fmt: skip

    faults = orjson.loads(result.stderr)["faults"]
    assert result.exit_code == 1
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [
        ("/id", "partner_id_invalid"),
        ("/name", "partner_name_invalid"),
        ("/regions/0", "region_invalid"),
        ("/endpoint", "endpoint_invalid"),
        ("/adapter", "adapter_not_allowed"),
    ]
    assert registered(partner) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((GATEWAY, "--kind", "gateway", "--region", "610900000000"), "partner_is_self"),
        (("g", "--kind", "gateway"), "regions_missing"),
        (("s", "--kind", "system", "--region", "610900000000"), "adapter_missing"),
        (("s", "--kind", "system", "--region", "610900000000", "--adapter", "x"), "adapter_unknown"),
        (("13912345678", "--kind", "auditor"), "partner_id_invalid"),
        (("a", "--kind", "auditor", "--endpoint", "https://u:p@host"), "endpoint_invalid"),
        (("a", "--kind", "auditor", "--endpoint", "https://host:port"), "endpoint_invalid"),
    ],
)
def test_what_could_never_exchange_is_refused(partner, arguments, code):
    result = partner("add", *arguments, "--name", "x", "--jwks", JWKS)

    assert (result.exit_code, code in result.stderr) == (1, True)


def test_in_production_partners_are_reached_over_https(partner, monkeypatch):
    monkeypatch.setenv("TONGBAN_ENVIRONMENT", "production")
    monkeypatch.setenv("TONGBAN_URL", "https://gateway.example")

    result = partner("add", *ANKANG, "--endpoint", "http://ankang.example", "--jwks", JWKS)

    assert "endpoint_insecure" in result.stderr


def test_a_key_whose_name_the_log_could_not_hold_is_refused(partner):
    key = orjson.loads(JWKS.read_bytes())["keys"][0] | {"kid": "安康 1"}

    result = partner("add", *ANKANG, "--jwks", "-", input=orjson.dumps({"keys": [key, key]}))

    assert "/keys/0/kid key_id_invalid" in result.stderr
    assert "/keys/1/kid key_repeated" in result.stderr


def test_without_a_store_nothing_is_begun_by_accident(settled, run):
    (settled / "gateway.sqlite").unlink()

    result = run("partner", "list")

    assert (result.exit_code, "store_missing" in result.stderr) == (1, True)
    assert not (settled / "gateway.sqlite").exists()


def test_without_settings_it_says_where_they_are_looked_for(settled, run):
    (settled / "config" / "gateway.toml").unlink()

    result = run("partner", "list")

    assert result.exit_code == 1
    assert "config/gateway.toml" in result.stderr
    assert "settings_missing" in result.stderr


TRANSPORT = """
[transport]
kind = "http"
[transport.authentication]
kind = "key"
credential = "apikey"
header = "X-Key"
[transport.answer]
code = "/code"
accepted = ["200"]
"""


@pytest.fixture
def plainly(partner, layout, monkeypatch):
    """Register a system whose layout needs a credential."""
    manifest = layout / "adapter.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + TRANSPORT, encoding="utf-8")
    monkeypatch.setenv("TONGBAN_ADAPTERS", str(layout.parent))
    system = ("system.a", "--kind", "system", "--name", "a", "--region", "610900000000", "--adapter", layout.name)
    return lambda: partner("add", *system, "--endpoint", "https://a.example", "--jwks", JWKS)


def test_a_system_is_registered_once_the_credentials_of_its_transport_are_kept(partner, plainly):
    before = plainly()
    kept = partner("credential", "system.a", "apikey", "--json", input=b"secret-of-nobody\n")
    after = plainly()

    assert (before.exit_code, "credential_missing" in before.stderr) == (1, True)
    assert orjson.loads(kept.stdout) == {"partner": "system.a", "credential": "apikey", "encrypted": False}
    assert after.exit_code == 0, after.stderr
    assert "signs no receipts" in after.stdout
    assert [each["settled_by"] for each in registered(partner)] == ["answer"]


@pytest.mark.parametrize("given", [b"", b"\xff\xfe", b"two\nlines", "密".encode()])
def test_what_can_be_no_credential_is_refused_unseen(partner, given):
    result = partner("credential", "system.a", "apikey", input=given)

    assert (result.exit_code, "credential_invalid" in result.stderr) == (1, True)
    assert "two" not in result.stderr
