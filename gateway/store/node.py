"""Who a process is among those that work with a store."""

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(kw_only=True, slots=True)
class Node:
    """One opening of a store; another one, of the same process too, is another node."""

    id: str = field(default_factory=lambda: uuid4().hex)
    known: bool = False  # whether it has had a lease
