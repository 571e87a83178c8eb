"""What can go wrong beneath a store, made to happen for real: by a connection that a store is opened with."""

import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Fault(Enum):
    """The two ways a commit goes wrong."""

    FAILED = "failed"  # nothing was kept
    ANSWER_LOST = "answer_lost"  # everything was kept, and nobody was told


@dataclass(kw_only=True)
class Weather:
    """The faults to come, and a count of what the connections did."""

    fault: Fault | None = None
    at_commit: int = 0  # which commit the fault meets, from 1 on; 0 for the next
    disk_full: bool = False
    read_only: bool = False
    disk: threading.Event = field(default_factory=threading.Event)  # while it is not set, no commit comes to its end
    seen: Counter[str] = field(default_factory=Counter)
    tables_written: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.disk.set()

    def factory(self) -> type[sqlite3.Connection]:
        """Return the connections to open a store with."""
        weather = self

        class Exposed(sqlite3.Connection):
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                self.set_trace_callback(weather.trace)

            def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
                if sql == "BEGIN IMMEDIATE":
                    weather.settle(super().execute)
                if sql == "COMMIT":
                    weather.seen["commits begun"] += 1
                    weather.disk.wait()
                if sql != "COMMIT" or not weather.strikes():
                    return super().execute(sql, *parameters)
                if weather.fault is Fault.ANSWER_LOST:
                    super().execute(sql)
                weather.fault = None
                raise sqlite3.OperationalError("disk I/O error")

        return Exposed

    def settle(self, execute: Any) -> None:
        """Let the disk be full or read-only from here on, or no more."""
        execute(f"PRAGMA max_page_count = {1 if self.disk_full else 2**30}")  # 1 is raised to what there is
        execute(f"PRAGMA query_only = {'ON' if self.read_only else 'OFF'}")

    def strikes(self) -> bool:
        """Tell whether the fault meets this commit."""
        self.at_commit -= 1
        return self.fault is not None and self.at_commit <= 0

    def trace(self, statement: str) -> None:
        """Count what SQLite itself says that it executes."""
        words = statement.split(maxsplit=3)
        self.seen[words[0]] += 1
        if words[:2] == ["INSERT", "INTO"]:
            self.tables_written[words[2]] += 1
