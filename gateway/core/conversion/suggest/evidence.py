"""How far a region's field could be a canonical one, and by what: names, titles, pinyin, words, values, codes.

Each piece of evidence counts as a chance to be right, independent of the others; values that could not stand in the
canonical field take most of it away. The weights are priors about how columns are named, not fitted to any layout.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from math import log
from typing import Final, NamedTuple

from gateway.core.conversion.pointer import join
from gateway.core.conversion.suggest import shapes, words
from gateway.core.conversion.suggest.canonical import CanonicalField
from gateway.core.conversion.suggest.samples import RegionalField

_BY_LENGTH: Final = {1: 0.0, 2: 0.42, 3: 0.68, 4: 0.8}  # initials: the more letters, the fewer other titles have them
_LONGER: Final = 0.88
_COLUMN, _TITLE, _SAME_TITLE, _ALIKE = 0.92, 0.93, 0.88, 0.72
_PINYIN, _NAME, _WORDS, _DICTIONARY, _OVERLAP = 0.92, 0.75, 0.78, 0.85, 0.55
_WHETHER: Final = 0.85
_UNSAID: Final = 0.94
_PART, _VALUES, _CONTEXT = 0.36, 0.3, 0.25
_END: Final = 0.3
_WHOLE: Final = 0.72  # the weight of the initials of a whole title of four characters, in other words
_AMBIGUOUS: Final = 0.55  # below what a row is proposed from
_ENDING: Final = 2  # letters that say what sort of thing it is: 方式, 份数, 类型
_DIGIT: Final = re.compile("[0-9]")
_ENOUGH: Final = 0.5  # of two titles in common, to be worth a word

Dictionary = Mapping[str, Mapping[str, float]]  # a column's name or title → canonical paths, with their shares


class Evidence(NamedTuple):
    """One reason to think that a field is a canonical one."""

    sort: str
    weight: float
    said: str  # for people; never holds a value


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A region's field and a canonical one that it could be."""

    regional: RegionalField
    canonical: CanonicalField
    score: float
    evidence: tuple[Evidence, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Return the two paths."""
        return join(self.regional.path), join(self.canonical.path)


def normal_name(name: str) -> str:
    """Return a column's name as far as regions agree on it: without case, underscores and hyphens."""
    return name.replace("_", "").replace("-", "").upper()


class Scorer:
    """Weighs pairs for one document kind; holds what is rare among its fields, and so telling."""

    def __init__(
        self,
        fields: Collection[CanonicalField],
        labels: Mapping[str, Mapping[str, str]],
        dictionary: Dictionary | None = None,
    ) -> None:
        self._fields = tuple(fields)
        self.labels = labels  # canonical list → Chinese label of each code → the code
        self.dictionary = dictionary or {}
        spoken = Counter(word for one in fields for word in one.words)
        self._rarity = {word: 0.3 + log(len(fields) / count) for word, count in spoken.items()}
        self._unheard = 0.3 + log(max(len(fields), 2)) / 2
        self._holders = frozenset(word for one in fields for part in one.path[:-1] for word in words.english(part))

    def candidate(self, regional: RegionalField, canonical: CanonicalField) -> Candidate | None:
        """Return the pair with its score, or None where nothing speaks for it."""
        found = tuple(self._by_name(regional, canonical))
        if not found:
            return None
        fitting = shapes.fit(regional, canonical)
        found += tuple(self._by_value(regional, canonical))
        doubt = 1.0
        for one in found:
            doubt *= 1 - one.weight
        score = (1 - doubt) * fitting * self._consistent(regional, canonical)
        return Candidate(regional=regional, canonical=canonical, score=round(score, 3), evidence=found)

    def doubted(self, pair: Candidate) -> Candidate:
        """Return a pair below what a row is proposed from, where nothing but an abbreviated name speaks for it.

        That is so where each value is one digit, which may count as well as stand for something, and the title of
        another field of the element ends in the same letters. The initials of a whole title say enough.
        """
        letters = normal_name(pair.regional.name).lower()
        if not (letters.isascii() and pair.regional.values and all(map(_is_abbreviated, pair.evidence))):
            return pair
        if not all(_DIGIT.fullmatch(str(value)) for value in pair.regional.values):
            return pair
        canonical = pair.canonical
        alike = any(
            one.path != canonical.path and one.container == canonical.container and one.ending == letters[-_ENDING:]
            for one in self._fields
        )
        return replace(pair, score=min(pair.score, _AMBIGUOUS)) if alike else pair

    def _by_name(self, regional: RegionalField, canonical: CanonicalField) -> Iterator[Evidence]:
        name = regional.name.lstrip("@#")
        normal = normal_name(name)
        if canonical.column and normal == normal_name(canonical.column):
            yield Evidence(
                "column", _COLUMN * self._unsaid(regional, canonical), f"official column 官方字段 {canonical.column}"
            )
        elif normal == normal_name(canonical.path[-1]):
            yield Evidence("name", _NAME * self._unsaid(regional, canonical), f"same name 同名 {canonical.path[-1]}")
        else:
            yield from self._by_words(regional, canonical)
        yield from self._by_letters(normal.lower(), canonical)
        for title in (name if words.is_chinese(name) else "", regional.title):
            yield from self._by_title(title, canonical)
        yield from self._by_dictionary(normal, regional, canonical)

    def _by_title(self, title: str, canonical: CanonicalField) -> Iterator[Evidence]:
        if not title:
            return
        normal = words.normal_title(title)
        if title in canonical.titles_zh:
            yield Evidence("title", _TITLE, f"title 标题 {canonical.title_zh}")
        elif normal in canonical.normal_titles:
            yield Evidence("title", _SAME_TITLE, f"title in other words 标题同义 {canonical.title_zh}")
        else:
            best = max((words.similarity(normal, one) for one in canonical.normal_titles), default=0.0)
            if best >= _ENOUGH:
                yield Evidence("title", round(_ALIKE * best, 3), f"title alike 标题相近 {canonical.title_zh}")

    def _by_letters(self, letters: str, canonical: CanonicalField) -> Iterator[Evidence]:
        if not (letters.isascii() and letters.isalnum()):
            return
        directness = canonical.initials.get(letters)
        if directness is not None and (strength := _BY_LENGTH.get(len(letters), _LONGER)):
            yield Evidence("initials", strength * directness, f"pinyin initials 拼音首字母 {canonical.title_zh}")
        elif letters in canonical.pinyin:
            yield Evidence("pinyin", _PINYIN, f"pinyin 全拼 {canonical.title_zh}")
        elif len(letters) > words.FEW and any(_ends(letters, one) for one in canonical.plain_initials):
            yield Evidence("initials", _PART, f"part of the pinyin initials 拼音首字母部分相同 {canonical.title_zh}")
        elif canonical.ending == letters[-_ENDING:] and _leads(letters[:-_ENDING], canonical):
            yield Evidence("initials", _END, f"ends in the same initials 拼音首字母末尾相同 {canonical.title_zh}")

    def _by_words(self, regional: RegionalField, canonical: CanonicalField) -> Iterator[Evidence]:
        own, known = regional.own_words, canonical.words
        if not known.intersection(own):
            return
        heard = sum(self._rare(word) for word in own if word in known) / sum(map(self._rare, own))
        wanted = canonical.own_words
        said = regional.said
        told = sum(self._rare(word) for word in wanted if word in said) / (sum(map(self._rare, wanted)) or 1)
        if canonical.shape == "boolean" and canonical.holders and canonical.holders[-1] & said:
            told = max(told, _WHETHER)  # whether there is one: /tolerance/applied
        both = heard * told
        if both >= _ENOUGH:
            weight = _WORDS * both * self._unsaid(regional, canonical)
            yield Evidence("words", round(weight, 3), f"words 英文词 {', '.join(sorted(said & known))}")

    def _by_dictionary(self, normal: str, regional: RegionalField, canonical: CanonicalField) -> Iterator[Evidence]:
        at = join(canonical.path)
        keys = (normal, words.normal_title(regional.title) if regional.title else "")
        share = max((self.dictionary.get(key, {}).get(at, 0.0) for key in keys if len(key) > 1), default=0.0)
        if share:
            yield Evidence("other-layouts", round(_DICTIONARY * share, 3), "so named in other layouts 其他格式同名")

    def _by_value(self, regional: RegionalField, canonical: CanonicalField) -> Iterator[Evidence]:
        for said, test in shapes.telling(canonical.path, canonical.shape):
            matching = sum(1 for value in regional.values if test(value))
            if matching and matching == len(regional.values):
                yield Evidence("values", _VALUES, f"all values are {said}")
        labels = self.labels.get(canonical.codes, {}) if canonical.codes else {}
        parts = shapes.parts_of(regional) if labels else ()
        if parts and (known := sum(1 for part in parts if part in labels)):
            share = known / len(parts)
            yield Evidence(
                "codes", round(_OVERLAP * share, 3), f"{known} of {len(parts)} values are in {canonical.codes}"
            )

    def _consistent(self, regional: RegionalField, canonical: CanonicalField) -> float:
        """Return less than one where the objects around the two speak of different things."""
        named, theirs = regional.around & self._holders, canonical.around
        if not named or not theirs:
            return 1.0
        return 1.0 if named & theirs else 0.75

    def _unsaid(self, regional: RegionalField, canonical: CanonicalField) -> float:
        """Return less than one for each object around the canonical field that the regional name does not speak of."""
        said = regional.said
        return _UNSAID ** sum(1 for holder in canonical.holders if not holder & said)

    def _rare(self, word: str) -> float:
        return self._rarity.get(word, self._unheard)


def _is_abbreviated(one: Evidence) -> bool:
    return one.sort == "other-layouts" or (one.sort == "initials" and one.weight < _WHOLE)


def _leads(letters: str, canonical: CanonicalField) -> bool:
    """Tell whether some letters are the end of what a field belongs to: CL of 收件材料."""
    if len(letters) < _ENDING or "*" not in canonical.path or not canonical.above_zh:
        return False
    return words.initials(canonical.above_zh[-1]).endswith(letters)


def _ends(letters: str, longer: str) -> bool:
    return longer.endswith(letters) or letters.endswith(longer)
