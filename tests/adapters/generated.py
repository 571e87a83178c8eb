"""Generates documents from a regional JSON Schema: every column may be there or not, and unknown ones come too.

hypothesis-jsonschema cannot draw open objects with the present Hypothesis, so what the layouts use is drawn here.
"""

from typing import Any

from hypothesis import strategies as st

from gateway.core.conversion.pointer import tokens

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)


def documents(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return documents that the schema may allow; what `anyOf`, `allOf` and patterns add is left to the schema."""
    return _drawn(schema, schema)


def _drawn(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    schema = _resolved(schema, root)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    types = schema.get("type", "object" if "properties" in schema else "string")
    several = types if isinstance(types, list) else [types]
    return st.one_of([_of_type(one, schema, root) for one in several])


def _of_type(name: str, schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    match name:
        case "object":
            return _object(schema, root)
        case "array":
            low = schema.get("minItems", 0)
            high = min(schema.get("maxItems", low + 2), low + 2)
            return st.lists(_drawn(schema.get("items", {}), root), min_size=low, max_size=high)
        case "integer" | "number":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 100_000))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case _:
            return _text(schema)


def _object(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    columns = {name: _drawn(inner, root) for name, inner in schema.get("properties", {}).items()}
    alternatives = [one.get("required", []) for one in schema.get("anyOf", ())] or [[]]
    known = st.one_of([_columns(columns, {*schema.get("required", ()), *more}) for more in alternatives])
    if schema is not root or schema.get("additionalProperties") is False:
        return known  # unknown columns come at the top only: one in an otherwise empty element finds no way back
    spare = "EXTRA_COLUMN" if "propertyNames" in schema else "extraColumn"
    return st.one_of(known, st.builds(lambda one, text: {**one, spare: text}, known, _TEXT))


def _columns(columns: dict[str, st.SearchStrategy[Any]], required: set[str]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {name: drawn for name, drawn in columns.items() if name in required},
        optional={name: drawn for name, drawn in columns.items() if name not in required},
    )


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    longest = schema.get("maxLength", 100)
    if "pattern" in schema and schema["pattern"] != "\\S":
        drawn = st.from_regex(schema["pattern"])
    else:
        least = max(schema.get("minLength", 0), int("pattern" in schema))
        drawn = st.text(
            st.characters(exclude_categories=("Cs", "Cc")), min_size=least, max_size=min(longest, least + 8)
        )
    return drawn.filter(lambda text: len(text) <= longest)


def _resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return schema
    found: Any = root
    for token in tokens(reference[1:]):
        found = found[token]
    return _resolved(found, root)
