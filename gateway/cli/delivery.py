"""`tongban delivery`: see what has not arrived, and why, and send what died on its way again."""

from collections.abc import Sequence
from typing import Any

import click
from rich.table import Column, Table

from gateway.cli.exits import CommandGroup, as_json
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.cli.telling import print_json, print_table
from gateway.core.model import Delivery, DeliveryState
from gateway.flow.revive import ReviveDelivery
from gateway.settings import Settings


@click.group(cls=CommandGroup)
def delivery() -> None:
    """See what has not arrived, and why; send what died on its way again."""


@delivery.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only those in this state.")
@click.option("--number", default="", metavar="NUMBER", help="Only those of one application.")
@click.option("--after", default="", metavar="ID", help="Begin after this delivery.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@as_json
@pass_setup
def list_(setup: Setup, *, state: str | None, number: str, after: str, limit: int, as_json: bool) -> None:
    """List deliveries in order of id: where each is going, where it stands, and what the last attempt failed of."""
    wanted = DeliveryState(state) if state else None
    found = run(_deliveries(setup.settings(), wanted, number, after, limit))
    if as_json:
        print_json([_row(each) for each in found])
    elif found:
        print_table(_table(found))
    else:
        click.echo("No such delivery. 没有符合条件的转递。")


@delivery.command()
@click.argument("id_", metavar="ID")
@as_json
@pass_setup
def revive(setup: Setup, *, id_: str, as_json: bool) -> None:
    """Make a dead delivery due again; the running gateway sends it within a second or so, and the log says so."""
    revived = run(_revived(setup.settings(), id_))
    if as_json:
        print_json(_row(revived) | {"state": DeliveryState.DUE})
        return
    click.echo(f"{revived.id} to {revived.destination} is due again. 已重新排队。")


async def _deliveries(
    settings: Settings, state: DeliveryState | None, number: str, after: str, limit: int
) -> tuple[Delivery, ...]:
    async with desk(settings) as place:
        return await place.store.deliveries(state=state, subject=number, after=after, limit=limit)


async def _revived(settings: Settings, name: str) -> Delivery:
    async with desk(settings) as place:
        return await ReviveDelivery(outbox=place.store, entries=place.entries)(name)


def _table(found: Sequence[Delivery]) -> Table:
    table = Table(Column("id", no_wrap=True), "application", "what", "to", "state", "attempts", "last failure")
    for each in found:
        state = "rejected" if each.rejected else each.state
        faults = "".join(f"\n{fault.pointer} {fault.code}" for fault in each.faults)
        table.add_row(each.id, each.subject, each.kind, each.destination, state, str(each.attempts), each.code + faults)
    return table


def _row(each: Delivery) -> dict[str, Any]:
    return {
        "id": each.id,
        "exchange": each.exchange,
        "number": each.subject,
        "kind": each.kind,
        "destination": each.destination,
        "state": each.state,
        "attempts": each.attempts,
        "code": each.code,
        "rejected": each.rejected,
        "faults": each.faults,
        "created_at": each.created_at.isoformat(),
    }
