"""Names of tables and columns: the only words of a stranger that ever stand in SQL, so no other character may."""

import re
from typing import Final

# PostgreSQL cuts names at 63 bytes, silently; what is longer would meet a column that nobody meant.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)


def is_name(text: str) -> bool:
    """Tell whether a text may name a table or a column."""
    return _NAME.fullmatch(text) is not None
