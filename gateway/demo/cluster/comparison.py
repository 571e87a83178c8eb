"""Compares, once everything has settled, what both systems counted with each other and with both gateways' logs.

* Every case that a system submitted has a receipt, came to the other system once, under one number, and was closed.
* Every event that a system reported came to the other one, once, in the order in which it was reported.
* Every receipt that a system holds is an entry of its gateway's log, and each log proves itself to its signed roots.
* What one gateway's log says was settled by the other is what the other's log says was received from it, once each.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.core.audit.entry import Entry, EntryKind, Outcome, read_entry
from gateway.core.audit.verify import Report
from gateway.core.model import DeliveryState
from gateway.demo.stage import Post
from gateway.demo.system import Seen
from gateway.flow.ports import Log
from gateway.flow.verify import verify_stored_log

_PAGE = 4_096


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """The applications of one direction, and all the events that belong to them."""

    source: str
    target: str
    submitted: int
    acknowledged: int
    arrived: int
    settled: int
    events_reported: int
    events_told: int
    lost: int  # applications and events that one side sent and the other never saw
    doubled: int  # those that the other saw more than once, as something new
    disordered: int  # applications of which one side saw the events in another order

    @property
    def agrees(self) -> bool:
        """Whether all counts are one count."""
        counts = {self.submitted, self.acknowledged, self.arrived, self.settled}
        return len(counts) == 1 and self.events_reported == self.events_told and not self.wrong

    @property
    def wrong(self) -> int:
        """How much was lost, doubled or out of order."""
        return self.lost + self.doubled + self.disordered


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """What one gateway's log says, verified to its signed roots."""

    report: Report
    receipts: int  # that its system holds
    unproved: int  # of those, how many are no entry of this log
    taken: Counter[str]  # exchanges received from the other gateway, by id
    settled: Counter[str]  # exchanges that the other gateway receipted


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What all the counting comes to."""

    crossings: tuple[Crossing, ...]
    books: tuple[Book, ...]
    reconciled: int  # exchanges between the gateways on which both logs agree
    again: int  # handed over to a system once more after a fault, and recognised by their exchange id
    repeats: int  # requests of systems that nobody answered, and that were sent again
    failures: tuple[str, ...] = ()
    faults: Mapping[str, int] = field(default_factory=dict)  # what happened to the parts, and how often

    @property
    def agrees(self) -> bool:
        """Whether nothing was lost or doubled, order was kept, and every log proved true."""
        proved = all(book.report.passed for book in self.books)
        return proved and not self.failures and all(crossing.agrees for crossing in self.crossings)


async def compare(posts: tuple[Post, Post]) -> Result:
    """Read both logs to their ends and compare; to be asked when nothing is under way."""
    first, second = posts
    crossings = (crossing(first, second), crossing(second, first))
    book, other = await _book(first, second), await _book(second, first)
    failures = [failure for post in posts for failure in post.system.seen.failures]
    failures += [*_unproved(first, book), *_unproved(second, other)]
    failures += differences(book.settled, other.taken, f"{first.region.name} → {second.region.name}")
    failures += differences(other.settled, book.taken, f"{second.region.name} → {first.region.name}")
    for post in posts:
        dead = await post.gateway.store.deliveries(state=DeliveryState.DEAD)
        failures += [f"{post.region.name}: {each.kind} to {each.destination} is dead: {each.code}" for each in dead]
    return Result(
        crossings=crossings,
        books=(book, other),
        reconciled=len(book.settled) + len(other.settled),
        again=sum(post.system.seen.duplicates for post in posts),
        repeats=sum(post.system.seen.repeats for post in posts),
        failures=tuple(failures),
    )


def crossing(source: Post, target: Post) -> Crossing:
    """Compare what two systems counted of the applications that the first one submitted."""
    sent, got = source.system.seen, target.system.seen
    stories = [
        story
        for number in sent.acknowledged.values()
        for story in ((sent.reported[number], got.told[number]), (got.reported[number], sent.told[number]))
    ]
    return Crossing(
        source=source.region.name_zh,
        target=target.region.name_zh,
        submitted=sum(sent.submitted.values()),
        acknowledged=len(sent.acknowledged),
        arrived=len(got.arrived),
        settled=len(sent.closed),
        events_reported=sum(len(reported) for reported, _ in stories),
        events_told=sum(len(told) for _, told in stories),
        lost=len(sent.submitted.keys() - got.arrived.keys()) + sum(_missing(*story) for story in stories),
        doubled=_strange(sent, got) + sum(_missing(told, reported) for reported, told in stories),
        disordered=sum(told != reported and Counter(told) == Counter(reported) for reported, told in stories),
    )


def differences(settled: Counter[str], taken: Counter[str], between: str) -> Iterator[str]:
    """Tell where two logs disagree about the exchanges from one gateway to the other."""
    for exchange in sorted(settled.keys() ^ taken.keys()):
        where = "received, but not settled" if exchange in taken else "settled, but not received"
        yield f"{between}: exchange {exchange} is {where}"
    for name, counts in (("settled", settled), ("received", taken)):
        yield from (f"{between}: exchange {each} is {name} {n} times" for each, n in sorted(counts.items()) if n > 1)


def _missing(wanted: Iterable[str], found: Iterable[str]) -> int:
    return (Counter(wanted) - Counter(found)).total()


def _strange(sent: Seen, got: Seen) -> int:
    """Return how many applications came beyond the one, under the number in the receipt, that should have come."""
    return sum(
        sum(number != sent.acknowledged.get(case_number) for number in numbers) + numbers.count(numbers[0]) - 1
        for case_number, numbers in got.arrived.items()
    )


async def _book(post: Post, other: Post) -> Book:
    store, partner = post.gateway.store, other.region.gateway_id
    held = [claims for _, claims in post.system.seen.receipts]  # before the log is read: each must be in it
    await post.gateway.steps.checkpoint()
    report = await verify_stored_log(store, post.gateway.log_key)
    taken, settled, entries = Counter[str](), Counter[str](), dict[str, tuple[str, str]]()
    async for entry in _entries(store):
        entries[entry.id] = (entry.exchange, entry.number)
        if entry.outcome is not Outcome.ACCEPTED:
            continue
        if entry.kind is EntryKind.EXCHANGE_RECEIVED and entry.source and entry.source.partner == partner:
            taken[entry.exchange] += 1
        if entry.kind is EntryKind.DELIVERY_SETTLED and entry.destination and entry.destination.partner == partner:
            settled[entry.exchange] += 1
    proved = sum(entries.get(claims.entry) == (claims.exchange, claims.subject) for claims in held)
    return Book(report=report, receipts=len(held), unproved=len(held) - proved, taken=taken, settled=settled)


async def _entries(log: Log) -> AsyncIterator[Entry]:
    start = 0
    while leaves := await log.leaves(start, _PAGE):
        for leaf in leaves:
            yield read_entry(leaf)
        start += len(leaves)


def _unproved(post: Post, book: Book) -> Iterator[str]:
    if book.unproved:
        yield f"{post.region.name}: {book.unproved} of {book.receipts} receipts are not in the log"
    for check in book.report.checks:
        if not check.passed:
            yield f"{post.region.name}: {check.name}: {check.detail}"
    if book.report.uncovered:
        yield f"{post.region.name}: {book.report.uncovered} entries are under no checkpoint"
