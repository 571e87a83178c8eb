"""People who do not exist, with identity numbers that check."""

from datetime import datetime
from typing import Final

from stdnum.cn import ric

from gateway.demo.case import Case

_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN: Final = ("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明")


def case(number: int, *, collecting: str, handling: str, item: tuple[str, str], at: datetime) -> Case:
    """Return the matter of the n-th applicant, who lives where it is collected."""
    item_code, item_name = item
    return Case(
        case_number=f"{collecting[:6]}{at:%Y%m%d}{number:06d}",
        item_code=item_code,
        item_name=item_name,
        collecting_region=collecting,
        handling_region=handling,
        applicant=_SURNAMES[number % len(_SURNAMES)] + _GIVEN[number // len(_SURNAMES) % len(_GIVEN)],
        id_number=_identity_number(collecting, number),
        phone=f"1390000{number % 10_000:04d}",
        materials=("居民身份证", "申请表"),
        applied_at=at,
    )


def _identity_number(region: str, number: int) -> str:
    year, month, day = 1960 + number % 40, 1 + number % 12, 1 + number % 28
    body = f"{region[:4]}02{year}{month:02d}{day:02d}{number % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")  # the library skips the place of the digit it computes
