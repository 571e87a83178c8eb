"""Tiles and bundles stand where tlog-tiles says, under one spelling, and bundles read back."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.audit.paths import BundleId, bundle_path, decode_bundle, encode_bundle, read_path, tile_path
from gateway.core.audit.tiles import TileId
from gateway.core.errors import CorruptedError, MalformedDocumentError, NotFoundError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "audit" / "tile-paths.json").read_bytes())


@pytest.mark.parametrize("case", VECTORS["tiles"], ids=lambda case: case["path"])
def test_a_tile_has_the_path_of_the_specification(case):
    tile = TileId(case["level"], case["index"], case["width"])

    assert tile_path(tile) == case["path"]
    assert read_path(case["path"]) == tile


@pytest.mark.parametrize("case", VECTORS["bundles"], ids=lambda case: case["path"])
def test_an_entry_bundle_has_the_path_of_the_specification(case):
    bundle = BundleId(case["index"], case["width"])

    assert bundle_path(bundle) == case["path"]
    assert read_path(case["path"]) == bundle


@pytest.mark.parametrize("path", VECTORS["wrong"])
def test_no_other_spelling_names_anything(path):
    with pytest.raises(NotFoundError):
        read_path(path)


@given(st.integers(0, 63), st.integers(0, 2**56), st.integers(1, 256))
def test_any_tile_is_found_under_its_path(level, index, width):
    tile = TileId(level, index, width)

    assert read_path(tile_path(tile)) == tile
    assert read_path(bundle_path(BundleId(index, width))) == BundleId(index, width)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_reads_back_as_it_was_written(leaves):
    assert decode_bundle(encode_bundle(leaves)) == tuple(leaves)


def test_a_bundle_is_length_prefixed_in_network_order():
    assert encode_bundle([b"ab", b"", b"c" * 258]) == b"\0\2ab\0\0\1\2" + b"c" * 258


@pytest.mark.parametrize("bundle", [b"\0", b"\0\2a", b"\0\1a\0", b"\0\1a\0\2b"])
def test_a_truncated_bundle_is_refused(bundle):
    with pytest.raises(MalformedDocumentError) as caught:
        decode_bundle(bundle)

    assert caught.value.code == "bundle_malformed"


def test_a_bundle_holds_at_most_256_entries():
    with pytest.raises(MalformedDocumentError):
        decode_bundle(b"\0\0" * 257)


def test_an_entry_longer_than_its_length_prefix_can_say_is_not_cut():
    assert decode_bundle(encode_bundle([b"a" * 65535])) == (b"a" * 65535,)
    with pytest.raises(CorruptedError):
        encode_bundle([b"a" * 65536])
