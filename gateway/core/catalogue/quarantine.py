"""Finds what is known to be wrong with the identifiers of a document that is kept all the same.

Real catalogues and real certificates break their own standards. Refusing them would hide what exists, repairing them
would guess, and saying nothing would let the next program rely on them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gateway.core.catalogue.identifiers import (
    Verdict,
    base_code,
    certificate_identifier,
    credit_code,
    division_code,
    handling_item_code,
    implementation_code,
)
from gateway.core.conversion.pointer import find, tokens
from gateway.core.model import DocumentKind

_Judge = Callable[[str], Verdict]

_JUDGES: Final[Mapping[DocumentKind, Mapping[str, _Judge]]] = {
    DocumentKind.BASE_ITEM: {"/baseCode": base_code, "/region": division_code},
    DocumentKind.SERVICE_ITEM: {
        "/handlingItemCode": handling_item_code,
        "/implementationCode": implementation_code,
        "/baseCode": base_code,
        "/region": division_code,
        "/authority/code": credit_code,
    },
    DocumentKind.CERTIFICATE: {
        "/identifier": certificate_identifier,
        "/previousIdentifier": certificate_identifier,
        "/region": division_code,
        "/issuer/code": credit_code,
    },
}
_JUDGED: Final = {
    kind: tuple((pointer, tokens(pointer), judge) for pointer, judge in judges.items())
    for kind, judges in _JUDGES.items()
}


def quarantined(kind: DocumentKind, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a canonical document that says in `quarantine`, once each, what is wrong with its identifiers.

    What was found before, by a mapping table or an earlier look, stays. A document with nothing wrong is returned as
    it is, and so is one of a kind whose identifiers are refused instead: those of people.
    """
    found = list(_findings(kind, document))
    if not found:
        return document
    before = document.get("quarantine", [])
    return {**document, "quarantine": [*before, *(one for one in found if one not in before)]}


def _findings(kind: DocumentKind, document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for pointer, path, judge in _JUDGED.get(kind, ()):
        value = find(document, path)
        if isinstance(value, str) and value and not (verdict := judge(value)).sound:
            yield {"pointer": pointer, "code": verdict.code}
