"""How much of an adapter `adapter suggest` proposes by itself, and how much of that is right.

    python -m bench.suggest [--json]

Each shipped layout is proposed anew from its own regional examples (and, in turn, its schema); its tables, its
canonical examples and its code tables are held out, and are only what the result is compared with. The dictionary of
column names is made of the other layouts' tables and schemas, never of the one measured, and is left out altogether in
half of the columns. A pair of a regional and a canonical path is right if a row of the layout's own table for that
message ties the two.
"""

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bench.rounds import print_json, print_table
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.conformance import Example, examples_in, regional_schemas
from gateway.core.conversion.conformance.fields import placed_rows, starred
from gateway.core.conversion.manifest import Variant
from gateway.core.conversion.pointer import join
from gateway.core.conversion.suggest.assignment import assign, best_first
from gateway.core.conversion.suggest.canonical import CanonicalField, fields_of
from gateway.core.conversion.suggest.dictionary import dictionary_of
from gateway.core.conversion.suggest.proposing import THRESHOLD
from gateway.core.conversion.suggest.suggestion import Knowledge, Reading, explain
from gateway.core.model import DocumentKind
from gateway.resources import Installed, read_adapter_folder, shipped, shipped_labels, shipped_schemas

GOAL_RECALL, GOAL_PRECISION = 0.7, 0.9
INPUTS = {  # name: schema given, other layouts' tables given
    "samples": (False, False),
    "samples, others": (False, True),
    "samples, schema": (True, False),
    "samples, schema, others": (True, True),
}
GREEDY = "the same, best first"  # instead of the best sum
Pairs = frozenset[tuple[str, str]]


@dataclass(kw_only=True)
class Tally:
    """What was proposed, what of it is right, and how many fields there were to propose."""

    right: int = 0
    proposed: int = 0
    wanted: int = 0
    messages: int = 0
    seconds: float = 0.0

    def add(self, reading: Reading, truth: Pairs, seconds: float) -> None:
        """Count one message."""
        given = {_bare(join(path)) for path in reading.found}
        pairs = {(_bare(one), starred(other)) for one, other in (each.key for each in reading.proposal.decided)}
        self.right += len(pairs & truth)
        self.proposed += len(pairs)
        self.wanted += len({regional for regional, _ in truth if regional in given})
        self.messages += 1
        self.seconds += seconds

    @property
    def precision(self) -> float:
        """Return the share of the proposed pairs that are right."""
        return self.right / self.proposed if self.proposed else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the fields to propose that were proposed rightly."""
        return self.right / self.wanted if self.wanted else 1.0


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Everything that does not change between layouts."""

    installed: tuple[Installed, ...]
    schemas: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, Mapping[str, str]]

    def run(self, one: Installed, *, schema: bool, others: bool, greedy: bool = False) -> dict[DocumentKind, Tally]:
        """Propose every message of one layout from what the inputs allow, and compare with its own tables."""
        adapter, files = one.adapter, read_adapter_folder(one.folder)
        schemas = regional_schemas(files)
        known = self._knowledge(adapter, others=others)
        tallies: dict[DocumentKind, Tally] = {}
        for kind, channel in adapter.channels.items():
            tallies[kind] = Tally()
            for message, samples in _messages(adapter, kind, examples_in(files)):
                variant = channel.messages[message].variant
                given = schemas.get(variant.schema) if schema else None
                event = _event(kind, variant)
                fields = fields_of(self.schemas, kind, event=event)
                started = perf_counter()
                method = best_first if greedy else assign
                reading = explain(samples, given, known, kind, event=event, assign_by=method)
                tallies[kind].add(reading, _truth(adapter, kind, message, fields), perf_counter() - started)
        return tallies

    def _knowledge(self, measured: Adapter, *, others: bool) -> Knowledge:
        rest = [
            (one.adapter, regional_schemas(read_adapter_folder(one.folder)))
            for one in self.installed
            if one.adapter is not measured
        ]
        return Knowledge(
            schemas=self.schemas,
            forms={},
            labels=self.labels,
            dictionaries={kind: dictionary_of(rest, kind) for kind in measured.channels} if others else {},
        )


def _event(kind: DocumentKind, variant: Variant) -> str:
    """Return the type of event that samples are of, which an operator says with --event."""
    said = next((one.values for one in variant.canonical if one.at == ("type",)), ())
    return str(said[0]) if kind is DocumentKind.EVENT and len(said) == 1 else ""


def _messages(
    adapter: Adapter, kind: DocumentKind, examples: tuple[Example, ...]
) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield the regional examples of each message, as an operator would have them in files."""
    by_message: dict[str, dict[str, bytes]] = {name: {} for name in adapter.channels[kind].messages}
    for one in examples:
        if one.kind is kind:
            document = adapter.read(kind, one.regional, one.media_type)
            if (name := adapter.channels[kind].regional(document)) is not None:
                by_message[name][one.name] = one.regional
    yield from ((name, samples) for name, samples in by_message.items() if samples)


def _truth(adapter: Adapter, kind: DocumentKind, message: str, fields: Collection[CanonicalField]) -> Pairs:
    """Return what the layout's own rows tie, as far as this type of document can hold it."""
    known = {starred(join(one.path)) for one in fields}
    channel = adapter.channels[kind]
    rows = placed_rows(channel.document, channel.messages[message].variant)
    return frozenset(
        (_bare(regional), starred(canonical))
        for one in rows
        if one.row.rows is None
        for regional in one.regional
        for canonical in one.canonical
        if starred(canonical).removesuffix("/*") in known
    )


def _bare(at: str) -> str:
    """Return a regional path without marks of elements: XML does not tell one element from an array of one."""
    return "/".join(part for part in starred(at).split("/") if part != "*")


def bench() -> Bench:
    """Read what is shipped."""
    return Bench(
        installed=shipped(),
        schemas=shipped_schemas(),
        labels=shipped_labels(),
    )


def main() -> None:
    """Measure every layout, and print all of them."""
    ours = bench()
    figures: dict[str, Any] = {}
    rows, seconds, messages = [], 0.0, 0
    for one in ours.installed:
        results = {name: ours.run(one, schema=first, others=second) for name, (first, second) in INPUTS.items()}
        results[GREEDY] = ours.run(one, schema=True, others=True, greedy=True)
        for kind in one.adapter.channels:
            tallies = {name: each[kind] for name, each in results.items()}
            cells = [f"{each.precision:.2f}/{each.recall:.2f}" for each in tallies.values()]
            label = f"{one.adapter.name} {kind}"
            rows.append((label, tallies["samples"].wanted, *cells))
            figures[label] = {
                name: {"precision": round(each.precision, 3), "recall": round(each.recall, 3)}
                for name, each in tallies.items()
            }
            seconds += tallies["samples"].seconds
            messages += tallies["samples"].messages
    title = f"Proposed rows at score {THRESHOLD}: precision/recall (goal {GOAL_PRECISION}/{GOAL_RECALL})"
    print_table(title, ("layout and document", "fields", *INPUTS, GREEDY), rows)
    print(f"\n{seconds / max(messages, 1):.2f} s a message, from its samples alone")
    if "--json" in sys.argv:
        print_json("suggest", {"threshold": THRESHOLD, "layouts": figures})


if __name__ == "__main__":
    main()
