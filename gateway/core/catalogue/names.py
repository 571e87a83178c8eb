"""When two names of a material, or two texts, say the same: written otherwise, not meant otherwise (inferred)."""

import re
import unicodedata
from typing import Final

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NOT_A_LETTER = re.compile(r"[\W_]+")
_COPIES: Final = re.compile(r"(?:一式|原件|复印件|扫描件|电子件|彩色|纸质|及|和|与|或|并|各?[0-9一二两三四五]+份)+$")
_WHOSE: Final = re.compile(r"^(?:申请人|申请单位|申请者|本人|当事人|个人|有效|居民|中华人民共和国|的)+")


def same_text(text: str) -> str:
    """Return a text without what does not change its meaning: width, case, spaces and punctuation."""
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", text).casefold())


def same_material(name: str) -> str:
    """Return the name of a material without who brings it, as what copy, and what stands in brackets.

    `申请人居民身份证（原件及复印件）` and `身份证复印件` are both `身份证`.
    """
    plain = same_text(_ASIDE.sub("", unicodedata.normalize("NFKC", name))) or same_text(name)
    bare = _WHOSE.sub("", _COPIES.sub("", plain))
    return bare or plain
