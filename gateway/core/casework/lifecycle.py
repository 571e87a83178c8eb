"""Where an application may stand and what may happen to it there.

Two rules keep this honest:

* Everything that moves an application is a row of `TRANSITIONS`; no other code assigns a state.
* This file knows business states only. Whether an exchange has been relayed is the delivery's affair,
  and the two are never mixed.

The words are those of the case tables UP_PRO_ACCEPT, UP_PRO_PROCESS, UP_PRO_SPECIAL_PROCEDURE and UP_PRO_RESULT.
"""

from enum import StrEnum
from typing import Final

from gateway.core.errors import ConflictError, Fault, ForbiddenError


class State(StrEnum):
    """The business state of an application."""

    SUBMITTED = "submitted"  # 申请
    COLLECTED = "collected"  # 收件
    NOTICE = "notice"  # 补正告知: the applicant has been told every gap at once
    SUPPLEMENTED = "supplemented"  # 补正
    ACCEPTED = "accepted"  # 受理: the clock runs from here
    IN_REVIEW = "in_review"  # 审查
    SPECIAL_PROCEDURE = "special_procedure"  # 特别程序: the clock stands or is extended
    DECIDED = "decided"  # 办结
    CERTIFIED = "certified"  # 证照签发
    DELIVERED = "delivered"  # 送达
    RATED = "rated"  # 评价
    RECTIFIED = "rectified"  # 差评整改
    REFUSED = "refused"  # 不予受理
    WITHDRAWN = "withdrawn"  # 撤件
    RETURNED = "returned"  # 退件
    VOIDED = "voided"  # 作废
    LAPSED = "lapsed"  # 补正不来
    CLOSED = "closed"  # 归档


class EventType(StrEnum):
    """What happened, as the `type` of a canonical event."""

    COLLECTED = "collected"
    NOTICE = "notice"
    SUPPLEMENTED = "supplemented"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVIEWED = "reviewed"
    SPECIAL_PROCEDURE_STARTED = "special_procedure_started"
    SPECIAL_PROCEDURE_ENDED = "special_procedure_ended"
    DECIDED = "decided"
    CERTIFICATE_ISSUED = "certificate_issued"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    VOIDED = "voided"
    LAPSED = "lapsed"
    RATED = "rated"
    RECTIFIED = "rectified"
    CLOSED = "closed"


class Side(StrEnum):
    """Which side of an application speaks."""

    COLLECTING = "collecting"  # 收件地
    HANDLING = "handling"  # 办理地


_S, _E = State, EventType

_BEFORE_ACCEPTANCE: Final = {
    _E.NOTICE: _S.NOTICE,
    _E.ACCEPTED: _S.ACCEPTED,
    _E.REFUSED: _S.REFUSED,
    _E.RETURNED: _S.RETURNED,
    _E.WITHDRAWN: _S.WITHDRAWN,
    _E.VOIDED: _S.VOIDED,
}
_UNDER_REVIEW: Final = {
    _E.REVIEWED: _S.IN_REVIEW,
    _E.SPECIAL_PROCEDURE_STARTED: _S.SPECIAL_PROCEDURE,
    _E.DECIDED: _S.DECIDED,
    _E.RETURNED: _S.RETURNED,
    _E.WITHDRAWN: _S.WITHDRAWN,
    _E.VOIDED: _S.VOIDED,
}
_AFTER_DECISION: Final = {
    _E.CERTIFICATE_ISSUED: _S.CERTIFIED,
    _E.DELIVERED: _S.DELIVERED,
    _E.RATED: _S.RATED,
    _E.VOIDED: _S.VOIDED,
    _E.CLOSED: _S.CLOSED,
}
_ENDED: Final = {_E.RATED: _S.RATED, _E.CLOSED: _S.CLOSED}

TRANSITIONS: Final[dict[State, dict[EventType, State]]] = {
    _S.SUBMITTED: {_E.COLLECTED: _S.COLLECTED, **_BEFORE_ACCEPTANCE},
    _S.COLLECTED: _BEFORE_ACCEPTANCE,
    # One open notice at a time: a second needs the answer to the first (行政许可法 art. 32).
    _S.NOTICE: {
        _E.SUPPLEMENTED: _S.SUPPLEMENTED,
        _E.LAPSED: _S.LAPSED,
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.RETURNED: _S.RETURNED,
        _E.VOIDED: _S.VOIDED,
    },
    _S.SUPPLEMENTED: _BEFORE_ACCEPTANCE,
    _S.ACCEPTED: _UNDER_REVIEW,
    _S.IN_REVIEW: _UNDER_REVIEW,
    _S.SPECIAL_PROCEDURE: {
        _E.SPECIAL_PROCEDURE_ENDED: _S.IN_REVIEW,
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.VOIDED: _S.VOIDED,
    },
    _S.DECIDED: _AFTER_DECISION,
    _S.CERTIFIED: _AFTER_DECISION,
    _S.DELIVERED: {_E.RATED: _S.RATED, _E.VOIDED: _S.VOIDED, _E.CLOSED: _S.CLOSED},
    # A rating may come more than once (评价次数); a bad one is answered by a rectification.
    _S.RATED: {_E.RATED: _S.RATED, _E.RECTIFIED: _S.RECTIFIED, _E.CLOSED: _S.CLOSED},
    _S.RECTIFIED: {_E.RATED: _S.RATED, _E.CLOSED: _S.CLOSED},
    _S.REFUSED: _ENDED,
    _S.WITHDRAWN: _ENDED,
    _S.RETURNED: _ENDED,
    _S.LAPSED: _ENDED,
    _S.VOIDED: {_E.CLOSED: _S.CLOSED},
    _S.CLOSED: {},
}

# Who may say what: the handling side decides, the collecting side speaks for the applicant.
SPEAKERS: Final[dict[EventType, frozenset[Side]]] = {
    _E.COLLECTED: frozenset({Side.COLLECTING, Side.HANDLING}),
    _E.SUPPLEMENTED: frozenset({Side.COLLECTING}),
    _E.WITHDRAWN: frozenset({Side.COLLECTING}),
    _E.RATED: frozenset({Side.COLLECTING}),
    _E.DELIVERED: frozenset({Side.COLLECTING, Side.HANDLING}),
    **dict.fromkeys(
        (
            _E.NOTICE,
            _E.ACCEPTED,
            _E.REFUSED,
            _E.REVIEWED,
            _E.SPECIAL_PROCEDURE_STARTED,
            _E.SPECIAL_PROCEDURE_ENDED,
            _E.DECIDED,
            _E.CERTIFICATE_ISSUED,
            _E.RETURNED,
            _E.VOIDED,
            _E.LAPSED,
            _E.RECTIFIED,
            _E.CLOSED,
        ),
        frozenset({Side.HANDLING}),
    ),
}


def advance(state: str, event: str) -> State:
    """Return the state that an application in `state` enters by `event`.

    Raises ConflictError `event_out_of_order`, naming what may happen instead.
    """
    possible = TRANSITIONS[State(state)]
    entered = possible.get(EventType(event))
    if entered is None:
        raise _out_of_order(state, event, possible)
    return entered


def check_speaker(event: str, side: Side) -> None:
    """Raise ForbiddenError `event_of_other_side` where `side` may not report this event."""
    if side not in SPEAKERS[EventType(event)]:
        expected = " | ".join(sorted(SPEAKERS[EventType(event)]))
        fault = Fault(
            pointer="/type",
            code="event_of_other_side",
            message=f"the {side} side may not report this event",
            message_zh="本方无权发送该类事件",
            expected=expected,
            got=event,
        )
        raise ForbiddenError(fault.message, code=fault.code, faults=(fault,))


def _out_of_order(state: str, event: str, possible: dict[EventType, State]) -> ConflictError:
    fault = Fault(
        pointer="/type",
        code="event_out_of_order",
        message=f"an application that is {state} cannot be {event}",
        message_zh="办件当前状态不允许该事件",
        expected=" | ".join(sorted(possible)) or "nothing more: the application is closed",
        got=event,
    )
    return ConflictError(fault.message, code=fault.code, faults=(fault,))
