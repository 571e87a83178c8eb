"""`tongban keys`: make, list and publish the gateway's own keys."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Column, Table

from gateway.cli.exits import CommandGroup, as_json
from gateway.cli.setup import Setup, pass_setup, passphrase_option
from gateway.cli.telling import china, print_json, print_table, stamp
from gateway.store.keyring import KeyPurpose, Keyring, StoredKey

_ALGORITHMS = {"ed25519": "EdDSA", "es256": "ES256"}
_PURPOSES = [purpose.value for purpose in KeyPurpose]

_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="TONGBAN_KEYS",
    show_envvar=True,
    help="Where the private keys are; by default as the settings say, else keys.",
)


@click.group(cls=CommandGroup)
def keys() -> None:
    """Make, list and publish this gateway's own keys."""


@keys.command()
@click.option(
    "--algorithm",
    type=click.Choice(list(_ALGORITHMS)),
    default="ed25519",
    show_default=True,
    help="What it signs with.",
)
@click.option("--purpose", type=click.Choice(_PURPOSES), default="exchange", show_default=True, help="What it signs.")
@_folder
@passphrase_option
@as_json
@pass_setup
def generate(
    setup: Setup, *, algorithm: str, purpose: str, folder: Path | None, passphrase: bytes | None, as_json: bool
) -> None:
    """Make a key, which signs from the next start on."""
    keyring = Keyring(setup.keys_folder(folder), passphrase=passphrase)
    kid = keyring.generate(_ALGORITHMS[algorithm], purpose=KeyPurpose(purpose))
    key = next(key for key in keyring.stored() if key.id == kid)
    if as_json:
        print_json(_row(key))
        return
    protection = "encrypted" if key.encrypted else "not encrypted, readable by its owner only"
    click.echo(f"Made the {key.algorithm} {key.purpose} key {key.id} in {key.path} ({protection}). 密钥已生成。")


@keys.command("list")
@_folder
@as_json
@pass_setup
def list_(setup: Setup, *, folder: Path | None, as_json: bool) -> None:
    """List the keys, oldest first; needs no passphrase."""
    place = setup.keys_folder(folder)
    stored = Keyring(place).stored()
    if as_json:
        print_json([_row(key) for key in stored])
    elif stored:
        print_table(_table(stored))
    else:
        click.echo(f"No keys in {place}; make one with `tongban keys generate`.")


@keys.command()
@click.option("--purpose", type=click.Choice(_PURPOSES), default="exchange", show_default=True, help="What it signs.")
@_folder
@passphrase_option
@pass_setup
def jwks(setup: Setup, *, purpose: str, folder: Path | None, passphrase: bytes | None) -> None:
    """Print the public keys as the JWK Set that partners register."""
    keyring = Keyring(setup.keys_folder(folder), passphrase=passphrase)
    print_json(keyring.jwks(purpose=KeyPurpose(purpose)))


def _table(stored: Sequence[StoredKey]) -> Table:
    table = Table(Column("key id", no_wrap=True), "algorithm", "purpose", "created (China)", "signs", "encrypted")
    for key in stored:
        flags = ("yes" if flag else "no" for flag in (key.active, key.encrypted))
        table.add_row(key.id, key.algorithm, key.purpose, china(key.created_at), *flags)
    return table


def _row(key: StoredKey) -> dict[str, Any]:
    return {
        "kid": key.id,
        "algorithm": key.algorithm,
        "purpose": key.purpose.value,
        "created_at": stamp(key.created_at),
        "active": key.active,
        "encrypted": key.encrypted,
        "path": str(key.path),
    }
