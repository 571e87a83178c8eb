"""Names in the ways regions write them: Chinese titles, their pinyin in full or by initials, and English words.

Interchangeable words are those of the trade: a region that writes 手机 where the standard has 联系电话 means the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from typing import Final

_VARIANTS: Final = 96  # ways to say one title; enough for three interchangeable words in it

# Of each group any word may stand for any other; longest first, so that a longer word is found before its part.
_SYNONYMS: Final = (
    ("联系电话", "手机号码", "电话号码", "联系方式", "移动电话", "手机号", "手机", "电话"),
    ("姓名", "名称"),
    ("证件号码", "证件编号", "证照编号", "证件号"),
    ("办件编号", "流水号", "业务流水号", "办件流水号", "受理编号"),
    ("编码", "代码", "编号", "号码"),
    ("电子邮箱", "电子邮件", "邮箱"),
    ("时间", "日期"),
    ("通讯地址", "联系地址", "地址", "住址"),
    ("邮政编码", "邮编"),
    ("行政区划", "行政区划代码", "区划代码", "行政区划编码", "区划"),
    ("类型", "类别", "种类"),
    ("机构", "部门", "单位"),
    ("说明", "描述"),
    ("申请人", "申办人"),
    ("申请", "申办", "申报"),
    ("法定代表人", "法人代表"),
    ("代理人", "代办人", "经办人"),
    ("办结时限", "时限", "办理时限", "期限"),
    ("是否支持", "是否", "是否可", "是否可以"),
    ("记录唯一标识", "唯一标识", "主键"),
    ("数据来源", "来源"),
    ("事项名称", "项目名称"),
    ("申请材料", "材料"),
    ("附件名称", "文件名称"),
    ("满意度", "满意程度"),
    ("送达", "领取"),
    ("意见", "办理意见"),
    ("人员", "人"),
)
_GROUP: Final = {word: group for group in reversed(_SYNONYMS) for word in group}
_WORD: Final = re.compile("|".join(sorted(map(re.escape, _GROUP), key=len, reverse=True)))
_BRACKETS: Final = re.compile("[（(]([^（()）]*)[)）]")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_PIECE: Final = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# Each English word or abbreviation of column names, and what it speaks of.
_CONCEPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("phone", "tel", "telephone", "mobile", "cellphone", "linkway"),
    "number": ("number", "no", "num", "sn", "serial", "nbr"),
    "code": ("code", "bm", "dm", "guid", "id", "uuid", "identifier"),
    "name": ("name", "mc", "realname", "fullname"),
    "type": ("type", "kind", "category", "class", "sort"),
    "item": ("item", "task", "matter", "affair", "service"),
    "authority": ("authority", "dept", "department", "org", "organ", "organization", "organisation", "ou", "agency"),
    "region": ("region", "area", "division", "district", "zone", "areacode", "regioncode"),
    "time": ("time", "date", "at", "when", "datetime"),
    "applicant": ("applicant", "applyer", "applier", "applyuser"),
    "apply": ("apply", "application", "applied", "submit", "submitted"),
    "accept": ("accept", "accepted", "acceptance", "receive", "received"),
    "collect": ("collect", "collecting", "collection", "collected"),
    "idcard": ("cert", "certificate", "page", "paper", "card", "idcard", "idtype", "license", "licence"),
    "explanation": ("explanation", "explain", "desc", "description", "note", "notes"),
    "remark": ("remark", "memo", "comment", "bz"),
    "basis": ("basis", "bylaw", "law", "legal", "legalbasis"),
    "address": ("address", "addr", "place", "location"),
    "material": ("material", "materials", "stuff", "attachment", "attach"),
    "promise": ("promise", "promised", "agree"),
    "statutory": ("statutory", "anticipate", "legaltime"),
    "limit": ("limit", "day", "days", "period"),
    "unit": ("unit",),
    "fee": ("fee", "fees", "charge", "charged", "cost"),
    "result": ("result", "results", "outcome"),
    "condition": ("condition", "conditions"),
    "online": ("online", "net", "web", "internet"),
    "url": ("url", "link", "href"),
    "status": ("status", "state"),
    "version": ("version", "ver"),
    "level": ("level", "depth"),
    "user": ("user", "officer", "handler", "operator", "staff"),
    "contact": ("contact", "link", "linkman"),
    "agent": ("agent", "proxy"),
    "email": ("email", "mail"),
    "postcode": ("postcode", "zipcode", "zip", "post"),
    "handle": ("handle", "handling", "transact", "deal"),
    "situation": ("situation", "case", "scene"),
    "window": ("window", "windows"),
    "hall": ("hall",),
    "order": ("order", "ordernum", "seq", "sequence"),
    "source": ("source", "origin"),
    "form": ("form", "format", "medium"),
    "need": ("need", "must", "necessity", "necessary", "required"),
    "copies": ("copies", "copy", "pagenum", "count", "quantity"),
    "consult": ("consult", "consultation", "consulting"),
    "supervise": ("supervise", "supervision", "complain", "complaint", "monitor"),
    "question": ("question", "questions", "ask"),
    "answer": ("answer", "reply"),
    "satisfaction": ("satisfaction", "satisfy", "score"),
    "channel": ("channel",),
    "evaluate": ("evaluate", "eval", "evaluation", "rating", "rate", "rated", "assess"),
    "project": ("project", "proj"),
    "flow": ("flow", "process", "procedure"),
    "effective": ("effective", "valid", "enable", "start", "from"),
    "cancel": ("cancel", "end", "until", "to", "expire"),
    "scope": ("scope", "range"),
    "mode": ("mode", "way", "method"),
    "previous": ("previous", "old", "former"),
    "short": ("short", "brief"),
    "receipt": ("receipt",),
    "base": ("base", "basic", "catalog", "catalogue"),
    "local": ("local", "inner"),
    "content": ("content", "text", "body"),
    "title": ("title",),
    "amount": ("amount", "money", "fen"),
    "sample": ("sample", "example"),
    "reason": ("reason", "cause"),
    "opinion": ("opinion", "suggestion"),
    "batch": ("batch",),
    "sign": ("sign", "signature"),
    "delivery": ("delivery", "express", "courier", "logistics", "send"),
    "recipient": ("recipient", "receiver", "addressee"),
    "appointment": ("appointment", "schedule", "subscribe", "reserve"),
    "pay": ("pay", "payment"),
    "invest": ("invest", "investment"),
    "theme": ("theme", "topic"),
    "town": ("town",),
    "village": ("village",),
    "account": ("account",),
    "file": ("file",),
    "size": ("size", "bytes"),
    "digest": ("digest", "hash"),
    "due": ("due", "deadline"),
    "issuer": ("issuer", "publisher"),
    "standard": ("standard", "stand"),
    "step": ("step", "node", "link"),
    "summary": ("summary", "abstract"),
    "representative": ("representative", "corporate"),
}
_CONCEPT: Final = {word: concept for concept, several in reversed(list(_CONCEPTS.items())) for word in several}
_SILENT: Final = frozenset({"is", "of", "the", "a", "in", "by", "it", "for", "and", "or", "as", "whether", "info"})
# Further words of canonical names; they speak of nothing but themselves.
_PLAIN: Final = (
    "action area business callback carrier centre chart check checked collaboration commitment competent",
    "complete credit cross currency custody decision deemed document electronic ended entrusted extension",
    "feedback formal frequent full guide handled holder hours identity implementation informed instant",
    "intermediary issued joint label lead levy litigation main mandate media nature nearby network notice",
    "object occurred office operation original paid part password payer person power punishment query real",
    "record rectification reducible reduction reference refusal refuse remedy review reviewed right rule seal",
    "self sender sent signed signer site special stage started supplement synchronised system terminal",
    "tolerance topic tracking traffic validity value verify visit warning wechat doc limit count",
)
_KNOWN: Final = frozenset(_CONCEPT) | _SILENT | {word for line in _PLAIN for word in line.split()}
_LONGEST: Final = max(map(len, _KNOWN))
FEW: Final = 3  # initials that say nothing as a part of others
_SHORTEST: Final = 2  # letters of a word inside a run of letters


def is_chinese(name: str) -> bool:
    """Tell whether a name is, at least in part, written in Chinese."""
    return bool(_CHINESE.search(name))


def unbracketed(title: str) -> str:
    """Return a title without what it says in brackets."""
    return _BRACKETS.sub("", title).strip()


@cache
def normal_title(title: str) -> str:
    """Return a Chinese title with each interchangeable word replaced by the first of its group."""
    return _WORD.sub(lambda found: _GROUP[found[0]][0], unbracketed(title))


def titles(title: str, above: Iterable[str]) -> Iterator[str]:
    """Yield a title as it stands, without and with what is in brackets, and led by what it belongs to.

    Columns shorten what leads: of 容缺受理 and 承诺书编号, 容缺承诺书编号 is made.
    """
    plain = unbracketed(title)
    inside = [one.strip() for one in _BRACKETS.findall(title)]
    leads = [unbracketed(one) for one in above]
    for one in dict.fromkeys([plain, *inside]):
        if not one:
            continue
        yield one
        for lead in reversed(leads):
            if lead and not one.startswith(lead[:2]):
                yield lead + one
                yield lead[:2] + one


@cache
def pinyin(text: str) -> str:
    """Return a text in pinyin without tones or spaces; what is not Chinese stays."""
    return "".join(_syllables(text)).lower()


@cache
def initials(text: str) -> str:
    """Return the first letters of a text's syllables, in lower case."""
    return "".join(one[:1] for one in _syllables(text)).lower()


def _syllables(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - a dictionary of 56 MB, which no gateway that serves has to hold

    return list(lazy_pinyin(text))


def initials_of(title: str, above: Iterable[str]) -> dict[str, float]:
    """Return the initials of all ways to say a title: 1 as it stands, less where words were changed or added."""
    found: dict[str, float] = {}
    for index, one in enumerate(titles(title, above)):
        for said in variants(one):
            letters = "".join(mark for mark in initials(said) if mark.isascii() and mark.isalnum())
            directness = (1.0 if said == one else 0.92) - (0.0 if index == 0 else 0.04)
            if letters:
                found[letters] = max(directness, found.get(letters, 0.0))
    return found


def variants(title: str) -> Iterator[str]:
    """Yield a title with every combination of its interchangeable words, the title itself among them."""
    pieces: list[tuple[str, ...]] = []
    end = 0
    for found in _WORD.finditer(title):
        pieces += [(title[end : found.start()],), _GROUP[found[0]]]
        end = found.end()
    pieces.append((title[end:],))
    yield title
    for count, combination in enumerate(product(*pieces)):
        if count == _VARIANTS:
            return
        yield "".join(combination)


def similarity(one: str, other: str) -> float:
    """Return how much two Chinese titles share, by pairs of neighbouring characters: 0 to 1."""
    left, right = (list(map("".join, zip(f"^{text}", f"{text}$", strict=False))) for text in (one, other))
    if not left or not right:
        return 0.0
    shared = len(set(left) & set(right))
    return 2 * shared / (len(set(left)) + len(set(right)))


@cache
def english(name: str) -> tuple[str, ...]:
    """Return what the words of a name speak of; runs of letters are cut where every piece is a known word."""
    found: list[str] = []
    for piece in _PIECE.findall(name):
        word = piece.lower()
        if word.isdecimal():
            continue
        several = [word] if word in _KNOWN else _cut(word) or [word]
        found += [_CONCEPT.get(one, one) for one in several if one not in _SILENT]
    return tuple(dict.fromkeys(found))


def _cut(word: str) -> list[str] | None:
    """Cut a run of letters into known words, the fewest; None where that is not possible."""
    best: dict[int, list[str]] = {0: []}
    for end in range(_SHORTEST, min(len(word), 40) + 1):
        for start in range(max(0, end - _LONGEST), end - _SHORTEST + 1):
            if start in best and word[start:end] in _KNOWN:
                candidate = [*best[start], word[start:end]]
                if end not in best or len(candidate) < len(best[end]):
                    best[end] = candidate
    return best.get(len(word))
