"""How the audit log behaves as it grows: appending, proving and searching, beside pymerkle's tree on SQLite.

    python -m bench.audit [--json] [--largest 1000000]

Ours keeps the auditors' nine indexes and a table of salts beside the tree; pymerkle keeps leaves and their hashes.
Both append the same bytes, 256 to a commit, each durable, in turn. A proof of pymerkle hashes what it covers,
so beyond its largest size it is left out and says so.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymerkle
import uvloop

from bench.rounds import print_json, print_table
from gateway.core.audit.entry import Entry, EntryKind, Outcome, Party
from gateway.core.audit.merkle import leaf_hash, verify_inclusion
from gateway.core.audit.tiles import inclusion_proof, tiles_for_inclusion
from gateway.flow.ports import EntryFilter, SaltedEntry, Store
from gateway.store import open_store

BATCH = 256
ROUND = 10 * BATCH
ROUNDS = 5
PYMERKLE_LARGEST = 100_000
SAMPLES = 1_000
TARGET_PROOF_P99_MS = 5.0
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
PARTNERS = [f"partner-{n}" for n in range(40)]


@dataclass(kw_only=True)
class Figures:
    """What was measured at one size."""

    entries: int
    append: list[float] = field(default_factory=list)  # entries a second, one for each round
    append_pymerkle: list[float] = field(default_factory=list)
    latencies_ms: dict[str, tuple[float, float]] = field(default_factory=dict)  # median and p99


def entries(chance: random.Random) -> Iterator[SaltedEntry]:
    """Yield the entries of a gateway that has forty partners, ten seconds apart, an application in four."""
    number = 0
    while True:
        number += 1
        at = BEGUN + timedelta(seconds=10 * number)
        source, destination = chance.sample(PARTNERS, 2)
        refused = chance.random() < 0.02
        entry = Entry(
            id=f"0193{number >> 16:04x}-{number & 0xFFFF:04x}-7000-8000-{chance.getrandbits(48):012x}",
            kind=EntryKind.EXCHANGE_REFUSED if refused else EntryKind.EXCHANGE_RECEIVED,
            outcome=Outcome.REFUSED if refused else Outcome.ACCEPTED,
            occurred_at=at,
            recorded_at=at,
            exchange=f"0192{number >> 16:04x}-{number & 0xFFFF:04x}-7000-8000-{chance.getrandbits(48):012x}",
            number=f"XT{number // 4:08d}",
            exchange_kind="application.submitted",
            source=Party(partner=source, region="420300000000"),
            destination=Party(partner=destination, region="610900000000"),
            item_code=f"11420300MB1234567X4{chance.randrange(2000):012d}",
            request_bytes=3000,
            request_commitment=f"sha-256:{chance.getrandbits(256):064x}",
        )
        yield SaltedEntry(entry=entry, salt=chance.randbytes(16))


def take(source: Iterator[SaltedEntry], count: int) -> list[SaltedEntry]:
    """Return the next entries, made before the clock runs."""
    return [next(source) for _ in range(count)]


async def append(store: Store, batch: list[SaltedEntry]) -> float:
    """Append in commits of `BATCH`; return entries a second."""
    started = time.perf_counter()
    for start in range(0, len(batch), BATCH):
        await store.log(batch[start : start + BATCH])
    return len(batch) / (time.perf_counter() - started)


def append_pymerkle(tree: pymerkle.SqliteTree, batch: list[SaltedEntry]) -> float:
    """Do the same with pymerkle."""
    leaves = [salted.entry.leaf() for salted in batch]
    started = time.perf_counter()
    for start in range(0, len(leaves), BATCH):
        tree.append_entries(leaves[start : start + BATCH])
    return len(leaves) / (time.perf_counter() - started)


async def prove(store: Store, chance: random.Random) -> None:
    """Prove one entry as the API does, and let whoever asked check it."""
    head = await store.head()
    index = chance.randrange(head.size)
    tiles = await store.tiles(tiles_for_inclusion(index, head.size))
    (leaf,) = await store.leaves(index, 1)
    proof = inclusion_proof(index, head.size, tiles)
    verify_inclusion(leaf_hash(leaf), index, head.size, proof, head.root)


async def prove_pymerkle(tree: pymerkle.SqliteTree, chance: random.Random) -> None:
    """Do the same with pymerkle."""
    size = tree.get_size()
    index = chance.randint(1, size)
    proof = tree.prove_inclusion(index, size)
    pymerkle.verify_inclusion(tree.get_leaf(index), tree.get_root(size), proof)


async def latency(call: Callable[[], Awaitable[object]], samples: int) -> tuple[float, float]:
    """Return the median and the 99th percentile in milliseconds."""
    times = []
    for _ in range(samples):
        started = time.perf_counter()
        await call()
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def pages(store: Store, chance: random.Random, size: int) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return what auditors ask for, a page of a hundred each."""

    def application() -> Awaitable[object]:
        return store.search(EntryFilter(number=f"XT{chance.randrange(size) // 4:08d}"))

    def partner_refused() -> Awaitable[object]:
        return store.search(EntryFilter(partner=chance.choice(PARTNERS), outcome="refused"))

    def hour() -> Awaitable[object]:
        since = BEGUN + timedelta(seconds=10 * chance.randrange(size))
        return store.search(EntryFilter(since=since, until=since + timedelta(hours=1), kind="exchange_received"))

    return {"page: application": application, "page: partner, refused": partner_refused, "page: hour, kind": hour}


async def measure_at(store: Store, tree: pymerkle.SqliteTree | None, source: Iterator[SaltedEntry]) -> Figures:
    """Measure both logs as they stand; the rounds of appending come in turn."""
    chance = random.Random(7)
    figures = Figures(entries=(await store.head()).size)
    for _ in range(ROUNDS):
        batch = take(source, ROUND)
        figures.append.append(await append(store, batch))
        if tree is not None:
            figures.append_pymerkle.append(append_pymerkle(tree, batch))
    figures.latencies_ms["proof"] = await latency(lambda: prove(store, chance), SAMPLES)
    if tree is not None:
        figures.latencies_ms["proof, pymerkle"] = await latency(lambda: prove_pymerkle(tree, chance), 30)
    for name, call in pages(store, chance, figures.entries).items():
        figures.latencies_ms[name] = await latency(call, SAMPLES // 5)
    return figures


async def run(folder: Path, largest: int) -> list[Figures]:
    """Grow both logs tenfold again and again, and measure at each size."""
    source = entries(random.Random(42))
    store = await open_store(f"sqlite:///{folder}/ours.db", create=True)
    tree: pymerkle.SqliteTree | None = pymerkle.SqliteTree(str(folder / "pymerkle.db"))
    found, size = [], 0
    for target in (10**power for power in range(4, 9) if 10**power <= largest):
        tree = tree if target <= PYMERKLE_LARGEST else None
        while size < target:
            batch = take(source, min(target - size, ROUND))
            await append(store, batch)
            if tree is not None:
                append_pymerkle(tree, batch)
            size += len(batch)
        found.append(await measure_at(store, tree, source))
        size += ROUNDS * ROUND
    await store.close()
    return found


def report(found: list[Figures], *, as_json: bool) -> None:
    """Print what was measured."""
    rows = []
    for each in found:
        theirs = f"{statistics.median(each.append_pymerkle):,.0f}" if each.append_pymerkle else "-"
        rows.append((f"{each.entries:,}", "append/s", f"{statistics.median(each.append):,.0f}", f"pymerkle {theirs}"))
        rows += [("", f"{name}, ms", f"{p50:.2f}", f"{p99:.2f}") for name, (p50, p99) in each.latencies_ms.items()]
    print_table("The audit log as it grows", ("entries", "", "median", "p99"), rows)
    last, first = found[-1], found[0]
    growth = statistics.median(last.append) / statistics.median(first.append)
    p99 = last.latencies_ms["proof"][1]
    print(f"\nproof p99 at {last.entries:,}: {p99:.2f} ms, target {TARGET_PROOF_P99_MS} ms")
    print(f"append at {last.entries:,} entries: {growth:.2f} x that at {first.entries:,}")
    print(f"pymerkle is measured to {PYMERKLE_LARGEST:,} entries: its proofs hash every leaf they cover")
    if as_json:
        sizes = {str(each.entries): [statistics.median(each.append), each.latencies_ms] for each in found}
        print_json("audit", {"sizes": sizes, "proof_p99_ms": p99, "append_growth": growth})


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--largest", type=int, default=10**6, help="entries to grow to, a power of ten")
    parser.add_argument("--folder", type=Path, help="where to put the files; a temporary folder else")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wanted.folder) as folder:
        report(uvloop.run(run(Path(folder), wanted.largest)), as_json=wanted.json)


if __name__ == "__main__":
    main()
