"""What must hold after any fault: named checks over the stores of all sides, and what systems saw and were told.

    found = await findings(sides, told=told, seen={"system.ankang": office.seen})
    assert not found, found

1.  acknowledged_kept   what a gateway acknowledged it has, under the number and with the very receipt that it gave
2.  taken_once          an exchange stands in one history once, in the log once, and its receipt names that entry
3.  carried_once        each exchange has one delivery, and each delivery an exchange
4.  at_rest             nothing is due, in flight or dead any more (left out while work is going on)
5.  arrived             what is settled has arrived: in the next gateway's store, or at the system it was for
6.  in_order            of one application, everybody saw in order what came from one side; and if again, the same
7.  states_logged       a settled delivery was logged as settled once, after it was logged as received; no other was
8.  sides_agree         both logs speak of the same exchanges, a sender's settlement commits to the receiver's receipt,
                        and both sides know the application in the same state
9.  commitments_open    the salts open the log's commitments to the documents and receipts that are kept
10. proofs_verify       every entry has an inclusion proof under the newest checkpoint
11. log_grows           each checkpoint, kept or shown to anybody, is consistent with the next and the newest
12. log_sound           the log passes `audit verify`, its index included
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import jwt

from gateway.core.audit.checkpoint import open_checkpoint
from gateway.core.audit.entry import Entry, commitment
from gateway.core.audit.merkle import verify_consistency
from gateway.core.audit.verify import verify_entry
from gateway.core.errors import GatewayError
from gateway.core.model import DeliveryState
from gateway.core.trust.digests import content_digest
from gateway.flow.verify import verify_stored_log
from tests.faults.books import Books, Side, read_books

Seen = Sequence[tuple[str, str, str, bytes]]  # exchange, kind, number and body, in the order in which they came


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that should not be."""

    check: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """An acknowledgement: what somebody was told, and by whom."""

    gateway: str
    exchange: str
    number: str
    receipt: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the checks judge."""

    books: Mapping[str, Books]
    told: Sequence[Told]
    seen: Mapping[str, Seen]
    resting: bool


async def findings(
    sides: Sequence[Side],
    *,
    told: Sequence[Told],
    seen: Mapping[str, Seen],
    shown: Mapping[str, Sequence[bytes]] | None = None,
    resting: bool = True,
) -> list[Finding]:
    """Return everything that is wrong, by the name of its check.

    `told` is every acknowledgement, `seen` what each system saw, `shown` the checkpoints that each gateway showed.
    While work is still going on (`resting` is False), what has not arrived yet is no finding.
    """
    numbers = {each.number for each in told}
    books = {side.id: await read_books(side, numbers) for side in sides}
    case = Case(books=books, told=told, seen=seen, resting=resting)
    found = [Finding(check=name, detail=detail) for name, check in CHECKS.items() for detail in check(case)]
    for side in sides:
        found += [Finding(check=name, detail=f"{side.id}: {detail}") async for name, detail in _log(side, shown or {})]
    return found


def acknowledged_kept(case: Case) -> Iterator[str]:
    for told in case.told:
        kept = case.books[told.gateway].exchanges.get(told.exchange)
        if kept is None:
            yield f"{told.gateway} acknowledged {told.exchange} and has it no more"
        elif (kept.subject, kept.receipt) != (told.number, told.receipt):
            yield f"{told.gateway} acknowledged {told.exchange} otherwise than it has it now"
    for exchange, receipts in _by_exchange(case.told).items():
        if len(receipts) > 1:
            yield f"{exchange} was acknowledged in {len(receipts)} ways"


def _by_exchange(told: Sequence[Told]) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for each in told:
        found[f"{each.gateway}: {each.exchange}"].add((each.number, each.receipt))
    return found


def taken_once(case: Case) -> Iterator[str]:
    for gateway, books in case.books.items():
        listed = Counter(each.id for history in books.histories.values() for each in history)
        received = books.received
        for exchange in listed.keys() | received.keys():
            if listed[exchange] != 1:
                yield f"{gateway}: {exchange} stands {listed[exchange]} times in the histories"
            if len(received.get(exchange, ())) != 1:
                yield f"{gateway}: {exchange} was logged as received {len(received.get(exchange, ()))} times"
        for exchange, kept in books.exchanges.items():
            if _claim(kept.receipt, "entry") not in {entry.id for _, entry in received.get(exchange, ())}:
                yield f"{gateway}: the receipt of {exchange} names an entry that does not stand for it"


def carried_once(case: Case) -> Iterator[str]:
    for gateway, books in case.books.items():
        carried = Counter(each.exchange for each in books.deliveries)
        for exchange in books.exchanges.keys() | carried.keys():
            if carried[exchange] != 1:
                yield f"{gateway}: {exchange} has {carried[exchange]} deliveries"
            if exchange not in books.exchanges:
                yield f"{gateway}: a delivery carries {exchange}, which was never taken"


def at_rest(case: Case) -> Iterator[str]:
    for gateway, books in case.books.items():
        for each in books.deliveries if case.resting else ():
            if each.state is not DeliveryState.SETTLED:
                yield f"{gateway}: {each.exchange} is {each.state} ({each.code})"


def arrived(case: Case) -> Iterator[str]:
    at = {system: {exchange for exchange, *_ in seen} for system, seen in case.seen.items()}
    at |= {gateway: set(books.exchanges) for gateway, books in case.books.items()}
    for gateway, books in case.books.items():
        for each in books.deliveries:
            if each.state is DeliveryState.SETTLED and each.exchange not in at.get(each.destination, {each.exchange}):
                yield f"{gateway}: {each.exchange} is settled, and {each.destination} has never seen it"


def in_order(case: Case) -> Iterator[str]:
    for gateway, books in case.books.items():
        to = {each.exchange: each.destination for each in books.deliveries}
        for number, history in books.histories.items():
            for there in {to.get(each.id, "") for each in history}:
                sent = [each.id for each in history if to.get(each.id) == there]
                came = _came(case, gateway, there, number)
                if came != [each for each in sent if each in came]:
                    yield f"{gateway}: what it sent of {number} came to {there} in another order"
    for system, seen in case.seen.items():
        first: dict[str, bytes] = {}
        for exchange, _, _, body in seen:
            if first.setdefault(exchange, body) != body:
                yield f"{system}: {exchange} came again as something else"


def _came(case: Case, gateway: str, there: str, number: str) -> list[str]:
    """Return what somebody saw of an application from a gateway, as they first saw it."""
    if there in case.seen:
        return list(dict.fromkeys(exchange for exchange, _, subject, _ in case.seen[there] if subject == number))
    history = case.books[there].histories.get(number, ()) if there in case.books else ()
    return [each.id for each in history if each.sender == gateway]


def states_logged(case: Case) -> Iterator[str]:
    for gateway, books in case.books.items():
        received, settled = books.received, books.settled
        for each in books.deliveries:
            wanted, there = int(each.state is DeliveryState.SETTLED), settled.get(each.exchange, [])
            if len(there) != wanted:
                yield f"{gateway}: {each.exchange} is {each.state}, and was logged as settled {len(there)} times"
            if any(index < first for index, _ in there for first, _ in received.get(each.exchange, [])[:1]):
                yield f"{gateway}: {each.exchange} was settled before it was logged as received"


def sides_agree(case: Case) -> Iterator[str]:
    for gateway, books in case.books.items():
        for exchange, entries in books.settled.items():
            for _, entry in entries:
                yield from _disagreements(case, gateway, exchange, entry)
        for exchange, entries in books.received.items():
            sender = entries[0][1].source
            other = case.books.get(sender.partner) if sender else None
            if other is not None and exchange not in other.received:
                yield f"{gateway}: {exchange} came from {sender.partner if sender else ''}, whose log has no such thing"
        for number, here in books.applications.items():
            there = case.books[here.target].applications.get(number) if here.target in case.books else None
            if case.resting and there is not None and there.state != here.state:
                yield f"{gateway}: {number} is {here.state} here and {there.state} there"


def _disagreements(case: Case, gateway: str, exchange: str, settled: Entry) -> Iterator[str]:
    there = settled.destination.partner if settled.destination else ""
    if there not in case.books:
        return
    kept, salt = case.books[there].exchanges.get(exchange), case.books[gateway].salts.get(settled.id)
    if exchange not in case.books[there].received or kept is None or salt is None:
        yield f"{gateway}: {exchange} was logged as settled, and the log of {there} has not received it"
    elif commitment("receipt", salt, kept.receipt.encode()) != settled.receipt_commitment:
        yield f"{gateway}: {exchange} was settled by another receipt than {there} gave"


def commitments_open(case: Case) -> Iterator[str]:
    for gateway, books in case.books.items():
        for exchange, entries in books.received.items():
            kept = books.exchanges.get(exchange)
            for _, entry in entries if kept else ():
                salt = books.salts.get(entry.id)
                if kept is None or salt is None:
                    yield f"{gateway}: the salt of {exchange} is gone"
                elif commitment("request", salt, kept.body) != entry.request_commitment:
                    yield f"{gateway}: the log commits to another document of {exchange}"
                elif commitment("receipt", salt, kept.receipt.encode()) != entry.receipt_commitment:
                    yield f"{gateway}: the log commits to another receipt of {exchange}"
        for exchange, kept in books.exchanges.items():
            if content_digest(kept.body) != kept.digest:
                yield f"{gateway}: {exchange} has another digest than its body"


async def _log(side: Side, shown: Mapping[str, Sequence[bytes]]) -> AsyncIterator[tuple[str, str]]:
    """Judge one log; each finding with the name of its check."""
    report = await verify_stored_log(side.store, side.log_key)
    for check in report.checks:
        if not check.passed:
            yield "log_sound", f"{check.name}: {check.detail}"
    size = (await side.store.head()).size
    for index in range(size):
        try:
            proved = await side.prove.inclusion(index)
            verify_entry(proved.leaf or b"", index, proved.proof, proved.checkpoint.note.encode(), side.log_key)
        except GatewayError as error:
            yield "proofs_verify", f"entry {index}: {error.code}"
    async for detail in _growth(side, shown.get(side.id, ())):
        yield "log_grows", detail


async def _growth(side: Side, shown: Sequence[bytes]) -> AsyncIterator[str]:
    kept = [open_checkpoint(each.note.encode(), side.log_key) for each in await side.store.checkpoints(limit=1_000_000)]
    opened = [open_checkpoint(note, side.log_key) for note in shown]
    roots: dict[int, bytes] = {}
    for each in (*kept, *opened):
        if roots.setdefault(each.size, each.root) != each.root:
            yield f"there are two roots of size {each.size}"
    sizes = sorted(roots)
    for old, new in pairwise(sizes):
        try:
            verify_consistency((old, roots[old]), (new, roots[new]), await side.prove.consistency(old, new))
        except GatewayError as error:
            yield f"the checkpoint of size {new} does not continue that of size {old}: {error.code}"


def _claim(token: str, name: str) -> Any:
    try:
        return jwt.decode(token, options={"verify_signature": False}).get(name)
    except jwt.InvalidTokenError:
        return None


CHECKS: dict[str, Callable[[Case], Iterator[str]]] = {
    check.__name__: check
    for check in (
        acknowledged_kept,
        taken_once,
        carried_once,
        at_rest,
        arrived,
        in_order,
        states_logged,
        sides_agree,
        commitments_open,
    )
}
LOG_CHECKS = ("proofs_verify", "log_grows", "log_sound")
