"""The words in which an operation is described."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Schema = Mapping[str, Any]  # a JSON Schema 2020-12


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """The same said in English and in Chinese."""

    en: str
    zh: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """Something that goes into the path, the query or a header."""

    name: str
    place: Literal["path", "query", "header"]
    about: Text
    schema: Schema
    example: str
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """A body in one media type; `example` is what is shown, and is valid under the schema."""

    type: str
    schema: Schema | None = None  # None where the body is not JSON, or is the sender's own format
    example: object = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A success, or a state that is answered in the operation's own form."""

    status: int
    about: Text
    media: tuple[Media, ...]
    headers: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One method on one path."""

    id: str
    method: Literal["GET", "POST"]
    path: str  # as OpenAPI writes it
    group: Literal["federation", "operations", "audit", "everyone"]
    title: Text
    about: Text
    answers: tuple[Answer, ...]
    codes: tuple[str, ...]  # that a problem document of this operation may carry
    parameters: tuple[Parameter, ...] = ()
    body: tuple[Media, ...] = ()
    signed: bool = True  # whether it takes an Exchange-Token
