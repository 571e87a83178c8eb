"""What an auditor does with an exported log, away from the gateway: a list of checks, each named and each judged.

1. Every checkpoint is signed by the log's key, in the strict form.
2. Sizes never decrease from one checkpoint to the next.
3. One size never has two roots.
4. Every leaf is an entry, in canonical form.
5. The root recomputed from the leaves is the checkpoint's, at every size that was signed.
6. No checkpoint speaks of more entries than there are: nothing was cut off.
7. Every row of the search index is what its leaf derives (if the index is given).
8. What is not there any more was retired on purpose: a later entry says up to which size, and with which root.

Of entries that were retired only the hashes are left; with them the roots are recomputed all the same, at every size.
Both streams are read once, side by side; what is kept is the tree's peaks, so memory does not grow with the log.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from gateway.core.audit import merkle
from gateway.core.audit.checkpoint import Checkpoint, open_checkpoint
from gateway.core.audit.entry import Entry, EntryKind, IndexRow, index_of, read_entry, root_digest
from gateway.core.audit.merkle import EMPTY_ROOT
from gateway.core.audit.note import LogKey
from gateway.core.errors import CorruptedError, RejectedError


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One line of the list."""

    name: str
    passed: bool
    detail: str  # what was examined, or the first failure and how many there are


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The judged list; it is the caller's to act on `passed`."""

    checks: tuple[Check, ...]
    entries: int
    checkpoints: int
    root: bytes  # of all the entries given, covered by a checkpoint or not
    uncovered: int  # entries after the last checkpoint: nobody signed them yet
    retired: int = 0  # entries from the first on of which only hashes are left

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def verify_entry(leaf: bytes, index: int, path: tuple[bytes, ...], note: bytes, key: LogKey) -> Entry:
    """Return the entry of a leaf that this log signed for at that index.

    Raises ProofError if the path does not lead to the checkpoint's root, UntrustedError if the checkpoint is not the
    log's, MalformedDocumentError if it is none, CorruptedError if the leaf is no entry.
    """
    checkpoint = open_checkpoint(note, key)
    merkle.verify_inclusion(merkle.leaf_hash(leaf), index, checkpoint.size, path, checkpoint.root)
    return read_entry(leaf)


def verify_log(
    leaves: Iterable[bytes],
    notes: Iterable[bytes],
    key: LogKey,
    index: Iterable[IndexRow] | None = None,
    *,
    retired: Iterable[bytes] = (),
) -> Report:
    """Judge an exported log: its leaves and its signed checkpoints, each in order, and its index if given.

    `retired` are the leaf hashes of the entries from the first on that are not among `leaves`.
    """
    audit = _Audit(key, chain(retired), leaves, index)
    for position, note in enumerate(notes, 1):
        audit.take_checkpoint(position, note)
    covered = audit.size
    audit.take_leaves(None)
    audit.finish_index()
    audit.finish_retired()
    return Report(
        checks=tuple(tally.check() for tally in audit.tallies()),
        entries=audit.size,
        checkpoints=audit.signed.examined,
        root=merkle.fold(audit.peaks),
        uncovered=audit.size - covered,
        retired=audit.retired,
    )


class _Tally:
    """One check while it runs."""

    def __init__(self, name: str, noun: str) -> None:
        self.name, self.noun = name, noun
        self.examined = self.failures = 0
        self.first = ""

    def judge(self, *, passed: bool, failure: str) -> None:
        """Count one thing examined; of failures, the first is told."""
        self.examined += 1
        if not passed:
            self.failures += 1
            self.first = self.first or failure

    def check(self) -> Check:
        if not self.failures:
            return Check(name=self.name, passed=True, detail=f"{self.examined} {self.noun}")
        detail = f"{self.first} (wrong: {self.failures} of {self.examined} {self.noun})"
        return Check(name=self.name, passed=False, detail=detail)


class _Audit:
    """Both streams, the tree so far, and the tallies of the eight checks."""

    def __init__(
        self, key: LogKey, hashes: Iterator[bytes], leaves: Iterable[bytes], index: Iterable[IndexRow] | None
    ) -> None:
        self.key, self.hashes, self.leaves = key, hashes, iter(leaves)
        self.index = None if index is None else iter(index)
        self.size, self.peaks = 0, list[bytes]()
        self.retired, self.retired_root, self.said = 0, EMPTY_ROOT, False
        self.last: Checkpoint | None = None
        self.signed = _Tally("checkpoints_signed", "checkpoints")
        self.growing = _Tally("sizes_never_decrease", "checkpoints")
        self.single = _Tally("one_root_per_size", "checkpoints")
        self.readable = _Tally("leaves_canonical", "entries")
        self.rooted = _Tally("roots_recomputed", "checkpoints")
        self.complete = _Tally("nothing_cut_off", "checkpoints")
        self.indexed = _Tally("index_derived", "rows")
        self.purposeful = _Tally("retired_on_purpose", "retired entries")

    def tallies(self) -> tuple[_Tally, ...]:
        """Return the checks that apply, in the order of the list above."""
        always = (self.signed, self.growing, self.single, self.readable, self.rooted, self.complete)
        sometimes = ((self.indexed, self.index is not None), (self.purposeful, self.retired > 0))
        return (*always, *(tally for tally, applies in sometimes if applies))

    def take_checkpoint(self, position: int, note: bytes) -> None:
        """Judge the next checkpoint, and the leaves up to it."""
        try:
            checkpoint = open_checkpoint(note, self.key)
        except RejectedError as error:
            self.signed.judge(passed=False, failure=f"checkpoint {position}: {error}")
            return
        at = f"checkpoint {position} (size {checkpoint.size})"
        self.signed.judge(passed=True, failure="")
        if self._follows(at, checkpoint):
            self.last = checkpoint
            self._compare_root(at, checkpoint)

    def _follows(self, at: str, checkpoint: Checkpoint) -> bool:
        last = self.last or checkpoint
        grown = checkpoint.size >= last.size
        same = checkpoint.size != last.size or checkpoint.root == last.root
        self.growing.judge(passed=grown, failure=f"{at}: the one before has size {last.size}")
        self.single.judge(passed=same, failure=f"{at}: the one before has another root")
        return grown

    def _compare_root(self, at: str, checkpoint: Checkpoint) -> None:
        self.take_leaves(checkpoint.size - self.size)
        whole = self.size == checkpoint.size
        self.complete.judge(passed=whole, failure=f"{at}: there are only {self.size} entries")
        if whole:
            root = merkle.fold(self.peaks)
            self.rooted.judge(passed=root == checkpoint.root, failure=f"{at}: the entries have another root")

    def take_leaves(self, count: int | None) -> None:
        """Add the next `count` leaves to the tree, or all that are left: first those of which only hashes are."""
        before = self.size
        for retired in islice(self.hashes, count):
            self._grow(retired)
            self.retired, self.retired_root = self.size, b""
        for leaf in islice(self.leaves, None if count is None else count - (self.size - before)):
            self.retired_root = self.retired_root or merkle.fold(self.peaks)
            self._read(leaf)
            self._grow(merkle.leaf_hash(leaf))

    def finish_retired(self) -> None:
        """Judge whether somebody said that what is not there was retired."""
        told = f"no entry says that those below {self.retired} were retired with this root"
        self.purposeful.examined = self.retired - 1
        self.purposeful.judge(passed=self.said, failure=told)

    def _grow(self, hashed: bytes) -> None:
        merkle.grow(self.peaks, self.size, hashed)
        self.size += 1

    def _read(self, leaf: bytes) -> None:
        row = next(self.index, None) if self.index is not None else None
        derived = None
        try:
            entry = read_entry(leaf)
            derived = index_of(entry)
        except CorruptedError as error:
            self.readable.judge(passed=False, failure=f"entry {self.size}: {error}")
        else:
            self.readable.judge(passed=True, failure="")
            self.said = self.said or self._says_so(entry)
        if self.index is not None:
            same = derived is not None and row == derived
            self.indexed.judge(passed=same, failure=f"entry {self.size}: its row differs")

    def _says_so(self, entry: Entry) -> bool:
        """Tell whether an entry says that exactly what is not there was retired."""
        if entry.kind is not EntryKind.ENTRIES_RETIRED or entry.retired_size != self.retired:
            return False
        return entry.retired_root == root_digest(self.retired_root)

    def finish_index(self) -> None:
        """Fail rows that no leaf stands behind."""
        for _ in self.index or ():
            self.indexed.judge(passed=False, failure="a row stands for no entry")
