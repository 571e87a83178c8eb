"""Values made of values: separated lists, arrays of plain values, and texts composed of several parts."""

import re
from collections.abc import Callable
from typing import Any, Final

from gateway.core.conversion.codecs.codec import Carry, Codec, Way, blank
from gateway.core.conversion.options import Options
from gateway.core.conversion.remarks import Problem, Remark, reduced, refuse

_TEXT_LIMIT: Final = 512
_PARTS_LIMIT: Final = 8
_RESTS_LIMIT: Final = 2
_HOLE: Final = "{}"


def listed(options: Options, element: Codec) -> Codec:
    """Make the codec of several values: an array, or one text joined with `separator` (`also` are read as ones too)."""
    separator, others = options.text("separator", "", limit=4), options.texts("also", ("",))
    if not separator:
        return Codec(
            name="list",
            read=Way(carry=_over_array(element.read.carry)),
            write=Way(carry=_over_array(element.write.carry)),
            normalises=element.normalises,
            arrays=True,
        )
    text = _Separated(separator, others, element)
    return Codec(
        name="list",
        read=Way(carry=text.read),
        write=Way(carry=text.write),
        normalises=", ".join(filter(None, ("empty elements and their white space", element.normalises))),
    )


class _Separated:
    """Values joined to one text."""

    def __init__(self, separator: str, others: tuple[str, ...], element: Codec) -> None:
        self.separator, self.element = separator, element
        self.splitting = re.compile("|".join(map(re.escape, filter(None, (separator, *others)))))

    def read(self, value: Any) -> list[Any] | None:
        if blank(value):
            return None
        if type(value) is not str:
            raise refuse("type_wrong", f"text with {self.separator} between values")
        pieces = [piece.strip() for piece in self.splitting.split(value)]
        return _each(self.element.read.carry, [piece for piece in pieces if piece], lambda _: "")

    def write(self, value: Any) -> str | None:
        if type(value) is not list:
            raise refuse("type_wrong", "an array")
        try:
            return self._joined(_each(self.element.write.carry, value, "/{}".format))
        except Remark as remark:
            if remark.value is None:
                raise
            raise Remark(remark.problems, self._joined(remark.value)) from None

    def _joined(self, pieces: Any) -> str | None:
        for index, piece in enumerate(pieces):
            if type(piece) is not str or self.splitting.search(piece):
                raise Remark((Problem("separator_inside", f"text without {self.separator}", inside=f"/{index}"),))
        return self.separator.join(pieces) or None


def _over_array(carry: Carry) -> Carry:
    def carried(value: Any) -> Any:
        if type(value) is not list:
            if blank(value):
                return None
            raise refuse("type_wrong", "an array")
        return _each(carry, value, "/{}".format)

    return carried


def _each(carry: Carry, values: list[Any], inside: Callable[[int], str]) -> list[Any]:
    """Carry every element and raise all their problems together; a missing element is a problem too."""
    results, problems, lost = [], [], False
    for index, value in enumerate(values):
        try:
            result = carry(value)
        except Remark as remark:
            problems += [one._replace(inside=inside(index) + one.inside) for one in remark.problems]
            result, lost = remark.value, lost or remark.value is not None
        else:
            if result is None:
                problems.append(Problem("type_wrong", "a value", inside=inside(index)))
        results.append(result)
    if problems:
        raise Remark(tuple(problems))
    if lost:
        raise Remark(value=results)
    return results


class Template:
    """Splits one text into parts and joins them again, exactly: `join(split(text)) == text`."""

    def __init__(self, options: Options) -> None:
        written = options.text("template", limit=128)
        self.literals = written.split(_HOLE)
        self.count = len(self.literals) - 1
        self._parts = options.elements("parts", limit=_PARTS_LIMIT) if options.has("parts") else []
        if not 1 < self.count <= _PARTS_LIMIT:
            options.complain("option_invalid", "template", f"2 to {_PARTS_LIMIT} places written {_HOLE}")
        if self._parts and len(self._parts) != self.count:
            options.complain("option_invalid", "parts", "one for each place of the template")
        self.codecs: list[Options | None] = list(self._parts) or [None] * self.count
        self._pattern = re.compile("".join(self._pieces(options)), re.DOTALL)

    def split(self, text: str) -> tuple[str, ...] | None:
        """Return the parts, or None where the text does not have them."""
        found = self._pattern.fullmatch(text) if len(text) <= _TEXT_LIMIT else None
        return found.groups() if found else None

    def join(self, parts: tuple[str, ...]) -> str:
        """Return the text made of these parts."""
        return "".join(a + b for a, b in zip(self.literals, (*parts, ""), strict=True))

    def _pieces(self, options: Options) -> list[str]:
        """Write the pattern from escaped literals and classes of our own; at most two parts run freely."""
        pieces, rests = [re.escape(self.literals[0])], 0
        for index, literal in enumerate(self.literals[1:]):
            part = self._parts[index] if index < len(self._parts) else None
            length = part.integer("length", 0, low=0, high=64) if part else 0
            rest = part.flag("rest") if part else False
            rests += rest
            stop = f"[^{re.escape(literal[0])}]+" if literal and not rest else ".+"
            if not literal and index < self.count - 1 and not length:
                options.complain("option_invalid", "template", "a literal, or a length, between two places")
            pieces.append((f"(.{{{length}}})" if length else f"({stop})") + re.escape(literal))
        if rests > _RESTS_LIMIT:
            options.complain("option_invalid", "parts", f"at most {_RESTS_LIMIT} with rest = true")
        return pieces


def composed(template: Template, parts: list[Codec], *, whole_is_regional: bool) -> Codec:
    """One text on one side, its parts on several paths of the other."""
    apart = _splitter(template, [one.read.carry if whole_is_regional else one.write.carry for one in parts])
    together = _joiner(template, [one.write.carry if whole_is_regional else one.read.carry for one in parts])
    normalises = ", ".join(filter(None, (one.normalises for one in parts)))
    read, write = (apart, together) if whole_is_regional else (together, apart)
    return Codec(name="join", read=Way(carry=read), write=Way(carry=write), normalises=normalises)


def part(options: Options, element: Codec) -> Codec:
    """Make the codec that takes one part out of a text which another row carries whole.

    A text without these parts raises a Remark; a part that `element` cannot read exactly is none. It writes nothing:
    the way back compares, and reads what was written.
    """
    template = Template(options)
    for one in template.codecs:
        if one is not None:
            one.finish()
    place = options.integer("place", 1, low=1, high=_PARTS_LIMIT)
    if place > template.count:
        options.complain("option_invalid", "place", f"1 to {template.count}")

    def read(value: Any) -> Any:
        if blank(value):
            return None
        pieces = template.split(value.strip()) if type(value) is str else None
        if pieces is None:
            raise refuse("parts_unreadable", _HOLE.join(template.literals))
        try:
            return element.read.carry(pieces[place - 1])
        except Remark:
            return None

    return Codec(name="part", read=Way(carry=read), write=Way(carry=read))


def _splitter(template: Template, carries: list[Carry]) -> Carry:
    def split(value: Any) -> tuple[Any, ...] | None:
        if blank(value):
            return None
        pieces = template.split(value.strip()) if type(value) is str else None
        if pieces is None:
            raise refuse("parts_unreadable", _HOLE.join(template.literals))
        results, problems, lost = _apart(carries, pieces)
        if problems:
            raise Remark(tuple(one._replace(part=0) for one in problems))
        if lost:
            raise reduced(tuple(results))
        return tuple(results)

    return split


def _joiner(template: Template, carries: list[Carry]) -> Carry:
    def join(values: Any) -> str | None:
        pieces, problems, lost = _apart(carries, values)
        for part, piece in enumerate(pieces):
            if type(piece) is not str and not any(one.part == part for one in problems):
                problems.append(Problem("parts_missing", "text in every part", part=part))
        if problems:
            raise Remark(tuple(problems))
        text = template.join(tuple(pieces))
        if template.split(text) != tuple(pieces):
            raise refuse("parts_ambiguous", _HOLE.join(template.literals))
        if lost:
            raise reduced(text, *lost)
        return text

    return join


def _apart(carries: list[Carry], values: tuple[Any, ...]) -> tuple[list[Any], list[Problem], list[int]]:
    """Carry each part by itself; return the results, the problems by part, and the parts that left something behind."""
    results: list[Any] = []
    problems: list[Problem] = []
    lost: list[int] = []
    for part, (carry, value) in enumerate(zip(carries, values, strict=True)):
        result = None
        try:
            result = None if value is None else carry(value)
        except Remark as remark:
            problems += [one._replace(part=part) for one in remark.problems]
            result = remark.value
            lost += [part] if result is not None else []
        results.append(result)
    return results, problems, lost
