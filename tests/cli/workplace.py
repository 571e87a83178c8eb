"""What the tests of commands work with: a layout of four fields, and `tongban` as its own process."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import orjson

from tests.patience import PATIENCE_S

CHECKOUT = Path(__file__).parents[2]
REAL_ITEMS = CHECKOUT.parent / "shared" / "data" / "sichuan-guangan-items.ndjson"
GATEWAY = "gateway.shiyan.hubei"

LAYOUT = {
    "adapter.toml": """
name = "small"
version = "1.0.0"
title = "A small layout"
titleZh = "示例格式"
regions = ["510000000000"]
[documents.service-item]
""",
    "service-item.mapping.toml": """
rows = [
  { canonical = "/name", regional = "/NAME" },
  { canonical = "/region", regional = "/AREA" },
  { canonical = "/implementationCode", regional = "/CODE" },
  { canonical = "/type", regional = "/TYPE", codec = "code", table = "kind" },
]
""",
    "codes/kind.toml": """
title = "Kind"
titleZh = "类型"
values = [
  { regional = "1", canonical = "01", title = "许可" },
  { regional = "20", canonical = "20", title = "公共服务" },
]
""",
    "examples/service-item/first.regional.json": (
        '{"NAME":"企业备案","AREA":"511602000000","CODE":"11511602008778183N4511Z07001006","TYPE":"1"}'
    ),
    "examples/service-item/first.canonical.json": (
        '{"name":"企业备案","region":"511602000000","implementationCode":"11511602008778183N4511Z07001006","type":"01"}'
    ),
}


def item_line(**changed):
    """Return one service item in the small layout; None leaves a field out."""
    item = {
        "NAME": "企业备案",
        "AREA": "511602000000",
        "CODE": "11511602008778183N4511Z07001006",
        "TYPE": "1",
    } | changed
    return orjson.dumps({name: value for name, value in item.items() if value is not None})


class Process:
    """`tongban` as its own process."""

    def __init__(self, folder, *arguments, program=("-m", "gateway"), **environ):
        self._process = subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            cwd=folder,
            env={**_plain_environ(), **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def first_line(self):
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._process.communicate(timeout=PATIENCE_S)[1].decode()
        return line

    def signal(self, number=signal.SIGTERM):
        self._process.send_signal(number)

    def kill(self):
        self._process.kill()
        self._process.communicate()

    def end(self, given=None, *, seconds=PATIENCE_S):
        """Return exit code, stdout and stderr, once it has ended by itself."""
        out, errors = self._process.communicate(given, timeout=seconds)
        return self._process.returncode, out, errors


def _plain_environ():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_")}
    return kept | {"PYTHONPATH": str(CHECKOUT), "PYTHONWARNINGS": "ignore"}


def get(url, headers=()):
    """Return the status and body of a GET."""
    request = urllib.request.Request(url, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def eventually(question):
    """Ask until the answer is yes."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if question():
            return True
        time.sleep(0.05)
    return False
