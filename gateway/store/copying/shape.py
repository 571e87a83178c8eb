"""Every table of a store with its columns, as data: what a copy carries over, in the order in which it can be kept.

Both databases know these words. What SQLite keeps in a table beside (long bodies) is a column in PostgreSQL; what is a
boolean there is 0 or 1 here. The statements of a copy are made from this list, so that a table cannot be copied one way
and forgotten the other; tests/store/copying/test_shape_of_stores.py holds it against the schemas of both.
"""

from dataclasses import dataclass
from typing import Any, Final

Row = tuple[Any, ...]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what its rows are found by and ordered by, and what else they say."""

    name: str
    key: tuple[str, ...]
    rest: tuple[str, ...]
    flags: frozenset[str] = frozenset()  # columns that are true or false
    beside: str = ""  # the table in which SQLite keeps `apart`, by the same key
    apart: tuple[str, ...] = ()  # of `rest`, the last; absent beside is NULL here
    counted: bool = False  # the store gives the key, as a number that only grows

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row, in the order in which it is carried."""
        return (*self.key, *self.rest)

    @property
    def own(self) -> tuple[str, ...]:
        """The columns that SQLite does not keep beside."""
        return tuple(name for name in self.columns if name not in self.apart)


def _table(name: str, key: str, rest: str, *, flags: str = "", beside: str = "", counted: bool = False) -> Table:
    """Read a table as it is written below: what stands beside begins with the name of where it does."""
    elsewhere, *apart = beside.split() or [""]
    return Table(
        name=name,
        key=tuple(key.split()),
        rest=(*rest.split(), *apart),
        flags=frozenset(flags.split()),
        beside=elsewhere,
        apart=tuple(apart),
        counted=counted,
    )


# What is referred to stands before what refers to it. The head of the tree comes last: without it there is no log.
TABLES: Final = (
    _table("partners", "id", "kind name regions endpoint adapter keys status mirrored", flags="mirrored"),
    _table("exchange_ids", "id", "received_at"),
    _table(
        "taken_exchanges",
        "sequence",
        "id kind sender receiver subject digest media_type token receipt received_at",
        beside="exchange_bodies body",
        counted=True,
    ),
    _table(
        "applications",
        "number",
        "exchange source target item_code item_name collecting_region handling_region mode state created_at updated_at",
    ),
    _table("nonces", "sender jti", "expires_at"),
    _table(
        "deliveries",
        "sequence",
        "id exchange kind destination subject media_type created_at due_at claimed_at state head attempts code receipt"
        " faults node claim",
        flags="head",
        beside="delivery_bodies body",
        counted=True,
    ),
    _table("backoffs", "destination", "failures retry_at"),
    _table(
        "adapter_versions",
        "sequence",
        "layout version digest origin state passed put_at put_by",
        flags="passed",
        beside="adapter_contents files report",
        counted=True,
    ),
    _table("adapter_changes", "sequence", "layout version step at by", counted=True),
    _table(
        "items",
        "sequence",
        "kind code version region name status effective_from effective_to layout digest quarantine facets source",
        beside="item_documents document",
        counted=True,
    ),
    _table("item_revisions", "revision", "sequence digest document", counted=True),
    _table("item_codes", "code sequence", ""),
    _table("item_postings", "term block", "items"),
    _table("item_changes", "number", "sequence", counted=True),
    _table("feed", "id", "epoch"),
    _table("mirrored_items", "sequence", "owner epoch publication"),
    _table("mirrors", "owner", "epoch cursor copied_at"),
    _table(
        "imports",
        "number",
        "job kind layout position line added changed unchanged ended quarantined faulty finished",
        flags="finished",
        counted=True,
    ),
    _table("item_sightings", "sequence", "import line change pointers"),
    _table("import_faults", "import line", "position length code faults"),
    _table("table_positions", "partner name", "at row"),
    _table("rejections", "partner row", "exchange code faults found_at"),
    _table("leaves", "position", "leaf"),
    _table("entry_index", "position", "id kind outcome code exchange number source destination item_code recorded_ms"),
    _table("entry_salts", "position", "salt"),
    _table("retirements", "sequence", "kind before size root entry retired_at", counted=True),
    _table("tiles", "level number", "hashes"),
    _table("checkpoints", "size", "root note made_at"),
    _table("tree", "id", "size root"),
)
# What a store says of itself, which another does not take over.
OWN: Final = frozenset(
    {"migrations", "tongban_migrations", "tongban_expansions", "tongban_steps", "copying", "nodes", "duties", "changes"}
)
