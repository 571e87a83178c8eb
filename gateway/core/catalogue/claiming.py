"""Which base items a region can claim as its own, and which of them it has claimed (认领)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

_SEVERAL: Final = "7"  # 分级管理: managed at several levels, which are not told
_NATION: Final = "00"
_LEVEL_AT: Final = 18  # of an implementation code: credit code 18, level 1, base code 12
_IMPLEMENTATION_CODE: Final = 31
BASE_CODE_LENGTH: Final = 12
# The levels of government that lie within a division named by so many digits.
_WITHIN: Final[Mapping[int, frozenset[str]]] = MappingProxyType(
    {digits: frozenset(levels) for digits, levels in ((0, "123456"), (2, "23456"), (4, "3456"), (6, "456"), (9, "56"))}
)
_VILLAGE: Final = frozenset("6")


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseItem:
    """What claiming asks of a base item."""

    codes: frozenset[str]  # national and local base code
    province: str  # two digits; 00 for the nation's
    levels: frozenset[str]

    def claimable(self, region: str, level: str = "") -> bool:
        """Tell whether a region, named by its digits, can claim it; at one level of government, or at any of its own.

        A base item that does not tell its levels can be claimed by nobody.
        """
        applies = self.province == _NATION or not region or region.startswith(self.province)
        wanted = {level} if level else levels_within(region)
        return applies and bool(self.levels & (wanted | {_SEVERAL}))


def base_item_of(document: Mapping[str, Any]) -> BaseItem:
    """Return what claiming asks of a canonical base item."""
    code = document.get("baseCode", "")
    keeper = document.get("region", "")[:2]
    return BaseItem(
        codes=frozenset(filter(None, (code, document.get("localBaseCode")))),
        province=code[:2] or keeper or _NATION,
        levels=frozenset(document.get("level", ())),
    )


def levels_within(region: str) -> frozenset[str]:
    """Return the levels of government within a division, named by its digits."""
    return _WITHIN.get(len(region), _VILLAGE)


def levels_of(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the levels that exercise an item: as it tells, else as its implementation code does."""
    code = document.get("implementationCode", "")
    told = document.get("level") or code[_LEVEL_AT : _LEVEL_AT + 1]
    return frozenset(told)


def base_codes_of(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the base codes that an item ties itself to: as it tells, else as its implementation code does."""
    told = frozenset(filter(None, (document.get("baseCode"), document.get("localBaseCode"))))
    code = document.get("implementationCode", "")
    return told or frozenset({code[_LEVEL_AT + 1 :]} if len(code) == _IMPLEMENTATION_CODE else ())
