"""Service items as the European Union describes public services: CPSV-AP 3.2.0, in JSON-LD 1.1 with its own context.

Terms of CPSV-AP say what they say there. What it has no term for, and an item must not lose, stands in terms of our
own (`tb:`): the exact time limits, because xsd:duration knows no working days. `HOMES` says which canonical field went
where; the fields without a home are left out, and docs/catalogue.md names them.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from gateway.core.catalogue.linting import Document

Titles = Callable[[str, str], tuple[str, str]]  # what people call a value of a code list, in English and Chinese
Node = dict[str, Any]

_OURS: Final = "https://tongban.cn/"
_EU: Final = "http://publications.europa.eu/resource/authority/"
_LANGUAGE: Final = "zh"

CONTEXT: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "@version": 1.1,
        "adms": "http://www.w3.org/ns/adms#",
        "cpsv": "http://purl.org/vocab/cpsv#",
        "cv": "http://data.europa.eu/m8g/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "tb": f"{_OURS}ns#",
        "time": "http://www.w3.org/2006/time#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "cv:hasValue": {"@type": "xsd:double"},
        "cv:processingTime": {"@type": "xsd:duration"},
        "tb:count": {"@type": "xsd:integer"},
    }
)

HOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "implementationCode": "dct:identifier, where there is no handling item code",
        "handlingItemCode": "dct:identifier",
        "localImplementationCode": "dct:identifier, where there is no other code",
        "baseCode": "cv:isClassifiedBy",
        "name": "dct:title",
        "powerContent": "dct:description; where there is none, the name, because CPSV-AP demands one",
        "type": "cv:isClassifiedBy",
        "status": "adms:status",
        "region": "dct:spatial",
        "authority": "cv:hasCompetentAuthority (code, name, division)",
        "legalBasis": "cv:hasLegalResource (name, document number, wording)",
        "serviceObjects": "dct:audience",
        "handlingForms": "cv:hasChannel",
        "statutoryLimit": "tb:statutoryLimit",
        "promisedLimit": "cv:processingTime, seven calendar days for five working days; exactly, tb:promisedLimit",
        "conditions": "cv:holdsRequirement",
        "flow": "cpsv:follows (description)",
        "charged": "cv:hasCost: 0, where nothing is charged",
        "fees": "cv:hasCost (amount, standard)",
        "materials": "cpsv:hasInput (name, code, type, blank form, standard); of e-certificates, cv:hasInputType",
        "results": "cpsv:produces (name, type)",
        "onlineUrl": "foaf:page of the online channel",
        "handlingTime": "cv:openingHours of the channel at a window",
        "consultation": "cv:contactPoint (telephone, e-mail, page)",
        "topics": "dcat:keyword",
    }
)


def public_service(document: Document, titles: Titles) -> Node:
    """Return a canonical item as a cpsv:PublicService; `titles` names the values of code lists."""
    code = next(filter(None, map(document.get, ("handlingItemCode", "implementationCode", "localImplementationCode"))))
    iri = f"{_OURS}id/item/{_quoted(code)}"
    return _told(
        {
            "@id": iri,
            "@type": "cpsv:PublicService",
            "dct:identifier": code,
            "dct:title": _zh(document["name"]),
            "dct:description": _zh(document.get("powerContent") or document["name"]),
            "dct:language": {"@id": f"{_EU}language/ZHO", "@type": "dct:LinguisticSystem"},
            "dct:spatial": _place(document["region"]),
            "dct:audience": [_concept("service-object", each, titles) for each in document.get("serviceObjects", ())],
            "dcat:keyword": [_zh(each) for filed in document.get("topics", {}).values() for each in filed],
            "adms:status": _coded("item-status", document.get("status"), titles),
            "cv:isClassifiedBy": list(_classes(document, titles)),
            "cv:hasCompetentAuthority": _authority(document),
            "cv:hasLegalResource": [_law(each) for each in document.get("legalBasis", ())],
            "cv:holdsRequirement": _requirement(iri, document),
            "cpsv:follows": _process(iri, document),
            "cpsv:hasInput": list(_numbered(iri, "material", document.get("materials"), _material, titles)),
            "cv:hasInputType": [_certificate(each) for each in document.get("materials", ()) if _is_certified(each)],
            "cpsv:produces": list(_numbered(iri, "result", document.get("results"), _result, titles)),
            "cv:hasCost": list(_costs(iri, document)),
            "cv:hasChannel": list(_channels(iri, document, titles)),
            "cv:contactPoint": _contact(document.get("consultation") or {}),
            "cv:processingTime": duration(document.get("promisedLimit") or {}),
            "tb:promisedLimit": _limit(document.get("promisedLimit") or {}, titles),
            "tb:statutoryLimit": _limit(document.get("statutoryLimit") or {}, titles),
        }
    )


def duration(limit: Mapping[str, Any]) -> str | None:
    """Return a limit as an xsd:duration: what CPSV-AP calls an estimate, because working days are not calendar days."""
    days, unit = limit.get("days"), limit.get("unit", "")
    if unit == "immediate":
        return "PT0S"
    if days is None or unit not in _DURATIONS:
        return None
    return _DURATIONS[unit](days)


_DURATIONS: Final[Mapping[str, Callable[[int], str]]] = MappingProxyType(
    {
        "hour": "PT{}H".format,
        "calendar-day": "P{}D".format,
        "working-day": lambda days: f"P{-(-7 * days // 5)}D",
        "week": lambda weeks: f"P{7 * weeks}D",
        "month": "P{}M".format,
        "year": "P{}Y".format,
    }
)


def _classes(document: Document, titles: Titles) -> Iterator[Node]:
    yield _concept("task-type", document["type"], titles)
    if base := document.get("baseCode"):
        yield _told({"@id": f"{_OURS}id/base-item/{_quoted(base)}", "@type": "skos:Concept", "skos:notation": base})


def _authority(document: Document) -> Node:
    authority = document.get("authority") or {}
    code, name = authority.get("code"), authority.get("name")
    return _told(
        {
            "@id": f"{_OURS}id/organisation/{_quoted(code)}" if code else None,
            "@type": "cv:PublicOrganisation",
            "dct:identifier": code,
            "skos:prefLabel": _zh(name or code or document["region"]),  # CPSV-AP demands one
            "dct:spatial": _place(authority.get("region") or document["region"]),
        }
    )


def _law(basis: Mapping[str, Any]) -> Node:
    name = " ".join(filter(None, (basis.get("name"), basis.get("article"))))
    return _told(
        {
            "@type": "eli:LegalResource",
            "dct:title": _zh(name),
            "dct:identifier": basis.get("documentNumber"),
            "dct:description": _zh(basis.get("content")),
        }
    )


def _requirement(iri: str, document: Document) -> Node | None:
    if not document.get("conditions"):
        return None
    return {
        "@type": "cv:Requirement",
        "dct:identifier": f"{iri}/conditions",
        "dct:title": _zh("受理条件"),
        "dct:description": _zh(document["conditions"]),
    }


def _process(iri: str, document: Document) -> Node | None:
    told = (document.get("flow") or {}).get("description")
    if not told:
        return None
    return {
        "@type": "cpsv:Rule",
        "dct:identifier": f"{iri}/flow",
        "dct:title": _zh("办理流程"),
        "dct:description": _zh(told),
    }


def _numbered(
    iri: str, name: str, parts: Any, made: Callable[[Mapping[str, Any], Titles], Node], titles: Titles
) -> Iterator[Node]:
    for number, part in enumerate(parts or (), start=1):
        yield _told({"dct:identifier": f"{iri}/{name}/{number}"} | made(part, titles))


def _material(material: Mapping[str, Any], titles: Titles) -> Node:
    return _told(
        {
            "@type": "cv:Evidence",
            "dct:identifier": material.get("code"),
            "dct:title": _zh(material["name"]),
            "dct:description": _zh(material.get("acceptanceStandard") or material.get("fillingNotes")),
            "dct:type": _coded("material-type", material.get("type"), titles),
            "foaf:page": _page(material.get("blankForm")),
            "dct:conformsTo": _certificate(material) if _is_certified(material) else None,
        }
    )


def _is_certified(material: Mapping[str, Any]) -> bool:
    return bool(material.get("certificateCode"))


def _certificate(material: Mapping[str, Any]) -> Node:
    code = material["certificateCode"]
    return {"@id": f"{_OURS}id/certificate-type/{_quoted(code)}", "@type": "cv:EvidenceType", "dct:identifier": code}


def _result(result: Mapping[str, Any], titles: Titles) -> Node:
    kind = result.get("type")
    title = result.get("name") or (titles("result-type", kind)[1] if kind else "结果")
    named = {"@type": "cv:Output", "dct:title": _zh(title)}
    return _told(named | {"dct:type": _coded("result-type", result.get("type"), titles)})


def _costs(iri: str, document: Document) -> Iterator[Node]:
    if document.get("charged") is False:
        yield _cost(f"{iri}/cost", 0.0, "不收费")
    for number, fee in enumerate(document.get("fees") or (), start=1):
        amount = None if fee.get("amountFen") is None else fee["amountFen"] / 100
        told = " ".join(filter(None, (fee.get("name"), fee.get("standard"))))
        yield _cost(f"{iri}/cost/{number}", amount, told)


def _cost(identifier: str, amount: float | None, told: str) -> Node:
    return _told(
        {
            "@type": "cv:Cost",
            "dct:identifier": identifier,
            "dct:description": _zh(told),
            "cv:hasValue": amount,
            "cv:currency": None if amount is None else {"@id": f"{_EU}currency/CNY", "@type": "skos:Concept"},
        }
    )


def _channels(iri: str, document: Document, titles: Titles) -> Iterator[Node]:
    hours = {"@type": "time:TemporalEntity", "dct:description": _zh(document.get("handlingTime"))}
    for form in document.get("handlingForms", ()):
        yield _told(
            {
                "@type": "cv:Channel",
                "dct:identifier": f"{iri}/channel/{form}",
                "dct:type": _concept("handling-form", form, titles),
                "cv:openingHours": hours if form == "1" and document.get("handlingTime") else None,
                "foaf:page": _page(document.get("onlineUrl")) if form == "2" else None,
            }
        )


def _contact(point: Mapping[str, Any]) -> Node | None:
    told = {
        "cv:telephone": point.get("phone"),
        "cv:email": point.get("email"),
        "cv:contactPage": _page(point.get("url")),
    }
    return _told({"@type": "cv:ContactPoint"} | told) if any(told.values()) else None


def _limit(limit: Mapping[str, Any], titles: Titles) -> Node | None:
    told = {"tb:count": limit.get("days"), "tb:unit": _coded("limit-unit", limit.get("unit"), titles)}
    return _told(told) or None


def _place(region: str) -> Node:
    return {"@id": f"{_OURS}id/division/{region}", "@type": "dct:Location", "dct:identifier": region}


def _coded(name: str, code: str | None, titles: Titles) -> Node | None:
    return None if code is None else _concept(name, code, titles)


def _concept(name: str, code: str, titles: Titles) -> Node:
    title, title_zh = titles(name, code)
    labels = [{"@value": title, "@language": "en"}, {"@value": title_zh, "@language": _LANGUAGE}]
    return {
        "@id": f"{_OURS}codes/{name}/{_quoted(code)}",
        "@type": "skos:Concept",
        "skos:notation": code,
        "skos:prefLabel": labels,
    }


def _page(address: str | None) -> Node | None:
    """Return a document on the web; addresses as published are not all such, and JSON-LD has no place for those."""
    if not address or not address.startswith(("http://", "https://")):
        return None
    return {"@id": quote(address, safe=":/?#[]@!$&'()*+,;=%~"), "@type": "foaf:Document"}


def _zh(text: str | None) -> Node | None:
    return {"@value": text, "@language": _LANGUAGE} if text else None


def _quoted(code: str) -> str:
    return quote(code, safe="")


def _told(node: Node) -> Node:
    """Return a node without what it does not tell."""
    return {name: value for name, value in node.items() if value is not None and value != []}
