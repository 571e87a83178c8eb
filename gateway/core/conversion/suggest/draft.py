"""Writes a proposal as the files of an adapter: its manifest, its mapping table, its code tables and its schema."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from gateway.core.conversion.formats.wire import SOAP_1_1, Wire
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import codes, toml
from gateway.core.conversion.suggest.inference import infer_schema
from gateway.core.conversion.suggest.mapping import TableWriter
from gateway.core.conversion.suggest.proposing import Proposal
from gateway.core.conversion.suggest.public import PublicValues
from gateway.core.conversion.suggest.reading import Samples
from gateway.core.conversion.suggest.samples import RegionalField
from gateway.core.model import DocumentKind

_LIMIT_WORDS: Final = {"工作日": "working-day", "自然日": "calendar-day", "小时": "hour", "周": "week", "月": "month"}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a draft is made of."""

    name: str
    kind: DocumentKind
    event: str
    samples: Samples
    found: Mapping[Path, RegionalField]
    proposal: Proposal
    labels: Mapping[str, Mapping[str, str]]
    schema: bytes | None

    def files(self) -> dict[str, bytes]:
        """Return the files, examples apart, by path."""
        writer = TableWriter(self.found, self.proposal, self.event)
        table = writer.table()
        texts = {"adapter.toml": self._manifest(), f"{self.kind}.mapping.toml": table}
        for name, columns in writer.tables.items():
            texts[f"codes/{name}.toml"] = codes.table_of(name, columns, self.labels.get(name, {}))
        if writer.spoken_limits:
            texts["codes/limit-words.toml"] = _limit_words()
        schema = self.schema or orjson.dumps(infer_schema(self.samples.documents), option=orjson.OPT_INDENT_2)
        return {name: text.encode() for name, text in texts.items()} | {f"schema/{self.kind}.schema.json": schema}

    @property
    def public(self) -> PublicValues:
        """Return what tells which values of the samples are nobody's."""
        return PublicValues(self.found, self.proposal, self.labels)

    def _manifest(self) -> str:
        wire = self.samples.wire
        lines = [
            toml.words("Proposed by `tongban adapter suggest`: read it before you trust it."),
            f"name = {toml.text(self.name)}",
            'version = "0.1.0"',
            f"title = {toml.text(self.name)}",
            f"titleZh = {toml.text(self.name)}",
            '# regions = ["420300000000"]    # the 12-digit divisions that use this layout',
            "",
            f"[documents.{self.kind}]",
            f"format = {toml.text(wire.format)}",
            f"charset = {toml.text(wire.charset)}",
            f'schema = "schema/{self.kind}.schema.json"',
            *self._style(wire),
        ]
        return "\n".join(lines) + "\n"

    def _style(self, wire: Wire) -> Iterator[str]:
        if wire.format == "soap":
            yield f"[documents.{self.kind}.soap]"
            yield f"version = {toml.text(wire.soap.version or SOAP_1_1)}"
            if wire.soap.namespace:
                yield f"namespace = {toml.text(wire.soap.namespace)}"
                yield f"qualified = {toml.value(wire.soap.qualified)}"
        elif wire.format in ("csv", "tsv"):
            yield f"[documents.{self.kind}.{wire.format}]"
            yield f"columns = {toml.value(wire.table.columns)}"
            yield "single = true"


def _limit_words() -> str:
    rows: Iterable[str] = (
        f"  {toml.value({'regional': word, 'canonical': unit, 'title': word})}," for word, unit in _LIMIT_WORDS.items()
    )
    also = toml.value({"regional": "天", "canonical": "calendar-day", "only": "to-canonical", "lossy": True})
    lines = ['title = "Words of time limits"', 'titleZh = "时限用语"', "values = [", *rows]
    lines.append("  " + toml.words('"天" is left to you: it may mean working days 须核实是否为工作日'))
    return "\n".join([*lines, "  " + toml.comment(f"{also},"), "]"]) + "\n"
