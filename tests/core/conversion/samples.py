"""Small adapters for tests: files as an operator would send them."""

from collections.abc import Mapping

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.loading import load_adapter

MANIFEST = """
name = "demo"
version = "1.2.3"
title = "A demonstration"
titleZh = "演示"
regions = ["370000000000"]
[documents.application]
"""


def files(rows: str, *, manifest: str = MANIFEST, **others: str) -> dict[str, bytes]:
    """Return the files of an adapter with one table; `codes__type` becomes codes/type.toml."""
    named = {f"{name.replace('__', '/').replace('_', '-')}.toml": text for name, text in others.items()}
    texts = {"adapter.toml": manifest, "application.mapping.toml": f"rows = [\n{rows}\n]\n", **named}
    return {name: text.encode() for name, text in texts.items()}


def adapter(rows: str, **others: str) -> Adapter:
    """Load an adapter with one table of these rows."""
    return load_adapter(files(rows, **others))


def with_event_variants(tables: Mapping[str, str], entries: str) -> dict[str, bytes]:
    """Return the files of an adapter whose events come in several shapes."""
    manifest = MANIFEST.replace("[documents.application]", "[documents.event]") + entries
    named = {f"{name}.mapping.toml": f"rows = [\n{rows}\n]\n".encode() for name, rows in tables.items()}
    return {"adapter.toml": manifest.encode(), **named}
