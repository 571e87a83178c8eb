"""The canonical schemas are valid, fully annotated, closed, and agree with the code lists."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.resources import data_folder

FOLDER = data_folder("schemas")
SCHEMAS = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("canonical/v1/*.json"))}
CODES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("codes/*.json"))}
DEFS = SCHEMAS["defs.schema.json"]["$defs"]
ANNOTATIONS = {"title": str, "x-title-zh": str, "x-column": str | None, "x-codes": str | None, "x-personal": bool}
CHINESE = re.compile("[\u4e00-\u9fff]")


def nodes(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            yield from nodes(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from nodes(value, f"{path}/{index}")


def properties(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in schema.get("properties", {}).items():
        yield f"{path}/{name}", value
        yield from properties(value.get("items", value), f"{path}/{name}")


FORMS = {name.removesuffix(".schema.json"): schema for name, schema in SCHEMAS.items()}
PROPERTIES = {path: node for name, form in (FORMS | DEFS).items() for path, node in properties(form, name)}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_obeys_the_meta_schema_of_its_draft(name):
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_identifier_of_a_schema_ends_with_its_file_name(name):
    stem = name.removesuffix(".schema.json")

    assert SCHEMAS[name]["$id"] == f"https://tongban.cn/schemas/canonical/v1/{stem}"


def test_every_property_carries_its_five_annotations():
    wrong = [
        (path, key)
        for path, node in PROPERTIES.items()
        for key, kind in ANNOTATIONS.items()
        if key not in node or not isinstance(node[key], kind) or node[key] == ""
    ]

    assert len(PROPERTIES) > 400
    assert wrong == []


def test_every_official_title_is_chinese():
    assert [path for path, node in PROPERTIES.items() if not CHINESE.search(node["x-title-zh"])] == []


def test_every_national_column_is_named_with_its_table():
    column = re.compile(r"[A-Z_*]+(\.[A-Z_]+)?|ROWGUID|CD_[A-Z]+")
    named = {path: node["x-column"] for path, node in PROPERTIES.items() if node["x-column"]}

    assert [path for path, text in named.items() if not all(map(column.fullmatch, text.split(", ")))] == []


def test_a_property_is_coded_exactly_when_it_refers_to_that_code_list():
    def coded(node: dict[str, Any]) -> str | None:
        target = node.get("items", node).get("$ref", "").rpartition("/")[2]
        return target if target in CODES else None

    assert [path for path, node in PROPERTIES.items() if coded(node) != node["x-codes"]] == []


def test_no_enumeration_stands_outside_the_code_lists():
    inline = [path for path, node in PROPERTIES.items() if "enum" in node or "enum" in node.get("items", {})]

    assert inline == []


@pytest.mark.parametrize("name", CODES)
def test_the_enumeration_of_a_code_list_equals_the_list(name):
    assert DEFS[name]["enum"] == [value["code"] for value in CODES[name]["values"]]


def test_every_code_list_is_used_by_a_property():
    assert set(CODES) == {node["x-codes"] for node in PROPERTIES.values() if node["x-codes"]}


@pytest.mark.parametrize("name", CODES)
def test_a_code_list_is_complete_in_both_languages_and_names_its_source(name):
    words = [CODES[name], *CODES[name]["values"]]

    assert CODES[name]["name"] == name
    assert CODES[name]["source"]
    assert [
        word for word in words if not word["title"] or not CHINESE.search(word["titleZh"] + ("中" * pdf(word)))
    ] == []


def pdf(word: dict[str, str]) -> bool:
    return word.get("code") == "pdf"


@pytest.mark.parametrize("name", CODES)
def test_a_code_list_has_no_other_members_and_no_code_twice(name):
    codes = [value["code"] for value in CODES[name]["values"]]

    assert list(CODES[name]) == ["name", "title", "titleZh", "source", "values"]
    assert all(set(value) <= {"code", "title", "titleZh", "source"} for value in CODES[name]["values"])
    assert len(set(codes)) == len(codes)


def test_every_object_is_closed_except_the_extensions_of_a_layout():
    open_ones = [
        file + path
        for file, schema in SCHEMAS.items()
        for path, node in nodes(schema)
        if node.get("type") == "object" and node.get("additionalProperties") is not False
    ]

    assert open_ones == []


def test_nothing_is_a_floating_point_number_and_every_integer_is_safe_in_json():
    every = [node for schema in SCHEMAS.values() for _, node in nodes(schema)]
    integers = [node for node in every if node.get("type") == "integer"]

    assert [node for node in every if "number" in str(node.get("type", ""))] == []
    assert all(0 <= node["minimum"] < node["maximum"] < 2**53 for node in integers)


def test_every_text_and_every_list_has_an_end():
    texts = [node for schema in SCHEMAS.values() for _, node in nodes(schema) if node.get("type") == "string"]
    lists = [node for schema in SCHEMAS.values() for _, node in nodes(schema) if node.get("type") == "array"]

    assert [node for node in texts if "maxLength" not in node and not node["pattern"].endswith("$")] == []
    assert [node for node in lists if "maxItems" not in node] == []


def test_patterns_are_anchored_and_name_their_digits():
    patterns = [node["pattern"] for schema in SCHEMAS.values() for _, node in nodes(schema) if "pattern" in node]

    assert all(pattern.startswith("^") and pattern.endswith("$") for pattern in patterns)
    assert not [pattern for pattern in patterns if re.search(r"\\[dws]", pattern)]


@pytest.mark.parametrize(
    "place",
    [
        "application/applicant/idNumber",
        "application/applicant/name",
        "application/contact/phone",
        "event/rating/ratedBy",
        "event/delivery/recipient",
        "certificate/identifier",
        "certificate/holder",
        "certificate/number",
        "rating/applicant/phone",
        "rating/caseName",
        "rating/officers/name",
        "rating/text",
    ],
)
def test_what_tells_about_a_person_is_marked_as_personal(place):
    assert PROPERTIES[place]["x-personal"] is True


def test_whatever_is_named_like_a_person_is_marked_as_personal():
    telling = re.compile("(idNumber|phone|address|email|officer|recipient|ratedBy|holder|password)$", re.IGNORECASE)
    public = ("base-item/", "service-item/", "contact-point/")
    unmarked = [
        path
        for path, node in PROPERTIES.items()
        if telling.search(path) and not path.startswith(public) and not node["x-personal"]
    ]

    assert unmarked == []


def test_what_is_said_of_an_applicant_or_a_contact_is_personal_but_for_the_course_of_the_check():
    people = re.compile("application/(applicant|coApplicants|contact)(/|$)")
    open_ones = {
        path.rpartition("/")[2] for path, node in PROPERTIES.items() if people.search(path) and not node["x-personal"]
    }

    assert open_ones == {"method", "level", "checkedAt", "reference"}


@pytest.mark.parametrize("name", ["certificate", "rating"])
def test_a_form_of_its_own_says_the_same_words_as_the_part_of_an_event(name):
    def words(path: str) -> dict[str, tuple[object, object]]:
        below = {at.removeprefix(path): node for at, node in PROPERTIES.items() if at.startswith(path)}
        return {at: (node["x-codes"], node["x-personal"]) for at, node in below.items()}

    several = {"officer", "officerNumber"}  # a rating by itself may be about more than one of them
    part = {at: word for at, word in words(f"event/{name}/").items() if at not in several}

    assert part.items() <= words(f"{name}/").items()


def test_a_part_is_personal_exactly_when_something_in_it_is():
    parts = {path for path, node in PROPERTIES.items() if "properties" in node.get("items", node)}

    def below(part: str) -> list[bool]:
        return [node["x-personal"] for path, node in PROPERTIES.items() if path.startswith(part + "/")]

    assert [part for part in parts if PROPERTIES[part]["x-personal"] != any(below(part))] == []
