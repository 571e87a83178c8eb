"""The law of the round trip, held of one document: what converts comes back, or every loss is named.

Nothing here needs to know what a document should become, so it is held of documents that nobody wrote by hand.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from gateway.core.conversion.adapter import Adapter, Conversion
from gateway.core.conversion.conformance.fields import Placed, covered, placed_rows, starred
from gateway.core.conversion.conformance.report import Failure
from gateway.core.conversion.conformance.trial import differences, normalising, rows_at, says_nothing
from gateway.core.conversion.pointer import escape, find, tokens
from gateway.core.errors import RejectedError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What the law says of one document; one that is refused with a code holds, and has converted nothing."""

    converted: bool = False
    failures: tuple[Failure, ...] = ()


class Law:
    """The law, of one kind of document that an adapter carries; knows the rows, to lay a failure at them."""

    def __init__(self, adapter: Adapter, kind: DocumentKind, form: Form | None) -> None:
        self._adapter, self._kind, self._form = adapter, kind, form
        self._channel = adapter.channels[kind]
        self._rows: dict[str, tuple[Placed, ...]] = {"": ()}
        self._spelled: dict[str, set[str]] = {}

    def hold(self, body: bytes) -> Held:
        """Carry a regional document there, back and there again."""
        given, failures = None, tuple[Failure, ...]()
        try:
            given = self._adapter.read(self._kind, body, self._channel.document.wire.media_type)
            forth = self._adapter.to_canonical(self._kind, body, self._channel.document.wire.media_type)
            failures = tuple(self._breaches(given, forth))
        except RejectedError:
            return Held()
        except MemoryError:
            raise  # the process has too little, which says nothing of the adapter
        except Exception as error:  # noqa: BLE001 - the law is that there is none
            return Held(failures=(Failure(breach="raised", shape=_shapes(given), detail=type(error).__name__),))
        return Held(converted=True, failures=failures)

    def _breaches(self, given: Any, forth: Conversion) -> Iterator[Failure]:
        """Yield what goes without a word on the way back."""
        try:
            back = self._adapter.to_regional(self._kind, forth.document)
            again = self._adapter.to_canonical(self._kind, back.body, back.media_type)
        except RejectedError as error:
            if self._form is not None and self._form.faults(forth.document):
                raise  # the gateway refuses it one step earlier
            at = tuple(dict.fromkeys(one.pointer for one in error.faults))
            yield self._failure("refused", at, (given, forth.variant))
            return
        differing = [at for at in differences(given, back.document) if not says_nothing(_at(given, at))]
        untold = [at for at in differing if at not in forth.losses]
        gone = [at for at in untold if says_nothing(_at(back.document, at))]
        lost = tuple(at for at in gone if not self._told(at, forth.variant, back.losses))
        changed = tuple(at for at in differences(forth.document, again.document) if not at.startswith(back.losses))
        other = tuple(at for at in untold if at not in gone and not self._may_respell(at, forth.variant))
        for breach, places in (("lost", lost), ("changed", changed), ("respelled", other)):
            if places:
                yield self._failure(breach, places, (given, forth.variant))

    def _failure(self, breach: str, places: tuple[str, ...], document: tuple[Any, str]) -> Failure:
        given, variant = document
        side = "regional" if breach in ("lost", "respelled") else "canonical"
        behind = dict.fromkeys(row.at for at in places for row in rows_at(at, self._placed(variant), side=side))
        return Failure(breach=breach, side=side, pointers=places, rows=tuple(behind), shape=_shapes(given))

    def _placed(self, variant: str) -> tuple[Placed, ...]:
        if variant not in self._rows:
            self._rows[variant] = placed_rows(self._channel.document, self._channel.messages[variant].variant)
        return self._rows[variant]

    def _told(self, at: str, variant: str, losses: tuple[str, ...]) -> bool:
        """Tell whether a place may say nothing any more: what it fed is named as lost, or stands in a sister column."""
        rows = rows_at(at, self._placed(variant), side="regional")
        return bool(rows) and all(
            one.row.name == "first-of" or any(covered(loss, one.canonical) for loss in losses) for one in rows
        )

    def _may_respell(self, at: str, variant: str) -> bool:
        """Tell whether a row says of a place, or of what it lies in, that it may come back spelled otherwise."""
        if variant not in self._spelled:
            self._spelled[variant] = set(map(starred, normalising(self._placed(variant))))
        parts = starred(at).split("/")
        return any("/".join(parts[:depth]) in self._spelled[variant] for depth in range(1, len(parts) + 1))


def _at(document: object, pointer: str) -> object:
    return find(document, tokens(pointer))


def _shapes(document: object) -> tuple[str, ...]:
    return tuple(islice(_shape(document), _SHOWN))


def _shape(document: object, at: str = "") -> Iterator[str]:
    """Yield every place of a document with the kind of value there, never the value."""
    inner: Iterable[tuple[Any, object]] = ()
    if isinstance(document, dict):
        inner = document.items()
    elif isinstance(document, list):
        inner = enumerate(document)
    else:
        yield f"{at or '(document)'} {_NAMES.get(type(document), 'number')}"
    for name, value in inner:
        yield from _shape(value, f"{at}/{escape(str(name))}")


_SHOWN: Final = 200  # places of a document that a failure shows
_NAMES: Final = {str: "string", bool: "boolean", type(None): "null"}
