"""What other layouts call the canonical fields: their tables and schemas, turned round into a dictionary of names."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.conformance.fields import described_fields, placed_rows, starred
from gateway.core.conversion.suggest import words
from gateway.core.conversion.suggest.evidence import Dictionary, normal_name
from gateway.core.model import DocumentKind

_SHORTEST: Final = 3  # initials of a title; fewer are those of too many

Layout = tuple[Adapter, Mapping[str, Mapping[str, Any]]]  # an adapter and its regional schemas by file


def dictionary_of(layouts: Iterable[Layout], kind: DocumentKind) -> Dictionary:
    """Return which canonical fields a name, a title or its initials stands for; each layout has one say a field."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for adapter, schemas in layouts:
        if kind in adapter.channels:
            for name, canonical in dict.fromkeys(_said(adapter, schemas, kind)):
                votes[name][canonical] += 1
    return {
        name: {canonical: count / counts.total() for canonical, count in counts.items()}
        for name, counts in votes.items()
    }


def _said(adapter: Adapter, schemas: Mapping[str, Mapping[str, Any]], kind: DocumentKind) -> Iterator[tuple[str, str]]:
    channel = adapter.channels[kind]
    for message in channel.messages.values():
        titles = described_fields(schemas.get(message.variant.schema, {}))
        for one in placed_rows(channel.document, message.variant):
            if one.row.rows is not None or len(one.regional) != len(one.canonical):
                continue
            for regional, canonical in zip(one.regional, one.canonical, strict=True):
                at = starred(canonical)
                yield normal_name(regional.rpartition("/")[2]), at
                title = words.normal_title(titles.get(starred(regional), ""))
                if title:
                    yield title, at
                    letters = words.initials(title).upper()
                    if len(letters) >= _SHORTEST:
                        yield letters, at
