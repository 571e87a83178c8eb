"""`tongban serve` as its own process: it starts, answers, follows the store, and stops when told to."""

import signal
import socket
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest

from gateway.core.audit.note import read_log_key
from gateway.core.trust.tokens import HEADER_NAME, issue_token
from gateway.store.keyring import Keyring
from tests.cli.workplace import GATEWAY, eventually, get

PRODUCTION = {"TONGBAN_ENVIRONMENT": "production", "TONGBAN_URL": "https://gateway.example"}


@pytest.fixture
def serving(settled, process):
    started = process(settled, "serve", "--json")
    return started, orjson.loads(started.first_line())


def ask_items(url, signer):
    at = f"{url}/federation/v1/items"
    token = issue_token(
        signer,
        issuer="system.shiyan",
        audience=GATEWAY,
        method="GET",
        url=at,
        body=b"",
        exchange=None,
        now=datetime.now(UTC),
        jti=uuid4().hex,
    )
    return get(at, {HEADER_NAME: token}.items())[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_when_told_to(serving, number):
    started, told = serving

    answered = get(f"{told['listening']}/healthz")[0]
    started.signal(number)

    assert answered == 200
    assert started.end()[0] == 0


def test_it_says_where_it_listens_and_how_its_log_is_verified(serving, run):
    started, told = serving
    started.signal()
    started.end()

    assert told["id"] == read_log_key(told["log_key"]).name == GATEWAY
    run("audit", "checkpoint")
    assert run("audit", "verify", "--key", told["log_key"]).exit_code == 0


def test_partners_change_while_it_runs(serving, settled, run):
    started, told = serving
    signer = Keyring(settled / "system-keys").ensure()
    jwks = orjson.dumps({"keys": [signer.public_key.document()]})
    stranger = ask_items(told["url"], signer)

    add = ("partner", "add", "system.shiyan", "--kind", "system", "--name", "十堰", "--region", "420300000000")
    assert run(*add, "--adapter", "national", "--jwks", "-", input=jwks).exit_code == 0
    welcomed = eventually(lambda: ask_items(told["url"], signer) == 200)
    assert run("partner", "suspend", "system.shiyan").exit_code == 0
    turned_away = eventually(lambda: ask_items(told["url"], signer) == 403)
    started.signal()

    assert (stranger, welcomed, turned_away) == (401, True, True)
    assert started.end()[0] == 0


def test_the_store_and_its_folder_are_made_at_the_first_start(settled, process):
    started = process(settled, "serve", TONGBAN_STORE="sqlite:///new/place/gateway.sqlite")
    line = started.first_line().decode()
    started.signal()

    assert f"{GATEWAY} listens on http://127.0.0.1:" in line
    assert started.end()[0] == 0
    assert (settled / "new" / "place").stat().st_mode & 0o777 == 0o700


def test_an_address_in_use_is_told_without_a_traceback(settled, process):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, errors = process(settled, "serve", TONGBAN_PORT=str(taken.getsockname()[1])).end()

    assert code == 1
    assert b"system_refused" in errors
    assert b"Traceback" not in errors


def test_production_logs_json_lines(settled, process):
    environ = PRODUCTION | {"TONGBAN_KEYS": "new-keys", "TONGBAN_KEYS_PASSPHRASE": "open sesame"}
    started = process(settled, "serve", "--json", **environ)
    started.first_line()
    started.signal()
    code, _, errors = started.end()

    assert code == 0
    assert orjson.loads(errors.splitlines()[-1])["event"] == "gateway_stopping"


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        (PRODUCTION, b"key_passphrase_missing"),
        (PRODUCTION | {"TONGBAN_KEYS_PASSPHRASE": "open sesame"}, b"key_unencrypted"),
        ({"TONGBAN_ENVIRONMENT": "production"}, b"/url setting_invalid"),
    ],
)
def test_production_refuses_what_only_development_may(settled, process, environ, code):
    # Its own process: a gateway that starts after all is ended from outside, and fails the test instead of hanging it.
    started = process(settled, "serve", **environ)
    ended, out, errors = started.end()

    assert (ended, out, code in errors) == (1, b"", True)


def test_the_shipped_settings_are_good_and_name_every_setting():
    import tomllib
    from dataclasses import fields

    from gateway.settings import Settings, load_settings
    from tests.cli.workplace import CHECKOUT

    sample = CHECKOUT / "config" / "gateway.toml"

    assert load_settings(sample, {}).id == GATEWAY
    assert list(tomllib.loads(sample.read_text(encoding="utf-8"))) == [field.name for field in fields(Settings)]
