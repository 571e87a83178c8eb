"""A process that writes to a store as fast as it can and says what is durable, until somebody kills it."""

import asyncio
import sys
from dataclasses import replace
from itertools import count

from gateway.flow.ports import Store
from gateway.store import open_store
from tests.store.samples import NOW, a_nonce, a_submission, an_entry, settled, well

TAKERS = 8


def say(verb: str, name: str) -> None:
    """Tell what is durable; a line is whole or not there."""
    sys.stdout.write(f"{verb} {name}\n")
    sys.stdout.flush()


async def take(store: Store, generation: int, taker: int) -> None:
    for number in count(1):
        stem = f"0193{generation:04x}-{taker:04x}-7000-8000"
        named = {"id": f"{stem}-0000{number:08x}", "subject": f"XT{generation}{taker}{number:06d}"}
        submission = a_submission(**named)
        delivery = replace(a_submission("ankang", **named).deliveries[0], id=f"{stem}-1111{number:08x}")
        entry = an_entry(id=f"{stem}-2222{number:08x}")
        intake = replace(submission, deliveries=(delivery,), entry=entry)
        await store.receive(replace(a_nonce(), jti=f"{stem}-{number}"), [intake])
        say("taken", intake.exchange.id)


async def settle(store: Store, generation: int) -> None:
    for number in count(1):
        claimed = await store.claim("ankang", number=number, limit=8, now=NOW)
        entries = [an_entry(id=f"0193{generation:04x}-ffff-7000-{8000 + n}-{number:012x}") for n in range(len(claimed))]
        pairs = zip(claimed, entries, strict=True)
        await store.conclude([settled(delivery, entry=entry) for delivery, entry in pairs], well())
        for delivery in claimed:
            say("settled", delivery.id)


async def main(url: str, generation: int) -> None:
    store = await open_store(url)
    await asyncio.gather(settle(store, generation), *(take(store, generation, taker) for taker in range(TAKERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
