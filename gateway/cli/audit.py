"""`tongban audit`: read the log, sign it, prove what it holds, and check that nobody has changed it."""

from collections.abc import AsyncIterator
from typing import Any, Final

import click
import orjson

from gateway.cli.exits import CommandGroup, Exit, as_json
from gateway.cli.proofs import growth_document, judge_proof, proof_document, read_proof
from gateway.cli.setup import Desk, Setup, desk, pass_setup, passphrase_option, run
from gateway.cli.telling import Moment, china, print_json, print_line, stamp
from gateway.core.audit.checkpoint import open_checkpoint
from gateway.core.audit.entry import Entry, EntryKind, Outcome, read_entry
from gateway.core.audit.merkle import verify_consistency, verify_inclusion
from gateway.core.audit.note import LogKey, read_log_key
from gateway.core.audit.verify import Check, Report, verify_entry
from gateway.core.errors import CorruptedError, NotFoundError
from gateway.core.trust.algorithms import Signer
from gateway.flow.audit import Growth, Inclusion, LoggedEntry, ProveEntry
from gateway.flow.continuity import RequireContinued
from gateway.flow.ports import Checkpoint, EntryFilter
from gateway.flow.verify import verify_stored_log
from gateway.settings import Settings

_PAGE: Final = 500


@click.group(cls=CommandGroup)
def audit() -> None:
    """Read the log, sign it, prove what it holds, check that nobody has changed it."""


@audit.command()
@click.option("--number", default="", help="Collaboration number 业务协同编号.")
@click.option("--exchange", default="", help="Exchange id.")
@click.option("--kind", type=click.Choice([kind.value for kind in EntryKind]), help="What happened.")
@click.option("--outcome", type=click.Choice([outcome.value for outcome in Outcome]), help="How it ended.")
@click.option("--partner", default="", help="Partner, as source or destination.")
@click.option("--item", "item_code", default="", help="Code of the service item.")
@click.option("--since", type=Moment(), help="From this time on; without an offset it is China's.")
@click.option("--until", type=Moment(), help="Before this time.")
@click.option("--before", type=click.IntRange(min=0), help="Below this index: where the last page ended.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many.")
@as_json
@pass_setup
def entries(setup: Setup, /, *, before: int | None, limit: int, as_json: bool, **asked: Any) -> None:
    """Print entries, newest first, one a line; that they were read is logged first.

    With --json each line is {"index", "entry"}, the entry exactly as it is hashed.
    """
    run(
        _entries(
            setup.settings(),
            EntryFilter(**{name: value for name, value in asked.items() if value is not None}),
            before,
            limit,
            as_json=as_json,
        )
    )


async def _entries(settings: Settings, wanted: EntryFilter, before: int | None, limit: int, *, as_json: bool) -> None:
    async with desk(settings) as place:
        await place.store.log([place.entries.administered(EntryKind.LOG_READ)])
        async for found in _found(place, wanted, before, limit):
            if as_json:
                print_line({"index": found.index, "entry": orjson.Fragment(found.leaf)})
            else:
                click.echo(_line(found.index, read_entry(found.leaf)))


async def _found(place: Desk, wanted: EntryFilter, before: int | None, limit: int) -> AsyncIterator[LoggedEntry]:
    """Yield what was asked for, a page at a time, however much it is."""
    while limit and (indexes := await place.store.search(wanted, before=before, limit=min(limit, _PAGE))):
        for index in indexes:
            for leaf in await place.store.leaves(index, 1):
                yield LoggedEntry(index=index, leaf=leaf)
        before, limit = indexes[-1], limit - len(indexes)


@audit.command()
@passphrase_option
@as_json
@pass_setup
def checkpoint(setup: Setup, *, passphrase: bytes | None, as_json: bool) -> None:
    """Sign the log as it stands and print the note (C2SP tlog-checkpoint); it is kept before it is shown."""
    key, signer = setup.log_signer(passphrase)
    made = run(_checkpoint(setup.settings(), key, signer))
    if as_json:
        print_json({"size": made.size, "made_at": stamp(made.made_at), "log_key": str(key), "checkpoint": made.note})
    else:
        click.echo(made.note, nl=False)


async def _checkpoint(settings: Settings, key: LogKey, signer: Signer) -> Checkpoint:
    async with desk(settings) as place:
        return await place.sealing(key, signer)()


@audit.command()
@click.argument("entry", metavar="[ENTRY_ID|INDEX]", required=False)
@click.option("--size", type=click.IntRange(min=1), help="Tree size of a released checkpoint; by default the newest.")
@click.option("--from", "earlier", type=click.IntRange(min=1), help="Prove growth from the checkpoint over this size.")
@passphrase_option
@as_json
@pass_setup
def prove(setup: Setup, /, *, entry: str | None, earlier: int | None, as_json: bool, **named: Any) -> None:
    """Prove that an entry is in the log, or with --from that the log has only grown; verified before it is printed.

    With --json, a document that `tongban audit verify` takes anywhere.
    """
    if (entry is None) == (earlier is None):
        raise click.UsageError("name either an entry or, with --from, the size of an earlier checkpoint")
    keys = setup.log_signer(named["passphrase"])
    if earlier is not None:
        _print_growth(run(_grown(setup.settings(), earlier, named["size"], keys)), keys[0], as_json=as_json)
    elif entry is not None:
        _print_inclusion(run(_prove(setup.settings(), entry, named["size"], keys)), keys[0], as_json=as_json)


def _print_growth(proved: Growth, key: LogKey, *, as_json: bool) -> None:
    earlier, later = proved.earlier, proved.later
    verify_consistency((earlier.size, earlier.root), (later.size, later.root), proved.proof)
    if as_json:
        print_json(growth_document(proved))
        return
    for node in proved.proof:
        click.echo(f"  {node.hex()}")
    click.echo(f"\n{earlier.note}\n{later.note}")
    click.echo(f"The log of {key.name} has only grown, from {earlier.size} to {later.size} entries. 日志只增未改。")


def _print_inclusion(proved: Inclusion, key: LogKey, *, as_json: bool) -> None:
    verified = _verified(proved, key)
    if as_json:
        print_json(proof_document(proved))
        return
    retired = f"{proved.index:>8}  {proved.leaf_hash.hex()}  retired 已清退"
    click.echo(retired if verified is None else _line(proved.index, verified))
    for node in proved.proof:
        click.echo(f"  {node.hex()}")
    click.echo(f"\n{proved.checkpoint.note}")
    click.echo(f"Verified with {key}. 证明有效。")


def _verified(proved: Inclusion, key: LogKey) -> Entry | None:
    """Return the entry that is proved, None of a retired one; raises where the proof does not hold."""
    note = proved.checkpoint.note.encode()
    if proved.leaf is not None:
        return verify_entry(proved.leaf, proved.index, proved.proof, note, key)
    signed = open_checkpoint(note, key)
    verify_inclusion(proved.leaf_hash, proved.index, signed.size, proved.proof, signed.root)
    return None


async def _grown(settings: Settings, earlier: int, later: int | None, keys: tuple[LogKey, Signer]) -> Growth:
    async with desk(settings) as place:
        return await ProveEntry(log=place.store, checkpoint=place.sealing(*keys)).growth(earlier, later)


async def _prove(settings: Settings, entry: str, size: int | None, keys: tuple[LogKey, Signer]) -> Inclusion:
    async with desk(settings) as place:
        index = int(entry) if entry.isascii() and entry.isdigit() else await place.store.index_of(entry)
        if index is None:
            raise NotFoundError("the log has no entry of that id", code="entry_unknown")
        return await ProveEntry(log=place.store, checkpoint=place.sealing(*keys)).inclusion(index, size)


@audit.command()
@click.argument("proof", metavar="[PROOF_FILE|-]", type=click.File("rb"), required=False)
@click.option("--key", metavar="VERIFIER_KEY", help="Key of the log, as `serve` prints it; by default the own log's.")
@passphrase_option
@as_json
@pass_setup
def verify(setup: Setup, *, proof: Any, key: str | None, passphrase: bytes | None, as_json: bool) -> None:
    """Check the whole log of the store, reading it as a stream; or, offline, the proof in PROOF_FILE.

    Each check is named on a line of its own. The exit code is 1 if any fails.
    """
    log_key = read_log_key(key) if key else setup.log_signer(passphrase)[0]
    if proof is not None:
        checks = judge_proof(read_proof(proof), log_key)
        told: dict[str, Any] = {}
    else:
        report, continued = run(_verify(setup.settings(), log_key))
        checks, told = (*report.checks, _something_signed(report), continued), _size_of(report)
    passed = all(check.passed for check in checks)
    if as_json:
        print_json({"passed": passed, **told, "log_key": str(log_key), "checks": checks})
    else:
        _tell(checks, told, passed=passed)
    if not passed:
        raise click.exceptions.Exit(Exit.REFUSED)


async def _verify(settings: Settings, key: LogKey) -> tuple[Report, Check]:
    async with desk(settings, restored=True) as place:
        return await verify_stored_log(place.store, key), await _continued(place)


async def _continued(place: Desk) -> Check:
    """Judge whether the store is the newest there was: its file alone cannot tell."""
    name = "continues_last_signed"
    last = await place.signed.read()
    try:
        await RequireContinued(log=place.store, signed=place.signed)()
    except CorruptedError as error:
        return Check(name=name, passed=False, detail=str(error))
    detail = f"beside the keys: {last.size} entries" if last else "nothing is remembered beside the keys"
    return Check(name=name, passed=True, detail=detail)


def _something_signed(report: Report) -> Check:
    """Judge whether anything speaks for the log: one without a single checkpoint says what its file says, no more."""
    passed = report.checkpoints > 0 or report.entries == 0
    detail = "by the log's key" if passed else "no checkpoint was ever made: see `tongban audit checkpoint`"
    return Check(name="something_signed", passed=passed, detail=detail)


def _size_of(report: Report) -> dict[str, Any]:
    return {
        "entries": report.entries,
        "checkpoints": report.checkpoints,
        "uncovered": report.uncovered,
        "retired": report.retired,
        "root": report.root.hex(),
    }


def _tell(checks: tuple[Check, ...], told: dict[str, Any], *, passed: bool) -> None:
    for check in checks:
        click.echo(f"{'ok  ' if check.passed else 'FAIL'}  {check.name}: {check.detail}")
    if told.get("retired"):
        click.echo(f"note  {told['retired']} entries were retired: their hashes are verified 已清退，仅核验散列值")
    if told.get("uncovered"):
        click.echo(f"note  {told['uncovered']} entries after the last checkpoint: nobody signed them yet 尚未签名")
    click.echo("Verified. 验证通过。" if passed else "Not verified. 验证未通过。")


def _line(index: int, entry: Entry) -> str:
    """Return an entry as one line, with the time as people in China read it."""
    sides = [party.partner if party else "-" for party in (entry.source, entry.destination)]
    words = (entry.kind, entry.outcome, entry.code, " → ".join(sides), entry.number, entry.exchange_kind)
    return f"{index:>8}  {china(entry.recorded_at)}  {'  '.join(filter(None, words))}  {entry.id}"
