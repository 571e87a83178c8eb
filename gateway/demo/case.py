"""What the simulated systems know of a case, and how a layout writes and reads it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One applicant's matter, as plain facts that every layout has its own words for."""

    case_number: str  # the system's own 办件编号
    item_code: str  # implementation code, 31 characters
    item_name: str
    collecting_region: str
    handling_region: str
    applicant: str
    id_number: str  # resident ID
    phone: str
    materials: tuple[str, ...]
    applied_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Something that happened to a case, before its layout puts it into words."""

    type: str  # an EventType
    case_number: str
    region: str
    authority: str
    authority_code: str
    officer: str
    at: datetime


class Layout(Protocol):
    """How the regional systems of one kind speak; written from the layout's documents, not by its adapter."""

    name: str
    media_type: str

    def items(self, region: str, count: int) -> list[bytes]:
        """Return service items of a region, one document each."""
        ...

    def application(self, case: Case) -> bytes:
        """Return the application as this kind of system sends it."""
        ...

    def event(self, step: Step) -> bytes:
        """Return what happened as this kind of system reports it."""
        ...

    def read_application(self, body: bytes) -> Case:
        """Return the case out of an application handed over in this layout."""
        ...

    def read_event(self, body: bytes) -> str:
        """Return the type of an event handed over in this layout."""
        ...
