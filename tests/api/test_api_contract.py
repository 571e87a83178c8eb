"""The description, the router and the table of codes tell the same."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.api.app import build_app
from gateway.api.codes import meanings
from gateway.api.contract import OPERATIONS
from gateway.api.contract.messages import MESSAGES
from gateway.api.openapi import description
from tests.api.described import check_message

DESCRIBED = description("https://gateway.example")


def test_the_description_is_valid_openapi_3_1():
    OpenAPIV31SpecValidator(DESCRIBED).validate()


def test_every_route_is_described_and_every_described_path_is_routed(parts):
    routes = [route for route in build_app(parts).router.routes() if route.resource is not None]
    routed = {(route.method, route.resource.canonical) for route in routes if route.resource and route.method != "HEAD"}

    assert routed == {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_code_of_an_operation_is_in_the_table():
    unknown = {code for operation in OPERATIONS for code in operation.codes} - meanings().keys()

    assert unknown == set()


def test_every_example_is_valid_under_its_schema():
    for operation in OPERATIONS:
        for media in (*operation.body, *(media for answer in operation.answers for media in answer.media)):
            if media.schema is not None and media.example is not None:
                check_message(media.example, media.schema)


def test_every_message_is_used():
    said = str(DESCRIBED)

    assert [name for name in MESSAGES if f"#/components/schemas/{name}'" not in said] == []


def test_every_operation_is_told_in_both_languages():
    for operation in OPERATIONS:
        for text in (operation.title, operation.about, *(parameter.about for parameter in operation.parameters)):
            assert text.en.isascii() or "…" in text.en or "清单" in text.en
            assert any("一" <= character <= "鿿" for character in text.zh)
