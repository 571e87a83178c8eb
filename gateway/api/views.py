"""How the flow's nouns look on the wire."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.api.problems import Problem, fault_document
from gateway.core.audit.merkle import leaf_hash
from gateway.core.conversion.versions import AdapterVersion
from gateway.core.model import Delivery, Exchange, ServiceItem
from gateway.flow.audit import Inclusion, LoggedEntry
from gateway.flow.inspect import ApplicationView
from gateway.flow.offer_items import Offer
from gateway.flow.receive import Accepted
from gateway.flow.versions import Shown, Uploaded


def accepted(answer: Accepted) -> dict[str, Any]:
    """Return the answer to an exchange; the same for a repeat, byte for byte."""
    return {"exchange": answer.exchange, "number": answer.number, "receipt": answer.receipt}


def batch_result(answer: Accepted | tuple[str, Problem]) -> dict[str, Any]:
    """Return one line of the answer to a batch: a receipt, or the problem of an exchange."""
    if isinstance(answer, Accepted):
        return {"exchange": answer.exchange, "receipt": answer.receipt}
    exchange, problem = answer
    return {"exchange": exchange, "problem": problem.document()}


def application(view: ApplicationView) -> dict[str, Any]:
    """Return an application as its parties see it: states, ids and codes, never its content."""
    stands = view.application
    return {
        "number": stands.number,
        "exchange": stands.exchange,
        "state": stands.state,
        "mode": stands.mode,
        "item": {"code": stands.item_code, "name": stands.item_name},
        "collecting_region": stands.collecting_region,
        "handling_region": stands.handling_region,
        "source": stands.source,
        "target": stands.target,
        "created_at": stamp(stands.created_at),
        "updated_at": stamp(stands.updated_at),
        "history": [_exchange(each) for each in view.history],
        "deliveries": [_delivery(each) for each in view.deliveries],
    }


def items(page: Sequence[ServiceItem]) -> dict[str, Any]:
    """Return a page of item versions, each with its canonical document as it is kept."""
    return {"items": [_item(each) for each in page]}


def offer(page: Offer) -> dict[str, Any]:
    """Return a page of changed items, each with its publication, and the cursor behind it."""
    return {
        "items": [{**_item(item), "publication": publication} for item, publication in page.items],
        "epoch": page.epoch,
        "cursor": page.cursor,
        "complete": page.complete,
    }


def entries(page: Sequence[LoggedEntry]) -> dict[str, Any]:
    """Return a page of log entries: the leaf as it is hashed, and its RFC 6962 hash."""
    return {
        "entries": [
            {"index": each.index, "leaf_hash": base64(leaf_hash(each.leaf)), "entry": orjson.Fragment(each.leaf)}
            for each in page
        ]
    }


def inclusion(proved: Inclusion) -> dict[str, Any]:
    """Return an inclusion proof; the leaf itself is for those who may search, its hash for everybody."""
    return {
        "index": proved.index,
        "leaf_hash": base64(proved.leaf_hash),
        "size": proved.checkpoint.size,
        "root": base64(proved.checkpoint.root),
        "proof": [base64(node) for node in proved.proof],
        "checkpoint": proved.checkpoint.note,
    }


def consistency(old: int, new: int, proof: Sequence[bytes]) -> dict[str, Any]:
    """Return a consistency proof."""
    return {"from": old, "to": new, "proof": [base64(node) for node in proof]}


def version(kept: AdapterVersion) -> dict[str, Any]:
    """Return a version of an adapter."""
    return {
        "layout": kept.layout,
        "version": kept.version,
        "state": kept.state,
        "passed": kept.passed,
        "origin": kept.origin,
        "digest": kept.digest,
        "put_at": stamp(kept.put_at),
        "put_by": kept.put_by,
    }


def versions(kept: Sequence[AdapterVersion]) -> dict[str, Any]:
    """Return versions of adapters."""
    return {"versions": [version(each) for each in kept]}


def uploaded(done: Uploaded) -> dict[str, Any]:
    """Return a version that was uploaded, with its report."""
    return version(done.version) | {"report": orjson.Fragment(done.report)}


def shown(known: Shown) -> dict[str, Any]:
    """Return everything that is known about a version."""
    history = [
        {"step": each.step, "version": each.version, "at": stamp(each.at), "by": each.by} for each in known.history
    ]
    more = {"report": orjson.Fragment(known.report), "history": history, "standing": list(known.standing)}
    return version(known.version) | more


def files(found: Mapping[str, bytes]) -> dict[str, Any]:
    """Return files by path, whatever bytes they are."""
    return {"files": {path: {"base64": base64(found[path])} for path in found}}


def base64(data: bytes) -> str:
    """Return bytes in standard base64, as C2SP notes write hashes."""
    return b64encode(data).decode()


def stamp(moment: datetime) -> str:
    """Return an instant as RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "exchange": exchange.id,
        "kind": exchange.kind,
        "sender": exchange.sender,
        "digest": exchange.digest,
        "received_at": stamp(exchange.received_at),
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "exchange": delivery.exchange,
        "kind": delivery.kind,
        "destination": delivery.destination,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "code": delivery.code,
        "rejected": delivery.rejected,
        "faults": [fault_document(fault) for fault in delivery.faults],
    }


def _item(item: ServiceItem) -> dict[str, Any]:
    return {
        "code": item.code,
        "region": item.region,
        "name": item.name,
        "status": item.status,
        "version": item.version,
        "effective_from": stamp(item.effective_from) if item.effective_from else None,
        "effective_to": stamp(item.effective_to) if item.effective_to else None,
        "digest": item.digest,
        "quarantine": list(item.quarantine),
        "document": orjson.Fragment(item.document),
    }
