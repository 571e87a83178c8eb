"""`tongban keys`: make, list and publish the gateway's own keys.

Exit codes: 0 done, 1 refused (the reason on stderr), 2 wrong usage.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Column, Table

from gateway.core.errors import GatewayError
from gateway.store.keyring import KeyPurpose, Keyring, StoredKey

_ALGORITHMS = {"ed25519": "EdDSA", "es256": "ES256"}
_PURPOSES = [purpose.value for purpose in KeyPurpose]

_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("keys"),
    show_default=True,
    envvar="TONGBAN_KEYS_FOLDER",
    show_envvar=True,
    help="Where the private keys are.",
)
_passphrase_file = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File holding the passphrase that encrypts the keys (or set TONGBAN_KEYS_PASSPHRASE).",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


class _RefusingGroup(click.Group):
    """Turns what the gateway refuses into a message on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            raise click.ClickException(f"{error} [{error.code}]") from error


@click.group(cls=_RefusingGroup)
def keys() -> None:
    """Make, list and publish this gateway's own keys."""


@keys.command()
@click.option("--algorithm", type=click.Choice(list(_ALGORITHMS)), default="ed25519", show_default=True)
@click.option("--purpose", type=click.Choice(_PURPOSES), default="exchange", show_default=True)
@_folder
@_passphrase_file
@_as_json
def generate(*, algorithm: str, purpose: str, folder: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Make a key, which signs from the next start on."""
    keyring = _keyring(folder, passphrase_file)
    kid = keyring.generate(_ALGORITHMS[algorithm], purpose=KeyPurpose(purpose))
    key = next(key for key in keyring.stored() if key.id == kid)
    if as_json:
        _print_json(_row(key))
        return
    protection = "encrypted" if key.encrypted else "not encrypted, readable by its owner only"
    click.echo(f"Made the {key.algorithm} {key.purpose} key {key.id} in {key.path} ({protection}).")


@keys.command("list")
@_folder
@_as_json
def list_(*, folder: Path, as_json: bool) -> None:
    """List the keys, oldest first; needs no passphrase."""
    stored = Keyring(folder).stored()
    if as_json:
        _print_json([_row(key) for key in stored])
    elif stored:
        Console().print(_table(stored))
    else:
        click.echo(f"No keys in {folder}; make one with `tongban keys generate`.")


@keys.command()
@click.option("--purpose", type=click.Choice(_PURPOSES), default="exchange", show_default=True)
@_folder
@_passphrase_file
def jwks(*, purpose: str, folder: Path, passphrase_file: Path | None) -> None:
    """Print the public keys as the JWK Set that partners register."""
    _print_json(_keyring(folder, passphrase_file).jwks(purpose=KeyPurpose(purpose)))


def _keyring(folder: Path, passphrase_file: Path | None) -> Keyring:
    return Keyring(folder, passphrase=_passphrase(passphrase_file))


def _passphrase(file: Path | None) -> bytes | None:
    """Return the passphrase from the file, else from the environment; never from the command line, which others see."""
    if file is not None:
        return file.read_bytes().rstrip(b"\r\n")
    value = os.environ.get("TONGBAN_KEYS_PASSPHRASE")
    return None if value is None else value.encode()


def _table(stored: Sequence[StoredKey]) -> Table:
    table = Table(Column("key id", no_wrap=True), "algorithm", "purpose", "created (UTC)", "signs", "encrypted")
    for key in stored:
        flags = ("yes" if flag else "no" for flag in (key.active, key.encrypted))
        table.add_row(key.id, key.algorithm, key.purpose, f"{key.created_at:%Y-%m-%d %H:%M}", *flags)
    return table


def _row(key: StoredKey) -> dict[str, Any]:
    return {
        "kid": key.id,
        "algorithm": key.algorithm,
        "purpose": key.purpose.value,
        "created_at": key.created_at.isoformat(),
        "active": key.active,
        "encrypted": key.encrypted,
        "path": str(key.path),
    }


def _print_json(value: object) -> None:
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
