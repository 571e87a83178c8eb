"""A conformance report for programs: plain values that any JSON writer takes."""

from dataclasses import asdict
from typing import Any

from gateway.core.conversion.conformance.report import Report


def record_of(report: Report) -> dict[str, Any]:
    """Return a report as JSON values; rows are objects of file, pointer and path, or texts of the form file#pointer."""
    return {
        "adapter": report.adapter,
        "version": report.version,
        "digest": report.digest,
        "passed": report.passed,
        "examples": [{"passed": verdict.passed} | asdict(verdict) for verdict in report.verdicts],
        "generated": [
            {"passed": one.passed, "refusals_only": one.refusals_only} | asdict(one) for one in report.generated
        ],
        "coverage": [asdict(one) for one in report.coverage],
        "collisions": [asdict(one) for one in report.collisions],
        "codes_without_partner": dict(report.partnerless),
        "messages_without_example": list(report.unexemplified),
    }
