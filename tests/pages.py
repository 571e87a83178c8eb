"""Pages of the documentation that are run: their blocks, as one session, in a copy of what a checkout holds."""

import os
import re
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
PORT = "8420"  # of the sample settings; the blocks run on a free one

Shape = dict[str, list[object]]


@cache
def text_of(page: Path) -> str:
    """Return what a page says."""
    return page.read_text("utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of a page in one language."""
    return [content for found, content in BLOCK.findall(text_of(page)) if found == language]


def prose(page: Path) -> str:
    """Return what a page says outside its blocks."""
    return BLOCK.sub("", text_of(page))


def commands(block: str) -> list[str]:
    """Return what a block runs, without what it says about it."""
    return [line for line in (re.sub(r"\s+#.*$", "", line).rstrip() for line in block.splitlines()) if line]


def shape(page: Path) -> Shape:
    """Return all that a translation has in common with its original."""
    said = prose(page)
    return {
        "headings": re.findall(r"^(#+) ", said, re.MULTILINE),
        "commands": [
            [language, commands(content)] for language, content in BLOCK.findall(text_of(page)) if language != "mermaid"
        ],
        "drawings": [re.findall(r"\b([A-Z])\[|(-+>|-\.->|-\.|--)", content) for content in blocks(page, "mermaid")],
        "links": [link.replace(".zh-CN.md", ".md") for link in LINK.findall(said)],
        "code": sorted(re.findall(r"`([^`\n]+)`", said)),
        "rows": [line.count("|") for line in said.splitlines() if line.startswith("|")],
        "points": re.findall(r"^(-|\d+\.) ", said, re.MULTILINE),
    }


def copy_of_the_checkout(place: Path, port: str) -> None:
    """Lay out what the blocks of a page find in a checkout after `make`."""
    shutil.copytree(ROOT / "adapters" / "national", place / "adapters" / "national")
    shutil.copytree(ROOT / "config", place / "config")
    settings = place / "config" / "gateway.toml"
    settings.write_text(settings.read_text("utf-8").replace(PORT, port), "utf-8")
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / ".venv" / "bin" / "activate").write_text('export PATH="$PWD/.venv/bin:$PATH"\n')
    for name, command in (("tongban", f"{sys.executable} -m gateway"), ("python", sys.executable)):
        shim = place / ".venv" / "bin" / name
        shim.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        shim.chmod(0o700)


def run_bash(session: str, place: Path) -> tuple[str, int]:
    """Run a session in a process group of its own, none of which outlives it; return what it told, and its code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_")}
    log = place / "session.log"  # no pipe: what a failed session leaves running would hold it open
    with log.open("wb") as output:
        running = subprocess.Popen(
            ["bash", "-c", session],
            cwd=place,
            env=environment | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = running.wait(timeout=500)
        finally:
            if _group_lives(running.pid):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
    return log.read_text("utf-8"), code


def _group_lives(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True
