"""Codes of simulated authorities and their items: the same for the same region and number, check digits right."""

from typing import Final

from stdnum.cn import uscc

# Items of the national cross-province lists (国办发〔2020〕35号), each with its type after GB/T 39046-2020 A.1.
_ITEMS: Final = (
    ("07", "异地就医登记备案"),
    ("07", "失业登记"),
    ("20", "企业职工基本养老保险关系转移接续"),
    ("20", "城乡居民基本养老保险关系转移接续"),
    ("20", "电子社会保障卡申领"),
    ("20", "职业资格证书核验"),
    ("10", "正常退休提取住房公积金"),
    ("01", "排污许可"),
    ("01", "内资企业及分支机构设立登记"),
    ("01", "个体工商户变更登记"),
    ("07", "居民身份证换领"),
    ("01", "普通护照签发"),
    ("10", "补领换领机动车检验合格标志"),
    ("10", "机动车号牌补换发"),
    ("20", "婚姻预约登记"),
    ("01", "工业产品生产许可证"),
    ("20", "门诊费用跨省直接结算"),
    ("20", "社会保障卡申领"),
    ("20", "开具户籍类证明"),
    ("20", "无犯罪记录证明"),
    ("07", "工作调动户口迁移"),
    ("07", "大中专院校录取学生户口迁移"),
    ("07", "大中专学生毕业户口迁移"),
    ("07", "夫妻投靠户口迁移"),
    ("07", "父母投靠子女户口迁移"),
    ("07", "不动产抵押登记"),
    ("10", "购房提取住房公积金"),
    ("10", "小型非营运二手车交易登记"),
    ("07", "新生儿入户"),
    ("07", "首次申领居民身份证"),
    ("07", "结婚登记"),
    ("07", "离婚登记"),
    ("20", "学历公证"),
    ("20", "机动车驾驶证公证"),
    ("20", "社保信息查询打印"),
    ("10", "电子监控违法处理"),
)
_SECRETARIAT: Final = "11"  # registered by the civil service secretariat (编办) as an organ (机关), GB 32100
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_NUMBERS: Final = 100_000  # a base code has five digits for the main item


def authority_code(region: str) -> str:
    """Return the unified social credit code (GB 32100) of the authority of a division of 12 digits.

    Raises ValueError when the division does not have 12 digits.
    """
    if not (len(region) == 12 and region.isascii() and region.isdigit()):  # noqa: PLR2004 - digits of a division
        raise ValueError("a division has 12 digits")
    body = f"{int(region[4:]) * 7919 % 10**8:08d}"
    written = _SECRETARIAT + region[:6] + body + _organisation_check(body)
    return written + str(uscc.calc_check_digit(written))


def implementation_code(region: str, number: int) -> str:
    """Return the implementation code (实施编码) of an authority's item: its credit code 18, its level, base code 12.

    Raises ValueError when the division or the number is out of range.
    """
    if not 0 <= number < _NUMBERS:
        raise ValueError("a main item has five digits")
    task_type, _ = _ITEMS[number % len(_ITEMS)]
    return f"{authority_code(region)}{_level(region)}{region[:2]}{task_type}{number:05d}000"


def item_name(number: int) -> str:
    """Return the name of an item; names return with another situation (情形) when the list is through."""
    again, place = divmod(number, len(_ITEMS))
    name = _ITEMS[place][1]
    return f"{name}（情形{again + 1}）" if again else name


def _level(region: str) -> str:
    """Return the level that exercises the power, GB/T 39046-2020 A.2: province 2, city 3, county 4, township 5."""
    below = region[2:4], region[4:6], region[6:9]
    return str(2 + max((depth for depth, digits in enumerate(below, 1) if digits.strip("0")), default=0))


def _organisation_check(body: str) -> str:
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_ORGANISATION_WEIGHTS, body, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def item_codes(region: str, count: int) -> list[tuple[str, str]]:
    """Return the implementation codes and names of the items that a region's system publishes."""
    return [(implementation_code(region, number), item_name(number)) for number in range(count)]
