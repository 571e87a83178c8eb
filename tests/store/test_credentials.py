"""Secrets of partners: files for their owner only, sealed with the passphrase of the keys."""

import stat

import pytest

from gateway.core.errors import SettingsError
from gateway.store.credentials import StoredCredentials

SECRET = "appsecret-of-nobody"


@pytest.mark.parametrize("passphrase", [None, b"correct horse"])
async def test_what_is_kept_is_read_again_by_another_process(tmp_path, passphrase):
    path = StoredCredentials(folder=tmp_path / "keys", passphrase=passphrase).keep("system.x/1", "appCode", SECRET)

    assert (
        await StoredCredentials(folder=tmp_path / "keys", passphrase=passphrase).secret("system.x/1", "appCode")
        == SECRET
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (SECRET.encode() in path.read_bytes()) is (passphrase is None)


async def test_a_newer_secret_is_used_at_once(tmp_path):
    kept = StoredCredentials(folder=tmp_path)
    kept.keep("system.x", "key", "first")
    assert await kept.secret("system.x", "key") == "first"

    StoredCredentials(folder=tmp_path).keep("system.x", "key", "second")

    assert await kept.secret("system.x", "key") == "second"


async def failing(credentials, partner="system.x", name="key"):
    with pytest.raises(SettingsError) as caught:
        await credentials.secret(partner, name)
    assert SECRET not in str(caught.value)
    return caught.value.code


async def test_each_way_not_to_be_read_has_its_code(tmp_path):
    sealed = StoredCredentials(folder=tmp_path, passphrase=b"right")
    path = sealed.keep("system.x", "key", SECRET)

    assert await failing(sealed, name="other") == "credential_missing"
    assert await failing(sealed, partner="system.y") == "credential_missing"
    assert await failing(StoredCredentials(folder=tmp_path)) == "key_passphrase_missing"
    assert await failing(StoredCredentials(folder=tmp_path, passphrase=b"wrong")) == "key_passphrase_wrong"
    path.rename(sealed._path("system.y", "key"))
    assert await failing(sealed, partner="system.y") == "key_passphrase_wrong"  # sealed for another partner
    sealed._path("system.y", "key").write_bytes(b"{}")
    assert await failing(sealed, partner="system.y") == "credential_malformed"


async def test_a_secret_that_others_can_read_is_not_used(tmp_path):
    kept = StoredCredentials(folder=tmp_path)
    kept.keep("system.x", "key", SECRET).chmod(0o644)

    assert await failing(kept) == "key_file_exposed"


@pytest.mark.parametrize(
    ("name", "secret"),
    [("../x", "s"), ("", "s"), ("key", ""), ("key", "a\r\nX: y"), ("key", "密"), ("key", "x" * 5000)],
)
def test_what_no_header_could_hold_is_not_kept(tmp_path, name, secret):
    with pytest.raises(SettingsError) as caught:
        StoredCredentials(folder=tmp_path).keep("system.x", name, secret)

    assert caught.value.code == "credential_invalid"
    assert list(tmp_path.iterdir()) == []
