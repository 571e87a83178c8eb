"""A conformance report for people at a terminal: what does not hold first, and where to find each row."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import click

from gateway.cli.telling import fault_lines
from gateway.core.conversion.conformance.page import BROKEN, ENDED, REFUSALS_ONLY, SORTS
from gateway.core.conversion.conformance.report import Collision, Coverage, Generated, Report, Verdict
from gateway.core.conversion.toml_reading import lines_of_tables

_FAULTS_TOLD: Final = 20
_LIST_TOLD: Final = 10  # entries; of a longer list only how many there are


class Places:
    """Where the rows of an adapter stand, for somebody with an editor: the pointer, and the line of the file."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._lines: dict[str, dict[str, int]] = {}

    def __call__(self, row: str) -> str:
        """Return `file#pointer` with the line of the row, where it stands on one."""
        name, _, at = row.partition("#")
        if name not in self._lines:
            self._lines[name] = self._read(name)
        while at and at not in self._lines[name]:
            at = at.rpartition("/")[0]
        return f"{row} line {self._lines[name][at]}" if at else row

    def _read(self, name: str) -> dict[str, int]:
        try:
            return lines_of_tables(self._files[name]) if name.endswith(".toml") and name in self._files else {}
        except UnicodeDecodeError:
            return {}


class ReportTeller:
    """Prints a report; values of documents never stand in it."""

    def __init__(self, places: Places, *, everything: bool) -> None:
        self._places = places
        self._most = None if everything else _LIST_TOLD

    def __call__(self, report: Report) -> None:
        """Print what does not hold, then what does, then what the tables leave out and let meet."""
        click.echo(f"{report.adapter} {report.version}  {report.digest}")
        for alike in _by_message(one for one in report.verdicts if not one.passed):
            self._tell_failed(alike)
        for message in report.unexemplified:
            click.echo(f"FAIL  {message}: no example 缺少示例")
        for one in sorted(report.generated, key=lambda each: each.passed):
            self._tell_generated(one)
        for alike in _by_message(one for one in report.verdicts if one.passed):
            click.echo(f"ok    {_named(alike)}")
        failed = {(one.kind, one.variant) for one in report.verdicts if not one.passed}
        for coverage in report.coverage:
            self._tell_coverage(coverage, reached=(coverage.kind, coverage.variant) not in failed)
        self._tell_collisions(report.collisions)
        for table, codes in report.partnerless.items():
            self._list(f"codes that codes/{table}.toml cannot say 无对应代码", codes)
        click.echo("\nPassed. 通过。" if report.passed else "\nFailed. 未通过。")

    def _tell_failed(self, alike: list[Verdict]) -> None:
        """Tell what several examples of one message have in common once."""
        click.echo(f"FAIL  {_named(alike)}")
        told = _folded(alike, lambda one: (self._fault(one, index) for index in range(len(one.faults))))
        for line in told[:_FAULTS_TOLD]:
            click.echo(line)
        if len(told) > _FAULTS_TOLD:
            click.echo(f"  … and {len(told) - _FAULTS_TOLD} more")
        for title, of in _DIFFERENCES.items():
            self._list(title, self._differing(alike, of), most=_FAULTS_TOLD)

    def _tell_generated(self, one: Generated) -> None:
        said = f"{one.drawn} drawn 生成, {one.converted} converted 转换"
        click.echo(f"{'ok  ' if one.passed else 'FAIL'}  {one.kind} {one.variant}: {said}")
        if one.refusals_only:
            click.echo(f"  {REFUSALS_ONLY}")
        if one.ended:
            click.echo(f"  {ENDED[one.ended]}")
        for failure in one.failures:
            detail = f" ({failure.detail})" if failure.detail else ""
            places = [at or "(document)" for at in failure.pointers] or ["(document)"]
            self._list(BROKEN[failure.breach] + detail, places, most=None)
            self._list("made by rows 相关行", map(self._places, failure.rows), most=None)
            self._list("smallest document that fails, without its values 最小的失败文档", failure.shape, most=None)

    def _fault(self, verdict: Verdict, index: int) -> str:
        fault = verdict.faults[index]
        return next(fault_lines((fault,), limit=1)) + self._behind(verdict, fault.pointer)

    def _differing(self, alike: list[Verdict], of: str) -> list[str]:
        return _folded(alike, lambda one: (f"{at or '(document)'}{self._behind(one, at)}" for at in getattr(one, of)))

    def _behind(self, verdict: Verdict, pointer: str) -> str:
        rows = verdict.rows_behind(pointer)
        return f"  [{', '.join(map(self._places, rows))}]" if rows else ""

    def _tell_coverage(self, coverage: Coverage, *, reached: bool) -> None:
        click.echo(f"\n{coverage.kind} {coverage.variant}  {coverage.table}")
        self._list("canonical fields never filled 未填充", coverage.never_filled)
        self._list("regional fields never read 未读取", coverage.never_read)
        for title, rows in (
            ("rows that no example reaches 示例未覆盖", coverage.unexercised if reached else ()),
            ("lossy to canonical 转入有损", coverage.lossy_to_canonical),
            ("lossy to regional 转出有损", coverage.lossy_to_regional),
        ):
            self._list(title, [f"{row.path or '(element)'}  [{self._places(str(row))}]" for row in rows])

    def _tell_collisions(self, collisions: tuple[Collision, ...]) -> None:
        if collisions:
            click.echo("\ncollisions 冲突与合并")
        self._list("UNDECLARED 未声明", [self._collision(one) for one in collisions if not one.declared], most=None)
        for sort, title in SORTS.items():
            self._list(title, [self._collision(one) for one in collisions if one.sort == sort and one.declared])

    def _collision(self, one: Collision) -> str:
        rows = ", ".join(map(self._places, one.rows))
        return f"to {one.to} {one.place or '(element)'}: {', '.join(one.met)}  [{rows}]"

    def _list(self, title: str, entries: Iterable[str], most: int | None = _LIST_TOLD) -> None:
        told = list(entries)
        if not told:
            return
        short = self._most is None or most is None or len(told) <= most
        click.echo(f"  {title}: {len(told)}" + ("" if short else "  (--all lists them 用 --all 列出)"))
        for entry in told if short else ():
            click.echo(f"    {entry}")


_DIFFERENCES: Final = {
    "differs in canonical form 与预期不同": "canonical_differs",
    "does not come back 未能转回": "regional_differs",
    "changes on a round trip 往返后改变": "returned_differs",
}


def _by_message(verdicts: Iterable[Verdict]) -> list[list[Verdict]]:
    found: dict[tuple[str, str], list[Verdict]] = {}
    for one in verdicts:
        found.setdefault((one.kind, one.variant), []).append(one)
    return list(found.values())


def _named(alike: list[Verdict]) -> str:
    return f"{alike[0].kind} {alike[0].variant or '?'}: {', '.join(one.name for one in alike)}"


def _folded(alike: list[Verdict], said: Callable[[Verdict], Iterator[str]]) -> list[str]:
    """Return each line once, with the examples of which it is true where that is not the only one."""
    found: dict[str, list[str]] = {}
    for one in alike:
        for line in said(one):
            found.setdefault(line, []).append(one.name)
    return [line + _of(names, alike) for line, names in found.items()]


def _of(names: list[str], alike: list[Verdict]) -> str:
    if len(alike) == 1:
        return ""
    return "  (all 全部)" if len(names) == len(alike) else f"  ({', '.join(names)})"
