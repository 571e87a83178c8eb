"""The nouns of a conformance report; whatever it says of a row names the file and the place in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.errors import Fault
from gateway.core.model import DocumentKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A regional document and the canonical one that it must become."""

    name: str  # of its file, without the ending
    kind: DocumentKind
    media_type: str
    regional: bytes
    canonical: bytes | None  # None where nobody has written it yet


@dataclass(frozen=True, kw_only=True, slots=True)
class RowAt:
    """A row, and where an editor finds it: `pointer` leads into `file`."""

    file: str
    pointer: str
    path: str  # the place of documents that the row is named for here

    def __str__(self) -> str:
        """Return the file and the place in it, as faults of loading name them."""
        return f"{self.file}#{self.pointer}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Blame:
    """Which rows make the place of a document that something was found at; none where no row does."""

    pointer: str
    side: str  # "regional" or "canonical": whose document the pointer leads into
    rows: tuple[str, ...]  # file#pointer


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of one example. It passes if nothing is refused and every difference was declared."""

    name: str
    kind: DocumentKind
    variant: str
    faults: tuple[Fault, ...] = ()  # refusals in either direction, and what the canonical form objects to
    canonical_differs: tuple[str, ...] = ()  # pointers where the result is not the expected one
    regional_differs: tuple[str, ...] = ()  # pointers that do not come back, by rows that never said so
    normalised: tuple[str, ...] = ()  # pointers that come back as their rows say: another spelling of the same
    returned_differs: tuple[str, ...] = ()  # pointers of the canonical document that a round trip changes
    losses_to_canonical: tuple[str, ...] = ()
    losses_to_regional: tuple[str, ...] = ()
    blamed: tuple[Blame, ...] = ()  # the rows behind each fault and difference

    @property
    def passed(self) -> bool:
        """Tell whether the example holds."""
        return not (self.faults or self.canonical_differs or self.regional_differs or self.returned_differs)

    def rows_behind(self, pointer: str) -> tuple[str, ...]:
        """Return the rows that make a place, as file#pointer."""
        return tuple(dict.fromkeys(row for one in self.blamed if one.pointer == pointer for row in one.rows))


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What the tables of one message leave out."""

    kind: DocumentKind
    variant: str
    table: str  # the file of its rows
    never_filled: tuple[str, ...]  # canonical fields without a row
    never_read: tuple[str, ...]  # regional fields of the examples and of the schema without a row
    unexercised: tuple[RowAt, ...]  # rows, by canonical path, that no example of the message reaches
    lossy_to_canonical: tuple[RowAt, ...]
    lossy_to_regional: tuple[RowAt, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Collision:
    """Things that are different before a conversion and the same after it.

    | sort | what meets |
    |---|---|
    | rows | several rows write one place, each under its own condition |
    | fields | several fields feed one; the first that says something is carried on |
    | codes | several codes become one |
    | values | several values of the examples became one |
    """

    sort: str
    to: str  # "canonical" or "regional": the direction in which they meet
    place: str  # where they meet: a path, or a code of a table
    rows: tuple[str, ...]  # file#pointer of each
    met: tuple[str, ...]  # paths or codes that meet; for values, where in which example they stand, never the values
    declared: bool  # the adapter says so itself: a condition, `lossy`, `first-of`, or a codec that unifies spelling


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """How one generated document broke the law that what converts comes back, or every loss is named.

    | breach | what happened |
    |---|---|
    | lost | a regional place said something and says nothing after a round trip; no loss names it |
    | changed | a canonical place is different after a round trip; no loss names it |
    | respelled | a regional place comes back with another value, and no row says that it may |
    | refused | what was read is a document of the canonical form, and is refused on the way back |
    | raised | the conversion ended in something other than a refusal with a code; `detail` names it |
    """

    breach: str
    side: str = "regional"  # or "canonical": whose document the pointers lead into
    pointers: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()  # file#pointer of the rows that make these places
    shape: tuple[str, ...]  # the places of the regional document, each with its JSON type; values are left out
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Generated:
    """What became of the documents drawn from one message's regional schema."""

    kind: DocumentKind
    variant: str
    drawn: int = 0
    converted: int = 0  # of those drawn; the rest was refused with a code
    failures: tuple[Failure, ...] = ()  # of the smallest document that broke the law
    ended: str = ""  # why fewer than asked for were drawn: "no_schema", "undrawable", "out_of_time"

    @property
    def passed(self) -> bool:
        """Tell whether the law was broken by nothing; what held of refusals only passes too, and says so."""
        return not self.failures

    @property
    def refusals_only(self) -> bool:
        """Tell whether nothing drawn was converted, so that the law was held of refusals only."""
        return bool(self.drawn) and not self.converted and not self.failures


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything an operator should know before activating an adapter."""

    adapter: str
    version: str
    digest: str
    verdicts: tuple[Verdict, ...]
    coverage: tuple[Coverage, ...]
    partnerless: Mapping[str, tuple[str, ...]]  # code table → canonical codes that cannot be said there
    unexemplified: tuple[str, ...]  # messages without any example
    collisions: tuple[Collision, ...] = ()
    generated: tuple[Generated, ...] = ()  # by message; empty where no documents were asked for

    @property
    def passed(self) -> bool:
        """Tell whether every message has an example, every example holds, and so does all that was generated."""
        held = all(one.passed for one in self.verdicts) and all(one.passed for one in self.generated)
        return held and not self.unexemplified
