"""Private keys stay private, survive restarts, and rotate."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from gateway.core.errors import CorruptedError, SettingsError
from gateway.core.trust.algorithms import register_key, verifier_of
from gateway.store.keyring import KeyPurpose, Keyring
from gateway.store.pkcs8 import private_pem

PASSPHRASE = "跨省通办 a passphrase".encode()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "var" / "keys"


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def plain_pem(key: Ed448PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def failure(keyring: Keyring) -> str:
    with pytest.raises(SettingsError) as caught:
        keyring.signer()
    return caught.value.code


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_key_made_once_signs_after_a_restart(folder, algorithm):
    kid = Keyring(folder).generate(algorithm)

    signer = Keyring(folder).signer(algorithm)

    assert (signer.key_id, signer.algorithm) == (kid, algorithm)
    assert verifier_of(signer.public_key).verify(b"message", signer.sign(b"message"))


def test_files_and_folder_are_for_their_owner_only_whatever_the_umask(folder):
    earlier = os.umask(0)
    try:
        Keyring(folder).generate()
    finally:
        os.umask(earlier)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_file_that_others_can_reach_is_refused(folder, mode):
    Keyring(folder).generate()
    only_file(folder).chmod(mode)

    assert failure(Keyring(folder)) == "key_file_exposed"


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_in_which_others_could_place_a_key_is_refused(folder, mode):
    Keyring(folder).generate()
    folder.chmod(mode)

    assert failure(Keyring(folder)) == "key_folder_exposed"
    with pytest.raises(SettingsError, match="chmod 700"):
        Keyring(folder).generate()


def test_an_encrypted_key_opens_with_its_passphrase_only(folder):
    kid = Keyring(folder, passphrase=PASSPHRASE).generate()

    assert only_file(folder).read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert Keyring(folder, passphrase=PASSPHRASE).signer().key_id == kid
    assert failure(Keyring(folder, passphrase=b"another")) == "key_passphrase_wrong"
    assert failure(Keyring(folder)) == "key_passphrase_missing"


def test_encrypted_keys_are_listed_without_the_passphrase(folder):
    kid = Keyring(folder, passphrase=PASSPHRASE).generate()

    (key,) = Keyring(folder).stored()

    assert (key.id, key.encrypted, key.active) == (kid, True, True)


def test_the_encrypted_file_is_standard_pkcs8_under_scrypt_that_others_read():
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

    pem = private_pem(key, passphrase=PASSPHRASE)

    read = load_pem_private_key(pem, PASSPHRASE)
    assert isinstance(read, Ed25519PrivateKey)
    assert read.private_bytes_raw() == key.private_bytes_raw()
    with pytest.raises(ValueError, match="password"):
        load_pem_private_key(pem, b"another")


def test_two_encryptions_of_one_key_share_nothing():
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

    one, two = (private_pem(key, passphrase=PASSPHRASE).splitlines()[2] for _ in range(2))

    assert one != two


def test_an_empty_passphrase_is_not_taken_for_one(folder):
    with pytest.raises(SettingsError) as caught:
        Keyring(folder, passphrase=b"")

    assert caught.value.code == "key_passphrase_missing"


def test_the_newest_key_signs_and_the_older_stay_published(folder):
    keyring = Keyring(folder)
    first, second = keyring.generate(), keyring.generate()

    again = Keyring(folder)

    assert again.signer().key_id == second
    assert [key["kid"] for key in again.jwks()["keys"]] == [second, first]
    assert [(key.id, key.active) for key in again.stored()] == [(first, False), (second, True)]


def test_a_new_key_signs_even_if_the_clock_has_gone_back(folder):
    Keyring(folder, clock=lambda: datetime(2027, 1, 1, tzinfo=UTC)).generate()

    kid = Keyring(folder, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)).generate()

    assert Keyring(folder).signer().key_id == kid


def test_each_algorithm_and_purpose_has_its_own_active_key(folder):
    keyring = Keyring(folder)
    exchange, log = keyring.generate("ES256"), keyring.generate("EdDSA", purpose=KeyPurpose.LOG)

    assert keyring.signer("ES256").key_id == exchange
    assert keyring.signer("EdDSA", purpose=KeyPurpose.LOG).key_id == log
    assert failure(keyring) == "key_missing"


def test_a_log_key_is_never_offered_to_partners(folder):
    keyring = Keyring(folder)
    exchange, log = keyring.generate(), keyring.generate(purpose=KeyPurpose.LOG)

    assert [key["kid"] for key in keyring.jwks()["keys"]] == [exchange]
    assert [key["kid"] for key in keyring.jwks(purpose=KeyPurpose.LOG)["keys"]] == [log]


def test_the_jwks_holds_public_members_only_and_can_be_registered(folder):
    keyring = Keyring(folder)
    keyring.generate("ES256")
    keyring.generate("EdDSA")

    for document in keyring.jwks()["keys"]:
        assert document.keys() <= {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert register_key(document) == keyring.signer(document["alg"]).public_key


def test_the_first_run_makes_a_key_and_the_second_finds_it(folder):
    made = Keyring(folder).ensure()

    assert Keyring(folder).ensure().key_id == made.key_id
    assert len(list(folder.iterdir())) == 1


def test_nodes_that_start_together_make_one_key(folder):
    together = Barrier(8)

    def start(_):
        together.wait()
        return Keyring(folder).ensure().key_id

    with ThreadPoolExecutor(8) as nodes:
        keys = set(nodes.map(start, range(8)))

    assert len(keys) == 1
    assert only_file(folder).name.endswith(f"{keys.pop()}.pem")


def test_an_absent_folder_is_an_empty_keyring(folder):
    assert Keyring(folder).stored() == ()
    assert failure(Keyring(folder)) == "key_missing"


def test_other_files_and_keys_half_written_are_left_alone(folder):
    kid = Keyring(folder).generate()
    (folder / "README.md").write_text("keys")
    (folder / "exchange.EdDSA.20991231T000000000000Z.aaaaaaaaaaaaaaaa.partial").write_text("half")

    assert [key.id for key in Keyring(folder).stored()] == [kid]


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_refused(folder, content):
    Keyring(folder).generate()
    only_file(folder).write_bytes(content)

    assert failure(Keyring(folder)) == "key_file_malformed"


def test_a_key_of_an_algorithm_we_do_not_use_is_refused(folder):
    Keyring(folder).generate()
    only_file(folder).write_bytes(plain_pem(Ed448PrivateKey.generate()))

    assert failure(Keyring(folder)) == "key_file_malformed"


def test_a_key_on_a_curve_we_do_not_use_is_refused(folder):
    Keyring(folder).generate()
    only_file(folder).write_bytes(private_pem(ec.generate_private_key(ec.SECP384R1()), passphrase=None))

    assert failure(Keyring(folder)) == "key_file_malformed"


def test_a_key_put_under_the_name_of_another_stops_the_gateway(folder):
    Keyring(folder).generate()
    only_file(folder).write_bytes(private_pem(Ed25519PrivateKey.generate(), passphrase=None))

    with pytest.raises(CorruptedError) as caught:
        Keyring(folder).signer()

    assert caught.value.code == "key_file_mismatch"


def test_nothing_secret_is_shown(folder):
    keyring = Keyring(folder, passphrase=PASSPHRASE)
    keyring.generate()
    with pytest.raises(SettingsError) as caught:
        Keyring(folder, passphrase=b"a wrong secret").signer()

    shown = f"{keyring!r} {keyring.signer()!r} {keyring.stored()!r} {caught.value!r}"
    assert "passphrase'" not in shown
    assert PASSPHRASE.decode() not in shown
    assert "a wrong secret" not in shown


def test_the_decrypted_form_is_the_key_itself():
    key = ec.derive_private_key(7, ec.SECP256R1())

    read = load_pem_private_key(private_pem(key, passphrase=None), None)

    plain = read.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert load_der_private_key(plain, None).public_key() == key.public_key()
