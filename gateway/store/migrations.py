"""Steps from an older schema to a newer, and whether a store has taken exactly those that this program knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gateway.core.errors import SettingsError


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One step from an older schema to a newer."""

    number: int
    name: str
    checksum: str
    script: str


def migrations_in(folder: Path) -> tuple[Migration, ...]:
    """Return the migrations of a folder in order."""
    return tuple(map(_read, sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))))


def missing(applied: Sequence[tuple[int, str, str]], known: Sequence[Migration]) -> Sequence[Migration]:
    """Return the migrations that are known and not applied; of each applied, its number, name and checksum are given.

    Raises SettingsError `store_newer` for a store that a later program made, `store_altered` where a migration was
    changed after it had been applied.
    """
    if len(applied) > len(known):
        raise SettingsError("the store was made by a newer program: run that one", code="store_newer")
    for (number, name, checksum), migration in zip(applied, known, strict=False):
        if (number, checksum) != (migration.number, migration.checksum):
            raise SettingsError(f"the store was made by another migration {name}", code="store_altered")
    return known[len(applied) :]


def require_all(applied: Sequence[tuple[int, str, str]], known: Sequence[Migration]) -> None:
    """Return only if nothing is missing; raises as `missing`, and `store_outdated` for a store that wants migrating."""
    lacking = missing(applied, known)
    if lacking:
        raise SettingsError(
            f"the store lacks {len(lacking)} migrations, from {lacking[0].name}: run `tongban migrate`",
            code="store_outdated",
        )


def _read(file: Path) -> Migration:
    script = file.read_text("utf-8")
    checksum = sha256(script.encode()).hexdigest()
    return Migration(number=int(file.stem[:4]), name=file.stem, checksum=checksum, script=script)
