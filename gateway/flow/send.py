"""Step 10, the sending itself: sign what waits, post it, and hand the answer to settle.py."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.cloudevent import CloudEvent, batch
from gateway.core.errors import PartnerUnavailableError
from gateway.core.model import Delivery, Identity, Partner, PartnerKind
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.tokens import issue_token
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Adapters, Chance, Clock, Courier, Parcel, Transport, Verdict
from gateway.flow.settle import SettleDelivery
from gateway.flow.tables.write import WriteRows

GATEWAY_PATH: Final = "/federation/v1/exchanges"
BATCH_BYTES: Final = 1_000_000  # a batch beyond this is sent in parts; one event may be larger


@dataclass(frozen=True, kw_only=True, slots=True)
class SendDeliveries:
    """Carry deliveries to one partner: a gateway takes them in one batch under one token, a system one by one.

    A system whose layout travels by table gets rows, written where it looks for them. One whose adapter says how it is
    reached over plain HTTP gets no token of ours, and signs no receipt.
    """

    identity: Identity
    signer: Signer
    courier: Courier
    settle: SettleDelivery
    adapters: Adapters
    write_rows: WriteRows
    plain: Transport
    lease: KeepLease
    clock: Clock
    chance: Chance

    async def __call__(self, partner: Partner, deliveries: Sequence[Delivery]) -> list[Verdict]:
        """Return what became of each delivery, in order; of what is not ours any more, and so not sent, nothing."""
        if not self._ours(deliveries):
            return []
        if partner.kind is PartnerKind.GATEWAY:
            parts = _parts(deliveries)
            return [verdict for part in parts if self._ours(part) for verdict in await self._batch(partner, part)]
        adapter = self.adapters.named(partner.adapter)
        if adapter is not None and adapter.manifest.tables is not None:
            return await self.write_rows(partner, adapter, adapter.manifest.tables, deliveries)
        if adapter is not None and adapter.manifest.http is not None:
            outcomes = await self.plain.carry(partner, adapter, adapter.manifest.http, deliveries)
            return [self.settle.answered(partner, *pair) for pair in zip(deliveries, outcomes, strict=True)]
        return list(await asyncio.gather(*(self._single(partner, delivery) for delivery in deliveries)))

    async def _batch(self, partner: Partner, deliveries: Sequence[Delivery]) -> list[Verdict]:
        body = batch([delivery.body for delivery in deliveries])
        url = partner.endpoint + GATEWAY_PATH
        # A batch is no exchange of its own: each event in it is, and carries its id.
        parcel = self._parcel(partner, url, CloudEvent.BATCH_MEDIA_TYPE, body, self.chance.uuid7())
        try:
            return self.settle.batch(partner, deliveries, await self.courier.send(parcel))
        except PartnerUnavailableError as error:
            return [self.settle.postponed(delivery, partner, error.code) for delivery in deliveries]

    async def _single(self, partner: Partner, delivery: Delivery) -> Verdict:
        headers = {"Collaboration-Number": delivery.subject, "Exchange-Kind": delivery.kind}
        parcel = self._parcel(
            partner, partner.endpoint, delivery.media_type, delivery.body, delivery.exchange, headers=headers
        )
        try:
            return self.settle.single(partner, delivery, await self.courier.send(parcel))
        except PartnerUnavailableError as error:
            return self.settle.postponed(delivery, partner, error.code)

    def _ours(self, deliveries: Sequence[Delivery]) -> bool:
        """Tell whether these may still be sent: others have them once our lease has ended."""
        return all(self.lease.covers(delivery.claim) for delivery in deliveries)

    def _parcel(
        self,
        partner: Partner,
        url: str,
        media_type: str,
        body: bytes,
        exchange: str,
        *,
        headers: dict[str, str] | None = None,
    ) -> Parcel:
        token = issue_token(
            self.signer,
            issuer=self.identity.id,
            audience=partner.id,
            method="POST",
            url=url,
            body=body,
            exchange=exchange,
            now=self.clock.now(),
            jti=self.chance.uuid7(),
        )
        return Parcel(url=url, media_type=media_type, body=body, token=token, headers=headers or {})


def _parts(deliveries: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
    """Cut a claim into batches that any gateway reads."""
    begin, size = 0, 0
    for at, delivery in enumerate(deliveries):
        size += len(delivery.body)
        if at > begin and size > BATCH_BYTES:
            yield deliveries[begin:at]
            begin, size = at, len(delivery.body)
    yield deliveries[begin:]
