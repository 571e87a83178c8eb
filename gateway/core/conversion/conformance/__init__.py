"""Judges an adapter before it serves anybody: its examples both ways, what its tables leave out and let meet."""

from gateway.core.conversion.conformance.examples import examples_in, regional_schemas
from gateway.core.conversion.conformance.fields import canonical_fields
from gateway.core.conversion.conformance.judging import check
from gateway.core.conversion.conformance.law import Held, Law
from gateway.core.conversion.conformance.report import (
    Blame,
    Collision,
    Coverage,
    Example,
    Failure,
    Generated,
    Report,
    RowAt,
    Verdict,
)
from gateway.core.conversion.conformance.trial import differences

__all__ = [
    "Blame",
    "Collision",
    "Coverage",
    "Example",
    "Failure",
    "Generated",
    "Held",
    "Law",
    "Report",
    "RowAt",
    "Verdict",
    "canonical_fields",
    "check",
    "differences",
    "examples_in",
    "regional_schemas",
]
