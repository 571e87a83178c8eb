"""The contract as an OpenAPI 3.1 document."""

from collections import defaultdict
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from gateway.api.codes import meaning_of
from gateway.api.contract import OPERATIONS
from gateway.api.contract.messages import MESSAGES, UUID7, ref
from gateway.api.contract.operation import Answer, Media, Operation, Parameter, Text
from gateway.api.problems import MEDIA_TYPE, statuses_of

VERSION: Final = "1.0.0"  # of the interface, not of the program

_GROUPS: Final = {
    "federation": Text(en="For partners: applications, events, items", zh="合作方：办件、事件、事项"),
    "operations": Text(en="For operators: adapters and what serves", zh="运维方：适配器版本与启停"),
    "audit": Text(en="For auditors: the log and its proofs", zh="审计方：日志与证明"),
    "everyone": Text(en="For everyone: keys, description, health", zh="公开：公钥、文档、健康状态"),
}

_TOKEN_SCHEME: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Exchange-Token",
    "description": "A compact JWS, typ exchange+jwt, signed with a registered key over this very request: iss, aud, "
    "iat, exp, jti, htm, htu, digest (RFC 9530, over the body) and exchange (UUIDv7, the same on every retry).",
}
_RETRY: Final = Text(en="Seconds to wait, another number for each.", zh="等待秒数，各请求不同。")


@cache
def description(public_url: str) -> dict[str, Any]:
    """Return the OpenAPI document of a gateway at this address; made once, and not to be changed."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "tongban 通办",
            "version": VERSION,
            "summary": "The gateway a region puts at its border, so that services work across provinces.",
            "description": "跨省通办网关：接收、转换、签名、转递办件，并留存可验证的审计日志。",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": name, "description": _both(text)} for name, text in _GROUPS.items()],
        "paths": _paths(),
        "components": {
            "schemas": MESSAGES,
            "securitySchemes": {"exchangeToken": _TOKEN_SCHEME},
            "headers": {"Diagnostic": {"schema": UUID7}},
        },
    }


def groups() -> dict[str, Text]:
    """Return who the operations are for, in the order in which they are shown."""
    return dict(_GROUPS)


def codes_by_status(operation: Operation) -> dict[HTTPStatus, tuple[str, ...]]:
    """Return the problems of an operation under the status that each comes with, lowest first."""
    found: defaultdict[HTTPStatus, list[str]] = defaultdict(list)
    for code in operation.codes:
        for status in statuses_of(code):
            found[status].append(code)
    return {status: tuple(found[status]) for status in sorted(found)}


def _paths() -> dict[str, Any]:
    paths: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.path][operation.method.lower()] = _operation(operation)
    return dict(paths)


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.group],
        "summary": _both(operation.title),
        "description": _both(operation.about),
        "security": [{"exchangeToken": []}] if operation.signed else [],
        "responses": _responses(operation),
    }
    if operation.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    return described


def _responses(operation: Operation) -> dict[str, Any]:
    answers = {str(answer.status): _answer(answer) for answer in operation.answers}
    problems = {str(int(status)): _problem(status, codes) for status, codes in codes_by_status(operation).items()}
    shared = answers.keys() & problems.keys()
    for status in shared:  # a status that is also answered in the operation's own form has both
        answers[status]["content"] |= problems[status]["content"]
    return {**problems, **answers}


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _both(answer.about), "content": _content(answer.media)}
    if answer.headers:
        described["headers"] = {
            name: {"description": _both(text), "schema": {"type": "string"}} for name, text in answer.headers.items()
        }
    return described


def _problem(status: HTTPStatus, codes: tuple[str, ...]) -> dict[str, Any]:
    lines = [f"* `{code}`: {meaning_of(code).title} / {meaning_of(code).title_zh}" for code in codes]
    described: dict[str, Any] = {
        "description": "\n".join(lines),
        "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        described["headers"] = {"Retry-After": {"description": _both(_RETRY), "schema": {"type": "integer"}}}
    return described


def _content(media: tuple[Media, ...]) -> dict[str, Any]:
    return {each.type: _media(each) for each in media}


def _media(media: Media) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if media.schema is not None:
        described["schema"] = media.schema
    if media.example is not None:
        described["example"] = media.example
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": _both(parameter.about),
        "schema": parameter.schema,
        "example": parameter.example,
    }


def _both(text: Text) -> str:
    return f"{text.en}\n\n{text.zh}" if len(text.en) > 60 else f"{text.en} / {text.zh}"  # noqa: PLR2004 - a line's worth
