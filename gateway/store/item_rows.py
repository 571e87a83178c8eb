"""Items as rows, and rows as items."""

from typing import Any, Final, Protocol

import msgspec

from gateway.core.model import DocumentKind, Facets, ServiceItem
from gateway.store.times import from_us_or_none, to_us_or_none


class Row(Protocol):
    """A row of whatever database: its columns by name."""

    def __getitem__(self, column: str, /) -> Any:
        """Return the value of a column."""
        ...


_AS_THEY_ARE: Final = ("code", "region", "name", "status", "version", "document", "digest")


def as_item(row: Row) -> ServiceItem:
    """Return the noun of a row that has every column of an item, and its sequence."""
    read: dict[str, Any] = {
        "kind": DocumentKind(row["kind"]),
        "effective_from": from_us_or_none(row["effective_from"]),
        "effective_to": from_us_or_none(row["effective_to"]),
        "quarantine": msgspec.json.decode(row["quarantine"], type=tuple[str, ...]),
        "facets": msgspec.json.decode(row["facets"], type=Facets),
    }
    given = {name: row[name] for name in _AS_THEY_ARE}
    return ServiceItem(**given, **read)


def to_row(item: ServiceItem) -> dict[str, object]:
    """Return the columns that an item says itself."""
    return {
        "kind": item.kind,
        "code": item.code,
        "version": item.version,
        "region": item.region,
        "name": item.name,
        "status": item.status,
        "effective_from": to_us_or_none(item.effective_from),
        "effective_to": to_us_or_none(item.effective_to),
        "digest": item.digest,
        "quarantine": msgspec.json.encode(item.quarantine).decode(),
        "facets": encoded(item.facets),
    }


def encoded(found: Facets) -> str:
    """Return facets as they are kept."""
    return msgspec.json.encode(found).decode()
