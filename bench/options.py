"""The options that benchmarks share."""

from argparse import ArgumentParser
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What was asked for on the command line."""

    json: bool  # end with one JSON line
    seconds: float  # about this long a window
    rounds: int  # windows of each contender


def options(summary: str, *, seconds: float = 3.0, rounds: int = 5) -> Options:
    """Read the command line."""
    parser = ArgumentParser(description=summary)
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    parser.add_argument("--seconds", type=float, default=seconds, help="length of a window (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=rounds, help="windows of each (default: %(default)s)")
    return Options(**vars(parser.parse_args()))
