"""Tells everything that is wrong with the form of a document, fast when nothing is.

A form is a JSON Schema 2020-12 compiled by jsonschema-rs: formats are asserted, patterns run on a linear-time engine,
and no reference ever leaves the given registry. A fault names the place and what belongs there, never the value.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

import jsonschema_rs
from jsonschema_rs import Draft202012Validator, RegexOptions, Registry, ValidationError

from gateway.core.errors import AdapterError, Fault
from gateway.core.model import DocumentKind

CANONICAL_V1 = "https://tongban.cn/schemas/canonical/v1/"
FAULT_LIMIT = 1000  # a hostile document must not buy an answer much larger than itself

# JSON Schema keyword: stable code, message, message in Chinese.
_WORDS: Mapping[str, tuple[str, str, str]] = {
    "required": ("required_missing", "This property is required.", "缺少必填项。"),
    "type": ("type_wrong", "The value has the wrong type.", "数据类型不正确。"),
    "enum": ("code_unknown", "The value is not in the code list.", "取值不在代码表中。"),
    "const": ("value_wrong", "Only one value belongs here.", "此处只允许一个固定值。"),
    "additionalProperties": ("property_unknown", "The form has no such property.", "规范中没有该属性。"),
    "unevaluatedProperties": ("property_unknown", "The form has no such property.", "规范中没有该属性。"),
    "maxLength": ("too_long", "The text is too long.", "文本过长。"),
    "minLength": ("too_short", "The text is too short.", "文本过短。"),
    "pattern": ("format_wrong", "The text does not have the expected form.", "文本格式不正确。"),
    "format": ("format_wrong", "The text does not have the expected form.", "文本格式不正确。"),
    "maximum": ("too_large", "The number is too large.", "数值过大。"),
    "exclusiveMaximum": ("too_large", "The number is too large.", "数值过大。"),
    "minimum": ("too_small", "The number is too small.", "数值过小。"),
    "exclusiveMinimum": ("too_small", "The number is too small.", "数值过小。"),
    "maxItems": ("too_many", "There are too many entries.", "条目过多。"),
    "maxProperties": ("too_many", "There are too many entries.", "条目过多。"),
    "minItems": ("too_few", "There are too few entries.", "条目过少。"),
    "minProperties": ("too_few", "There are too few entries.", "条目过少。"),
    "uniqueItems": ("duplicate", "An entry occurs twice.", "条目重复。"),
    "anyOf": ("alternative_missing", "None of the alternatives is met.", "未满足任何一个可选条件。"),
    "falseSchema": ("not_allowed", "Nothing belongs here.", "此处不应有内容。"),
    "propertyNames": ("property_unknown", "The form has no property of such a name.", "规范不允许这样的属性名。"),
    "oneOf": ("alternative_missing", "Not exactly one of the alternatives is met.", "未恰好满足一个可选条件。"),
}
_OTHER = ("form_wrong", "The value breaks a rule of the form.", "不符合规范要求。")
_SIZED = frozenset({"maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"})
_TELLING = _SIZED | {"const", "pattern", "format", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """A compiled schema; safe to share between tasks."""

    id: str
    _validator: Draft202012Validator = field(repr=False, compare=False)

    @classmethod
    def compile(cls, schema: Mapping[str, Any], registry: Mapping[str, Mapping[str, Any]]) -> Self:
        """Compile a schema whose references lie in `registry` (URI to schema).

        Raises AdapterError when the schema is not valid, refers elsewhere, or needs a backtracking pattern.
        """
        try:
            resources = Registry([(uri, dict(content)) for uri, content in registry.items()])
            validator = Draft202012Validator(
                dict(schema),
                registry=resources,
                validate_formats=True,
                offline=True,
                pattern_options=RegexOptions(),
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise _uncompilable(error) from None
        return cls(id=str(schema.get("$id", "")), _validator=validator)

    def faults(self, document: object) -> tuple[Fault, ...]:
        """Return every fault of a document in the order of the schema; none means that it fits the form."""
        try:
            if self._validator.is_valid(document):
                return ()
            return _once(fault for error in self._validator.iter_errors(document) for fault in _told(error))
        except ValueError as error:
            # Anything else is not a JSON value, and whoever passed it has a bug.
            if "recursion limit" not in str(error).lower():
                raise
            return (_too_deep(),)


def canonical_forms(schemas: Mapping[str, Mapping[str, Any]]) -> Mapping[DocumentKind, Form]:
    """Return the canonical form of each kind, given the parsed files of `schemas/canonical/v1` by any name."""
    registry = {str(schema["$id"]): schema for schema in schemas.values()}
    return {kind: Form.compile(registry[CANONICAL_V1 + kind], registry) for kind in DocumentKind}


def pointer_to(path: Iterable[str | int]) -> str:
    """Return the RFC 6901 pointer of a path of names and indexes."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _told(error: ValidationError) -> Iterator[Fault]:
    """Tell one schema error as faults, one for each property that it is about."""
    keyword = _keyword(error)
    code, message, message_zh = _WORDS.get(keyword, _OTHER)
    for path in _places(error):
        yield Fault(
            pointer=pointer_to(path),
            code=code,
            message=message,
            message_zh=message_zh,
            expected=_expected(error, keyword),
            got=_got(error.instance, keyword),
        )


def _keyword(error: ValidationError) -> str:
    """Return the keyword that failed.

    jsonschema-rs turns `additionalProperties: false` beside no properties into a false schema, and names no property.
    """
    lone = error.kind.name == "falseSchema" and error.schema_path[-1:] == ["additionalProperties"]
    return "additionalProperties" if lone else error.kind.name


def _places(error: ValidationError) -> Iterator[list[str | int]]:
    """Yield the path of each property that the error is about, or of the value itself."""
    match error.kind.name:
        case "required":
            names = [error.kind.value]
        case "additionalProperties" | "unevaluatedProperties":
            names = error.kind.value
        case "propertyNames":
            names = [error.kind.value.instance]
        case _:
            yield error.instance_path
            return
    yield from ([*error.instance_path, name] for name in names)


def _expected(error: ValidationError, keyword: str) -> str:
    """Say what belongs in the place; it comes out of the schema, so it cannot be personal."""
    value = error.kind.value
    if keyword in ("enum", "type"):
        return ", ".join(map(str, value))
    if keyword in ("anyOf", "oneOf"):
        return " or ".join(map(_alternative, value))
    return str(value) if keyword in _TELLING else ""


def _alternative(branch: list[ValidationError]) -> str:
    return " and ".join(sorted({pointer_to(path) for error in branch for path in _places(error)}))


def _got(instance: object, keyword: str) -> str | None:
    """Tell a type name or a size: all that can be said of a value without saying the value."""
    if keyword == "type":
        return _type_name(instance)
    if keyword in _SIZED and isinstance(instance, str | list | dict):
        return str(len(instance))
    return None


def _type_name(instance: object) -> str:
    names = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return "null" if instance is None else names.get(type(instance), "unknown")


def _once(faults: Iterator[Fault]) -> tuple[Fault, ...]:
    """Drop repetitions: two rules may object to one place for one reason."""
    distinct: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        distinct.setdefault((fault.pointer, fault.code), fault)
        if len(distinct) == FAULT_LIMIT:
            return (*islice(distinct.values(), FAULT_LIMIT - 1), _truncated())
    return tuple(distinct.values())


def _too_deep() -> Fault:
    return Fault(
        pointer="",
        code="nested_too_deep",
        message="The document is nested too deeply to be judged.",
        message_zh="文档嵌套层次过深。",
        expected="at most 255 levels",
    )


def _truncated() -> Fault:
    return Fault(
        pointer="",
        code="faults_truncated",
        message="There are more faults than one answer tells.",
        message_zh="错误过多，其余未列出。",
        expected=f"at most {FAULT_LIMIT - 1} faults",
    )


def _uncompilable(error: Exception) -> AdapterError:
    fault = Fault(
        pointer=pointer_to(error.instance_path) if isinstance(error, ValidationError) else "",
        code="schema_invalid",
        message="The schema cannot be compiled.",
        message_zh="模式文件无法编译。",
        expected="JSON Schema 2020-12, references inside the adapter, patterns without look-around",
    )
    return AdapterError(f"schema cannot be compiled: {error}", code="schema_invalid", faults=(fault,))
