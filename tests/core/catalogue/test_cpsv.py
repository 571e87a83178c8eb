"""CPSV-AP as others read it: rdflib parses what we wrote, and SPARQL gives back what went in."""

import re
import warnings
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from gateway.core.catalogue.cpsv import CONTEXT, HOMES, duration, public_service
from gateway.resources import shipped_code_titles, shipped_schemas
from tests.catalogues import complete_item
from tests.pages import ROOT

PREFIXES = "".join(
    f"PREFIX {name}: <{iri}>\n"
    for name, iri in CONTEXT.items()
    if isinstance(iri, str) and not name.startswith("@") and ":" not in name
)
# What the shapes of CPSV-AP 3.2.0 demand of each class that we write.
DEMANDED = {
    "cpsv:PublicService": ("dct:identifier", "dct:title", "dct:description", "cv:hasCompetentAuthority"),
    "cv:PublicOrganisation": ("skos:prefLabel", "dct:spatial"),
    "cv:Evidence": ("dct:identifier", "dct:title"),
    "cv:Output": ("dct:identifier", "dct:title"),
    "cv:Cost": ("dct:identifier",),
    "cv:Channel": ("dct:identifier",),
    "cv:Requirement": ("dct:identifier", "dct:title"),
    "cpsv:Rule": ("dct:identifier", "dct:title", "dct:description"),
    "cv:EvidenceType": ("dct:identifier",),
}
FULL: dict[str, Any] = {
    "powerContent": "对本市范围内的申请进行审批",
    "legalBasis": [
        {"name": "食品安全法", "article": "第三十五条", "documentNumber": "主席令第21号", "content": "国家…"}
    ],
    "materials": [
        {"name": "申请表", "code": "M1", "type": "original", "blankForm": "https://example.cn/表 1.doc"},
        {"name": "营业执照", "certificateCode": "11100000000013338W011", "fillingNotes": "加盖\n公章"},
        {"name": "身份证", "blankForm": "GUID-1"},
    ],
    "charged": True,
    "fees": [{"name": "工本费", "standard": "每证", "amountFen": 1050}, {"standard": "按面积"}],
    "handlingForms": ["1", "2"],
    "onlineUrl": "https://example.cn/apply?item=1",
    "consultation": {"phone": "0719-8100001", "email": "a@example.cn", "url": "不详"},
    "topics": {"person": ["户籍办理"], "organisation": ["准营准办"]},
    "authority": {"name": "十堰市行政审批局", "code": "11420300MB0000000X"},
}


def titles(name, code):
    return shipped_code_titles()[name][code]


def graph(*documents):
    """Return the triples of a file as we export it, read by somebody else."""
    written = orjson.dumps({"@context": dict(CONTEXT), "@graph": [public_service(each, titles) for each in documents]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's reader of JSON-LD uses what rdflib deprecates
        return Graph().parse(data=written, format="json-ld")


def asked(triples, pattern, variables="?value"):
    rows = triples.query(f"{PREFIXES}SELECT {variables} WHERE {{ ?service a cpsv:PublicService . {pattern} }}")
    return sorted(tuple(str(value) for value in row) for row in rows)


@pytest.fixture(scope="module")
def triples():
    return graph(complete_item(1, **FULL))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?service dct:identifier ?value", [complete_item(1)["implementationCode"]]),
        ('?service dct:title ?value FILTER(lang(?value) = "zh")', ["事项1"]),
        ("?service dct:description ?value", ["对本市范围内的申请进行审批"]),
        ("?service dct:spatial/dct:identifier ?value", ["420300000000"]),
        ("?service adms:status/skos:notation ?value", ["in-use"]),
        ("?service cv:isClassifiedBy/skos:notation ?value", ["002000001000", "20"]),
        ('?service dct:audience/skos:prefLabel ?value FILTER(lang(?value) = "zh")', ["自然人"]),
        ("?service dcat:keyword ?value", ["准营准办", "户籍办理"]),
        ("?service cv:hasCompetentAuthority/skos:prefLabel ?value", ["十堰市行政审批局"]),
        ("?service cv:hasCompetentAuthority/dct:identifier ?value", ["11420300MB0000000X"]),
        ("?service cv:hasLegalResource/dct:title ?value", ["食品安全法 第三十五条"]),
        ("?service cv:hasLegalResource/dct:identifier ?value", ["主席令第21号"]),
        ("?service cv:holdsRequirement/dct:description ?value", ["本市户籍"]),
        ("?service cpsv:follows/dct:description ?value", ["受理→审核→审批→办结→送达"]),
        ("?service cpsv:hasInput/dct:title ?value", ["申请表", "营业执照", "身份证"]),
        ("?service cpsv:hasInput/foaf:page ?value", ["https://example.cn/%E8%A1%A8%201.doc"]),
        ("?service cpsv:hasInput/dct:conformsTo/dct:identifier ?value", ["11100000000013338W011"]),
        ("?service cv:hasInputType/dct:identifier ?value", ["11100000000013338W011"]),
        ("?service cpsv:produces/dct:title ?value", ["证明"]),
        ("?service cpsv:produces/dct:type/skos:notation ?value", ["proof"]),
        ("?service cv:hasCost ?cost . ?cost cv:hasValue ?value", ["10.5"]),
        ("?service cv:hasCost/dct:description ?value", ["工本费 每证", "按面积"]),
        ("?service cv:hasChannel/dct:type/skos:notation ?value", ["1", "2"]),
        ("?service cv:hasChannel/foaf:page ?value", ["https://example.cn/apply?item=1"]),
        ("?service cv:hasChannel/cv:openingHours/dct:description ?value", ["工作日 9:00-17:00"]),
        ("?service cv:contactPoint/cv:telephone ?value", ["0719-8100001"]),
        ("?service cv:contactPoint/cv:contactPage ?value", []),
        ("?service cv:processingTime ?value FILTER(datatype(?value) = xsd:duration)", ["P7D"]),
        ("?service tb:statutoryLimit/tb:count ?value", ["20"]),
        ("?service tb:promisedLimit/tb:unit/skos:notation ?value", ["working-day"]),
    ],
)
def test_a_query_gives_back_what_went_in(triples, pattern, expected):
    assert asked(triples, pattern) == sorted((each,) for each in expected)


@pytest.mark.parametrize("kind", DEMANDED)
@pytest.mark.parametrize("said", [FULL, {}], ids=["everything", "little"])
def test_every_node_has_what_the_profile_demands(kind, said):
    triples = graph(complete_item(1, **said))

    for demanded in DEMANDED[kind]:
        without = f"SELECT ?node WHERE {{ ?node a {kind} FILTER NOT EXISTS {{ ?node {demanded} [] }} }}"
        assert list(triples.query(PREFIXES + without)) == []


def test_what_is_free_costs_nothing():
    triples = graph(complete_item(1))

    assert asked(triples, "?service cv:hasCost/cv:hasValue ?value") == [("0.0",)]


def test_items_of_one_authority_share_it():
    triples = graph(complete_item(1), complete_item(2))

    assert len(set(asked(triples, "?service cv:hasCompetentAuthority ?value"))) == 1


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"days": 20, "unit": "working-day"}, "P28D"),
        ({"days": 1, "unit": "working-day"}, "P2D"),
        ({"days": 20, "unit": "calendar-day"}, "P20D"),
        ({"days": 2, "unit": "week"}, "P14D"),
        ({"days": 3, "unit": "month"}, "P3M"),
        ({"days": 1, "unit": "year"}, "P1Y"),
        ({"days": 4, "unit": "hour"}, "PT4H"),
        ({"days": 0, "unit": "immediate"}, "PT0S"),
        ({"days": 3}, None),
        ({"explanation": "视情况"}, None),
    ],
)
def test_a_limit_is_a_duration_as_near_as_one_can_say_it(limit, expected):
    assert duration(limit) == expected


@given(st.text(min_size=1, max_size=20, alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_code_and_any_name_survive(text):
    document = {"localImplementationCode": text, "name": text, "type": "20", "region": "420300000000"}

    triples = graph(document)

    assert asked(triples, "?service dct:identifier ?value; dct:title ?name", "?value ?name") == [(text, text)]


def test_every_field_has_a_home_or_is_named_without_one():
    page = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
    homes, _, homeless = page.partition("Without a home")
    fields = set(shipped_schemas()["service-item"]["properties"])

    with_home = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", homes.partition("CPSV-AP term")[2], re.MULTILINE))
    without = re.findall(r"`(\w+)`", homeless.partition("\n\n")[0])

    assert with_home == dict(HOMES)
    assert sorted(without) == sorted(fields - HOMES.keys())
