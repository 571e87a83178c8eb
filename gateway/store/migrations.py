"""Steps from an older schema to a newer, and whether a store has taken exactly those that this program knows.

A migration whose first line begins with `-- expand:` only adds, so that nodes of the release before go on beside it.
Any other contracts: it takes away what they still need, and waits until none of them is left. A script is cut into
steps by lines that begin with `-- step:`, each a transaction, or `-- step by itself:`, which no transaction can hold.
A SQLite file is migrated while nobody uses it: there, none of this makes a difference.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from gateway.core.errors import SettingsError

_EXPAND: Final = "-- expand:"
_STEP: Final = re.compile(r"^-- step( by itself)?:.*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A part of a migration that is done or not done."""

    script: str
    alone: bool = False  # outside of a transaction; cut off half way, it is done again


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One step from an older schema to a newer."""

    number: int
    name: str
    checksum: str
    script: str

    @property
    def expands(self) -> bool:
        """Whether nodes that do not know it go on beside it."""
        return self.script.startswith(_EXPAND)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What it does, in order."""
        return tuple(_steps(self.script))


class Applied(NamedTuple):
    """A migration as a store remembers it."""

    number: int
    name: str
    checksum: str
    expands: bool = False  # and nothing has been taken away since


@dataclass(frozen=True, kw_only=True, slots=True)
class Migrated:
    """What migrating did, by name, and what waits for nodes of an older program to end."""

    applied: tuple[str, ...]
    waiting: tuple[str, ...] = ()


def migrations_in(folder: Path) -> tuple[Migration, ...]:
    """Return the migrations of a folder in order."""
    return tuple(map(_read, sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))))


def missing(applied: Sequence[Applied], known: Sequence[Migration]) -> Sequence[Migration]:
    """Return the migrations that are known and not applied.

    Raises SettingsError `store_newer` for a store in which a later program has done more than expand, `store_altered`
    where a migration was changed after it had been applied.
    """
    for step, migration in zip(applied, known, strict=False):
        if (step.number, step.checksum) != (migration.number, migration.checksum):
            raise SettingsError(f"the store was made by another migration {step.name}", code="store_altered")
    if not all(step.expands for step in applied[len(known) :]):
        raise SettingsError("the store was made by a newer program: run that one", code="store_newer")
    return known[len(applied) :]


def require_all(applied: Sequence[Applied], known: Sequence[Migration]) -> None:
    """Return only if nothing is missing; raises as `missing`, and `store_outdated` for a store that wants migrating."""
    _require(missing(applied, known))


def require_expanded(applied: Sequence[Applied], known: Sequence[Migration]) -> None:
    """Return only if nothing is missing but what takes away; raises as `require_all`."""
    lacking = missing(applied, known)
    if any(migration.expands for migration in lacking) or not applied:
        _require(lacking)


def _require(lacking: Sequence[Migration]) -> None:
    if lacking:
        raise SettingsError(
            f"the store lacks {len(lacking)} migrations, from {lacking[0].name}: run `tongban migrate`",
            code="store_outdated",
        )


def _read(file: Path) -> Migration:
    script = file.read_text("utf-8")
    checksum = sha256(script.encode()).hexdigest()
    return Migration(number=int(file.stem[:4]), name=file.stem, checksum=checksum, script=script)


def _steps(script: str) -> Iterator[Step]:
    first, *cut = _STEP.split(script)
    if any(line and not line.startswith("--") for line in first.splitlines()):
        yield Step(script=first)
    for kind, part in zip(cut[::2], cut[1::2], strict=True):
        yield Step(script=part, alone=bool(kind))
