"""Who is let in and who has to come again, in states and in a time that the test tells."""

import pytest

from gateway.api.admission import INTERVAL_S, Admission, Visit
from gateway.api.limits import Limits
from gateway.core.errors import OverloadedError

LIMITS = Limits(inside_least=4, inside_most=16, answer_s=0.5, held_bytes=1000)
SHANGHAI, FUJIAN, SICHUAN = "shanghai", "fujian", "sichuan"


class Telling:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Telling()


@pytest.fixture
def admission(clock):
    return Admission(limits=LIMITS, clock=clock)


def let_in(admission: Admission, sender: str, count: int, *, begins: bool = False) -> list[Visit]:
    """Let in as many of a sender as there is room for, of so many that ask."""
    visits = []
    for _ in range(count):
        try:
            visits.append(admission.enter(sender, begins=begins, whole=True))
        except OverloadedError:
            break
    return visits


def work_through(admission: Admission, clock: Telling, *, each_s: float, times: int = 1, ask: int = 100) -> None:
    """Fill the room, let an interval and the work pass, and let all go; so many times."""
    for _ in range(times):
        visits = [*let_in(admission, SHANGHAI, ask), *let_in(admission, FUJIAN, ask)]
        clock.now += max(each_s, INTERVAL_S)
        for visit in visits:
            visit.working_since = clock.now - each_s
            visit.leave()


def test_no_more_than_the_room_are_worked_on(admission):
    visits = [*let_in(admission, SHANGHAI, 100), *let_in(admission, FUJIAN, 100), *let_in(admission, SICHUAN, 100)]

    with pytest.raises(OverloadedError):
        admission.enter("jiuquan", begins=False, whole=True)

    assert len(visits) == admission.working == LIMITS.inside_most


def test_whoever_leaves_makes_room(admission):
    visits = [*let_in(admission, SHANGHAI, 100), *let_in(admission, FUJIAN, 100), *let_in(admission, SICHUAN, 100)]

    visits[0].leave()
    visits[0].leave()  # once is enough

    assert admission.working == LIMITS.inside_most - 1
    assert len(let_in(admission, "jiuquan", 100)) == 1


def test_new_applications_leave_room_for_what_is_begun(admission):
    begun = [*let_in(admission, SHANGHAI, 100, begins=True), *let_in(admission, FUJIAN, 100, begins=True)]
    begun += let_in(admission, SICHUAN, 100, begins=True)

    events = let_in(admission, "jiuquan", 100)

    assert (len(begun), len(events)) == (12, 4)


def test_one_sender_alone_leaves_room_for_another(admission):
    greedy = let_in(admission, SHANGHAI, 1000)

    modest = let_in(admission, FUJIAN, 3)

    assert (len(greedy), len(modest)) == (LIMITS.inside_most / 2, 3)


def test_a_sender_that_had_more_than_its_part_gets_no_more_until_it_has_less(admission):
    greedy, modest = let_in(admission, SHANGHAI, 1000), let_in(admission, FUJIAN, 1000)
    for visit in greedy[:4]:
        visit.leave()

    assert (len(greedy), len(modest)) == (8, 6)  # a half, then a third, for there may be a third one
    assert len(let_in(admission, SHANGHAI, 1000)) == 2  # back to a third


def test_those_whom_no_partner_is_named_like_share_one_part(admission):
    assert len(let_in(admission, "", 1000)) == LIMITS.inside_most / 2


def test_late_answers_shrink_the_room_to_its_least_and_no_further(admission, clock):
    rooms = []
    for _ in range(12):
        work_through(admission, clock, each_s=0.6)
        rooms.append(admission.room)

    assert rooms[0] == LIMITS.inside_most * 0.75
    assert rooms == sorted(rooms, reverse=True)
    assert rooms[-1] == LIMITS.inside_least


def test_answers_in_time_give_the_room_back_where_somebody_was_turned_away(admission, clock):
    work_through(admission, clock, each_s=0.6, times=12)

    work_through(admission, clock, each_s=0.4, times=30)

    assert admission.room == LIMITS.inside_most


def test_a_room_that_nobody_needs_does_not_grow(admission, clock):
    work_through(admission, clock, each_s=0.6, times=12)

    work_through(admission, clock, each_s=0.1, times=30, ask=1)

    assert admission.room == LIMITS.inside_least


def test_a_few_late_answers_among_many_change_nothing(admission, clock):
    visits = let_in(admission, SHANGHAI, 8)
    clock.now += 0.6
    for visit in visits[3:]:
        visit.working_since = clock.now - 0.1
    admission._judged_at = clock.now
    for visit in visits:
        visit.leave()

    clock.now += INTERVAL_S
    let_in(admission, SHANGHAI, 1)[0].leave()

    assert admission.room == LIMITS.inside_most


def test_a_body_on_its_way_takes_no_room_and_no_time(admission, clock):
    slow = [admission.enter(SHANGHAI, begins=False, whole=False) for _ in range(100)]
    clock.now += 10

    assert len(let_in(admission, SHANGHAI, 1)) == 1
    slow[0].work()
    clock.now += 0.1
    slow[0].leave()

    assert (admission.working, admission.room) == (1, LIMITS.inside_most)


def test_a_body_is_not_begun_to_be_read_where_there_is_no_room(admission):
    let_in(admission, SHANGHAI, 1000)

    with pytest.raises(OverloadedError):
        admission.enter(SHANGHAI, begins=False, whole=False)


def test_a_body_that_has_come_finds_no_room_where_others_were_faster(admission):
    slow = admission.enter(SHANGHAI, begins=False, whole=False)
    let_in(admission, SHANGHAI, 1000)

    with pytest.raises(OverloadedError):
        slow.work()
    slow.leave()

    assert admission.working == LIMITS.inside_most / 2


def test_all_bodies_together_are_bounded(admission):
    one, other = (admission.enter(SHANGHAI, begins=False, whole=False) for _ in range(2))
    one.hold(900)

    with pytest.raises(OverloadedError):
        other.hold(101)
    one.leave()
    other.hold(1000)

    assert admission.held_bytes == 1000


def test_what_is_turned_away_is_counted(admission):
    let_in(admission, SHANGHAI, 1000)
    let_in(admission, SHANGHAI, 1000)

    assert admission.turned_away == 2
