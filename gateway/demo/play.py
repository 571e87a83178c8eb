"""Live through whole applications between every two regions, and prove afterwards that it happened."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import permutations
from time import monotonic
from typing import Final

from gateway.core.audit.verify import Report, verify_entry
from gateway.core.model import Delivery, DeliveryState
from gateway.demo.applicants import case
from gateway.demo.layouts.codes import item_codes
from gateway.demo.stage import Post
from gateway.flow.audit import Inclusion
from gateway.flow.convert_records import ConvertRecords
from gateway.flow.import_items import ItemList
from gateway.flow.ports import ImportProgress
from gateway.flow.verify import verify_stored_log
from gateway.resources import shipped_adapters, shipped_forms

ITEMS: Final = 12  # of each region's own
_AT_ONCE: Final = 8
_PATIENCE_S: Final = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the demonstration comes to; `seconds` runs from the first submission to the last settlement."""

    submitted: int  # applications for which a system holds a receipt
    settled: int  # of those, handed over to the handling side's system, told of every step, and closed
    duplicates: int  # exchanges that a system was given more than once
    verified: bool
    seconds: float
    failures: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Tell whether every application arrived exactly once and everything proved true."""
        return self.verified and not self.failures and self.duplicates == 0 and self.settled == self.submitted


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A receipt that a system holds, and the proof that its entry is in the gateway's log."""

    region: str
    receipt: str
    inclusion: Inclusion


async def load_items(post: Post, lines: Iterable[bytes], layout: str) -> ImportProgress:
    """Import service items in a layout, one document a line; raises where a line is refused."""
    adapter, bring = shipped_adapters()[layout], post.gateway.steps.import_items
    given = ItemList(file=BytesIO(b"\n".join(lines)), adapter=adapter)
    here = ConvertRecords(adapter=adapter, form=shipped_forms()[given.kind], kind=given.kind)
    progress = await bring(given, here)
    if progress.faulty:
        raise RuntimeError(f"{layout}: {await post.gateway.store.import_faults(progress.number, limit=1)}")
    await bring.finish(given, progress)
    return progress


async def mirror_items(post: Post, posts: tuple[Post, ...]) -> int:
    """Copy what the other gateways publish, each item under its owner's signature; return how many items that is."""
    copying = post.gateway.steps.mirror_items
    copied = [await copying(partner) for partner in await copying.mirrored()]
    if len(copied) != len(posts) - 1:
        raise RuntimeError(f"{post.region.name} mirrors {len(copied)} gateways")
    return sum(each.added for each in copied)


async def submit_all(posts: tuple[Post, ...], each_pair: int, at: datetime) -> int:
    """Submit applications between all ordered pairs of regions; return how many."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def submit(number: int, source: Post, target: Post) -> None:
        async with places:
            codes = item_codes(target.region.division, ITEMS)
            matter = case(
                number,
                collecting=source.region.division,
                handling=target.region.division,
                item=codes[number % len(codes)],
                at=at,
            )
            await source.system.submit(matter)

    matters = [pair for pair in permutations(posts, 2) for _ in range(each_pair)]
    await asyncio.gather(*(submit(number, *pair) for number, pair in enumerate(matters)))
    return len(matters)


async def wait_until_closed(posts: tuple[Post, ...], submitted: int) -> None:
    """Wait until every collecting system has been told that its applications are closed, and nothing is under way."""
    deadline = monotonic() + _PATIENCE_S
    while monotonic() < deadline:
        closed = sum(len(post.system.seen.closed) for post in posts)
        failed = any(post.system.seen.failures for post in posts)
        if failed or (closed >= submitted and not await _under_way(posts)):
            return
        await asyncio.sleep(0.05)


async def judge(posts: tuple[Post, ...], submitted: int, seconds: float) -> tuple[Outcome, list[Proof], list[Report]]:
    """Verify every receipt's entry by an inclusion proof and each log as a whole."""
    proofs = [proof for post in posts for proof in await _proofs(post)]
    reports = [await verify_stored_log(post.gateway.store, post.gateway.log_key) for post in posts]
    failures = [failure for post in posts for failure in post.system.seen.failures]
    failures += [f"{each.kind} to {each.destination}: {each.code}" for post in posts for each in await _dead(post)]
    arrived = sum(len(post.system.seen.applications) for post in posts)
    if arrived != submitted:
        failures.append(f"{arrived} applications arrived of {submitted}")
    receipts = sum(len(post.system.seen.receipts) for post in posts)
    outcome = Outcome(
        submitted=submitted,
        settled=sum([await _settled(post) for post in posts]),
        duplicates=sum(post.system.seen.duplicates for post in posts),
        verified=len(proofs) == receipts and all(report.passed for report in reports),
        seconds=round(seconds, 3),
        failures=tuple(failures),
    )
    return outcome, proofs, reports


async def _proofs(post: Post) -> list[Proof]:
    """Return a verified proof for every receipt that a system holds; raises where one does not hold."""
    proofs = []
    for receipt, claims in post.system.seen.receipts:
        index = await post.gateway.store.index_of(claims.entry)
        if index is None:
            continue
        inclusion = await post.gateway.steps.prove_entry.inclusion(index)
        note = inclusion.checkpoint.note.encode()
        entry = verify_entry(inclusion.leaf or b"", index, inclusion.proof, note, post.gateway.log_key)
        if (entry.id, entry.exchange, entry.number) == (claims.entry, claims.exchange, claims.subject):
            proofs.append(Proof(region=post.region.name, receipt=receipt, inclusion=inclusion))
    return proofs


async def _settled(post: Post) -> int:
    """Return how many applications that came to this system went the whole way back to where they came from."""
    settled = 0
    for number in post.system.seen.closed:
        deliveries = await post.gateway.store.deliveries(subject=number)
        settled += bool(deliveries) and all(each.state is DeliveryState.SETTLED for each in deliveries)
    return settled


async def _dead(post: Post) -> tuple[Delivery, ...]:
    return await post.gateway.store.deliveries(state=DeliveryState.DEAD)


async def _under_way(posts: tuple[Post, ...]) -> bool:
    stores = [post.gateway.store for post in posts]
    states = (DeliveryState.DUE, DeliveryState.IN_FLIGHT)
    return any([await store.deliveries(state=state, limit=1) for store in stores for state in states])
