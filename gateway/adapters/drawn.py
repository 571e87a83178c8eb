"""Draws documents from every message's regional schema and holds the law of the round trip of them.

It brings Hypothesis along, which takes a fifth of a second to import: only what draws documents imports it.
"""

import signal
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from os import devnull
from time import process_time
from typing import Any, Final

import orjson
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import HypothesisException

from gateway.adapters.narrowing import Narrowed, narrowed
from gateway.adapters.strategies import Drawer, Drawn
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.conformance import Example, Failure, Generated, Law
from gateway.core.conversion.formats import write_document
from gateway.core.conversion.manifest import Variant
from gateway.core.errors import RejectedError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind

SHRINKS: Final = 200  # documents tried after one that broke the law, to find a smaller one
DOCUMENT_S: Final = 2.0  # of processor time for one document; a pattern may ask for more than there is in the world
_OUT_OF_TIME: Final = "out_of_time"


@dataclass(frozen=True, kw_only=True)  # without slots: what is read once is kept
class Judged:
    """The adapter that documents are drawn for, and what it is judged by."""

    adapter: Adapter
    files: Mapping[str, bytes]
    examples: Collection[Example]
    forms: Mapping[DocumentKind, Form]

    def documents(self, kind: DocumentKind, variant: Variant) -> Drawn:
        """Return what one message's documents are drawn from; None where its schema leaves nothing to draw."""
        said = self._narrowed(kind, variant.table).of(variant)
        schema = orjson.loads(self.files[variant.schema])  # read last: should the work end here, it is the file to name
        return Drawer(schema, said).documents()

    def _narrowed(self, kind: DocumentKind, table: str) -> Narrowed:
        if (kind, table) not in self._tables:
            self._tables[kind, table] = narrowed(self.files[table], self.adapter.manifest.codes, list(self._seen(kind)))
        return self._tables[kind, table]

    def _seen(self, kind: DocumentKind) -> Iterator[Any]:
        for one in self.examples:
            if one.kind is kind:
                with suppress(RejectedError):  # its own verdict says so
                    yield self.adapter.read(kind, one.regional, one.media_type)

    @cached_property
    def _tables(self) -> dict[tuple[DocumentKind, str], Narrowed]:
        return {}


def generated(judged: Judged, count: int, *, seconds: float) -> tuple[Generated, ...]:
    """Draw so many documents of every message; the same ones whenever the same is asked of the same adapter.

    `seconds` of processor time are for all messages together, `DOCUMENT_S` for each document; which of them went short
    is said. Only the main thread may draw: Python interrupts no other.
    """
    # Hypothesis would keep tables of characters and constants of programs there; an operator's folder stays as it is.
    set_hypothesis_home_dir(devnull)
    until = process_time() + seconds
    return tuple(
        Trial(judged, kind, message.variant, until).of(count)
        for kind, channel in judged.adapter.channels.items()
        for message in channel.messages.values()
    )


class _BreachError(Exception):
    """A document broke the law; Hypothesis looks for a smaller one."""


class _EndedError(BaseException):
    """Enough was tried, or what it says; Hypothesis lets it through at once."""


@contextmanager
def _interrupted() -> Iterator[Callable[[], None]]:
    """Raise _EndedError in what takes more than DOCUMENT_S of processor time after the given function was called."""

    def begin() -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, DOCUMENT_S)

    def end(*_: object) -> None:
        raise _EndedError(_OUT_OF_TIME)

    before = signal.signal(signal.SIGVTALRM, end)
    try:
        begin()
        yield begin
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Trial:
    """Holds the law of one message's documents, and remembers the smallest that broke it."""

    def __init__(self, judged: Judged, kind: DocumentKind, variant: Variant, until: float) -> None:
        self.judged, self.kind, self.variant, self.until = judged, kind, variant, until
        self.drawn = self.converted = self.shrinks = 0
        self.law = Law(judged.adapter, kind, judged.forms.get(kind))
        self.smallest, self.failures, self.ended = b"", tuple[Failure, ...](), ""
        self._begin: Callable[[], None] = lambda: None

    def of(self, count: int) -> Generated:
        """Draw that many documents, fewer where the schema allows fewer."""
        if not self.variant.schema:
            self.ended = "no_schema"
        elif process_time() > self.until:
            self.ended = _OUT_OF_TIME
        else:
            self._run(self.judged.documents(self.kind, self.variant), count)
        return Generated(
            kind=self.kind,
            variant=self.variant.name,
            drawn=self.drawn,
            converted=self.converted,
            failures=self.failures,
            ended=self.ended,
        )

    def _run(self, drawn: Drawn, count: int) -> None:
        if drawn is None:
            self.ended = "undrawable"
            return

        @settings(
            max_examples=count,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=tuple(HealthCheck),
            verbosity=Verbosity.quiet,
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(document=drawn)
        def law(document: Any) -> None:
            self._hold(document)

        try:
            with _interrupted() as self._begin:
                law()
        except _BreachError:
            return
        except _EndedError as ended:
            self.ended = str(ended)
        except HypothesisException:
            self.ended = "undrawable"

    def _hold(self, document: Any) -> None:
        self._go_on()
        body = self._written(document)
        held = self.law.hold(body) if body else None
        if not self.failures:
            self.drawn += 1
            self.converted += held is not None and held.converted
        if held is not None and held.failures:
            if not self.failures or (len(body), body) < (len(self.smallest), self.smallest):
                self.smallest, self.failures = body, held.failures
            raise _BreachError

    def _go_on(self) -> None:
        """Count what is tried to find a smaller document; raises _EndedError once that, or all of it, took too long."""
        self._begin()
        self.shrinks += bool(self.failures)
        if self.shrinks > SHRINKS:
            raise _EndedError
        if process_time() > self.until:
            raise _EndedError(_OUT_OF_TIME)

    def _written(self, document: Any) -> bytes:
        """Return the document as it would arrive, or nothing where its format cannot carry it."""
        wire = self.judged.adapter.channels[self.kind].document.wire
        try:
            return write_document(document, wire) if type(document) is dict else b""
        except (ValueError, TypeError):
            return b""
