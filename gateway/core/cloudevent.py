"""What travels between gateways: CloudEvents 1.0 in JSON, one exchange each, alone or in a batch.

The context attributes are CloudEvents' own; the extension attributes obey its naming and typing rules
(lower-case letters and digits, plain strings), so that any CloudEvents library reads them.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import msgspec
import orjson

from gateway.core.audit.forms import fits
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.errors import Fault, InvalidDocumentError, MalformedDocumentError

BATCH_LIMIT: Final = 32  # events in one request
TYPE_PREFIX: Final = "cn.tongban."
TYPE_SUFFIX: Final = ".v1"
SCHEMA_PREFIX: Final = "https://tongban.cn/schemas/canonical/v1/"

_REQUIRED: Final = ("id", "source", "type", "subject", "time", "dataschema")
_OPTIONAL: Final = ("adapter", "adapterversion", "mappingdigest", "sourcedigest", "resultdigest", "origintoken")

# What the log will have to name, in the form in which it can: attribute, field of an entry, what is expected.
_FORMS: Final = (
    ("id", "exchange", "a UUIDv7 in lower case"),
    ("adapter", "adapter", "the name of an adapter"),
    ("adapterversion", "adapter_version", "a version"),
    ("mappingdigest", "mapping_digest", "sha-256=:…:"),
    ("sourcedigest", "mapping_digest", "sha-256=:…:"),
    ("resultdigest", "mapping_digest", "sha-256=:…:"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudEvent:
    """One relayed exchange: `id` is the exchange, `subject` the collaboration number, `data` canonical."""

    MEDIA_TYPE: ClassVar[str] = "application/cloudevents+json"
    BATCH_MEDIA_TYPE: ClassVar[str] = "application/cloudevents-batch+json"

    id: str
    source: str
    kind: str
    subject: str
    time: str
    data: dict[str, Any]
    adapter: str = ""
    adapter_version: str = ""
    mapping_digest: str = ""
    source_digest: str = ""
    result_digest: str = ""
    origin: str = ""  # the token under which the original bytes were first signed

    def write(self) -> bytes:
        """Return the event as the bytes to keep and to send."""
        form = "application" if self.kind.startswith("application.") else "event"
        optional = (
            self.adapter,
            self.adapter_version,
            self.mapping_digest,
            self.source_digest,
            self.result_digest,
            self.origin,
        )
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": self.source,
                "type": TYPE_PREFIX + self.kind + TYPE_SUFFIX,
                "subject": self.subject,
                "time": self.time,
                "datacontenttype": "application/json",
                "dataschema": SCHEMA_PREFIX + form,
                **{name: value for name, value in zip(_OPTIONAL, optional, strict=True) if value},
                "data": self.data,
            }
        )


def batch(events: list[bytes]) -> bytes:
    """Return one body that carries several events, each byte for byte as it was written."""
    return b"[" + b",".join(events) + b"]"


def cut_batch(body: bytes) -> list[bytes]:
    """Return the exact bytes of every event of a batch.

    Raises MalformedDocumentError for what is not a JSON array, and for one of none or too many.
    """
    try:
        events = [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, RecursionError):
        raise _malformed(
            "batch_malformed", "not a JSON array of events", "批量报文不是 JSON 数组", "a JSON array"
        ) from None
    if not 1 <= len(events) <= BATCH_LIMIT:
        expected = f"1 to {BATCH_LIMIT} events"
        raise _malformed("batch_size_wrong", f"a batch has {expected}", "批量报文条数超限", expected)
    return events


def read_event(body: bytes) -> CloudEvent:
    """Return the event that these bytes hold; raises MalformedDocumentError or InvalidDocumentError."""
    event = read_json(body)
    if not isinstance(event, dict):
        raise _malformed("cloudevent_malformed", "not a JSON object", "报文不是 JSON 对象", "a JSON object")
    faults = [*_attribute_faults(event), *_type_faults(event), *_form_faults(event)]
    if faults:
        raise InvalidDocumentError("the event breaks the CloudEvents rules", faults=tuple(faults))
    return CloudEvent(
        id=event["id"],
        source=event["source"],
        kind=event["type"][len(TYPE_PREFIX) : -len(TYPE_SUFFIX)],
        subject=event["subject"],
        time=event["time"],
        data=event["data"],
        adapter=event.get("adapter", ""),
        adapter_version=event.get("adapterversion", ""),
        mapping_digest=event.get("mappingdigest", ""),
        source_digest=event.get("sourcedigest", ""),
        result_digest=event.get("resultdigest", ""),
        origin=event.get("origintoken", ""),
    )


def _attribute_faults(event: dict[str, Any]) -> list[Fault]:
    faults = [_fault(f"/{name}", "required_missing", "a string") for name in _REQUIRED if name not in event]
    faults += [
        _fault(f"/{name}", "type_wrong", "a string")
        for name in (*_REQUIRED, *_OPTIONAL)
        if name in event and not isinstance(event[name], str)
    ]
    if event.get("specversion") != "1.0":
        faults.append(_fault("/specversion", "version_unsupported", "1.0"))
    if not isinstance(event.get("data"), dict):
        faults.append(_fault("/data", "type_wrong", "an object"))
    return faults


def _type_faults(event: dict[str, Any]) -> list[Fault]:
    kind = event.get("type")
    if not isinstance(kind, str) or (kind.startswith(TYPE_PREFIX) and kind.endswith(TYPE_SUFFIX)):
        return []
    return [_fault("/type", "event_type_unknown", f"{TYPE_PREFIX}…{TYPE_SUFFIX}")]


def _form_faults(event: dict[str, Any]) -> list[Fault]:
    texts = [(attribute, form, expected, event.get(attribute)) for attribute, form, expected in _FORMS]
    return [
        _fault(f"/{attribute}", "format_wrong", expected)
        for attribute, form, expected, text in texts
        if isinstance(text, str) and not fits(form, text)
    ]


def _fault(pointer: str, code: str, expected: str) -> Fault:
    return Fault(
        pointer=pointer,
        code=code,
        message="this CloudEvents attribute is missing or wrong",
        message_zh="CloudEvents 属性缺失或有误",
        expected=expected,
    )


def _malformed(code: str, message: str, message_zh: str, expected: str) -> MalformedDocumentError:
    fault = Fault(pointer="", code=code, message=message, message_zh=message_zh, expected=expected)
    return MalformedDocumentError(message, code=code, faults=(fault,))
