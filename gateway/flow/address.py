"""Step 8, first half: the delivery that carries an exchange to its next partner, as the bytes to be sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.core.catalogue.collaboration import NUMBER_AT, numbered
from gateway.core.cloudevent import CloudEvent
from gateway.core.model import Delivery, Identity, Partner, PartnerKind
from gateway.flow.ports import Adapters, Chance
from gateway.flow.read import Arrival, adapter_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressed:
    """A delivery, and the canonical fields that its destination's layout has no place for."""

    delivery: Delivery
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressDelivery:
    """Write an exchange the way its destination reads it: canonical to a gateway, its own layout to a system.

    This happens before the receipt, so a document that the destination's layout cannot say is refused at once,
    and one in flight stays on the adapter version it began with.
    """

    identity: Identity
    adapters: Adapters
    chance: Chance

    def __call__(self, arrival: Arrival, *, number: str, destination: Partner, now: datetime) -> Addressed:
        """Return the delivery; raises InvalidDocumentError where the destination's layout has no word for a code."""
        media_type, body, losses = self._written(arrival, number, destination, now)
        delivery = Delivery(
            id=self.chance.uuid7(),
            exchange=arrival.exchange,
            kind=arrival.kind,
            destination=destination.id,
            subject=number,
            media_type=media_type,
            body=body,
            created_at=now,
        )
        return Addressed(delivery=delivery, losses=losses)

    def _written(
        self, arrival: Arrival, number: str, destination: Partner, now: datetime
    ) -> tuple[str, bytes, tuple[str, ...]]:
        if destination.kind is PartnerKind.GATEWAY:
            return CloudEvent.MEDIA_TYPE, self._cloud_event(arrival, number, now).write(), ()
        adapter, kind = adapter_of(self.adapters, destination), arrival.document_kind
        conversion = adapter.to_regional(kind, numbered(kind, arrival.document, number))
        # A layout without a column for the number loses nothing: every delivery carries it in a header too.
        losses = tuple(at for at in conversion.losses if at != NUMBER_AT[kind])
        return conversion.media_type, conversion.body, losses

    def _cloud_event(self, arrival: Arrival, number: str, now: datetime) -> CloudEvent:
        provenance = arrival.provenance
        data: dict[str, Any] = arrival.document
        return CloudEvent(
            id=arrival.exchange,
            source=self.identity.id,
            kind=arrival.kind,
            subject=number,
            time=now.isoformat(timespec="milliseconds"),
            data=data,
            adapter=provenance.adapter,
            adapter_version=provenance.adapter_version,
            mapping_digest=provenance.mapping_digest,
            source_digest=provenance.source_digest,
            result_digest=provenance.result_digest,
            origin=provenance.origin,
        )
