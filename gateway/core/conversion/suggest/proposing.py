"""Puts a proposal together: first which arrays are which, then every field of each, one to one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import words
from gateway.core.conversion.suggest.assignment import assign
from gateway.core.conversion.suggest.canonical import CanonicalField, container_of
from gateway.core.conversion.suggest.evidence import Candidate, Scorer
from gateway.core.conversion.suggest.samples import RegionalField, containers

THRESHOLD: Final = 0.6  # a row is proposed from this score on
MARGIN: Final = 0.03  # and where it leads the next best by this much
_FLOOR: Final = 0.25  # below it nothing is worth a comment
_TOLD: Final = 3  # candidates kept for the operator
_AWAY: Final = 0.94  # for each object between a field and where most stand, of which its name says nothing
_DEPTH: Final = 12
_ARRAY: Final = 0.3  # an array is taken for a canonical one from this score on

Assign = Callable[[Mapping[tuple[Path, Path], float]], dict[Path, Path]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What is proposed for one document kind, and what is left to the operator."""

    decided: tuple[Candidate, ...]
    undecided: Mapping[Path, tuple[Candidate, ...]]  # regional path → the best candidates, maybe none
    arrays: Mapping[Path, Candidate]  # regional array of objects → the canonical one
    sole: frozenset[Path]  # arrays of exactly one object that stand for the object
    unfilled: tuple[CanonicalField, ...]  # required canonical fields that nothing fills

    @property
    def weight(self) -> float:
        """Return how much of a document this kind explains, to compare kinds by."""
        return sum(one.score for one in self.decided)


def propose(
    found: Mapping[Path, RegionalField],
    fields: Collection[CanonicalField],
    scorer: Scorer,
    *,
    threshold: float = THRESHOLD,
    assign_by: Assign = assign,
) -> Proposal:
    """Propose which canonical field each regional one is; one canonical field has at most one regional one."""
    arrays, sole = _aligned_arrays(found, fields, scorer)
    plain = [one for one in found.values() if one.shape in ("plain", "array") and one.path]
    known = [one for one in fields if one.shape != "objects"]
    by_container: dict[Path, list[CanonicalField]] = defaultdict(list)
    for one in known:
        by_container[one.container].append(one)
    candidates: dict[tuple[Path, Path], Candidate] = {}
    main = _main(plain)
    for regional in plain:
        home = _home(regional.container, arrays, sole)
        if home is not None:
            for canonical in by_container[home]:
                pair = scorer.candidate(regional, canonical)
                if pair is not None and pair.score >= _FLOOR:
                    candidates[regional.path, canonical.path] = scorer.doubted(_apart(pair, main))
    chosen = assign_by({key: one.score for key, one in candidates.items()})
    decided = tuple(_decided(chosen, candidates, threshold))
    settled = {one.regional.path for one in decided}
    filled = {one.canonical.path for one in decided}
    return Proposal(
        decided=decided,
        undecided={one.path: _best(one.path, candidates) for one in plain if one.path not in settled},
        arrays=arrays,
        sole=sole,
        unfilled=tuple(one for one in fields if one.required and one.path not in filled),
    )


def likely_arrays(documents: Iterable[object], fields: Collection[CanonicalField], scorer: Scorer) -> frozenset[Path]:
    """Return the objects that are called like a canonical array: where elements repeat, one of them looks alone."""
    arrays = [one for one in fields if one.shape == "objects" and not one.container]
    found: set[Path] = set()
    for path in dict.fromkeys(path for document in documents for path in _objects(document, ())):
        regional = RegionalField(path=path, shape="objects")
        pairs = (scorer.candidate(regional, one) for one in arrays)
        if max((pair.score for pair in pairs if pair is not None), default=0.0) >= THRESHOLD:
            found.add(path)
    return frozenset(found)


def _objects(value: object, path: Path) -> Iterator[Path]:
    if type(value) is dict and len(path) < _DEPTH:
        for name, inner in value.items():
            if type(inner) is dict:
                yield (*path, name)
                yield from _objects(inner, (*path, name))


def _main(plain: Collection[RegionalField]) -> Path:
    """Return the object in which most fields stand."""
    counts = Counter(one.path[:-1] for one in plain)
    return counts.most_common(1)[0][0] if counts else ()


def _apart(pair: Candidate, main: Path) -> Candidate:
    """Return a pair that counts less for each object away from where most fields stand that says nothing of it."""
    path = pair.regional.path[len(main) :] if pair.regional.path[: len(main)] == main else pair.regional.path
    inner = path[len(container_of(path)) : -1]
    unsaid = sum(1 for part in inner if not set(words.english(part)) & pair.canonical.words)
    return replace(pair, score=round(pair.score * _AWAY**unsaid, 3)) if unsaid else pair


def _decided(
    chosen: Mapping[Path, Path], candidates: Mapping[tuple[Path, Path], Candidate], threshold: float
) -> Iterator[Candidate]:
    """Yield the chosen pairs that score enough and lead what else they could be."""
    best_of = {right: candidates[left, right].score for left, right in chosen.items()}
    own = {left: candidates[left, right].score for left, right in chosen.items()}
    for left, right in chosen.items():
        pair = candidates[left, right]
        rivals = [
            other.score
            for (one, another), other in candidates.items()
            if (one == left and another != right and best_of.get(another, 0.0) < other.score + MARGIN)
            or (another == right and one != left and own.get(one, 0.0) < other.score)
        ]
        if pair.score >= threshold and pair.score - max(rivals, default=0.0) >= MARGIN:
            yield pair


def _best(path: Path, candidates: Mapping[tuple[Path, Path], Candidate]) -> tuple[Candidate, ...]:
    own = [one for (left, _), one in candidates.items() if left == path]
    return tuple(sorted(own, key=lambda one: -one.score)[:_TOLD])


def _home(container: Path, arrays: Mapping[Path, Candidate], sole: frozenset[Path]) -> Path | None:
    """Return the canonical element that a regional one corresponds to, or None where there is none."""
    home: Path = ()
    for index, part in enumerate(container):
        if part == "*":
            array = container[:index]
            if array in arrays:
                home = (*arrays[array].canonical.path, "*")
            elif array not in sole:
                return None
    return home


def _aligned_arrays(
    found: Mapping[Path, RegionalField], fields: Collection[CanonicalField], scorer: Scorer
) -> tuple[dict[Path, Candidate], frozenset[Path]]:
    """Decide for each regional array of objects which canonical array it is, or that it is an object after all."""
    arrays: dict[Path, Candidate] = {}
    sole: set[Path] = set()
    for level in _levels(containers(found)):
        scores: dict[tuple[Path, Path], Candidate] = {}
        alone: dict[Path, float] = {}
        for regional in level:
            home = _home(regional.container, arrays, frozenset(sole))
            if home is None:
                continue
            inside = [one for one in found.values() if one.container == (*regional.path, "*")]
            for canonical in fields:
                if canonical.shape == "objects" and canonical.container == home:
                    score = _alike(regional, canonical, inside, fields, scorer)
                    scores[regional.path, canonical.path] = score
            alone[regional.path] = _explained(inside, [one for one in fields if one.container == home], scorer)
        chosen = assign({key: one.score for key, one in scores.items() if one.score >= _ARRAY})
        for regional in level:
            pair = scores.get((regional.path, chosen.get(regional.path, ())))
            single = regional.longest == 1 and regional.shape == "objects"
            apart = alone.get(regional.path, 0.0)
            if pair is not None and not (single and apart > _children(pair)):
                arrays[regional.path] = pair
            elif single and apart >= _ARRAY:
                sole.add(regional.path)
    return arrays, frozenset(sole)


def _levels(several: Iterable[RegionalField]) -> list[list[RegionalField]]:
    by_depth: dict[int, list[RegionalField]] = defaultdict(list)
    for one in several:
        by_depth[one.path.count("*")].append(one)
    return [by_depth[depth] for depth in sorted(by_depth)]


def _alike(
    regional: RegionalField,
    canonical: CanonicalField,
    inside: list[RegionalField],
    fields: Collection[CanonicalField],
    scorer: Scorer,
) -> Candidate:
    """Return how much two arrays are alike: half by their names, half by what their elements are made of."""
    named = scorer.candidate(regional, canonical)
    own = [one for one in fields if one.container == (*canonical.path, "*")]
    made = _explained(inside, own, scorer)
    score = 0.5 * (named.score if named else 0.0) + 0.5 * made
    return Candidate(
        regional=regional, canonical=canonical, score=round(score, 3), evidence=named.evidence if named else ()
    )


def _children(pair: Candidate) -> float:
    """Return the part of an array's score that its elements have, at most."""
    named = 1.0
    for one in pair.evidence:
        named *= 1 - one.weight
    return max(0.0, 2 * pair.score - (1 - named))


def _explained(inside: list[RegionalField], own: Collection[CanonicalField], scorer: Scorer) -> float:
    """Return how well some fields are explained by others: the mean of each one's best score."""
    plain = [one for one in inside if one.shape in ("plain", "array")]
    if not plain:
        return 0.0
    best = [max((pair.score for c in own if (pair := scorer.candidate(one, c))), default=0.0) for one in plain]
    return sum(best) / len(best)
