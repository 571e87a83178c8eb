"""清单之外无审批: nothing is handled that is not published and in force at that instant."""

from collections.abc import Iterable
from datetime import datetime

from gateway.core.errors import Fault
from gateway.core.model import ServiceItem

IN_USE = "in-use"  # 在用, of the code list item-status


def in_force(versions: Iterable[ServiceItem], at: datetime) -> ServiceItem | None:
    """Return the newest version that is in use and effective at an instant."""
    candidates = (item for item in versions if item.status == IN_USE and _effective(item, at))
    return max(candidates, key=lambda item: item.version, default=None)


def publication_faults(versions: Iterable[ServiceItem], at: datetime, *, must_exist: bool) -> tuple[Fault, ...]:
    """Return why an application for an item known in these versions may not be taken now.

    An item that nobody here has heard of is a fault only where `must_exist`: a gateway that merely collects
    leaves it to the side that handles it.
    """
    known = tuple(versions)
    if not known:
        return (_fault("item_not_published", "this item is not published", "该事项未发布"),) if must_exist else ()
    if in_force(known, at) is not None:
        return ()
    if any(item.status == IN_USE for item in known):
        return (_fault("item_out_of_date", "no version of this item is in force today", "该事项当前无有效版本"),)
    return (_fault("item_withdrawn", "this item is suspended or cancelled", "该事项已暂停或取消"),)


def _effective(item: ServiceItem, at: datetime) -> bool:
    begun = item.effective_from is None or item.effective_from <= at
    return begun and (item.effective_to is None or at < item.effective_to)


def _fault(code: str, message: str, message_zh: str) -> Fault:
    expected = "an item that is published and in force"
    return Fault(pointer="/item", code=code, message=message, message_zh=message_zh, expected=expected)
