"""What a plain answer makes of a delivery is said by the adapter, and nothing unknown is ever success."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.options import Complaints, Options
from gateway.core.transports.answers import Meaning, judge
from gateway.core.transports.reading import read_http
from gateway.core.transports.spec import AnswerSpec

JSON = """
[answer]
code = "/code"
accepted = ["200"]
retry = ["500"]
refused = ["300"]
codes = { -901 = "number_unknown" }
message = "/message"
records = { at = "/data/errors", code = "/code", message = "/text", place = "/field" }
"""
POLICE = """
[answer]
format = "soap"
accepted = ["0"]
codes = { -901 = "number_unknown", -903 = "applicant_missing" }
records = { at = "/checkResponse/return/RESULT/RECORD", code = "/CODE", message = "/TEXT", place = "/NO" }
payload = { at = "/checkResponse/return", format = "xml" }
soap = { namespace = "urn:police" }
"""


def answer_spec(text: str) -> AnswerSpec:
    complaints = Complaints()
    spec = read_http(Options(tomllib.loads(text), file="adapter.toml", pointer="/transport", complaints=complaints))
    assert complaints.found == []
    return spec.answer


RULES = answer_spec(JSON)
RECORDS = answer_spec(POLICE)


def soap(records: str) -> bytes:
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><p:checkResponse xmlns:p="urn:police">'
        f"<return><![CDATA[<RESULT>{records}</RESULT>]]></return></p:checkResponse></e:Body></e:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    ("status", "body", "meaning", "code"),
    [
        (200, b'{"code":200,"message":"ok"}', Meaning.ACCEPTED, ""),
        (200, b'{"code":" 200 "}', Meaning.ACCEPTED, ""),
        (200, b'{"code":500}', Meaning.RETRY, "answer_retry"),
        (200, b'{"code":300,"message":"x"}', Meaning.REFUSED, "answer_refused"),
        (200, b'{"code":-901}', Meaning.REFUSED, "number_unknown"),
        (200, b'{"code":201}', Meaning.REFUSED, "answer_code_unmapped"),
        (200, b'{"code":true}', Meaning.REFUSED, "answer_code_unmapped"),
        (200, b'{"code":2e2}', Meaning.REFUSED, "answer_code_unmapped"),
        (200, b'{"code":200,"data":{"errors":[{"code":"200"}]}}', Meaning.ACCEPTED, ""),
        (200, b'{"code":200,"data":{"errors":[{"code":"-901"}]}}', Meaning.REFUSED, "number_unknown"),
        (200, b'{"code":200,"data":{"errors":[{}]}}', Meaning.REFUSED, "answer_code_unmapped"),
        (200, b'{"code":200,"data":{"errors":[{"code":"500"}]}}', Meaning.RETRY, "answer_retry"),
        (200, b'{"success":true}', Meaning.RETRY, "answer_malformed"),
        (200, b'{"code":null}', Meaning.RETRY, "answer_malformed"),
        (200, b'{"code":{}}', Meaning.RETRY, "answer_malformed"),
        (200, b"", Meaning.RETRY, "answer_malformed"),
        (200, b"<html>It works!</html>", Meaning.RETRY, "answer_malformed"),
        (200, b"[200]", Meaning.RETRY, "answer_malformed"),
        (201, b'{"code":200}', Meaning.RETRY, "answer_status"),
        (302, b'{"code":200}', Meaning.RETRY, "answer_status"),
        (503, b'{"code":200}', Meaning.RETRY, "answer_status"),
    ],
)
def test_an_answer_means_what_the_manifest_says(status, body, meaning, code):
    found = judge(RULES, status, "utf-8", body)

    assert (found.meaning, found.code) == (meaning, code)


def test_every_record_that_refuses_becomes_a_fault_in_our_words():
    found = judge(
        RECORDS,
        200,
        "",
        soap(
            "<RECORD><NO>1</NO><CODE>0</CODE></RECORD><RECORD><NO>2</NO><CODE>-901</CODE><TEXT>业务协同编号不存在</TEXT>"
            "</RECORD><RECORD><NO>3</NO><CODE>-999</CODE></RECORD>"
        ),
    )

    told = [(fault.pointer, fault.code, fault.message, fault.got) for fault in found.faults]
    assert found.meaning is Meaning.REFUSED
    assert told == [("2", "number_unknown", "业务协同编号不存在", "-901"), ("3", "answer_code_unmapped", "", "-999")]


@pytest.mark.parametrize(
    ("records", "meaning"), [("<RECORD><CODE>0</CODE></RECORD>", Meaning.ACCEPTED), ("", Meaning.RETRY)]
)
def test_records_accept_only_where_there_are_some(records, meaning):
    assert judge(RECORDS, 200, "", soap(records)).meaning is meaning


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ("s:Server", Meaning.RETRY),
        ("s:Server.Busy", Meaning.RETRY),
        ("s:Client", Meaning.REFUSED),
        ("", Meaning.REFUSED),
    ],
)
def test_a_soap_fault_is_tried_again_only_where_the_trouble_is_the_servers_own(fault, meaning):
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        f"<faultcode>{fault}</faultcode><faultstring>-50 许可证校验错误</faultstring></s:Fault></s:Body></s:Envelope>"
    )

    assert judge(RECORDS, 500, "utf-8", body.encode()).meaning is meaning


def test_an_answer_in_another_encoding_than_it_declares_says_nothing():
    body = '{"code":"200","message":"成功"}'.encode("gbk")

    assert judge(RULES, 200, "utf-8", body).code == "answer_malformed"
    assert judge(RULES, 200, "GBK", body).meaning is Meaning.ACCEPTED
    assert judge(RULES, 200, "klingon", body).code == "answer_malformed"


def test_an_acceptance_without_the_case_number_that_is_promised_is_none():
    rules = answer_spec('[answer]\ncode = "/code"\naccepted = ["200"]\nnumber = "/data/no"')

    assert judge(rules, 200, "", b'{"code":200}').code == "answer_malformed"
    assert judge(rules, 200, "", b'{"code":200,"data":{"no":"A1"}}').meaning is Meaning.ACCEPTED


def test_a_status_accepts_by_itself_only_where_the_manifest_says_so():
    rules = answer_spec("[answer]\nby_status = true\nstatus = [200, 204]\nrefused_status = 400")

    assert [judge(rules, status, "", b"").meaning for status in (204, 400, 404, 500)] == [
        Meaning.ACCEPTED,
        Meaning.REFUSED,
        Meaning.RETRY,
        Meaning.RETRY,
    ]


@settings(deadline=None)
@given(
    code=st.text(max_size=8) | st.integers() | st.booleans() | st.none() | st.floats(),
    status=st.sampled_from([200, 201, 500]),
)
def test_no_code_but_those_listed_is_ever_success(code, status):
    import json

    found = judge(RULES, status, "", json.dumps({"code": code}).encode())

    assert (found.meaning is Meaning.ACCEPTED) == (status == 200 and str(code).strip() == "200")


@settings(deadline=None)
@given(body=st.binary(max_size=300), charset=st.sampled_from(["", "utf-8", "gbk", "x"]))
def test_any_bytes_are_judged(body, charset):
    assert judge(RULES, 200, charset, body).meaning is not Meaning.ACCEPTED
    assert judge(RECORDS, 500, charset, body).meaning is not Meaning.ACCEPTED
