"""Settings are read once, and whatever is wrong with them is told at the start, all at once."""

import pytest

from gateway.core.errors import SettingsError
from gateway.settings import load_settings

GOOD = {
    "TONGBAN_ID": "gateway.shiyan",
    "TONGBAN_REGION": "420300000000",
    "TONGBAN_URL": "https://gateway.example",
}


def wrong(environ):
    """Return what is told of settings that cannot work."""
    with pytest.raises(SettingsError) as refused:
        load_settings(None, environ)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_the_environment_is_enough_and_numbers_in_it_are_numbers():
    settings = load_settings(None, {**GOOD, "TONGBAN_PORT": "0", "PATH": "/bin"})

    assert (settings.id, settings.port, settings.environment) == ("gateway.shiyan", 0, "development")


def test_the_environment_overrides_the_file(tmp_path):
    file = tmp_path / "gateway.toml"
    file.write_text('id = "other"\nregion = "420300000000"\nurl = "https://other.example"\nport = 9000\n')

    settings = load_settings(file, {"TONGBAN_ID": "gateway.shiyan"})

    assert (settings.id, settings.url, settings.port) == ("gateway.shiyan", "https://other.example", 9000)


def test_what_must_be_set_is_named_all_at_once():
    assert wrong({}) == [("/id", "setting_missing"), ("/region", "setting_missing"), ("/url", "setting_missing")]


def test_a_value_of_another_type_is_told_with_what_else_is_wrong(tmp_path):
    file = tmp_path / "gateway.toml"
    file.write_text('id = 1\nprot = 1\nregion = "420300000000"\nport = "many"\n')

    with pytest.raises(SettingsError) as refused:
        load_settings(file, {})

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/prot", "setting_unknown"),
        ("/url", "setting_missing"),
        ("/id", "setting_type_wrong"),
        ("/port", "setting_type_wrong"),
    ]


def test_a_setting_that_is_none_is_refused(tmp_path):
    file = tmp_path / "gateway.toml"
    file.write_text('id = "a"\nregion = "420300000000"\nurl = "https://a.example"\nprot = 1\n')

    with pytest.raises(SettingsError) as refused:
        load_settings(file, {})

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/prot", "setting_unknown")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGION", "4203"),
        ("REGION", "４２０３００００００００"),
        ("ID", "gateway shiyan"),
        ("ID", "a+b"),
        ("URL", "https://gateway.example/"),
        ("URL", "gateway.example"),
        ("ENVIRONMENT", "test"),
        ("LOG_LEVEL", "loud"),
        ("ALGORITHM", "none"),
        ("INSIDE", "0"),
        ("LEAVE_S", "6"),
    ],
)
def test_a_value_that_cannot_work_is_named(name, value):
    assert wrong({**GOOD, f"TONGBAN_{name}": value}) == [(f"/{name.lower()}", "setting_invalid")]


def test_several_wrong_values_are_told_together():
    told = wrong({**GOOD, "TONGBAN_REGION": "1", "TONGBAN_URL": "x", "TONGBAN_LOG_LEVEL": "loud"})

    assert [pointer for pointer, _ in told] == ["/region", "/url", "/log_level"]


def test_production_wants_https():
    environ = {**GOOD, "TONGBAN_URL": "http://gateway.example", "TONGBAN_ENVIRONMENT": "production"}

    assert wrong(environ) == [("/url", "setting_invalid")]


def test_a_port_that_is_no_number_is_refused():
    assert wrong({**GOOD, "TONGBAN_PORT": "many"}) == [("/port", "setting_type_wrong")]


def test_a_file_that_is_not_there_or_not_toml_is_told(tmp_path):
    (tmp_path / "broken.toml").write_text("id = ")

    for file, code in (
        (tmp_path / "absent.toml", "settings_missing"),
        (tmp_path / "broken.toml", "settings_unreadable"),
    ):
        with pytest.raises(SettingsError) as refused:
            load_settings(file, {})
        assert refused.value.code == code
