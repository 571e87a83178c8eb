"""Makes an adapter of its files, which are untrusted: whatever is wrong becomes a fault, and nothing runs them."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import orjson

from gateway.core.conversion.adapter import Adapter, Channel, Message, digest
from gateway.core.conversion.compiler import holds
from gateway.core.conversion.manifest import Document, ManifestReader, Variant
from gateway.core.conversion.options import Complaints
from gateway.core.conversion.remarks import row_fault
from gateway.core.conversion.rows import Condition
from gateway.core.errors import AdapterError
from gateway.core.forms import Form
from gateway.core.tables.shapes import typed

FILES_LIMIT: Final = 500
BYTES_LIMIT: Final = 16 << 20
_SCHEMA_LIMIT: Final = 1 << 20
_FAULT_LIMIT: Final = 500
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){0,4}", re.ASCII)


def load_adapter(files: Mapping[str, bytes], code_lists: Mapping[str, Collection[str]] | None = None) -> Adapter:
    """Load an adapter from its files (relative path to content).

    Where `code_lists` (name to codes) is given, each code table must cover the canonical list it names.
    Raises AdapterError with every reason; no file is ever executed, and no other error leaves this function.
    """
    complaints = Complaints()
    _check_sizes(files, complaints)
    _raise(complaints)
    manifest = ManifestReader(files, complaints, code_lists).manifest()
    variants = [variant for document in manifest.documents.values() for variant in document.variants]
    named = dict.fromkeys(variant.schema for variant in variants if variant.schema)
    schemas = {name: _schema(name, files, complaints) for name in named}
    _raise(complaints)
    return Adapter(
        manifest=typed(manifest),
        digest=listing_digest(files),
        channels={kind: _channel(document, schemas) for kind, document in manifest.documents.items()},
    )


def listing_digest(files: Mapping[str, bytes]) -> str:
    """Return the digest of an adapter: over one line a file, its SHA-256 and its path, sorted by path."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return digest("".join(lines).encode())


def _check_sizes(files: Mapping[str, bytes], complaints: Complaints) -> None:
    if len(files) > FILES_LIMIT or sum(map(len, files.values())) > BYTES_LIMIT:
        complaints.add("", "", "too_large", f"at most {FILES_LIMIT} files and {BYTES_LIMIT} bytes")
        return
    for name in files:
        if not _FILE.fullmatch(name):
            complaints.add("", "", "name_invalid", "files named by letters, digits and . _ - in at most 5 levels")


def _schema(name: str, files: Mapping[str, bytes], complaints: Complaints) -> Form | None:
    """Compile one regional schema; it may refer to nothing outside itself."""
    body = files.get(name)
    if body is None:
        complaints.add(name, "", "file_missing")
        return None
    try:
        schema = orjson.loads(body) if len(body) <= _SCHEMA_LIMIT else None
        if type(schema) is dict:
            return Form.compile(schema, {})
        complaints.add(name, "", "schema_invalid", f"a JSON object of at most {_SCHEMA_LIMIT} bytes")
    except orjson.JSONDecodeError:
        complaints.add(name, "", "file_unreadable", "JSON in UTF-8")
    except AdapterError as error:
        for fault in error.faults:
            complaints.add(name, fault.pointer, "schema_invalid", fault.expected)
    return None


def _channel(document: Document, schemas: Mapping[str, Form | None]) -> Channel:
    return Channel(
        document=document,
        messages={
            variant.name: Message(variant=variant, schema=schemas.get(variant.schema)) for variant in document.variants
        },
        regional=_chooser(document.variants, lambda variant: variant.regional),
        canonical=_chooser(document.variants, lambda variant: variant.canonical),
    )


def _chooser(
    variants: tuple[Variant, ...], side: Callable[[Variant], tuple[Condition, ...]]
) -> Callable[[Any], str | None]:
    """Make the question which variant a document is; at most one can claim it."""
    if len(variants) == 1 and not side(variants[0]):
        only = variants[0].name
        return lambda _document: only
    claims = [
        (variant.name, tuple(holds(condition.at, condition.values) for condition in side(variant)))
        for variant in variants
    ]

    def choose(document: Any) -> str | None:
        for name, conditions in claims:
            if all(condition(document) for condition in conditions):
                return name
        return None

    return choose


def _raise(complaints: Complaints) -> None:
    if complaints.found:
        faults = tuple(map(row_fault, complaints.found[:_FAULT_LIMIT]))
        places = ", ".join(dict.fromkeys(f"{one.pointer} {one.code}" for one in faults[:3]))
        raise AdapterError(f"{len(complaints.found)} faults: {places}", faults=faults)
