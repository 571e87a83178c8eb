"""The adapters in service."""

from typing import Protocol

from gateway.core.conversion.adapter import Adapter


class Adapters(Protocol):
    """The adapters in service."""

    def named(self, layout: str) -> Adapter | None:
        """Return the active version of a layout's adapter."""
        ...
