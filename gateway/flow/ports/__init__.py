"""What the steps need from outside, as roles in domain verbs.

Atomicity is in the signatures: one call is one promise, durable when it returns and absent when it raises.
Every call may raise StoreUnavailableError; then nothing of it happened, or a retry will find that it did.
"""

from gateway.flow.ports.adapters import Adapters, AdapterVersions, Bench, Judgement
from gateway.flow.ports.changes import EVERYTHING, Changes, Topic
from gateway.flow.ports.exchanges import Exchanges, Intake, Nonce, Taken
from gateway.flow.ports.feed import Feed, FeedPage, Mirror, MirroredItem
from gateway.flow.ports.front_ends import FoundRow, FrontEnd, FrontEnds, Position, Readings, Rejection
from gateway.flow.ports.imports import (
    ImportChunk,
    ImportedItem,
    ImportJob,
    ImportProgress,
    Imports,
    ItemChange,
    LineFault,
)
from gateway.flow.ports.items import ItemCounts, ItemPage, Items
from gateway.flow.ports.log import Checkpoint, EntryFilter, LastSigned, Log, SaltedEntry, TreeHead
from gateway.flow.ports.nodes import Nodes
from gateway.flow.ports.outbox import Backlog, Outbox, Verdict
from gateway.flow.ports.partners import Directory, Partners
from gateway.flow.ports.relay import Answer, Courier, Credentials, Outcome, Parcel, Reader, Transport, Wakeup
from gateway.flow.ports.retention import Archive, Retention, Retired, Retirement, Stock
from gateway.flow.ports.store import Store
from gateway.flow.ports.world import Chance, Clock

__all__ = [
    "EVERYTHING",
    "AdapterVersions",
    "Adapters",
    "Answer",
    "Archive",
    "Backlog",
    "Bench",
    "Chance",
    "Changes",
    "Checkpoint",
    "Clock",
    "Courier",
    "Credentials",
    "Directory",
    "EntryFilter",
    "Exchanges",
    "Feed",
    "FeedPage",
    "FoundRow",
    "FrontEnd",
    "FrontEnds",
    "ImportChunk",
    "ImportJob",
    "ImportProgress",
    "ImportedItem",
    "Imports",
    "Intake",
    "ItemChange",
    "ItemCounts",
    "ItemPage",
    "Items",
    "Judgement",
    "LastSigned",
    "LineFault",
    "Log",
    "Mirror",
    "MirroredItem",
    "Nodes",
    "Nonce",
    "Outbox",
    "Outcome",
    "Parcel",
    "Partners",
    "Position",
    "Reader",
    "Readings",
    "Rejection",
    "Retention",
    "Retired",
    "Retirement",
    "SaltedEntry",
    "Stock",
    "Store",
    "Taken",
    "Topic",
    "Transport",
    "TreeHead",
    "Verdict",
    "Wakeup",
]
