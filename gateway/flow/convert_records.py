"""Converts the documents of an import to items, here or in whatever does it elsewhere; the same either way."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.core.catalogue.items import RECORDS
from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import InvalidDocumentError, OversizedDocumentError, RejectedError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind, ServiceItem
from gateway.flow.ports import LineFault
from gateway.flow.records import DOCUMENT_BYTES, Record

Converted = list[ServiceItem | LineFault]
Convert = Callable[[Sequence[Record], str], Awaitable[Converted]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvertRecords:
    """Tell of each document the item that it is, or why it is none; in the order given."""

    adapter: Adapter
    form: Form
    kind: DocumentKind

    async def __call__(self, records: Sequence[Record], media_type: str) -> Converted:
        """Convert here and now."""
        return self.convert(records, media_type)

    def convert(self, records: Sequence[Record], media_type: str) -> Converted:
        """Convert documents; what is wrong with one is told in its place."""
        return [self._one(record, media_type) for record in records]

    def _one(self, record: Record, media_type: str) -> ServiceItem | LineFault:
        try:
            return self._item(record, media_type)
        except RejectedError as error:
            place = {"line": record.line, "position": record.position, "length": record.length}
            return LineFault(**place, code=error.code, faults=error.faults)

    def _item(self, record: Record, media_type: str) -> ServiceItem:
        if record.length > DOCUMENT_BYTES:
            raise OversizedDocumentError(f"a document has at most {DOCUMENT_BYTES} bytes")
        document = self.adapter.to_canonical(self.kind, record.body, media_type, form=self.form).document
        if faults := self.form.faults(document):
            raise InvalidDocumentError("the item breaks its canonical form", faults=faults)
        return RECORDS[self.kind](document)
