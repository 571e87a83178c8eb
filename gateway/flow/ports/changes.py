"""What others change of what a node keeps in memory."""

from enum import StrEnum
from typing import Final, Protocol


class Topic(StrEnum):
    """What there is to know anew."""

    PARTNERS = "partners"
    ADAPTERS = "adapters"
    OUTBOX = "outbox"  # a destination rests or does so no longer, or a dead delivery is due again


EVERYTHING: Final = frozenset(Topic)


class Changes(Protocol):
    """Tells of changes, whoever made them and in whatever process."""

    async def changed(self) -> frozenset[Topic]:
        """Wait until something has changed since the last call, and return what; for one caller at a time.

        The first time, and whenever something may have been missed, it is EVERYTHING, and at once. Raises
        StoreUnavailableError where nothing can be heard: then the caller has to look for itself, and ask again.
        """
        ...
