"""Where a partner's keys come from, and which are never taken."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest

from gateway.cli.jwks import public_keys, read_keys
from gateway.core.errors import (
    InvalidDocumentError,
    MalformedDocumentError,
    OversizedDocumentError,
    PartnerUnavailableError,
)
from tests.cli.workplace import CHECKOUT

SET = orjson.loads((CHECKOUT / "config" / "partner-ankang.jwks.json").read_bytes())
KEY = SET["keys"][0]


@pytest.fixture
def published():
    """Serve one answer on loopback, and return its address."""
    answers: dict[str, tuple[int, bytes, dict[str, str]]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body, headers = answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def publish(body, status=200, **headers):
        path = f"/{len(answers)}"
        answers[path] = (status, body, headers)
        return f"http://127.0.0.1:{server.server_port}{path}"

    yield publish
    server.shutdown()
    thread.join()
    server.server_close()


async def test_keys_are_fetched_from_where_a_partner_publishes_them(published):
    (key,) = await read_keys(published(orjson.dumps(SET)))

    assert (key.id, key.algorithm) == (KEY["kid"], "EdDSA")


@pytest.mark.parametrize("status", [204, 301, 404, 500])
async def test_only_a_plain_answer_counts(published, status):
    url = published(b"", status, Location=published(orjson.dumps(SET)))

    with pytest.raises(PartnerUnavailableError, match=str(status)):
        await read_keys(url)


async def test_an_answer_without_end_is_not_read_to_its_end(published):
    with pytest.raises(OversizedDocumentError):
        await read_keys(published(b" " * (1 << 20)))


async def test_nobody_there_is_temporary():
    with pytest.raises(PartnerUnavailableError):
        await read_keys("http://127.0.0.1:9/jwks.json")


async def test_a_large_file_is_not_read_either(tmp_path):
    (tmp_path / "large.json").write_bytes(b" " * (1 << 17))

    with pytest.raises(OversizedDocumentError):
        await read_keys(str(tmp_path / "large.json"))


@pytest.mark.parametrize("body", [b"", b"{", b'{"keys":[],"keys":[]}'])
async def test_what_is_no_json_is_refused(tmp_path, body):
    (tmp_path / "bad.json").write_bytes(body)

    with pytest.raises(MalformedDocumentError):
        await read_keys(str(tmp_path / "bad.json"))


@pytest.mark.parametrize("document", [{}, [], 1, {"keys": {}}, {"keys": []}, {"keys": [KEY] * 33}])
def test_what_is_no_key_set_is_refused(document):
    with pytest.raises(InvalidDocumentError) as refused:
        public_keys(document)

    assert refused.value.code == "keys_malformed"


@pytest.mark.parametrize(
    ("jwk", "pointer", "code"),
    [
        (KEY | {"d": KEY["x"]}, "/keys/1/d", "key_private"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "/keys/1/k", "key_private"),
        ({"kty": "RSA", "n": "AQ", "e": "AQAB"}, "/keys/1/crv", "key_algorithm_unsupported"),
        (KEY | {"alg": "none"}, "/keys/1/alg", "key_algorithm_unsupported"),
        (KEY | {"use": "enc"}, "/keys/1/use", "key_malformed"),
        ("a key", "/keys/1/crv", "key_algorithm_unsupported"),
    ],
)
def test_a_key_that_must_not_be_registered_is_named_by_its_place(jwk, pointer, code):
    with pytest.raises(InvalidDocumentError) as refused:
        public_keys({"keys": [KEY, jwk]})

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]
    assert refused.value.code == code
