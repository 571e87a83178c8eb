"""What the documents say is so: commands run, links lead somewhere, and nothing a user can set is left out."""

import json
import re
import subprocess
import tomllib
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest

from gateway.demo.ports import free_port
from gateway.settings import Settings, load_settings
from tests.pages import LINK, PORT, ROOT, blocks, commands, copy_of_the_checkout, prose, run_bash, shape, text_of

README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in {"build", "dist", "var"} for part in page.relative_to(ROOT).parts)
)
RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def leads_somewhere(page: Path, link: str) -> bool:
    if link.startswith("https://"):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", [README, CHINESE], ids=lambda page: page.name)
def test_the_readme_is_short_and_sets_everything_up_in_two_commands(page):
    lines = text_of(page).splitlines()

    first = blocks(page, "sh")[0]

    assert len(lines) <= 120
    assert commands(first) == ["make demo", "make test"]
    assert lines.index("make test   # " + first.splitlines()[-1].partition("# ")[2]) < 25


def test_every_make_target_named_exists():
    named = {name for page in PAGES for name in re.findall(r"(?:`|^)make ([a-z]+)", text_of(page), re.MULTILINE)}

    asked = subprocess.run(["make", "-n", *sorted(named)], cwd=ROOT, capture_output=True, text=True, check=False)

    assert {"demo", "test", "bench"} <= named
    assert asked.returncode == 0, asked.stderr
    assert "-m gateway demo" in asked.stdout
    assert "-m pytest" in asked.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    broken = [link for link in LINK.findall(prose(page)) if not leads_somewhere(page, link)]

    assert not broken


def test_the_two_readmes_say_the_same():
    english, chinese = shape(README), shape(CHINESE)

    assert {name for name in english if english[name] != chinese[name]} == set()


def test_the_blocks_of_the_readme_run(tmp_path):
    port = str(free_port())
    copy_of_the_checkout(tmp_path, port)
    (tmp_path / "send.py").write_text(blocks(README, "python")[0].replace(PORT, port), "utf-8")

    told, code = run_bash(script(port), tmp_path)

    assert code == 0, told
    answer = json.loads((tmp_path / "answer.json").read_text())
    assert answer.keys() == {"exchange", "number", "receipt"}
    assert answer["number"] in told
    assert told.count("Verified. 验证通过。") == 2
    assert "Passed. 通过。" in told
    assert (tmp_path / "backup.sqlite").stat().st_size > 0


def script(port: str) -> str:
    """Return the blocks of the README as one session, waiting for the gateway where a reader would."""
    probe = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{port}/healthz')"
    wait = f'until python -c "{probe}" 2> probe; do kill -0 $!; sleep 0.2; done\npython send.py > answer.json\n'
    session = [block.replace(PORT, port) for block in blocks(README, "sh")[1:]]
    return "set -euo pipefail\n" + "".join(block + (wait if "serve &" in block else "") for block in session)


def test_every_setting_is_in_the_sample_and_the_sample_is_right():
    sample = ROOT / "config" / "gateway.toml"
    settings = load_settings(sample, {})
    defaults = {field.name: field.default for field in fields(Settings) if isinstance(field.default, str | int)}

    written = tomllib.loads(text_of(sample))

    assert list(written) == [field.name for field in fields(Settings)]
    assert {name: getattr(settings, name) for name in defaults} == defaults


def test_every_dependency_is_justified():
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    extras = project["project"]["optional-dependencies"].values()
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *chain(*extras)]
    names = {re.split(r"[<>=;~ ]", each)[0] for each in wanted}

    rows = re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", text_of(ROOT / "docs/adr/0002-dependencies.md"), re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == names


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_of_a_decision_is_numbered_dated_by_name_and_of_reasonable_length(record):
    numbers = [each.name[:4] for each in RECORDS]

    title = text_of(record).splitlines()[0]

    assert re.fullmatch(r"[0-9]{4}(-[a-z0-9]+)+\.md", record.name)
    assert numbers.count(record.name[:4]) == 1
    assert re.match(rf"# 0*{int(record.name[:4])}\b", title)
    assert 25 <= len(text_of(record).splitlines()) <= 80


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_named_is_there(page):
    named = re.findall(r"`((?:[a-z_]+/)+(?:[\w-]+\.(?:py|md|toml|sql|json))?)`", prose(page))
    roots = (ROOT, ROOT / "gateway", page.parent)

    assert not [name for name in named if not any((root / name).exists() for root in roots)]


def test_every_file_that_the_source_names_is_there():
    sources = [*(ROOT / "gateway").rglob("*.py"), *(ROOT / "gateway").rglob("*.sql"), *(ROOT / "bench").rglob("*.py")]
    path = re.compile(r"\b(?:tests|docs|bench|config|schemas/[a-z]+)/[\w./-]+\.(?:py|md|toml|json|sql)\b")

    named = [(source.name, name) for source in sources for name in path.findall(text_of(source))]

    assert named
    assert not [(source, name) for source, name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_speaks_of_the_machine_it_was_written_on(page):
    assert not re.search(r"/(?:work|root|home/\w+)/", text_of(page))


def test_every_benchmark_named_is_there():
    named = re.findall(r"^\| `([a-z]+)` \|", text_of(README), re.MULTILINE)

    assert named
    assert all((ROOT / "bench" / f"{name}.py").exists() for name in named)
