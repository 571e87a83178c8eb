"""What a person sees of the cluster: every process with its pid, what happens to it, and the counters."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Final

from rich.box import SIMPLE
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from gateway.demo.case import Case
from gateway.demo.cluster.comparison import Crossing, Result, crossing
from gateway.demo.cluster.programs import Part, stands_still
from gateway.demo.cluster.supervisor import Happening, Incident, Supervisor
from gateway.demo.stage import Post

_REFRESH_S: Final = 0.25
_LINE_EVERY_S: Final = 5.0  # where there is no terminal
_AROUND_PARTS: Final = 17  # lines above the incidents, and one for the prompt, beside one for each part of a region
_INCIDENTS: Final = range(3, 13)  # shown at once, as the terminal has room
_FAILURES: Final = 20
_RUNNING: Final = "Ctrl-C ends and compares 按 Ctrl-C 结束并核对"
_ENDING: Final = "Ctrl-C again ends at once 再按 Ctrl-C 立即结束"

_WORDS: Final = {
    Happening.KILLED: "[red]killed 强杀[/]",
    Happening.STOPPED: "[yellow]stopped in good order 正常停止[/]",
    Happening.PAUSED: "[yellow]paused 暂停[/]",
    Happening.RESUMED: "goes on 恢复运行",
    Happening.ENDED: "[red]ended 意外结束[/]",
    Happening.STARTED: "[green]up again 已启动[/]",
    Happening.NOT_STARTED: "[red]did not start, tried again 启动失败，重试[/]",
}
_COUNTS: Final[tuple[tuple[str, Callable[[Crossing], int]], ...]] = (
    ("submitted 提交", lambda each: each.submitted),
    ("acknowledged 已取得回执", lambda each: each.acknowledged),
    ("arrived at the other side 到达对方", lambda each: each.arrived),
    ("settled 办结", lambda each: each.settled),
    ("events reported 上报事件", lambda each: each.events_reported),
    ("events arrived 到达事件", lambda each: each.events_told),
)
_WRONGS: Final[tuple[tuple[str, Callable[[Crossing], int]], ...]] = (
    ("lost 丢失", lambda each: each.lost),
    ("doubled 重复", lambda each: each.doubled),
    ("out of order 乱序", lambda each: each.disordered),
)


class Phase(StrEnum):
    """Where the demonstration stands."""

    STARTING = "starting 启动中"
    RUNNING = "running 运行中"
    SETTLING = "settling 收尾中"


@dataclass(kw_only=True, slots=True)
class ClusterScreen:
    """Writes to the terminal: in place where there is one, else line by line; nothing where a program reads."""

    quiet: bool
    console: Console = field(default_factory=Console)
    phase: Phase = Phase.STARTING
    _posts: tuple[Post, Post] | None = None
    _supervisor: Supervisor | None = None
    _incidents: deque[str] = field(default_factory=lambda: deque(maxlen=_INCIDENTS.stop))
    _begun: float = field(default_factory=monotonic)

    @property
    def _in_place(self) -> bool:
        return self.console.is_terminal and not self.quiet

    def preparing(self, folder: Path, seed: int) -> None:
        """Show that something goes on, where it is kept, and which seed the faults follow."""
        self._print("Making two databases, each with a catalogue… 正在准备数据库与事项目录")
        self._print(f"seed 随机种子 {seed}, in {folder}")

    def opened(self, posts: tuple[Post, Post], supervisor: Supervisor) -> None:
        """Take note of who takes part."""
        self._posts, self._supervisor = posts, supervisor

    def step(self, what: str, number: str, case: Case) -> None:
        """Something happened to an application; the counters tell it."""

    def incident(self, incident: Incident) -> None:
        """Show what happened to a part."""
        part, seconds = incident.part, incident.seconds
        at = f"{datetime.now().astimezone():%H:%M:%S}"
        took = "" if seconds is None else f"  {seconds:.1f} s"
        line = f"{at}  {part.region} {part.name:<10}  pid {incident.pid:<7} {_WORDS[incident.what]}{took}"
        self._incidents.append(line)
        if not self._in_place:
            self._print(line)

    async def run(self) -> None:
        """Show how it goes until cancelled."""
        while not self._in_place:
            await asyncio.sleep(_LINE_EVERY_S)
            self._print(self._line())
        with Live(self._picture(), console=self.console, auto_refresh=False, transient=True) as live:
            while True:
                live.update(self._picture(), refresh=True)
                await asyncio.sleep(_REFRESH_S)

    def compared(self, result: Result) -> None:
        """Show what the counting comes to."""
        self._print(_counters(result.crossings, with_wrongs=True))
        for line in _summary(result):
            self._print(line)

    def _picture(self) -> Group:
        head = (
            f"[bold]两地集群 · two regions of several nodes[/]   {self.phase}   {monotonic() - self._begun:.0f} s\n"
            "Kill any of these elsewhere 可在另一终端随意终止: [bold]kill -9 PID[/], kill -STOP PID\n"
            f"{_ENDING if self.phase is Phase.SETTLING else _RUNNING}\n"
        )
        parts = len(self._supervisor.parts) // 2 if self._supervisor else 0
        most = min(max(self.console.height - _AROUND_PARTS - parts, _INCIDENTS.start), _INCIDENTS.stop)
        happened = list(self._incidents)[-most:]
        return Group(head, self._parts(), "", _counters(self._crossings()), "", *happened)

    def _parts(self) -> Table:
        table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
        if self._supervisor is None or self._posts is None:
            return table
        free = self._supervisor.free()
        half = len(self._supervisor.parts) // 2
        table.add_column("127.0.0.1", no_wrap=True)
        for post in self._posts:
            table.add_column(f"{post.region.name_zh} {post.region.name.title()}", no_wrap=True)
        for pair in zip(self._supervisor.parts[:half], self._supervisor.parts[half:], strict=True):
            table.add_row(pair[0].name, *(_state(part, up=part in free) for part in pair))
        return table

    def _line(self) -> str:
        counts = "; ".join(
            f"{_route(each)} {each.submitted}/{each.acknowledged}/{each.arrived}/{each.settled}"
            for each in self._crossings()
        )
        return f"{self.phase} {monotonic() - self._begun:.0f} s: {counts} submitted/acknowledged/arrived/settled"

    def _crossings(self) -> tuple[Crossing, ...]:
        if self._posts is None:
            return ()
        first, second = self._posts
        return crossing(first, second), crossing(second, first)

    def _print(self, what: object) -> None:
        if not self.quiet:
            self.console.print(what, soft_wrap=True)


def _state(part: Part, *, up: bool) -> str:
    state = "[green]up 运行[/]" if up else "starting 启动"
    if not part.running:
        state = "[red]down 停[/]"
    elif stands_still(part.pid):
        state = "[yellow]paused 暂停[/]"
    return f":{part.address.rpartition(':')[2]} pid [bold]{part.pid}[/] {state}"


def _route(each: Crossing) -> str:
    return f"{each.source} → {each.target}"


def _counters(crossings: tuple[Crossing, ...], *, with_wrongs: bool = False) -> Table:
    table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
    table.add_column("applications 办件", no_wrap=True)
    for each in crossings:
        table.add_column(_route(each), justify="right", no_wrap=True)
    for name, count in _COUNTS:
        table.add_row(name, *(str(count(each)) for each in crossings))
    for name, count in _WRONGS if with_wrongs else ():
        table.add_row(name, *(f"[red]{count(each)}[/]" if count(each) else "[green]0[/]" for each in crossings))
    return table


def _summary(result: Result) -> Iterator[str]:
    ended = [(Happening.KILLED, "killed 强杀"), (Happening.ENDED, "ended 意外结束"), (Happening.PAUSED, "paused 暂停")]
    happened = ", ".join(f"{result.faults.get(what, 0)} {word}" for what, word in ended)
    yield f"  parts 部件: {happened}; {result.faults.get(Happening.STARTED, 0)} starts 启动"
    yield f"  sent again 重发: {result.repeats} requests that nobody answered 无应答请求"
    yield f"  recognised 识别: {result.again} deliveries that came again 重复投递"
    for each, book in zip(result.crossings, result.books, strict=True):
        word = "[green]proved 已核验[/]" if book.report.passed else "[red]NOT PROVED 核验未通过[/]"
        root = book.report.root.hex()[:16]
        yield f"  log 日志 {each.source}: {book.report.entries} entries, root {root}…, {word}"
    yield f"  both logs agree on 双方日志一致: {result.reconciled} exchanges 次交换"
    yield from (f"  [red]{failure}[/]" for failure in result.failures[:_FAILURES])
    agreed, not_agreed = "[green]The counters agree. 账目一致。[/]", "[red]The counters do NOT agree. 账目不一致。[/]"
    yield agreed if result.agrees else not_agreed
