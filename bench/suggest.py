"""How much of an adapter `adapter suggest` proposes by itself, and how much of that is right.

    python -m bench.suggest [--json]

Each shipped layout is proposed anew from its own regional examples (and, in turn, its schema); its tables, its canonical
examples and its code tables are held out, and are only what the result is compared with. The dictionary of column names
is made of the other layouts' tables, never of the one measured, and is left out altogether in half of the columns.
A pair of a regional and a canonical path is right if a row of the layout's own table for that message ties the two.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bench.rounds import print_json, print_table
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.conformance import Example, examples_in, regional_schemas
from gateway.core.conversion.conformance.fields import placed_rows, starred
from gateway.core.conversion.manifest import Variant
from gateway.core.conversion.pointer import join
from gateway.core.conversion.suggest.assignment import best_first
from gateway.core.conversion.suggest.canonical import CanonicalField, fields_of
from gateway.core.conversion.suggest.dictionary import dictionary_of
from gateway.core.conversion.suggest.evidence import Scorer
from gateway.core.conversion.suggest.proposing import THRESHOLD, Proposal, propose
from gateway.core.conversion.suggest.samples import RegionalField, regional_fields
from gateway.core.model import DocumentKind
from gateway.resources import data_folder, read_adapter_folder, shipped_adapters, shipped_labels, shipped_schemas

GOAL_RECALL, GOAL_PRECISION = 0.7, 0.9
# Layouts whose columns are national, pinyin or Chinese: those the goals are set for.
GOALS = frozenset({"national", "guangdong"})
INPUTS = {  # name: schema given, other layouts' tables given
    "samples": (False, False),
    "samples, others": (False, True),
    "samples, schema": (True, False),
    "samples, schema, others": (True, True),
}
Pairs = frozenset[tuple[str, str]]


@dataclass(kw_only=True)
class Tally:
    """What was proposed, what of it is right, and how many fields there were to propose."""

    right: int = 0
    proposed: int = 0
    wanted: int = 0
    seconds: float = 0.0

    def add(self, proposal: Proposal, truth: Pairs, found: Mapping[Any, RegionalField], seconds: float) -> None:
        """Count one message."""
        given = {starred(join(path)) for path in found}
        pairs = {(starred(one), starred(other)) for one, other in (each.key for each in proposal.decided)}
        self.right += len(pairs & truth)
        self.proposed += len(pairs)
        self.wanted += len({regional for regional, _ in truth if regional in given})
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

    adapters: Mapping[str, Adapter]
    schemas: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, Mapping[str, str]]

    def _fields(self, kind: DocumentKind, variant: Variant) -> tuple[CanonicalField, ...]:
        """Return the canonical fields; which type of event its samples are is what an operator says with --event."""
        said = next((one.values for one in variant.canonical if one.at == ("type",)), ())
        if kind is not DocumentKind.EVENT or len(said) != 1:
            return fields_of(self.schemas, kind)
        names = {code: label for label, code in self.labels["event-type"].items()}
        return fields_of(self.schemas, kind, event=str(said[0]), event_zh=names[str(said[0])])

    def run(self, layout: str, *, schema: bool, others: bool, greedy: bool = False) -> dict[DocumentKind, Tally]:
        """Propose every message of one layout from what the inputs allow, and compare with its own tables."""
        adapter, files = self.adapters[layout], read_adapter_folder(data_folder("adapters") / layout)
        schemas = regional_schemas(files)
        rest = [
            (one, regional_schemas(read_adapter_folder(data_folder("adapters") / name)))
            for name, one in self.adapters.items()
            if name != layout
        ]
        tallies: dict[DocumentKind, Tally] = {}
        for kind, channel in adapter.channels.items():
            dictionary = dictionary_of(rest, kind) if others else {}
            tallies[kind] = Tally()
            for message, samples in _messages(adapter, kind, examples_in(files)):
                variant = channel.messages[message].variant
                given = schemas.get(variant.schema) if schema else None
                started = perf_counter()
                fields = self._fields(kind, variant)
                scorer = Scorer(fields, self.labels, dictionary)
                found = regional_fields(samples, given)
                options: dict[str, Any] = {"assign_by": best_first} if greedy else {}
                proposal = propose(found, fields, scorer, **options)
                took = perf_counter() - started
                truth = _truth(adapter, kind, message)
                tallies[kind].add(proposal, truth, found, took)
        return tallies


def _messages(adapter: Adapter, kind: DocumentKind, examples: tuple[Example, ...]) -> Iterator[tuple[str, list[Any]]]:
    by_message: dict[str, list[Any]] = {name: [] for name in adapter.channels[kind].messages}
    for one in examples:
        if one.kind is kind:
            document = adapter.read(kind, one.regional, one.media_type)
            if (name := adapter.channels[kind].regional(document)) is not None:
                by_message[name].append(document)
    yield from ((name, samples) for name, samples in by_message.items() if samples)


def _truth(adapter: Adapter, kind: DocumentKind, message: str) -> Pairs:
    channel = adapter.channels[kind]
    rows = placed_rows(channel.document, channel.messages[message].variant)
    return frozenset(
        (starred(regional), starred(canonical))
        for one in rows
        if one.row.rows is None
        for regional in one.regional
        for canonical in one.canonical
    )


def bench() -> Bench:
    """Read what is shipped."""
    return Bench(
        adapters=shipped_adapters(),
        schemas=shipped_schemas(),
        labels=shipped_labels(),
    )


def main() -> None:
    """Measure every layout, and print all of them."""
    ours = bench()
    figures: dict[str, Any] = {}
    rows = []
    for layout in ours.adapters:
        results = {name: ours.run(layout, schema=one, others=two) for name, (one, two) in INPUTS.items()}
        for kind in ours.adapters[layout].channels:
            cells = [f"{each[kind].precision:.2f}/{each[kind].recall:.2f}" for each in results.values()]
            rows.append((f"{layout} {kind}", results["samples"][kind].wanted, *cells))
            figures[f"{layout} {kind}"] = {
                name: {"precision": round(each[kind].precision, 3), "recall": round(each[kind].recall, 3)}
                for name, each in results.items()
            }
    title = f"Proposed rows at score {THRESHOLD}: precision/recall (goal {GOAL_PRECISION}/{GOAL_RECALL})"
    print_table(title, ("layout and document", "fields", *INPUTS), rows)
    if "--json" in sys.argv:
        print_json("suggest", {"threshold": THRESHOLD, "layouts": figures})


if __name__ == "__main__":
    main()
