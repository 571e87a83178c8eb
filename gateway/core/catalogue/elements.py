"""The elements that the national tables oblige every implementation item to have (their NOT NULL columns)."""

from dataclasses import dataclass
from typing import Final

from gateway.core.catalogue.guides import filled, has_guide
from gateway.core.catalogue.linting import Document
from gateway.core.conversion.pointer import tokens

_PUBLIC: Final = frozenset({"20", "21"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """One obligatory column, and the canonical fields of which any answers it."""

    column: str
    paths: tuple[tuple[str, ...], ...]
    guided: bool = True  # asked only of items that people apply for
    public: bool = True  # asked of public services too

    def answered(self, document: Document) -> bool:
        """Tell whether the item has the element."""
        return any(filled(document, path) for path in self.paths)


def _identity(column: str, pointer: str, *, public: bool = True) -> Element:
    return Element(column=column, paths=(tokens(pointer),), guided=False, public=public)


def _guide(column: str, *pointers: str, public: bool = True) -> Element:
    return Element(column=column, paths=tuple(map(tokens, pointers)), public=public)


ELEMENTS: Final = (
    _identity("TASKNAME", "/name"),
    _identity("CATALOGCODE", "/baseCode"),
    _identity("TASKCODE", "/implementationCode"),
    _identity("TASKTYPE", "/type"),
    _identity("BYLAW", "/legalBasis"),
    _identity("POWERSOURCE", "/powerSource", public=False),
    _identity("USELEVEL", "/level"),
    _identity("TASKSTATE", "/status"),
    _identity("TASKVERSION", "/version"),
    _identity("DEPTNAME", "/authority/name"),
    _identity("DEPTTYPE", "/authority/nature"),
    _identity("DEPTCODE", "/authority/code"),
    _guide("ANTICIPATEDAY", "/statutoryLimit/days", public=False),
    _guide("ANTICIPATETYPE", "/statutoryLimit/unit", public=False),
    _guide("PROMISEDAY", "/promisedLimit/days"),
    _guide("PROMISETYPE", "/promisedLimit/unit"),
    _guide("ACCEPTCONDITION", "/conditions"),
    _guide("HANDLEFLOW", "/flow"),
    _guide("ISFEE", "/charged"),
    _guide("SERVERTYPE", "/serviceObjects"),
    _guide("PROJECTTYPE", "/projectType"),
    _guide("LIMITSCENENUM", "/onSiteVisits"),
    _guide("SPECIALPROCEDURE", "/specialProcedures"),
    _guide("APPISSINGLELOGIN", "/mobile/singleSignOn"),
    _guide("ISSINGLELOGIN", "/computer/singleSignOn"),
    _guide("TRANSACTADDR", "/handlingPlace", "/windows/*/address"),
    _guide("TRANSACTTIME", "/handlingTime", "/windows/*/officeHours"),
    _guide("LINKWAY", "/consultation"),
    _guide("SUPERVISEWAY", "/supervision"),
    _guide("ISENTRYCENTER", "/inServiceCentre"),
    _guide("RESULTTYPE", "/results/*/type"),
    _guide("ISPAYONLINE", "/onlinePayment"),
    _guide("ISEXPRESS", "/courier"),
    _guide("ISONLINE", "/online"),
)


def missing(document: Document) -> tuple[str, ...]:
    """Return the columns of the obligatory elements that an item lacks."""
    guided, public = has_guide(document) is not False, document.get("type") in _PUBLIC
    return tuple(
        element.column
        for element in ELEMENTS
        if (guided or not element.guided) and (element.public or not public) and not element.answered(document)
    )
