"""Nouns as rows, and rows as nouns, the same in every database; items have a module of their own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import orjson

from gateway.core.conversion.versions import AdapterVersion, Origin, Step, VersionChange, VersionState
from gateway.core.errors import ConflictError, CorruptedError, Fault, RetiredError
from gateway.core.model import Application, Delivery, DeliveryState, Exchange, Partner, PartnerKind, PartnerStatus
from gateway.core.trust.keys import PublicKey
from gateway.flow.ports import (
    Checkpoint,
    EntryFilter,
    ImportedItem,
    ItemChange,
    LineFault,
    Mirror,
    Rejection,
    Retired,
    Retirement,
    Verdict,
)
from gateway.store.times import from_us, from_us_or_none, to_us, to_us_or_none

Columns = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def exchange_row(exchange: Exchange) -> dict[str, Any]:
    """Return every column of an exchange, its body too."""
    row = {name: getattr(exchange, name) for name in Exchange.__dataclass_fields__}
    return row | {"received_at": to_us(exchange.received_at)}


def id_bytes(exchange: str) -> bytes:
    """Return the 16 bytes of an exchange id: what is remembered of it for ever."""
    return bytes.fromhex(exchange.replace("-", ""))


def as_exchange(row: Columns) -> Exchange:
    """Return the exchange of a row."""
    return Exchange(**{**row, "received_at": from_us(row["received_at"])})


def application_row(application: Application) -> dict[str, Any]:
    """Return every column of an application."""
    row = {name: getattr(application, name) for name in Application.__dataclass_fields__}
    return row | {"created_at": to_us(application.created_at), "updated_at": to_us(application.updated_at)}


def as_application(row: Columns) -> Application:
    """Return the application of a row."""
    times = {"created_at": from_us(row["created_at"]), "updated_at": from_us(row["updated_at"])}
    return Application(**{**row, **times})


def exchange_reused() -> ConflictError:
    """Return what is said of an exchange id that was used for something else."""
    return _conflict("exchange_reused", "this exchange id was used for other content", "该交换标识已用于其他内容")


def exchange_retired() -> RetiredError:
    """Return what is said of an exchange that was taken long ago: what was answered then is no longer known."""
    message, message_zh = (
        "this exchange was taken long ago and has been retired",
        "该交换早已受理，记录已按保存期限清退",
    )
    fault = Fault(pointer="", code="exchange_retired", message=message, message_zh=message_zh)
    return RetiredError(message, code="exchange_retired", faults=(fault,))


def entry_retired(size: int) -> RetiredError:
    """Return what is said of an entry that was retired; its hash stays in the tree."""
    return RetiredError(f"the entries below {size} have been retired; their hashes stay", code="entry_retired")


def log_gap() -> CorruptedError:
    """Return what is said of leaves that are not where they must be."""
    return CorruptedError("the leaves do not continue the tree", code="log_gap")


def number_taken() -> ConflictError:
    """Return what is said of a second application under one number."""
    return _conflict("number_taken", "another application has this collaboration number", "该业务协同编号已被占用")


def _conflict(code: str, message: str, message_zh: str) -> ConflictError:
    return ConflictError(
        message, code=code, faults=(Fault(pointer="", code=code, message=message, message_zh=message_zh),)
    )


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    """Return what a new delivery says itself, its body too."""
    return {
        "id": delivery.id,
        "exchange": delivery.exchange,
        "kind": delivery.kind,
        "destination": delivery.destination,
        "subject": delivery.subject,
        "media_type": delivery.media_type,
        "created_at": to_us(delivery.created_at),
        "body": delivery.body,
    }


class _Rejected(msgspec.Struct):
    """One rejection as a listing carries it."""

    code: str
    faults: tuple[Fault, ...]


def as_delivery(row: Columns) -> Delivery:
    """Return the delivery of a row, with what its region rejected of it."""
    named = dict(row)
    named.pop("sequence", None)
    faults = msgspec.json.decode(named.pop("faults", "[]"), type=tuple[Fault, ...])
    rejected = msgspec.json.decode(named.pop("rejections", "[]"), type=tuple[_Rejected, ...])
    told = {
        "faults": (*faults, *(fault for each in rejected for fault in each.faults)),
        "code": rejected[0].code if rejected else row["code"],
        "rejected": bool(rejected),
    }
    times = {"created_at": from_us(row["created_at"]), "state": DeliveryState(row["state"])}
    return Delivery(**{**named, **times, **told})


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """Return what a verdict says of its delivery."""
    return {
        "id": verdict.delivery,
        "claim": verdict.claim,
        "state": verdict.state,
        "receipt": verdict.receipt,
        "code": verdict.code,
        "retry_at": to_us_or_none(verdict.retry_at),
        "faults": encoded(verdict.faults),
    }


def rejection_row(rejection: Rejection) -> dict[str, Any]:
    """Return every column of a rejection."""
    return {
        "partner": rejection.partner,
        "row": rejection.row,
        "exchange": rejection.exchange,
        "code": rejection.code,
        "faults": encoded(rejection.faults),
        "found_at": to_us(rejection.found_at),
    }


def partner_row(partner: Partner) -> dict[str, Any]:
    """Return every column of a partner."""
    return {
        "id": partner.id,
        "kind": partner.kind,
        "name": partner.name,
        "regions": encoded(partner.regions),
        "endpoint": partner.endpoint,
        "adapter": partner.adapter,
        "keys": encoded(partner.keys),
        "status": partner.status,
        "mirrored": partner.mirrored,
    }


def as_partner(row: Columns) -> Partner:
    """Return the partner of a row."""
    read = {
        "kind": PartnerKind(row["kind"]),
        "regions": msgspec.json.decode(row["regions"], type=tuple[str, ...]),
        "keys": msgspec.json.decode(row["keys"], type=tuple[PublicKey, ...]),
        "status": PartnerStatus(row["status"]),
        "mirrored": bool(row["mirrored"]),
    }
    return Partner(**{**row, **read})


def as_version(row: Columns) -> AdapterVersion:
    """Return the version of an adapter that a row tells of."""
    read = {
        "origin": Origin(row["origin"]),
        "state": VersionState(row["state"]),
        "passed": bool(row["passed"]),
        "put_at": from_us(row["put_at"]),
    }
    return AdapterVersion(**{**row, **read})


def as_version_change(row: Columns) -> VersionChange:
    """Return what a row says was done with a version."""
    return VersionChange(**{**row, "step": Step(row["step"]), "at": from_us(row["at"])})


def as_checkpoint(row: Columns) -> Checkpoint:
    """Return the checkpoint of a row."""
    return Checkpoint(**{**row, "made_at": from_us(row["made_at"])})


def as_mirror(row: Columns) -> Mirror:
    """Return how far a copy goes."""
    return Mirror(**{**row, "copied_at": from_us_or_none(row["copied_at"])})


def retirement_row(retirement: Retirement) -> dict[str, Any]:
    """Return every column of a retirement."""
    return {
        "kind": retirement.kind,
        "before": to_us(retirement.before),
        "size": retirement.size,
        "root": retirement.root,
        "entry": retirement.entry,
        "retired_at": to_us(retirement.retired_at),
    }


def as_retirement(row: Columns) -> Retirement:
    """Return the retirement of a row."""
    times = {name: from_us(row[name]) for name in ("before", "retired_at")}
    return Retirement(**{**row, **times, "kind": Retired(row["kind"])})


def beyond_log() -> ConflictError:
    """Return what is said of a retirement of entries that are not there yet."""
    return ConflictError("the log has not grown to what is to be retired", code="retirement_beyond_log")


def asked_entries(wanted: EntryFilter) -> dict[str, object]:
    """Return the columns that entries are asked for by, with what they should hold."""
    names = ("kind", "outcome", "exchange", "number", "partner", "item_code")
    asked: dict[str, object] = {name: value for name in names if (value := getattr(wanted, name))}
    if wanted.since is not None:
        asked["since"] = _first_ms(wanted.since)
    if wanted.until is not None:
        asked["until"] = _first_ms(wanted.until)
    return asked


def _first_ms(moment: datetime) -> int:
    """Return the first whole millisecond that is not before a time; entries are kept to the millisecond."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))


def line_fault_row(number: int, fault: LineFault) -> dict[str, Any]:
    """Return what an import left out, as it is kept."""
    place = {"import": number, "line": fault.line, "position": fault.position, "length": fault.length}
    return place | {"code": fault.code, "faults": encoded(fault.faults)}


def as_line_fault(row: Columns) -> LineFault:
    """Return what a row says was left out."""
    return LineFault(**{**row, "faults": msgspec.json.decode(row["faults"], type=tuple[Fault, ...])})


def as_item_change(row: Columns) -> ItemChange:
    """Return what a row says an import did to an item."""
    return ItemChange(**{**row, "pointers": tuple(orjson.loads(row["pointers"]))})


def contradicted(each: ImportedItem, first: int | None) -> LineFault:
    """Return what is said of an item that stands in the file twice and says two things."""
    told = Fault(
        pointer="",
        code="item_contradicted",
        message="the same item stands earlier in the file, and says something else",
        message_zh="同一事项在文件前面已出现，且内容不同",
        expected="one document for each code and version" if first is None else f"what line {first} says",
    )
    return LineFault(line=each.line, position=each.position, length=each.length, code=told.code, faults=(told,))


def encoded(value: object) -> str:
    """Return what has no columns of its own as JSON."""
    return msgspec.json.encode(value).decode()
