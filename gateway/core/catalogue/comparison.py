"""The same base item in several regions, side by side, and what their operators should settle, the gravest first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from gateway.core.catalogue.linting import Document
from gateway.core.catalogue.names import same_material, same_text
from gateway.core.conversion.pointer import find, tokens

Say = Callable[[str, str], str]  # what people call a value of a code list: (list, code)

_ABSENT: Final = ""
_REQUIRED: Final = "required"


class Rank(IntEnum):
    """How grave a difference is."""

    STOPS = 1  # a case that is right in one region is refused in the other, or cannot be taken at all
    COSTS = 2  # the law or the fee differs
    WAITS = 3  # the applicant waits longer, comes oftener, or meets other conditions
    WORDS = 4  # the same thing has two names
    SAME = 9  # nothing to settle


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One aspect of the items side by side; `settle` says what their operators should agree on."""

    rank: Rank
    pointer: str
    title: str
    title_zh: str
    values: tuple[str, ...]  # one an item, "" where it tells nothing
    settle: str = ""
    settle_zh: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Aspect:
    """A field that is compared whole: how it is told, when two are the same, and how grave a difference is."""

    pointer: str
    title: str
    title_zh: str
    told: Callable[[Any, Say], str]
    rank: Rank = Rank.WAITS
    same: Callable[[str], str] = str
    silent: bool = False  # whether telling nothing differs from telling something


def compare(documents: Sequence[Document], say: Say) -> tuple[Line, ...]:
    """Return the items side by side, what is to be settled first; `say` names the values of code lists."""
    aspects = (_line(aspect, documents, say) for aspect in _ASPECTS)
    return tuple(sorted((*aspects, *_materials(documents, say)), key=lambda line: line.rank))


def _line(aspect: _Aspect, documents: Sequence[Document], say: Say) -> Line:
    found = [find(document, tokens(aspect.pointer)) for document in documents]
    values = tuple(_ABSENT if value is None else aspect.told(value, say) for value in found)
    told = {aspect.same(value) for value in values if value or aspect.silent}
    rank = aspect.rank if len(told) > 1 else Rank.SAME
    return _settled(rank, aspect.pointer, aspect.title, aspect.title_zh, values)


def _settled(rank: Rank, pointer: str, title: str, title_zh: str, values: tuple[str, ...]) -> Line:
    words = _SETTLE.get(rank, ("", ""))
    return Line(
        rank=rank,
        pointer=pointer,
        title=title,
        title_zh=title_zh,
        values=values,
        settle=words[0],
        settle_zh=words[1],
    )


_SETTLE: Final[Mapping[Rank, tuple[str, str]]] = {
    Rank.STOPS: ("agree, or no case gets through", "须先统一，否则办件无法流转"),
    Rank.COSTS: ("agree on law and fee, or tell applicants", "统一依据与收费，或向申请人说明"),
    Rank.WAITS: ("tell applicants what holds where", "向申请人说明各地差异"),
    Rank.WORDS: ("use one name", "统一名称"),
}


def _materials(documents: Sequence[Document], say: Say) -> Iterator[Line]:
    """Yield a line for each material, matched by what its name means, and one more where the names differ."""
    sides = [_by_name(document) for document in documents]
    for name in dict.fromkeys(name for side in sides for name in side):
        found = [side.get(name) for side in sides]
        values = tuple(_ABSENT if each is None else _told_material(each, say) for each in found)
        rank = _material_rank([None if each is None else each.get("necessity") for each in found], values)
        title = next(each["name"] for each in found if each is not None)
        yield _settled(rank, "/materials", f"Material: {title}", f"材料：{title}", values)
        called = tuple(_ABSENT if each is None else each["name"] for each in found)
        if len(set(filter(None, called))) > 1:
            yield _settled(Rank.WORDS, "/materials/*/name", f"Name of: {title}", f"材料名称：{title}", called)


def _by_name(document: Document) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for material in document.get("materials") or ():
        found.setdefault(same_material(material["name"]), material)
    return found


def _material_rank(necessities: Sequence[str | None], values: tuple[str, ...]) -> Rank:
    """Return how grave it is: a material that one side requires and another does not stops the case there."""
    required = {necessity == _REQUIRED for necessity in necessities}
    if required == {True, False}:
        return Rank.STOPS
    return Rank.WAITS if len(set(values)) > 1 else Rank.SAME


def _told_material(material: Mapping[str, Any], say: Say) -> str:
    lists = {"necessity": "material-necessity", "type": "material-type", "form": "material-form"}
    told = [say(lists[name], material[name]) for name in lists if material.get(name)]
    return "; ".join(told) or "asked for 需要"


def _text(value: Any, _: Say) -> str:
    return str(value).strip()


def _yes(value: Any, _: Say) -> str:
    return "yes 是" if value else "no 否"


def _coded(name: str) -> Callable[[Any, Say], str]:
    def told(value: Any, say: Say) -> str:
        return "; ".join(say(name, each) for each in sorted(value)) if isinstance(value, list) else say(name, value)

    return told


def _limit(value: Any, say: Say) -> str:
    if value.get("unit") == "immediate":
        return say("limit-unit", "immediate")
    if value.get("days") is None:
        return _text(value.get("explanation", ""), say)
    return f"{value['days']} {say('limit-unit', value['unit'])}" if value.get("unit") else str(value["days"])


def _fees(value: Any, _: Say) -> str:
    return "; ".join(sorted(f"{fee.get('name', '')} {_amount(fee)}".strip() for fee in value))


def _amount(fee: Mapping[str, Any]) -> str:
    if fee.get("amountFen") is not None:
        return f"{fee['amountFen'] // 100}.{fee['amountFen'] % 100:02} CNY"
    return str(fee.get("standard", ""))


_ASPECTS: Final = (
    _Aspect(
        pointer="/scope",
        title="Where it can be handled",
        title_zh="通办范围",
        told=_coded("handling-scope"),
        rank=Rank.STOPS,
    ),
    _Aspect(
        pointer="/crossRegion/modes",
        title="Modes across provinces",
        title_zh="跨省通办模式",
        told=_coded("handling-mode"),
        rank=Rank.STOPS,
        silent=True,
    ),
    _Aspect(pointer="/charged", title="Whether a fee is charged", title_zh="是否收费", told=_yes, rank=Rank.COSTS),
    _Aspect(pointer="/fees", title="Fees", title_zh="收费项目", told=_fees, rank=Rank.COSTS, same=same_text),
    _Aspect(
        pointer="/statutoryLimit", title="Statutory time limit", title_zh="法定办结时限", told=_limit, rank=Rank.COSTS
    ),
    _Aspect(pointer="/promisedLimit", title="Promised time limit", title_zh="承诺办结时限", told=_limit),
    _Aspect(pointer="/conditions", title="Conditions", title_zh="受理条件", told=_text, same=same_text),
    _Aspect(pointer="/onSiteVisits", title="Visits needed", title_zh="到办事现场次数", told=_text),
    _Aspect(pointer="/handlingForms", title="How to apply", title_zh="办理形式", told=_coded("handling-form")),
    _Aspect(pointer="/serviceObjects", title="Whom it serves", title_zh="服务对象", told=_coded("service-object")),
    _Aspect(pointer="/online", title="Whether it is handled online", title_zh="是否网办", told=_yes),
    _Aspect(pointer="/name", title="Name", title_zh="事项名称", told=_text, rank=Rank.WORDS, same=same_text),
)
