"""Other people's SOAP server reads our envelopes and we read its answers: spyne, in a process of its own."""

import subprocess
import sys
from typing import Any

import pytest

from gateway.core.conversion.formats import write_document
from gateway.core.conversion.formats.soap_format import open_soap
from gateway.core.conversion.formats.wire import Payload, SoapStyle, Wire
from tests.patience import PATIENCE_S

# The server takes one envelope on stdin and answers on stdout, through spyne's whole SOAP stack.
SERVER = """
import sys, warnings
warnings.simplefilter("ignore")
from lxml import etree
from spyne import Application, Fault, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication

class Police(ServiceBase):
    @rpc(Unicode, Unicode, _returns=Unicode)
    def check(ctx, sqzcm, xmlStr):
        if sqzcm != "licence":
            raise Fault("Client.Licence", "-50")
        record = etree.fromstring(xmlStr.encode()).find("RECORD")
        return "<RESULT><RECORD><NO>%s</NO><CODE>0</CODE></RECORD></RESULT>" % record.findtext("NO")

protocol = {"1.1": Soap11, "1.2": Soap12}[sys.argv[1]]
application = Application([Police], "urn:police", in_protocol=protocol(validator="lxml"), out_protocol=protocol())
wsgi = WsgiApplication(application)
told = []
environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "QUERY_STRING": "", "SERVER_NAME": "x", "SERVER_PORT": "80",
    "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer,
    "CONTENT_TYPE": sys.argv[2], "CONTENT_LENGTH": sys.argv[3]}
body = b"".join(wsgi(environ, lambda status, headers, *_: told.append(status)))
sys.stdout.buffer.write(told[0][:3].encode() + body)
"""


def served(version: str, wire: Wire, document: dict[str, Any]) -> tuple[int, bytes]:
    body = write_document(document, wire)
    arguments = (sys.executable, "-c", SERVER, version, wire.media_type, str(len(body)))
    done = subprocess.run(arguments, input=body, capture_output=True, timeout=PATIENCE_S, check=True)
    return int(done.stdout[:3]), done.stdout[3:]


def wire_of(version: str, charset: str, *, cdata: bool) -> Wire:
    style = SoapStyle(version=version, namespace="urn:police", qualified=True)
    payload = Payload(at=(("check", "xmlStr"),), format="xml", cdata=cdata)
    return Wire(format="soap", charset=charset, soap=style, payload=payload)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize(("charset", "cdata"), [("utf-8", True), ("utf-8", False), ("gbk", True), ("gb18030", False)])
def test_a_foreign_server_reads_our_envelope_and_we_its_answer(version, charset, cdata):
    wire = wire_of(version, charset, cdata=cdata)
    inner = {"PACKAGE": {"RECORD": {"NO": "张三 <1> & ]]>"}}}

    status, answer = served(version, wire, {"check": {"sqzcm": "licence", "xmlStr": inner}})

    said = open_soap(answer, "", wire)["checkResponse"]["checkResult"]
    assert (status, said) == (200, "<RESULT><RECORD><NO>张三 <1> & ]]></NO><CODE>0</CODE></RECORD></RESULT>")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_foreign_server_s_fault_is_read_as_a_fault(version):
    wire = wire_of(version, "utf-8", cdata=False)
    document = {"check": {"sqzcm": "none", "xmlStr": {"PACKAGE": {"RECORD": {"NO": "1"}}}}}

    status, answer = served(version, wire, document)

    fault = open_soap(answer, "", wire)["Fault"]
    assert status >= 400
    assert fault["reason"] == "-50"
    assert fault["code"] in ("Client.Licence", "Client", "Sender")
