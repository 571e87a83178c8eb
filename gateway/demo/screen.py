"""What a person sees of the demonstration: each application's life as it happens, then the proof."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from gateway.core.audit.verify import Report
from gateway.demo.case import Case
from gateway.demo.play import Outcome, Proof
from gateway.demo.region import REGIONS
from gateway.demo.stage import Post
from gateway.flow.ports import ImportProgress

_LATEST = 14  # applications shown at once

_PLACES = {region.division: region.name_zh for region in REGIONS}
_WORDS = {
    "submitted": "申请",
    "notice": "补正告知",
    "supplemented": "补正",
    "accepted": "受理",
    "reviewed": "审查",
    "special_procedure_started": "特别程序始",
    "special_procedure_ended": "特别程序终",
    "decided": "办结",
    "certificate_issued": "发证",
    "delivered": "送达",
    "rated": "评价",
    "closed": "归档",
}


@dataclass(kw_only=True, slots=True)
class Screen:
    """Writes to the terminal; quiet where a program reads the outcome."""

    quiet: bool
    console: Console = field(default_factory=Console)
    _lives: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _routes: dict[str, str] = field(default_factory=dict)
    _display: Live | None = None

    def opened(self, posts: tuple[Post, ...]) -> None:
        """Show who takes part."""
        table = Table(title="三地网关 · three gateways", title_justify="left")
        for heading in ("region 地区", "gateway 网关", "speaks 格式", "log key 日志公钥"):
            table.add_column(heading, no_wrap=heading.startswith("gateway"))
        for post in posts:
            region = post.region
            place = f"{region.name_zh} {region.name.title()} ({region.division[:6]}, {region.province})"
            table.add_row(place, post.gateway.identity.url, region.layout.name, str(post.gateway.log_key)[:40] + "…")
        self._print(table)

    def imported(self, post: Post, progress: ImportProgress) -> None:
        """Show what an import brought."""
        self._print(
            f"  {post.region.name_zh}: {progress.added} items imported, "
            f"{progress.quarantined} of them with a code in quarantine, {progress.faulty} refused"
        )

    def mirrored(self, post: Post, items: int) -> None:
        """Show how much of the other regions' catalogues was copied."""
        self._print(f"  {post.region.name_zh}: {items} items of the other regions mirrored, each signed by its owner")

    def step(self, what: str, number: str, case: Case) -> None:
        """Take note of something that happened to an application."""
        self._lives[number].append(_WORDS.get(what, what))
        if number not in self._routes:
            self._routes[number] = f"{_PLACES[case.collecting_region]} → {_PLACES[case.handling_region]}"
        if self._display:
            self._display.update(self._table())

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show the applications as they live, while the context lasts."""
        if self.quiet:
            yield
            return
        with Live(self._table(), console=self.console, refresh_per_second=8) as self._display:
            yield
        self._display = None
        self.console.print()

    def proved(self, posts: tuple[Post, ...], outcome: Outcome, proofs: list[Proof], reports: list[Report]) -> None:
        """Show one receipt, one inclusion proof, and the verdict on every log."""
        if proofs:
            self._print(Panel(proofs[0].receipt, title="a receipt · 回执 (JWS)", title_align="left"))
            self._print(_proof_panel(proofs[0]))
        self._print(_verdicts(posts, reports))
        word = "[green]verified 已核验[/]" if outcome.succeeded else "[red]FAILED 未通过[/]"
        self._print(
            f"{word}: {outcome.submitted} applications submitted, {outcome.settled} settled, "
            f"{outcome.duplicates} duplicates, {len(proofs)} receipts proved, {outcome.seconds:.1f} s"
        )
        for failure in outcome.failures:
            self._print(f"[red]{failure}[/]")

    def waiting(self, posts: tuple[Post, ...]) -> None:
        """Tell what can be looked at while the gateways run on."""
        urls = "  ".join(f"{post.gateway.identity.url}/docs" for post in posts)
        self._print(f"The gateways run until Ctrl-C · 按 Ctrl-C 结束: {urls}")

    def _table(self) -> Table:
        count = f"{len(self._lives)}" + (f", the last {_LATEST} 最近" if len(self._lives) > _LATEST else "")
        table = Table(title=f"办件 · applications ({count})", title_justify="left")
        table.add_column("number · 业务协同编号", no_wrap=True)
        table.add_column("收件 → 办理", no_wrap=True)
        table.add_column("life · 办理过程")
        for number, life in list(self._lives.items())[-_LATEST:]:
            table.add_row(number, self._routes[number], " ".join(life))
        return table

    def _print(self, what: object) -> None:
        if not self.quiet:
            self.console.print(what)


def _proof_panel(proof: Proof) -> Panel:
    inclusion = proof.inclusion
    hashes = "\n".join(f"  {each.hex()}" for each in inclusion.proof)
    text = (
        f"entry {inclusion.index} of the log of {proof.region}, path to the root:\n{hashes}\n"
        f"checkpoint:\n{inclusion.checkpoint.note}"
    )
    return Panel(text, title="its inclusion proof · 存在性证明 (RFC 6962)", title_align="left")


def _verdicts(posts: tuple[Post, ...], reports: list[Report]) -> Table:
    table = Table(title="三份日志 · the three logs", title_justify="left")
    for heading in ("log 日志", "entries 条目", "checkpoints 检查点", "root 根", "verdict 结论"):
        table.add_column(heading)
    for post, report in zip(posts, reports, strict=True):
        verdict = (
            "all checks passed 全部通过" if report.passed else "; ".join(c.name for c in report.checks if not c.passed)
        )
        root = report.root.hex()[:16] + "…"
        table.add_row(post.region.name, str(report.entries), str(report.checkpoints), root, verdict)
    return table
