"""`tongban migrate`: bring the store to the schema of this program."""

import click

from gateway import store
from gateway.cli.exits import as_json
from gateway.cli.setup import Setup, pass_setup, run
from gateway.cli.telling import print_json


@click.command()
@click.option("--create", is_flag=True, help="Begin a new store where there is none.")
@as_json
@pass_setup
def migrate(setup: Setup, *, create: bool, as_json: bool) -> None:
    """Bring the store to the schema of this program. Doing it again changes nothing.

    A SQLite file while no gateway uses it. A PostgreSQL database while nodes serve: what only adds is done beside them,
    and what takes something away once no node of an older program is connected.
    """
    url = setup.settings().store
    created = create and not run(store.store_exists(url))
    if created:
        run(store.begin_store(url))
    done = run(store.migrate(url))
    shown = store.without_password(url)
    if as_json:
        print_json({"store": shown, "created": created, "applied": done.applied, "waiting": done.waiting})
        return
    begun = "Began a new store. 已新建存储。 " if created else ""
    steps = f"Applied {', '.join(done.applied)}." if done.applied else "Nothing to apply. 无需迁移。"
    click.echo(f"{shown}: {begun}{steps}")
    if done.waiting:
        click.echo(
            f"{', '.join(done.waiting)}: run this again once no node of an older program is connected. "
            "待旧版节点全部退出后重试。"
        )
