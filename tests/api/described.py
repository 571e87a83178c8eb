"""Holds an answer against what the OpenAPI document says of it."""

import re
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson
from jsonschema import Draft202012Validator

from gateway.api.codes import meanings
from gateway.api.contract import OPERATIONS
from gateway.api.openapi import codes_by_status, description

_DESCRIBED = description("https://gateway.example")


def check_described(method: str, response: aiohttp.ClientResponse, body: bytes) -> Any:
    """Return the document of an answer that is as described; fail where it is not."""
    media_type = response.content_type
    if media_type == "application/problem+json":
        problem = check_problem(orjson.loads(body))
        _check_listed(method, response, problem["code"])
        return problem
    document = orjson.loads(body) if media_type.endswith("json") and body else body
    answers = _answers(method, response.url.path)
    assert str(response.status) in answers, f"{response.status} is not described for {response.url.path}"
    media = answers[str(response.status)]["content"][media_type]
    if "schema" in media and method != "HEAD":
        check_message(document, media["schema"])
    return document


def _check_listed(method: str, response: aiohttp.ClientResponse, code: str) -> None:
    """Fail where an operation refuses with a code, or a status, that its description does not list."""
    for operation in OPERATIONS:
        if operation.method == method and _matches(operation.path, response.url.path):
            listed = codes_by_status(operation)
            assert code in listed.get(HTTPStatus(response.status), ()), f"{operation.id}: {code}, {response.status}"


def check_problem(document: Any) -> Any:
    """Return a problem document whose form and every code are as described."""
    check_message(document, {"$ref": "#/components/schemas/Problem"})
    codes = {document["code"], *(fault["code"] for fault in document["errors"])}
    assert codes <= meanings().keys(), f"not in the table of codes: {codes - meanings().keys()}"
    return document


def check_message(document: Any, schema: Any) -> None:
    """Fail where a document breaks a schema of the description."""
    whole = {**schema, "components": _DESCRIBED["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)


def _answers(method: str, path: str) -> Any:
    for template, operations in _DESCRIBED["paths"].items():
        if _matches(template, path):
            return operations["get" if method == "HEAD" else method.lower()]["responses"]
    raise AssertionError(f"no described path is {path}")


def _matches(template: str, path: str) -> bool:
    pattern = re.sub(r"\{(\w+)\}", lambda name: ".+" if name[1] == "path" else "[^/]+", template)
    return re.fullmatch(pattern, path) is not None
