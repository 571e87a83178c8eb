"""Finds the primary of a store among the servers that its address names.

A standby answers too, and so may a primary that was left behind: its machine was cut off, another was promoted, and
nobody told it. A promotion begins a new timeline, with a higher number: of several primaries that one is taken.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg

from gateway.core.errors import GatewayError, SettingsError

_GRACE_S: Final = 1.0  # for the other servers, once a primary has answered
_ELSEWHERE: Final = frozenset({"standby", "prefer-standby", "read-only"})


class PrimaryConnection(asyncpg.Connection):
    """A connection to a server that was the primary when it was made."""

    timeline = 0  # of the server: each promotion raises it
    warnings = 0  # heard of the server so far


def each_host(url: str) -> tuple[str, ...]:
    """Return a URL for each host of one that names several before its path.

    Raises SettingsError `store_url_invalid` for one that cannot be told apart, or that wants a server that only reads.
    """
    try:
        parts = urlsplit(url)
        wanted = parse_qs(parts.query)
        entrance, at, hosts = parts.netloc.rpartition("@")
        urls = tuple([urlunsplit(parts._replace(netloc=entrance + at + host)) for host in hosts.split(",")])
        clear = len(urls) == 1 or all(map(_names_a_host, urls))
    except ValueError as error:
        raise invalid_url() from error
    elsewhere = _ELSEWHERE.intersection(wanted.get("target_session_attrs", ()))
    if elsewhere or not clear or "@" in entrance or "," in "".join(wanted.get("host", ())):
        raise invalid_url()
    return urls if len(urls) > 1 else (url,)


async def newest_primary(
    attempts: Iterable[Coroutine[Any, Any, PrimaryConnection]], *, grace_s: float = _GRACE_S
) -> PrimaryConnection:
    """Return the connection to the primary with the highest timeline, and end the others.

    All are tried at once, so that a host that is silent costs a moment (`grace_s`) and no more. Where there is no
    primary, raises what one of the attempts raised: the first that may go well another time, if there is one.
    """
    trying = [asyncio.ensure_future(attempt) for attempt in attempts]
    chosen: PrimaryConnection | None = None
    try:
        await _answered(trying, grace_s)
        found = [each.result() for each in trying if _has_found(each)]
        if not found:
            raise _worth_telling([each.exception() for each in trying])
        chosen = max(found, key=lambda connection: connection.timeline)
        return chosen
    finally:
        # Nothing is waited for here: whoever is cancelled meanwhile would leave the chosen connection open.
        for each in trying:
            if each.cancel():
                each.add_done_callback(partial(_let_go, chosen))
            else:
                _let_go(chosen, each)


def invalid_url() -> SettingsError:
    """Return what is said of an address that names no database; it is not repeated, for it may hold a password."""
    return SettingsError(
        "a store is `sqlite:///` and the path of a file, or `postgresql://` and where a database is",
        code="store_url_invalid",
    )


def _names_a_host(url: str) -> bool:
    """Tell whether there is a host; raises ValueError where its port is no number."""
    parts = urlsplit(url)
    return bool(parts.hostname) and parts.port != 0


async def _answered(trying: Iterable[asyncio.Future[PrimaryConnection]], grace_s: float) -> None:
    """Wait for all of them, but not for long once a primary has answered."""
    done, waiting = set[asyncio.Future[PrimaryConnection]](), set(trying)
    while waiting:
        patience_s = grace_s if any(map(_has_found, done)) else None
        more, waiting = await asyncio.wait(waiting, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        if not more:
            return
        done |= more


def _let_go(chosen: PrimaryConnection | None, attempt: asyncio.Future[PrimaryConnection]) -> None:
    if _has_found(attempt) and (found := attempt.result()) is not chosen:
        found.terminate()


def _has_found(attempt: asyncio.Future[PrimaryConnection]) -> bool:
    return attempt.done() and not attempt.cancelled() and attempt.exception() is None


def _worth_telling(errors: list[BaseException | None]) -> BaseException:
    told = [error for error in errors if error is not None]
    passing = [error for error in told if isinstance(error, GatewayError) and not isinstance(error, SettingsError)]
    return (passing or told)[0]
