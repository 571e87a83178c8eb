"""`tongban migrate`: bring the store to the schema of this program."""

import click

from gateway import store
from gateway.cli.exits import as_json
from gateway.cli.setup import Setup, pass_setup, run
from gateway.cli.telling import print_json
from gateway.store.sqlite.file import file_of


@click.command()
@click.option("--create", is_flag=True, help="Begin a new store where there is none.")
@as_json
@pass_setup
def migrate(setup: Setup, *, create: bool, as_json: bool) -> None:
    """Bring the store to the schema of this program, while no gateway uses it.

    Doing it again changes nothing.
    """
    url = setup.settings().store
    path = file_of(url)
    created = create and not path.exists()
    if created:
        run(begin_store(url))
    applied = store.migrate(url)
    if as_json:
        print_json({"store": url, "created": created, "applied": applied})
        return
    begun = "Began a new store. 已新建存储。 " if created else ""
    steps = f"Applied {', '.join(applied)}." if applied else "It has the schema of this program. 无需迁移。"
    click.echo(f"{url}: {begun}{steps}")


async def begin_store(url: str) -> None:
    """Begin the store at a URL where there is none, in a folder that only its owner can enter if it is new too."""
    file_of(url).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    await (await store.open_store(url, create=True)).close()
