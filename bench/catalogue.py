"""How fast a list of items comes into the catalogue, and how long the hardest searches in it take.

    python -m bench.catalogue [--items N] [--imported N] [--json]

The import runs in a process of its own, as `tongban item import` does, on 10,000 and on `--imported` items in the
national layout, and once more on the same file. Searches are of 20 items each, over stores of 10,000 items and ten
times as many up to `--items`, filled without conversion: names of real items where they are beside the checkout, in
2,976 counties. Each query of a fixed mix of hard ones is asked several times in turn; the p99 is over all of them.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.documents import ANKANG
from bench.processes import disk
from bench.rounds import print_json, print_table
from gateway.core.catalogue.items import service_item
from gateway.core.catalogue.search import ItemFilter
from gateway.core.model import ServiceItem
from gateway.demo.layouts.codes import item_name
from gateway.demo.layouts.national import NationalLayout
from gateway.flow.ports import Store
from gateway.store import open_store

REAL = Path(__file__).parents[2] / "shared" / "data" / "sichuan-guangan-items.ndjson"
FEW = 10_000
BATCH = 5_000
ASKED = 15  # times each query is asked
PAGE = 20
MIB = 1 << 20
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TARGETS = {"import_s": 60, "growth": 1.1, "p99_ms": 50}
GOALS = {"import_s": 20, "growth": 1.1, "p99_ms": 50}
PROVINCES = (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
REGIONS = [
    f"{province}{city:02}{county:02}000000" for province in PROVINCES for city in range(1, 13) for county in range(1, 9)
]
THEMES = ("生育收养", "户籍办理", "设立变更", "准营准办", "社会保障", "医疗卫生", "交通出行", "司法公证")


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A search, and from where in the catalogue (0 its beginning, 1 its end)."""

    title: str
    wanted: ItemFilter
    depth: float = 0.0


QUERIES = (
    Query(title="part of a name", wanted=ItemFilter(name="公证")),
    Query(title="one common character", wanted=ItemFilter(name="办")),
    Query(title="one character nobody has", wanted=ItemFilter(name="龘")),
    Query(title="common pair, rare region", wanted=ItemFilter(name="登记", region="659901")),
    Query(title="common pair, one county, published", wanted=ItemFilter(name="许可", region="510101", at=NOW)),
    Query(title="filters that hardly overlap", wanted=ItemFilter(mode="joint", subject="6", online=True)),
    Query(title="filters that never overlap", wanted=ItemFilter(mode="joint", level="1")),
    Query(
        title="five filters", wanted=ItemFilter(region="51", mode="online", subject="1", online=True, name="证", at=NOW)
    ),
    Query(title="authority by a part of its name", wanted=ItemFilter(authority="司法局", mode="proxy")),
    Query(title="code, whole", wanted=ItemFilter(code="LOCAL00004242")),
    Query(title="code, a short beginning", wanted=ItemFilter(code="LOCAL0000", name="公证")),
    Query(title="base code, thousands of items", wanted=ItemFilter(code="000100007000", region="6101")),
    Query(title="two parts of a long name", wanted=ItemFilter(name="企业 登记")),
    Query(title="pairs without the name", wanted=ItemFilter(name="登记登记")),
    Query(title="all, from the middle", wanted=ItemFilter(at=NOW), depth=0.5),
    Query(title="filtered, near the end", wanted=ItemFilter(mode="online", name="证"), depth=0.99),
)


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description="import rate and search latency of the catalogue")
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    parser.add_argument(
        "--items", type=int, default=100_000, help="of the largest store searched (default: %(default)s)"
    )
    parser.add_argument("--imported", type=int, default=100_000, help="of the larger list (default: %(default)s)")
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    with disk() as folder:
        imports = [told for count in sorted({FEW, chosen.imported}) if count for told in _imports(folder, count)]
        searches = [asyncio.run(_searched(folder, count)) for count in _sizes(chosen.items)]
    _print(imports, searches, load)
    if chosen.json:
        told = {"imports": imports, "searches": searches, "load": load}
        print_json("catalogue", {**told, "target": TARGETS, "goal": GOALS})


def _sizes(most: int) -> Iterator[int]:
    count = FEW
    while count < most:
        yield count
        count *= 10
    yield most


def _imports(folder: Path, count: int) -> Iterator[dict[str, object]]:
    """Import a list into a new store, and again."""
    lines, store = folder / f"{count}.ndjson", folder / f"import-{count}.sqlite"
    with lines.open("wb") as file:
        file.writelines(item + b"\n" for item in NationalLayout().items(ANKANG, count))
    for title, kept in (("new", "items"), ("again", "unchanged")):
        command = [sys.executable, "-m", "bench.importing", str(lines), f"sqlite:///{store.absolute()}"]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        if told[kept] != count or told["faults"]:
            sys.exit(f"of {count} items {told[kept]} were {title}, {told['faults']} refused")
        yield {
            "list": title,
            "items": count,
            "seconds": round(told["seconds"], 2),
            "per_s": round(count / told["seconds"]),
            "cpu_s": round(told["cpu_s"], 2),
            "peak_mib": round(told["peak_bytes"] / MIB, 1),
        }


async def _searched(folder: Path, count: int) -> dict[str, object]:
    path = folder / f"search-{count}.sqlite"
    store = await open_store(f"sqlite:///{path.absolute()}", create=True)
    started = time.perf_counter()
    await _fill(store, count)
    filled = time.perf_counter() - started
    times: dict[str, list[float]] = {query.title: [] for query in QUERIES}
    found: dict[str, int] = {}
    for _ in range(ASKED):
        for query in QUERIES:
            after = int(count * query.depth)
            began = time.perf_counter()
            page = await store.find_items(query.wanted, after=after, limit=PAGE)
            times[query.title].append((time.perf_counter() - began) * 1e3)
            found[query.title] = len(page.items)
    await store.close()
    every = sorted(each for timed in times.values() for each in timed)
    return {
        "items": count,
        "filled_per_s": round(count / filled),
        "file_mib": round(path.stat().st_size / MIB),
        "p50_ms": round(statistics.median(every), 2),
        "p99_ms": round(every[int(len(every) * 0.99)], 2),
        "queries": {
            title: {
                "found": found[title],
                "median_ms": round(statistics.median(timed), 2),
                "most_ms": round(max(timed), 2),
            }
            for title, timed in times.items()
        },
    }


async def _fill(store: Store, count: int) -> None:
    chance, names = random.Random(3), _names()
    batch: list[ServiceItem] = []
    for number in range(count):
        batch.append(_item(number, names, chance))
        if len(batch) == BATCH:
            await store.put_items(batch)
            batch = []
    await store.put_items(batch)


def _names() -> list[str]:
    if REAL.is_file():
        return [orjson.loads(line)["name"] for line in REAL.read_bytes().splitlines()]
    return [item_name(number) for number in range(1_000)]


def _item(number: int, names: list[str], chance: random.Random) -> ServiceItem:
    kind, region = number % len(names), REGIONS[number // len(names) % len(REGIONS)]
    document = {
        "localImplementationCode": f"LOCAL{number:08}",
        "baseCode": f"{kind % 20:04}{kind:05}000",
        "name": names[kind],
        "region": region,
        "type": "01",
        "level": ["4"],
        "authority": {
            "name": chance.choice(("市场监督管理局", "司法局", "公安局", "教育科技和体育局")),
            "code": f"A{kind % 40}",
        },
        "serviceObjects": chance.choice((["1"], ["2"], ["1", "2"], ["6"])),
        "topics": {"person": [chance.choice(THEMES)]},
        "online": chance.random() < 0.5,
        "crossRegion": {"modes": chance.choice((["online"], ["proxy"], ["online", "proxy"], ["joint"]))},
        "effectiveFrom": "2026-01-01",
    }
    return service_item(document)


def _print(imports: list[dict[str, object]], searches: list[dict[str, object]], load: float) -> None:
    print_table(
        "Import",
        ("list", "items", "seconds", "items/s", "CPU s", "peak MiB"),
        [tuple(each.values()) for each in imports],
    )
    rows = [tuple(value for name, value in each.items() if name != "queries") for each in searches]
    print_table("Search", ("items", "filled/s", "file MiB", "p50 ms", "p99 ms"), rows)
    queries = searches[-1]["queries"]
    assert isinstance(queries, dict)
    slowest = sorted(queries.items(), key=lambda each: -each[1]["median_ms"])
    print_table(
        f"Each query, of {searches[-1]['items']:,} items",
        ("query", "found", "median ms", "most ms"),
        [(title, *figures.values()) for title, figures in slowest],
    )
    print(f"the machine's load was {load:.1f} when it began (targets {TARGETS}, goals {GOALS})")


if __name__ == "__main__":
    main()
