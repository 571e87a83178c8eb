"""A manifest's transport is read whole, and what is wrong in it is told by its place."""

import pytest

from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import AdapterError
from gateway.core.transports.spec import AppCode, HttpSpec, NationalHeaders, Spot, StaticKey, for_kind
from tests.core.conversion.samples import MANIFEST, files

ROW = '{ canonical = "/applicant/name", regional = "/MC" },'
ANSWER = '[transport.answer]\ncode = "/code"\naccepted = ["200"]\n'


def load(transport: str) -> HttpSpec:
    spec = load_adapter(files(ROW, manifest=MANIFEST + transport)).manifest.http
    assert isinstance(spec, HttpSpec)
    return spec


def test_a_manifest_without_one_has_none():
    assert load_adapter(files(ROW)).manifest.http is None


def test_paths_are_found_by_exchange_kind():
    spec = load(
        '[transport]\nkind = "http"\npath = { application = "/a", event = "/e", "event.accepted" = "/s" }\n' + ANSWER
    )

    assert [for_kind(spec.paths, kind) for kind in ("application.submitted", "event.closed", "event.accepted")] == [
        "/a",
        "/e",
        "/s",
    ]


@pytest.mark.parametrize(
    ("authentication", "expected"),
    [
        ('kind = "key"\ncredential = "k"\nfield = "/a/b"', StaticKey(credential="k", at=Spot(field=("a", "b")))),
        (
            'kind = "national"\ncredential = "s"\nrequester = "r"\nservice = "x"',
            NationalHeaders(credential="s", requester="r", services={"": "x"}),
        ),
        (
            'kind = "app-code"\ncredential = "c"\nheader = "token"\ntoken = "/data/token"\nexpired = [401]',
            AppCode(
                credential="c",
                at=Spot(header="token"),
                path="/api-gateway/gateway/get-token",
                digest="token",
                timestamp="timestamp",
                parameters={},
                token=("data", "token"),
                lifetime=(),
                lifetime_s=600,
                expired=frozenset({"401"}),
            ),
        ),
    ],
)
def test_each_way_to_prove_oneself_names_its_credential(authentication, expected):
    spec = load(f'[transport]\nkind = "http"\n[transport.authentication]\n{authentication}\n{ANSWER}')

    assert spec.authentication == expected
    assert spec.credentials == (expected.credential,)


@pytest.mark.parametrize(
    ("transport", "place"),
    [
        ('kind = "pigeon"', "/transport/kind"),
        ('kind = "http"', "/transport/answer"),
        ('kind = "http"\npath = "../x"\n' + ANSWER, "/transport/path"),
        ('kind = "http"\npath = "/x?y=1"\n' + ANSWER, "/transport/path"),
        ('kind = "http"\npath = { other = "/x" }\n' + ANSWER, "/transport/path/other"),
        ('kind = "http"\nheaders = { Host = "x" }\n' + ANSWER, "/transport/headers/Host"),
        ('kind = "http"\nheaders = { A = "x\\ny" }\n' + ANSWER, "/transport/headers/A"),
        ('kind = "http"\ntimeout_s = 3600\n' + ANSWER, "/transport/timeout_s"),
        ('kind = "http"\nexchange = { header = "A", query = "b" }\n' + ANSWER, "/transport/exchange"),
        ('kind = "http"\nnumber = { field = "a" }\n' + ANSWER, "/transport/number/field"),
        ('kind = "http"\nsecret = "x"\n' + ANSWER, "/transport/secret"),
        ('kind = "http"\n[transport.answer]\ncode = "/c"', "/transport/answer/accepted"),
        ('kind = "http"\n[transport.answer]\ncode = "/c"\naccepted = "1"\nretry = "1"', "/transport/answer/accepted"),
        ('kind = "http"\n[transport.answer]\nby_status = true\naccepted = "1"', "/transport/answer/by_status"),
        (
            'kind = "http"\n[transport.answer]\ncode = "/c"\naccepted = "1"\ncodes = { 2 = "Not So" }',
            "/transport/answer/codes",
        ),
        ('kind = "http"\n[transport.answer]\ncode = "/c"\naccepted = "1"\nstatus = 99', "/transport/answer/status"),
        ('kind = "http"\n[transport.authentication]\nkind = "key"\n' + ANSWER, "/transport/authentication/credential"),
        (
            'kind = "http"\n[transport.authentication]\nkind = "key"\ncredential = "a"\n' + ANSWER,
            "/transport/authentication",
        ),
        (
            'kind = "http"\n[transport.authentication]\nkind = "key"\ncredential = "a"\nheader = "Host"\n' + ANSWER,
            "/transport/authentication",
        ),
    ],
)
def test_what_is_wrong_is_told_by_its_place(transport, place):
    with pytest.raises(AdapterError) as caught:
        load_adapter(files(ROW, manifest=f"{MANIFEST}[transport]\n{transport}"))

    assert place in [fault.pointer.removeprefix("adapter.toml#") for fault in caught.value.faults]
