"""`tongban partner`: register those this gateway exchanges with, list, suspend and resume them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
from rich.table import Column, Table

from gateway.adapters.stored import StoredAdapters
from gateway.cli.exits import CommandGroup, as_json
from gateway.cli.jwks import read_keys
from gateway.cli.setup import Desk, Setup, desk, pass_setup, passphrase_option, run
from gateway.cli.telling import print_json, print_table
from gateway.core.conversion.adapter import Adapter
from gateway.core.model import Partner, PartnerKind, PartnerStatus
from gateway.flow.register import RegisterPartner, SetPartnerStatus
from gateway.flow.shipped import RecordShipped
from gateway.resources import installed
from gateway.settings import Settings
from gateway.store.credentials import StoredCredentials

_CREDENTIAL_BYTES: Final = 8192


@click.group(cls=CommandGroup)
def partner() -> None:
    """Register those this gateway exchanges with; a running gateway notices within a second."""


@partner.command()
@click.argument("id_", metavar="ID")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in PartnerKind]), required=True, help="What it is to us."
)
@click.option("--name", required=True, help="What people call it.")
@click.option(
    "--region", "regions", multiple=True, metavar="DIVISION", help="12-digit code it answers for; repeatable."
)
@click.option("--endpoint", default="", metavar="URL", help="Base URL for deliveries; none for one that only calls.")
@click.option("--adapter", default="", metavar="LAYOUT", help="Layout that a system speaks.")
@click.option(
    "--jwks", default="", metavar="FILE|URL|-", help="Its public keys, as a JWK Set; none for a front-end database."
)
@click.option("--mirror", "mirrored", is_flag=True, help="Copy the items that this gateway publishes.")
@click.option("--replace", is_flag=True, help="Change a partner that is registered; it keeps its status.")
@as_json
@pass_setup
def add(setup: Setup, /, *, id_: str, kind: str, jwks: str, replace: bool, as_json: bool, **named: Any) -> None:
    """Register a partner with its public keys, and log that it was."""
    added = run(_add(setup.settings(), {"id": id_, "kind": PartnerKind(kind), **named}, jwks, change=replace))
    if as_json:
        print_json(_row(*added))
        return
    new, settled_by = added
    kids = ", ".join(key.id for key in new.keys)
    click.echo(f"Registered the {new.kind} {new.id} with {len(new.keys)} key(s): {kids}. 已登记。")
    if settled_by == "answer":
        click.echo("It signs no receipts: a delivery is settled by its plain answer. 对方不签回执，以普通应答为准。")


async def _add(settings: Settings, named: dict[str, Any], jwks: str, *, change: bool) -> tuple[Partner, str]:
    wanted = Partner(keys=await read_keys(jwks) if jwks else (), **named)
    async with desk(settings) as place:
        layouts = await _layouts(place) if wanted.adapter else {}
        register = RegisterPartner(
            partners=place.store,
            layouts=layouts,
            databases={name for name, each in layouts.items() if each.manifest.tables is not None},
            missing=_missing(settings, wanted, layouts.get(wanted.adapter)),
            entries=place.entries,
            secure=settings.environment == "production",
        )
        return await register(wanted, change=change), _settled_by(layouts.get(wanted.adapter))


async def _layouts(place: Desk) -> dict[str, Adapter]:
    """Return the adapters in service; where no gateway was ever started, those that one would start with."""
    await RecordShipped(versions=place.store, entries=place.entries)(installed(place.settings.adapters))
    return await _serving(place)


async def _serving(place: Desk) -> dict[str, Adapter]:
    """Return the adapters in service, without recording anything."""
    adapters = StoredAdapters(versions=place.store)
    await adapters.start(each.adapter for each in installed(place.settings.adapters))
    layouts = [each.layout for each in await place.store.adapter_versions(active=True)]
    return {layout: adapter for layout in layouts if (adapter := adapters.named(layout))}


def _settled_by(adapter: Adapter | None) -> str:
    """Return what a delivery is settled by: only a receipt is the partner's own word, which we can prove."""
    if adapter is not None and adapter.manifest.http is not None:
        return "answer"
    return "rows" if adapter is not None and adapter.manifest.tables is not None else "receipt"


def _missing(settings: Settings, wanted: Partner, adapter: Adapter | None) -> list[str]:
    """Return the credentials that the layout's transport needs and nobody has kept."""
    spec = (adapter.manifest.http or adapter.manifest.tables) if adapter else None
    kept = StoredCredentials(folder=Path(settings.keys))
    return [name for name in spec.credentials if not kept.has(wanted.id, name)] if spec else []


@partner.command()
@click.argument("id_", metavar="ID")
@click.argument("name")
@click.option("--file", "source", type=click.File("rb"), default="-", help="File that holds it; by default stdin.")
@passphrase_option
@as_json
@pass_setup
def credential(setup: Setup, *, id_: str, name: str, source: BinaryIO, passphrase: bytes | None, as_json: bool) -> None:
    """Keep a secret by which a partner knows us, for a transport that needs it; never named on the command line."""
    folder = Path(setup.settings().keys)
    try:
        secret = source.read(_CREDENTIAL_BYTES + 1).decode("ascii").rstrip("\r\n")
    except UnicodeDecodeError:
        secret = ""  # which is refused, without a word of what it was
    StoredCredentials(folder=folder, passphrase=passphrase).keep(id_, name, secret)
    told = {"partner": id_, "credential": name, "encrypted": passphrase is not None}
    if as_json:
        print_json(told)
        return
    click.echo(f"Kept the credential {name} of {id_}. 已保存凭据。")


@partner.command("list")
@as_json
@pass_setup
def list_(setup: Setup, *, as_json: bool) -> None:
    """List everybody registered, in order of id."""
    registered = run(_registered(setup.settings()))
    if as_json:
        print_json([_row(*each) for each in registered])
    elif registered:
        print_table(_table(registered))
    else:
        click.echo("Nobody is registered; see `tongban partner add --help`. 尚未登记。")


async def _registered(settings: Settings) -> list[tuple[Partner, str]]:
    async with desk(settings) as place:
        partners = await place.store.partners()
        serving = await _serving(place) if any(each.adapter for each in partners) else {}
        return [(each, _settled_by(serving.get(each.adapter))) for each in partners]


@partner.command()
@click.argument("id_", metavar="ID")
@as_json
@pass_setup
def suspend(setup: Setup, *, id_: str, as_json: bool) -> None:
    """Refuse a partner from now on, and hold back what is addressed to it."""
    _set_status(setup, id_, PartnerStatus.SUSPENDED, as_json=as_json)


@partner.command()
@click.argument("id_", metavar="ID")
@as_json
@pass_setup
def resume(setup: Setup, *, id_: str, as_json: bool) -> None:
    """Let a suspended partner exchange again; what waited for it is sent."""
    _set_status(setup, id_, PartnerStatus.ACTIVE, as_json=as_json)


def _set_status(setup: Setup, name: str, status: PartnerStatus, *, as_json: bool) -> None:
    changed = run(_change_status(setup.settings(), name, status))
    if as_json:
        print_json({"id": name, "status": status, "changed": changed})
        return
    told = {PartnerStatus.ACTIVE: "active 已启用", PartnerStatus.SUSPENDED: "suspended 已停用"}[status]
    click.echo(f"{name} is {told}." if changed else f"{name} was {told} already.")


async def _change_status(settings: Settings, name: str, status: PartnerStatus) -> bool:
    async with desk(settings) as place:
        return await SetPartnerStatus(partners=place.store, entries=place.entries)(name, status)


def _table(registered: Sequence[tuple[Partner, str]]) -> Table:
    columns = ("kind", "status", "name", "regions", "adapter", "settled by", "endpoint", "keys")
    table = Table(Column("id", no_wrap=True), *columns)
    for each, settled_by in registered:
        regions, keys = " ".join(each.regions), ", ".join(key.id for key in each.keys)
        table.add_row(
            each.id, each.kind, each.status, each.name, regions, each.adapter, settled_by, each.endpoint, keys
        )
    return table


def _row(each: Partner, settled_by: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "name": each.name,
        "status": each.status,
        "regions": each.regions,
        "endpoint": each.endpoint,
        "adapter": each.adapter,
        "mirrored": each.mirrored,
        "settled_by": settled_by,
        "keys": [{"kid": key.id, "alg": key.algorithm} for key in each.keys],
    }
