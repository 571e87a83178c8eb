"""Judges the identifiers of service items, people, organisations and places, and makes collaboration numbers.

Real catalogues hold identifiers that break their own standards (Shanghai's pseudo organisation codes). So a verdict
has three values: sound, quarantined (the form is right, something in it is not: keep it and tell), malformed.
No verdict repeats the identifier, because it may be a person's.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from stdnum import numdb
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_37_36


class Standing(StrEnum):
    """How far an identifier can be relied on."""

    SOUND = "sound"
    QUARANTINED = "quarantined"
    MALFORMED = "malformed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What was found about one identifier; `code` is stable and empty when sound."""

    standing: Standing
    code: str = ""
    reason: str = ""
    reason_zh: str = ""

    @property
    def sound(self) -> bool:
        """Tell whether nothing is known against the identifier."""
        return self.standing is Standing.SOUND


SOUND = Verdict(standing=Standing.SOUND)


def _quarantined(code: str, reason: str, reason_zh: str) -> Verdict:
    return Verdict(standing=Standing.QUARANTINED, code=code, reason=reason, reason_zh=reason_zh)


def _malformed(code: str, reason: str, reason_zh: str) -> Verdict:
    return Verdict(standing=Standing.MALFORMED, code=code, reason=reason, reason_zh=reason_zh)


_BASE_CODE = re.compile(r"[0-9A-Z]{12}")
_IMPLEMENTATION_CODE = re.compile(r"[0-9A-Z]{31}")
_HANDLING_ITEM_CODE = re.compile(r"[0-9A-Z]{33}")
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")
_CREDIT_CODE_LETTERS = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}")
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]")
_OLD_RESIDENT_ID = re.compile(r"[0-9]{15}")
_DIVISION = re.compile(r"[0-9]{12}")
_CERTIFICATE = re.compile(
    r"1\.2\.156\.3005\.2\.(?P<type>[0-9A-Z]{21})\.(?P<issuer>[0-9A-Z]{1,18})"
    r"\.(?P<serial>[0-9A-Z]{1,64})\.(?P<version>[0-9]{3})\.(?P<check>[0-9A-Z])"
)
_NATION = "00"


@lru_cache(maxsize=8192)  # every region implements the same few thousand
def base_code(text: str) -> Verdict:
    """Judge a base code (基本编码): division 2, type 2, main item 5, sub item 3."""
    if not _BASE_CODE.fullmatch(text):
        return _malformed(
            "base_code_malformed", "A base code has 12 digits or capitals.", "基本编码应为12位数字或大写字母。"
        )
    if text[:2] != _NATION and not _known(text[:2] + "0000"):
        return _quarantined(
            "base_code_division_unknown", "No province has the first two digits.", "基本编码前两位不是省级代码。"
        )
    if not text[2:4].isdigit():
        return _quarantined("base_code_type_unknown", "The type is not a number.", "基本编码中的事项类型不是数字。")
    return SOUND


def implementation_code(text: str) -> Verdict:
    """Judge an implementation code (实施编码): credit code 18, level 1, base code 12."""
    if not _IMPLEMENTATION_CODE.fullmatch(text):
        return _malformed(
            "implementation_code_malformed",
            "An implementation code has 31 digits or capitals.",
            "实施编码应为31位数字或大写字母。",
        )
    organisation = credit_code(text[:18])
    if not organisation.sound:
        return organisation
    if text[18] not in "1234567":
        return _quarantined("level_unknown", "No such level of government.", "行使层级代码不存在。")
    return base_code(text[19:])


def handling_item_code(text: str) -> Verdict:
    """Judge a handling item code (业务办理项编码): implementation code 31, number 2."""
    if not _HANDLING_ITEM_CODE.fullmatch(text):
        return _malformed(
            "handling_item_code_malformed",
            "A handling item code has 33 digits or capitals.",
            "业务办理项编码应为33位数字或大写字母。",
        )
    implementation = implementation_code(text[:31])
    if implementation.sound and not text[31:].isdigit():
        return _quarantined("handling_item_number_unknown", "The last two are not digits.", "业务办理项序号不是数字。")
    return implementation


@lru_cache(maxsize=8192)  # an authority's stands in each of its items, three times
def credit_code(text: str) -> Verdict:
    """Judge a unified social credit code (统一社会信用代码), GB 32100."""
    if not _CREDIT_CODE.fullmatch(text):
        return _malformed(
            "credit_code_malformed",
            "A unified social credit code has 18 digits or capitals.",
            "统一社会信用代码应为18位数字或大写字母。",
        )
    if not _CREDIT_CODE_LETTERS.fullmatch(text):
        return _quarantined(
            "credit_code_letters_wrong", "GB 32100 does not allow these letters there.", "含有GB 32100不允许的字符。"
        )
    if text[-1] != uscc.calc_check_digit(text[:-1]):
        return _quarantined(
            "credit_code_check_wrong", "The check character is wrong.", "统一社会信用代码校验位不正确。"
        )
    return SOUND


def resident_id(text: str) -> Verdict:
    """Judge a resident identity number (公民身份号码), GB 11643.

    The place is looked up among all that ever existed: people keep the code of a county long dissolved,
    and were given numbers in counties younger than themselves.
    """
    if _OLD_RESIDENT_ID.fullmatch(text):
        return _quarantined("resident_id_old", "15 digits are no longer valid.", "15位居民身份证号码已停止使用。")
    if not _RESIDENT_ID.fullmatch(text):
        return _malformed(
            "resident_id_malformed",
            "A resident identity number has 17 digits and a digit or X.",
            "公民身份号码应为18位。",
        )
    if text[-1] != ric.calc_check_digit(text):
        return _quarantined("resident_id_check_wrong", "The check digit is wrong.", "公民身份号码校验位不正确。")
    if not _is_date(text):
        return _quarantined(
            "resident_id_date_wrong", "The date of birth does not exist.", "公民身份号码中的出生日期不存在。"
        )
    if not _ever_known(text[:6]):
        return _quarantined("resident_id_place_unknown", "The place is unknown.", "公民身份号码中的地址码未知。")
    return SOUND


def certificate_identifier(text: str) -> Verdict:
    """Judge an e-certificate identifier (电子证照标识): type 21, issuer 18, serial, version 3, check by MOD 37,36."""
    match = _CERTIFICATE.fullmatch(text)
    if match is None:
        return _malformed(
            "certificate_identifier_malformed",
            "An e-certificate identifier is 1.2.156.3005.2 and five parts.",
            "电子证照标识应由1.2.156.3005.2和五个部分组成。",
        )
    if not mod_37_36.is_valid("".join(match.groups())):
        return _quarantined("certificate_check_wrong", "The check character is wrong.", "电子证照标识校验位不正确。")
    if not credit_code(match["issuer"]).sound:
        return _quarantined(
            "certificate_issuer_unknown", "The issuer is not a credit code.", "证照颁发机构代码不是统一社会信用代码。"
        )
    return SOUND


@lru_cache(maxsize=8192)
def division_code(text: str) -> Verdict:
    """Judge a division code of 12 digits (行政区划代码): GB/T 2260, then township and village.

    Below the county nothing can be checked offline. Development zones use county codes that GB/T 2260 lacks,
    so an unknown county of a known prefecture has a code of its own.
    """
    if not _DIVISION.fullmatch(text):
        return _malformed("division_malformed", "A division code has 12 digits.", "行政区划代码应为12位数字。")
    if _known(text[:6]) or text == "0" * 12:
        return SOUND
    if _ever_known(text[:6]):
        return _quarantined("division_abolished", "The division no longer exists.", "该行政区划已撤销。")
    if text[4:6] != "00" and _known(text[:4] + "00"):
        return _quarantined("county_unknown", "The prefecture has no such county.", "该市没有此县级行政区划。")
    return _quarantined("division_unknown", "There is no such division.", "该行政区划不存在。")


def _is_date(resident: str) -> bool:
    # python-stdnum's own look at the date costs ten times the rest of the judgement: it cleans the text once more.
    try:
        return date(int(resident[6:10]), int(resident[10:12]), int(resident[12:14])) > date.min
    except ValueError:
        return False


@lru_cache(maxsize=8192)
def _names(division: str) -> tuple[str, ...]:
    """Return what the six digits have named, each with its years in brackets where it was not always so."""
    found = [properties["county"] for _, properties in numdb.get("cn/loc").info(division) if "county" in properties]
    return tuple(found[-1].split(",")) if found else ()


def _ever_known(division: str) -> bool:
    return bool(_names(division))


def _known(division: str) -> bool:
    """Tell whether the division exists now: it has no years, or its years have no end."""
    return any(not name.startswith("[") or "-]" in name for name in _names(division))
