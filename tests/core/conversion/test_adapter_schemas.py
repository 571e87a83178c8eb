"""The published schemas of an adapter's files agree with what the loader reads."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.core.conversion.codecs import catalogue
from gateway.core.conversion.codecs.times import LAYOUTS

ROOT = Path(__file__).parents[3]
SCHEMAS: dict[str, dict[str, Any]] = {
    path.name.split(".")[0]: json.loads(path.read_text()) for path in (ROOT / "schemas/adapter").glob("*.json")
}
FOLDERS = [ROOT / "bench/layout", *sorted(path.parent for path in (ROOT / "adapters").glob("*/adapter.toml"))]


def schema_of(path: Path) -> dict[str, Any]:
    if path.name == "adapter.toml":
        return SCHEMAS["manifest"]
    return SCHEMAS["codes" if path.parent.name == "codes" else "mapping"]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_each_schema_is_one(schema):
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_shipped_file_fits_its_schema(folder):
    errors = [
        (path.name, error.json_path, error.message)
        for path in sorted(folder.rglob("*.toml"))
        for error in Draft202012Validator(schema_of(path)).iter_errors(tomllib.loads(path.read_text()))
    ]

    assert errors == []


def test_the_schema_knows_the_loader_s_codecs_and_formats():
    row = SCHEMAS["mapping"]["$defs"]["row"]["properties"]

    assert row["codec"]["enum"] == list(catalogue.NAMES)
    assert row["formats"]["anyOf"][0]["enum"] == list(LAYOUTS)
