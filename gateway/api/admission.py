"""Who may come in: how much is worked on at once, so that what is accepted is answered in time and the rest at once.

Past capacity each request that is let in makes all the others later, until every answer comes after its sender has
given up and asks again: work done twice, for nothing. So what does not fit is turned away before anything is done for
it, and may come again later. The rules, in the order in which they are asked:

* **Room.** What is inside is the rate times the time each takes (Little's law), so a bound on the one bounds the
  other. How much fits depends on the machine and the store, so it is measured: where more than half of the answers of
  an interval took longer than `answer_s`, the room shrinks by a quarter; where they were in time and somebody was
  turned away, it grows. It stays between two fixed bounds whatever is measured.
* **What is begun comes first.** Three quarters of the room are for new applications; the rest is kept for events,
  relayed exchanges and questions, which bring to an end what others have been promised.
* **Nobody has all of it.** While less than half is taken, everybody is let in. Beyond, a sender is, as long as it has
  less than what would be its part if one more sender were here: the part of the one who may come next.
* **A body on its way is no work.** A slow sender holds memory, so those bytes are counted, and no room.

The sender is the one that the token claims: proving it is the work that is to be saved. Whoever lies about it takes
from that partner's part, and not from others'; a name that no partner has counts as nobody's.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from gateway.api.limits import Limits
from gateway.core.errors import OverloadedError

INTERVAL_S: Final = 0.2  # how often the room is judged
NEW_SHARE: Final = 0.75  # of the room, for what begins an application
_SHRINK: Final = 0.75
_GROW: Final = 1.1


@dataclass(kw_only=True, slots=True, eq=False)
class Visit:
    """One request inside; whoever let it in must let it go by `leave`."""

    admission: "Admission"
    sender: str
    begins: bool  # an application, which nobody has been promised yet
    working_since: float | None = None
    held_bytes: int = 0

    def hold(self, size: int) -> None:
        """Account for bytes of its body; raises OverloadedError where all bodies together would be too many."""
        self.admission.hold(self, size)

    def work(self) -> None:
        """Take room, now that there is something to work on; raises OverloadedError where there is none."""
        self.admission.work(self)

    def leave(self) -> None:
        """Give back whatever it has."""
        self.admission.leave(self)


@dataclass(kw_only=True, slots=True, eq=False)
class Admission:
    """The room of one process; the event loop owns everything in it."""

    limits: Limits
    clock: Callable[[], float] = monotonic  # seconds that never go back
    room: float = 0.0
    working: int = 0
    held_bytes: int = 0
    turned_away: int = 0  # so far
    _parts: Counter[str] = field(default_factory=Counter)  # of the work, by sender; nobody stands in it with none
    _judged_at: float = 0.0
    _late: int = 0
    _in_time: int = 0
    _refusing: bool = False  # in this interval

    def __post_init__(self) -> None:
        """Begin with all the room there may be; the first intervals of a crowd find out."""
        self.room = self.room or self.limits.inside_most
        self._judged_at = self.clock()

    def enter(self, sender: str, *, begins: bool, whole: bool) -> Visit:
        """Let a request in; raises OverloadedError where it has to come again later.

        `whole` says that its body is here already, so that it takes room at once.
        """
        visit = Visit(admission=self, sender=sender, begins=begins)
        if whole:
            self.work(visit)
        else:
            self._check(visit)  # or a body would be read for nothing
        return visit

    def work(self, visit: Visit) -> None:
        """Take room for a visit."""
        self._check(visit)
        self.working += 1
        self._parts[visit.sender] += 1
        visit.working_since = self.clock()

    def hold(self, visit: Visit, size: int) -> None:
        """Account for bytes of a visit's body."""
        if self.held_bytes + size > self.limits.held_bytes:
            self._turn_away("too many bodies are being read")
        self.held_bytes += size
        visit.held_bytes += size

    def leave(self, visit: Visit) -> None:
        """Take back what a visit has, and learn from how long it took."""
        self.held_bytes -= visit.held_bytes
        visit.held_bytes = 0
        if visit.working_since is None:
            return
        now = self.clock()
        self._judge(now, took_s=now - visit.working_since)
        visit.working_since = None
        self.working -= 1
        self._parts[visit.sender] -= 1
        if not self._parts[visit.sender]:
            del self._parts[visit.sender]

    def check_room(self, *, begins: bool) -> None:
        """Raise OverloadedError where there is no room for anybody."""
        if self.working >= self._room_for(begins):
            self._turn_away("too many requests are being worked on")

    def _check(self, visit: Visit) -> None:
        self.check_room(begins=visit.begins)
        room = self._room_for(visit.begins)
        if self.working >= room / 2 and self._parts[visit.sender] >= room / (self._others(visit.sender) + 2):
            self._turn_away("too many requests of this sender are being worked on")

    def _room_for(self, begins: bool) -> float:  # noqa: FBT001 - the one thing that it is asked by
        return self.room * NEW_SHARE if begins else self.room

    def _others(self, sender: str) -> int:
        return len(self._parts) - (sender in self._parts)

    def _turn_away(self, why: str) -> None:
        self.turned_away += 1
        self._refusing = True
        raise OverloadedError(why)

    def _judge(self, now: float, *, took_s: float) -> None:
        """Move the bound at the end of an interval: a quarter down or a tenth up, as networks meet congestion."""
        if took_s > self.limits.answer_s:
            self._late += 1
        else:
            self._in_time += 1
        if now < self._judged_at + INTERVAL_S:
            return
        if self._late > self._in_time:
            least = min(self.limits.inside_least, self.limits.inside_most)
            self.room = max(least, self.room * _SHRINK)
        elif self._refusing:
            self.room = min(self.limits.inside_most, self.room * _GROW)
        self._judged_at, self._late, self._in_time, self._refusing = now, 0, 0, False
