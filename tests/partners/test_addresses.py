"""Names of partners are looked up without keeping anybody else waiting, and remembered."""

import asyncio
import socket
from threading import Event

import pytest
from aiohttp.abc import ResolveResult

from gateway.partners import addresses
from gateway.partners.addresses import LOOKUPS, RememberingResolver, system_addresses
from tests.patience import PATIENCE_S


def at(host: str, port: int = 0, address: str = "127.0.0.1") -> ResolveResult:
    return ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)


class Names:
    """A name service that answers for what is not in `away`; lookups of those hang until it is over."""

    def __init__(self) -> None:
        self.away, self.asked, self.address, self.over = set[str](), list[str](), "127.0.0.1", Event()

    def __call__(self, host: str, port: int, _family: socket.AddressFamily) -> list[ResolveResult]:
        self.asked.append(host)
        if host in self.away:
            self.over.wait(PATIENCE_S)
            raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")
        return [at(host, port, self.address)]


@pytest.fixture
def names():
    service = Names()
    yield service
    service.over.set()


@pytest.fixture
async def resolver(names):
    found = RememberingResolver(names)
    yield found
    await found.close()


async def test_names_that_nobody_answers_keep_no_other_name_waiting(names, resolver, monkeypatch):
    monkeypatch.setattr(addresses, "PATIENCE_S", 0.05)
    names.away = {f"dead{number}.example" for number in range(LOOKUPS - 1)}
    for name in names.away:
        with pytest.raises(TimeoutError):
            await resolver.resolve(name, 80)

    monkeypatch.undo()
    assert await resolver.resolve("alive.example", 80) == [at("alive.example", 80)]


async def test_a_name_found_before_is_answered_from_memory_while_nobody_answers(names, resolver):
    found = await resolver.resolve("partner.example", 80)
    names.away = {"partner.example"}

    again = [await resolver.resolve("partner.example", 80) for _ in range(3)]

    assert again == [found] * 3


async def test_a_partner_that_moved_is_found_at_its_new_address(names, resolver):
    await resolver.resolve("partner.example", 80)
    names.address = "127.0.0.2"

    await resolver.resolve("partner.example", 80)
    await asyncio.gather(*resolver._under_way.values())

    assert await resolver.resolve("partner.example", 80) == [at("partner.example", 80, "127.0.0.2")]


async def test_a_name_is_looked_up_once_at_a_time(names, resolver, monkeypatch):
    monkeypatch.setattr(addresses, "PATIENCE_S", 0.05)
    names.away = {"dead.example"}
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await resolver.resolve("dead.example", 80)

    assert names.asked == ["dead.example"]


async def test_a_name_that_is_none_is_told_as_what_cannot_be_reached():
    resolver = RememberingResolver()
    with pytest.raises(OSError, match="name"):
        await resolver.resolve("." + "x" * 70 + ".example", 80)
    await resolver.close()


def test_the_systems_own_names_are_found():
    (found, *_) = system_addresses("localhost", 80, socket.AF_INET)

    assert (found["host"], found["port"]) == ("127.0.0.1", 80)
