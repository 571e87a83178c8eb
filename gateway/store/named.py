"""SQL lives in `.sql` files, as statements with a name and a line saying what each does; this reads them.

A file is a list of statements, each begun by `-- name: verb` and a comment that describes it.
"""

from collections.abc import Mapping
from pathlib import Path

_HEADING = "-- name: "


def statements(file: Path) -> Mapping[str, str]:
    """Return the statements of a file by name, without their comments.

    Raises ValueError for a name given twice or a statement without description: both are mistakes of ours.
    """
    found: dict[str, str] = {}
    for block in file.read_text("utf-8").split(_HEADING)[1:]:
        name, *lines = block.splitlines()
        if name in found:
            raise ValueError(f"{file.name}: {name} is there twice")
        if not (lines and lines[0].startswith("-- ")):
            raise ValueError(f"{file.name}: {name} is not described")
        found[name] = "\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";")
    return found
