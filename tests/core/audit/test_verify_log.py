"""An auditor's checks pass on an honest log, and each one fails on what it is there for."""

from datetime import UTC, datetime, timedelta

import pytest
from nacl.signing import SigningKey

from gateway.core.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.core.audit.entry import Entry, EntryKind, Outcome, index_of
from gateway.core.audit.merkle import leaf_hash, root_of
from gateway.core.audit.note import LogKey, sign_note
from gateway.core.audit.tiles import Edge, append, inclusion_proof, tiles_for_inclusion
from gateway.core.audit.verify import Report, verify_entry, verify_log
from gateway.core.errors import CorruptedError, ProofError, UntrustedError

SECRET = SigningKey(bytes(range(32)))
KEY = LogKey(name="gateway.shiyan.example/log", public=bytes(SECRET.verify_key))
COUNT = 40


def entry(number: int) -> Entry:
    at = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=number)
    return Entry(
        id=f"01980000-0000-7000-8000-{number:012x}",
        kind=EntryKind.LOG_READ,
        outcome=Outcome.ACCEPTED,
        occurred_at=at,
        recorded_at=at,
        losses=number,
    )


def sign(text: bytes) -> bytes:
    return SECRET.sign(text).signature


def checkpoint(size: int, root: bytes) -> bytes:
    return sign_checkpoint(Checkpoint(origin=KEY.name, size=size, root=root), KEY, sign)


ENTRIES = [entry(number) for number in range(COUNT)]
LEAVES = [each.leaf() for each in ENTRIES]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROWS = [index_of(each) for each in ENTRIES]
NOTES = [checkpoint(size, root_of(HASHES[:size])) for size in (0, 1, 7, 7, 30)]


def failed(report: Report) -> list[str]:
    assert report.passed == all(check.passed for check in report.checks)
    return [check.name for check in report.checks if not check.passed]


def test_an_honest_log_passes_every_check():
    report = verify_log(LEAVES, NOTES, KEY, ROWS)

    assert report.passed
    assert [(check.name, check.detail) for check in report.checks] == [
        ("checkpoints_signed", "5 checkpoints"),
        ("sizes_never_decrease", "5 checkpoints"),
        ("one_root_per_size", "5 checkpoints"),
        ("leaves_canonical", "40 entries"),
        ("roots_recomputed", "5 checkpoints"),
        ("nothing_cut_off", "5 checkpoints"),
        ("index_derived", "40 rows"),
    ]
    assert (report.entries, report.checkpoints, report.uncovered) == (40, 5, 10)
    assert report.root == root_of(HASHES)


def test_streams_are_read_once():
    assert verify_log(iter(LEAVES), iter(NOTES), KEY, iter(ROWS)).passed


def test_the_index_is_checked_only_if_there_is_one():
    names = [check.name for check in verify_log(LEAVES, NOTES, KEY).checks]

    assert len(names) == 6
    assert "index_derived" not in names


def test_a_rewritten_entry_changes_the_root_of_every_later_checkpoint():
    rewritten = [*LEAVES[:3], entry(99).leaf(), *LEAVES[4:]]

    report = verify_log(rewritten, NOTES, KEY)

    assert failed(report) == ["roots_recomputed"]
    assert report.checks[4].detail == (
        "checkpoint 3 (size 7): the entries have another root (wrong: 3 of 5 checkpoints)"
    )


@pytest.mark.parametrize(
    "leaves",
    [
        pytest.param([LEAVES[1], LEAVES[0], *LEAVES[2:]], id="swapped"),
        pytest.param([*LEAVES[:5], *LEAVES[6:]], id="dropped"),
        pytest.param([*LEAVES[:5], entry(99).leaf(), *LEAVES[5:]], id="inserted"),
    ],
)
def test_a_reordered_log_does_not_have_its_roots(leaves):
    assert failed(verify_log(leaves, NOTES, KEY)) == ["roots_recomputed"]


def test_entries_cut_off_at_the_end_are_missed():
    report = verify_log(LEAVES[:29], NOTES, KEY)

    assert failed(report) == ["nothing_cut_off"]
    assert report.checks[5].detail == ("checkpoint 5 (size 30): there are only 29 entries (wrong: 1 of 5 checkpoints)")


def test_a_checkpoint_of_an_absurd_size_is_only_a_failed_check():
    assert failed(verify_log(LEAVES, [checkpoint(2**63 - 1, HASHES[0])], KEY)) == ["nothing_cut_off"]


def test_a_log_that_shrank_is_caught():
    assert failed(verify_log(LEAVES, [NOTES[4], NOTES[2]], KEY)) == ["sizes_never_decrease"]


def test_one_size_with_two_roots_is_caught():
    split = checkpoint(7, HASHES[0])

    assert failed(verify_log(LEAVES, [NOTES[2], split], KEY)) == ["one_root_per_size", "roots_recomputed"]


def test_a_checkpoint_that_the_log_did_not_sign_is_caught():
    other = SigningKey(bytes(32))
    impostor = LogKey(name=KEY.name, public=bytes(other.verify_key))
    forged = sign_note(f"{KEY.name}\n1\nAAAA\n", impostor, lambda text: other.sign(text).signature)

    report = verify_log(LEAVES, [*NOTES, forged, b"not a note"], KEY)

    assert failed(report) == ["checkpoints_signed"]
    assert report.checks[0].detail == (
        "checkpoint 6: the note is not signed by the log's key (wrong: 2 of 7 checkpoints)"
    )


def test_a_leaf_that_is_no_entry_is_caught_even_though_it_was_signed():
    leaves = [*LEAVES[:5], b"{}", *LEAVES[6:]]
    note = checkpoint(COUNT, root_of(map(leaf_hash, leaves)))

    report = verify_log(leaves, [note], KEY, ROWS)

    assert failed(report) == ["leaves_canonical", "index_derived"]
    assert report.checks[3].detail.startswith("entry 5: ")


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([*ROWS[:5], ROWS[5]._replace(code="other"), *ROWS[6:]], id="altered"),
        pytest.param([*ROWS[:5], *ROWS[6:]], id="hidden"),
        pytest.param([*ROWS, ROWS[0]], id="invented"),
        pytest.param([], id="none"),
    ],
)
def test_an_index_that_its_leaves_do_not_derive_is_caught(rows):
    assert failed(verify_log(LEAVES, NOTES, KEY, rows)) == ["index_derived"]


def test_an_empty_log_has_nothing_wrong_with_it():
    report = verify_log([], [], KEY)

    assert report.passed
    assert (report.entries, report.uncovered) == (0, 0)


TILES = {tile.id: tile.hashes for tile in append(Edge(), HASHES[:30]).tiles}


def path(index: int) -> tuple[bytes, ...]:
    return inclusion_proof(index, 30, {tile: TILES[tile] for tile in tiles_for_inclusion(index, 30)})


def test_an_entry_is_proved_by_its_leaf_its_path_and_a_checkpoint():
    for index in range(30):
        assert verify_entry(LEAVES[index], index, path(index), NOTES[4], KEY) == ENTRIES[index]


def test_an_entry_is_not_proved_by_anything_else():
    with pytest.raises(ProofError):
        verify_entry(LEAVES[6], 5, path(5), NOTES[4], KEY)
    with pytest.raises(ProofError):
        verify_entry(LEAVES[5], 6, path(5), NOTES[4], KEY)
    with pytest.raises(ProofError):
        verify_entry(LEAVES[5], 5, path(5), NOTES[3], KEY)
    with pytest.raises(UntrustedError):
        verify_entry(LEAVES[5], 5, path(5), NOTES[4], LogKey(name=KEY.name, public=bytes(32)))


def test_a_proved_leaf_that_is_no_entry_is_corruption():
    note = checkpoint(1, leaf_hash(b"{}"))

    with pytest.raises(CorruptedError):
        verify_entry(b"{}", 0, (), note, KEY)
