"""A crowd before a gateway that works on one at a time: all come again until they are in, and all of it arrives."""

import asyncio

from tests.gateways import application, border
from tests.simulator import CHANCE

CROWD = 24


async def test_whatever_a_full_gateway_accepted_arrives_once(tmp_path):
    async with border(tmp_path, inside=1) as here:
        refused = 0

        async def until_taken(number: int) -> str:
            nonlocal refused
            exchange, body = CHANCE.uuid7(), application(number)
            while (reply := await here.system.submit(here.identity, body, exchange=exchange)).status != 202:
                assert (reply.status, reply.json["code"]) == (503, "overloaded")
                assert 2 <= int(reply.headers["Retry-After"]) <= 6
                refused += 1
            return exchange

        accepted = await asyncio.gather(*(until_taken(number) for number in range(CROWD)))
        await here.settled(CROWD)

        assert len(await here.entries("exchange_received")) == CROWD
        assert await here.entries("exchange_refused") == []
        assert dict(here.partner.counts) == dict.fromkeys(accepted, 1)
        print(f"{refused} times refused")
