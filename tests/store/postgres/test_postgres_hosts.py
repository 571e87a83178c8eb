"""Of the servers that an address names the newest primary is taken; what cannot be told apart is refused unseen."""

import asyncio
from typing import Any, cast

import pytest

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.store import open_store, without_password
from gateway.store.postgres.hosts import PrimaryConnection, each_host, newest_primary


class Answer:
    """A connection as far as it is looked at."""

    def __init__(self, timeline):
        self.timeline = timeline
        self.given = False
        self.ended = False

    def terminate(self):
        self.ended = True


async def given(answer):
    if isinstance(answer, Exception):
        raise answer
    answer.given = True
    return cast("PrimaryConnection", answer)


async def silent():
    return cast("PrimaryConnection", await asyncio.Event().wait())


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://db/tongban", ("postgresql://db/tongban",)),
        ("postgresql:///tongban?host=db", ("postgresql:///tongban?host=db",)),
        (
            "postgresql://me:secret@a:1,b:2/tongban?ssl=require",
            ("postgresql://me:secret@a:1/tongban?ssl=require", "postgresql://me:secret@b:2/tongban?ssl=require"),
        ),
        ("postgresql://a,[::1]:7/x", ("postgresql://a/x", "postgresql://[::1]:7/x")),
        (
            "postgresql://a,b/x?target_session_attrs=primary",
            ("postgresql://a/x?target_session_attrs=primary", "postgresql://b/x?target_session_attrs=primary"),
        ),
    ],
)
def test_an_address_may_name_several_hosts(url, hosts):
    assert each_host(url) == hosts


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@a,,b/x",
        "postgresql://me:secret@a,/x",
        "postgresql://me:sec@ret@a/x",
        "postgresql://me:secret@[::1/x",
        "postgresql://me:secret@a:1:1,b/x",
        "postgresql:///x?host=a,b&password=secret",
        "postgresql://me:secret@a,b/x?target_session_attrs=standby",
        "postgresql://me:secret@a,b/x?target_session_attrs=read-only",
    ],
)
async def test_an_address_whose_hosts_cannot_be_told_or_are_to_be_standbys_is_refused_and_not_repeated(url):
    with pytest.raises(SettingsError) as raised:
        await open_store(url)

    assert raised.value.code == "store_url_invalid"
    assert "ret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@a:1,b:2/tongban", "postgresql://me:***@a:1,b:2/tongban"),
        ("postgresql://me:sec,ret@a,b/x?sslpassword=secret", "postgresql://me:***@a,b/x?sslpassword=***"),
        ("postgresql://a:1,b:2/tongban", "postgresql://a:1,b:2/tongban"),
    ],
)
def test_a_password_before_several_hosts_is_never_shown(url, shown):
    assert without_password(url) == shown


async def test_of_two_primaries_the_one_promoted_last_is_taken_and_the_other_let_go():
    old: Any = Answer(1)
    new: Any = Answer(2)

    chosen: Any = await newest_primary([given(old), given(new), given(StoreUnavailableError("a standby"))])

    assert chosen is new
    assert (old.ended, new.ended) == (True, False)


async def test_whoever_is_cancelled_as_the_primary_is_found_leaves_no_connection():
    for turns in range(1, 12):
        only: Any = Answer(1)
        asking = asyncio.ensure_future(newest_primary([given(only)]))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()

        (outcome,) = await asyncio.gather(asking, return_exceptions=True)

        assert outcome is only or only.ended or not only.given


async def test_a_host_that_is_silent_is_not_waited_for_once_a_primary_has_answered():
    only: Any = Answer(1)

    assert await newest_primary([silent(), given(only)], grace_s=0.0) is only


async def test_where_there_is_no_primary_what_may_pass_is_told_before_what_will_not():
    away, wrong = StoreUnavailableError("away"), SettingsError("wrong")

    with pytest.raises(StoreUnavailableError):
        await newest_primary([given(wrong), given(away)])
    with pytest.raises(SettingsError):
        await newest_primary([given(wrong), given(wrong)])
