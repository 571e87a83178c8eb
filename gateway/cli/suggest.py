"""`tongban adapter suggest`: from a region's samples to a draft adapter that an operator finishes with an editor."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.exits import as_json
from gateway.cli.telling import print_json
from gateway.core.conversion.conformance import regional_schemas
from gateway.core.conversion.pointer import join
from gateway.core.conversion.suggest.dictionary import dictionary_of
from gateway.core.conversion.suggest.evidence import Candidate
from gateway.core.conversion.suggest.proposing import THRESHOLD
from gateway.core.conversion.suggest.suggestion import Knowledge, Suggestion, Wish, plain, suggest
from gateway.core.conversion.suggest.trying import Reason
from gateway.core.errors import ConflictError
from gateway.core.model import DocumentKind
from gateway.resources import read_adapter_folder, shipped, shipped_forms, shipped_labels, shipped_schemas

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_EVENTS: Final = "event-type"
_KEPT: Final = (
    "The samples were written as they are: they may hold personal data, and --mask-samples replaces what could be. "
    "样本按原样写入，可能含个人信息；可用 --mask-samples 替换。"
)
_REASONS: Final = 5  # told at a terminal
_OFFERED: Final = 2
_SAMPLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("suggest")
@click.argument("samples", type=_SAMPLE, nargs=-1, required=True, metavar="SAMPLE...")
@click.option("--schema", type=_SAMPLE, help="The region's own JSON Schema; its titles and codes are evidence too.")
@click.option(
    "--document",
    "kind",
    type=click.Choice([kind.value for kind in DocumentKind]),
    help="What they are; else found out.",
)
@click.option("--event", default="", help="Of events: their type, as in schemas/codes/event-type.json.")
@click.option("--name", default="draft", show_default=True, help="What the layout is called.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to, which must not exist; else NAME.")
@click.option(
    "--keep-samples/--mask-samples",
    "keep",
    default=None,
    help="Write the samples as they are, or what is somebody's as made-up values; items are public and are kept.",
)
@as_json
def suggest_(
    *,
    samples: tuple[Path, ...],
    schema: Path | None,
    kind: str | None,
    event: str,
    name: str,
    out: Path | None,
    keep: bool | None,
    as_json: bool,
) -> None:
    """Propose an adapter from sample documents: rows with scores and evidence, and never a guessed code."""
    if not _NAME.fullmatch(name):
        raise click.BadParameter("lower-case letters, digits and hyphens", param_hint="--name")
    if event and event not in shipped_labels()[_EVENTS].values():
        raise click.BadParameter(", ".join(shipped_labels()[_EVENTS].values()), param_hint="--event")
    folder = out or Path(name)
    if folder.exists():
        raise ConflictError(f"{folder} is there already: nothing is overwritten", code="file_exists")
    wish = Wish(name=name, kind=DocumentKind(kind) if kind else None, event=event, keep_samples=keep)
    bodies = {f"{number}-{path.name}": path.read_bytes() for number, path in enumerate(samples)}
    found = suggest(bodies, _knowledge(), wish, schema.read_bytes() if schema else None)
    _write(folder, found.files)
    if as_json:
        print_json(_record(found, folder))
    else:
        _tell(found, folder)


def _knowledge() -> Knowledge:
    layouts = [(one.adapter, regional_schemas(read_adapter_folder(one.folder))) for one in shipped()]
    return Knowledge(
        schemas=shipped_schemas(),
        forms=shipped_forms(),
        labels=shipped_labels(),
        dictionaries={kind: dictionary_of(layouts, kind) for kind in DocumentKind},
    )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder; a crash leaves a part of it, which the next run refuses to overwrite."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _tell(found: Suggestion, folder: Path) -> None:
    """Say what was proposed: names, scores and evidence, and never a value."""
    click.echo(
        f"{found.kind}: {len(found.proposal.decided)} rows proposed, {len(found.proposal.undecided)} fields left"
    )
    for one in sorted(found.proposal.decided, key=lambda each: each.score):
        regional, canonical = one.key
        click.echo(f"  {one.score:.2f}  {plain(regional)} → {canonical}")
    for path, several in found.proposal.undecided.items():
        click.echo(f"     ?  {plain(join(path))}{_doubt(several)}")
    for field in found.proposal.unfilled:
        click.echo(f"     !  nothing fills 未填充: {join(field.path)} {field.title_zh}")
    _tell_trial(found)
    click.echo(f"Next: edit {folder}, then 下一步: tongban adapter check {folder}")


def _doubt(several: tuple[Candidate, ...]) -> str:
    """Say what a field may be, and where only the distance between two keeps it from being a row."""
    if not several:
        return "  nothing alike 无相近字段"
    may = ", ".join(f"{one.key[1]} {one.score:.2f}" for one in several[:_OFFERED])
    close = several[0].score >= THRESHOLD and len(several) > 1
    return f"  {may}{'  (too close to tell apart 难以区分)' if close else ''}"


def _tell_trial(found: Suggestion) -> None:
    """Say how many samples convert, the first reasons why others do not, and what the examples hold."""
    trial = found.trial
    click.echo(f"{trial.converted} of {found.samples} samples convert. 样本可转换 {trial.converted}/{found.samples}。")
    _tell_reasons(trial.reasons, "samples")
    if found.kept:
        click.echo(_KEPT)
        return
    click.echo(
        "In the examples, what may be somebody's is made up: see examples/README.md. 示例中可能涉及个人的取值为编造值。"
    )
    if trial.made_up:
        click.echo("Only made-up values are refused here, not the samples' own 仅编造的值未通过:")
        _tell_reasons(trial.made_up, "examples")


def _tell_reasons(reasons: tuple[Reason, ...], of: str) -> None:
    for one in reasons[:_REASONS]:
        expected = f" (expected: {one.fault.expected})" if one.fault.expected else ""
        at = plain(one.pointer) or "(document)"
        click.echo(
            f"  {at} {one.fault.code}: {one.fault.message} {one.fault.message_zh}{expected}  [{one.samples} {of}]"
        )
    if len(reasons) > _REASONS:
        click.echo(f"  … and {len(reasons) - _REASONS} more: tongban adapter check")


def _record(found: Suggestion, folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "document": found.kind,
        "rows": [
            {
                "regional": one.key[0],
                "canonical": one.key[1],
                "score": one.score,
                "evidence": [{"sort": each.sort, "said": each.said} for each in one.evidence],
            }
            for one in found.proposal.decided
        ],
        "undecided": {
            join(path): [{"canonical": one.key[1], "score": one.score} for one in several]
            for path, several in found.proposal.undecided.items()
        },
        "unfilled": [join(one.path) for one in found.proposal.unfilled],
        "samples": found.samples,
        "converted": found.trial.converted,
        "refused": [
            {"pointer": one.pointer, "code": one.fault.code, "expected": one.fault.expected, "samples": one.samples}
            for one in found.trial.reasons
        ],
        "kept": found.kept,
    }
