"""Every codec by the name a table calls it, and how one is made from a row's options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.core.conversion.codecs import codes, composites, durations, identifiers, scalars, times
from gateway.core.conversion.codecs.codec import Codec
from gateway.core.conversion.codecs.codes import CodeTable
from gateway.core.conversion.options import Options

_SIMPLE: Final[dict[str, Callable[[Options], Codec]]] = {
    "text": scalars.text,
    "integer": scalars.integer,
    "decimal": scalars.decimal,
    "money": scalars.money,
    "boolean": scalars.boolean,
    "date": times.day,
    "datetime": times.moment,
    "organisation": identifiers.organisation,
    "base-code": identifiers.base_code,
}

# Codecs of one value on each side, which may also be elements of a list, parts of a text, or first-of.
SINGLE: Final = (*_SIMPLE, "region", "code")
_SEVERAL: Final = ("duration", "list", "join", "part", "name-and-number")
NAMES: Final = (*SINGLE, *_SEVERAL, "first-of", "array", "json", "constant", "ignore", "overflow")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How many paths a row has on each side."""

    canonical: int
    regional: int


def single(options: Options, name: str, tables: Mapping[str, CodeTable]) -> Codec:
    """Make a codec of one value; `name` is one of SINGLE."""
    if name == "code":
        return codes.code(options, tables)
    return identifiers.region(options, tables) if name == "region" else _SIMPLE[name](options)


def element(options: Options, entry: str, tables: Mapping[str, CodeTable]) -> Codec:
    """Make the codec of what a list or a first-of holds; text where the row does not say."""
    if not options.has(entry):
        return scalars.text(Options({}, file=options.file, pointer=options.pointer, complaints=options.complaints))
    return _inner(options.nested(entry), tables)


def several(options: Options, name: str, shape: Shape, tables: Mapping[str, CodeTable]) -> Codec:
    """Make a codec that is more than one value on one of its sides, or one of several."""
    if name == "duration":
        table = tables.get(options.text("units")) if options.has("units") else None
        if options.has("units") and table is None:
            options.complain("code_list_unknown", "units", "the name of a file in codes/")
        return durations.duration(options, table, columns=shape.regional)
    if name == "name-and-number":
        return identifiers.name_and_number()
    if name == "list":
        return composites.listed(options, element(options, "of", tables))
    if name == "part":
        return composites.part(options, element(options, "of", tables))
    template = composites.Template(options)
    if template.count != max(shape.canonical, shape.regional):
        options.complain("option_invalid", "template", "one place for each path")
    parts = [_part(part, options, tables) for part in template.codecs]
    return composites.composed(template, parts, whole_is_regional=shape.regional == 1)


def _part(part: Options | None, options: Options, tables: Mapping[str, CodeTable]) -> Codec:
    if part is None:
        part = Options({}, file=options.file, pointer=options.pointer, complaints=options.complaints)
    return _inner(part, tables)


def _inner(options: Options, tables: Mapping[str, CodeTable]) -> Codec:
    name = options.choice("codec", SINGLE, "text")
    codec = single(options, name, tables)
    options.finish()
    return codec
