"""What is forgotten protects nobody any more, whatever the clock did in between."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.errors import ReplayedTokenError
from gateway.core.trust.tokens import CLOCK_SKEW_S, LIFETIME_LIMIT_S
from gateway.flow.tidy import _EVERY_S, _ROUNDS, ForgetNonces
from gateway.store import open_store
from tests.store.samples import a_nonce

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROUND = timedelta(seconds=_EVERY_S)


@dataclass
class HandsOfTime:
    """A clock that a test moves."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def store(tmp_path):
    opened = await open_store(f"sqlite:///{tmp_path / 'gateway.sqlite'}", create=True)
    yield opened
    await opened.close()


async def forgotten(store, clock: HandsOfTime, *readings: datetime) -> int:
    """Do a round at each reading of the clock."""
    forget = ForgetNonces(exchanges=store, clock=clock)
    count = 0
    for clock.at in readings:
        count += await forget()
    return count


async def test_a_used_token_is_forgotten_when_no_clock_would_take_it_any_more(store):
    await store.receive(a_nonce(expires_at=NOW + timedelta(minutes=2)), ())

    assert await forgotten(store, HandsOfTime(), *(NOW + each * ROUND for each in range(_ROUNDS))) == 0
    assert await forgotten(store, HandsOfTime(), *(NOW + each * ROUND for each in range(2 * _ROUNDS))) == 1


async def test_a_used_token_stays_used_when_the_clock_leaps_ahead_and_is_put_right(store):
    nonce = a_nonce(expires_at=NOW + timedelta(seconds=LIFETIME_LIMIT_S + CLOCK_SKEW_S))
    await store.receive(nonce, ())
    lived = int((nonce.expires_at - NOW) / ROUND) + 1  # rounds for which any clock that is right takes the token
    before = [NOW + (each - _ROUNDS) * ROUND for each in range(_ROUNDS)]
    ahead = [NOW + timedelta(hours=5) + each * ROUND for each in range(lived)]

    assert await forgotten(store, HandsOfTime(), *before, *ahead, NOW + lived * ROUND) == 0
    with pytest.raises(ReplayedTokenError):
        await store.receive(nonce, ())


async def test_a_clock_that_is_set_back_forgets_nothing_that_still_counts(store):
    nonce = a_nonce(expires_at=NOW + _ROUNDS * ROUND)
    await store.receive(nonce, ())

    late = [NOW + timedelta(hours=1) + each * ROUND for each in range(3)]
    await forgotten(store, HandsOfTime(), *late, *(NOW + each * ROUND for each in range(_ROUNDS)))

    with pytest.raises(ReplayedTokenError):
        await store.receive(nonce, ())
