"""Step 10, the sending itself: sign what waits, post it, and hand the answer to settle.py."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from gateway.core.cloudevent import CloudEvent, batch
from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import PartnerUnavailableError
from gateway.core.model import Delivery, Identity, Partner, PartnerKind
from gateway.core.transports.spec import HttpSpec
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.tokens import issue_token
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Adapters, Chance, Clock, Courier, Parcel, Transport, Verdict
from gateway.flow.settle import SettleDelivery
from gateway.flow.tables.write import WriteRows

GATEWAY_PATH: Final = "/federation/v1/exchanges"
BATCH_BYTES: Final = 1_000_000  # a batch beyond this is sent in parts; one event may be larger
LANES: Final = 4  # deliveries that a sender has under way to a system at once
CLAIM_S: Final = 30.0  # after which a sender begins nothing more of what it claimed


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
        """Return what became of each delivery that was sent.

        Nothing more is begun once the partner has left a request without an answer, CLAIM_S have passed, or what was
        claimed is not ours any more. What was not sent is due again without delay.
        """
        if partner.kind is PartnerKind.GATEWAY:
            return await self._in_lanes(1, _parts(deliveries), partial(self._batch, partner))
        adapter = self.adapters.named(partner.adapter)
        if adapter is not None and adapter.manifest.tables is not None:
            write = partial(self.write_rows, partner, adapter, adapter.manifest.tables)
            return await self._in_lanes(1, [deliveries], write)
        singles = ([delivery] for delivery in deliveries)
        if adapter is not None and adapter.manifest.http is not None:
            return await self._in_lanes(LANES, singles, partial(self._plainly, partner, adapter, adapter.manifest.http))
        return await self._in_lanes(LANES, singles, partial(self._single, partner))

    async def _in_lanes(
        self,
        lanes: int,
        parts: Iterable[Sequence[Delivery]],
        send: Callable[[Sequence[Delivery]], Awaitable[list[Verdict]]],
    ) -> list[Verdict]:
        """Send parts side by side in so many lanes, each one after the other."""
        loop, waiting, verdicts = asyncio.get_running_loop(), iter(parts), list[Verdict]()
        until = loop.time() + CLAIM_S

        async def lane() -> None:
            for part in waiting:
                if loop.time() >= until or not self._ours(part) or not all(each.answered for each in verdicts):
                    return
                verdicts.extend(await send(part))

        await asyncio.gather(*(lane() for _ in range(lanes)))
        return verdicts

    async def _batch(self, partner: Partner, deliveries: Sequence[Delivery]) -> list[Verdict]:
        body = batch([delivery.body for delivery in deliveries])
        url = partner.endpoint + GATEWAY_PATH
        # A batch is no exchange of its own: each event in it is, and carries its id.
        parcel = self._parcel(partner, url, CloudEvent.BATCH_MEDIA_TYPE, body, self.chance.uuid7())
        try:
            return self.settle.batch(partner, deliveries, await self.courier.send(parcel))
        except PartnerUnavailableError as error:
            return [self.settle.unanswered(delivery, partner, error.code) for delivery in deliveries]

    async def _plainly(
        self, partner: Partner, adapter: Adapter, spec: HttpSpec, deliveries: Sequence[Delivery]
    ) -> list[Verdict]:
        outcomes = await self.plain.carry(partner, adapter, spec, deliveries)
        return [self.settle.answered(partner, *pair) for pair in zip(deliveries, outcomes, strict=True)]

    async def _single(self, partner: Partner, deliveries: Sequence[Delivery]) -> list[Verdict]:
        (delivery,) = deliveries
        headers = {"Collaboration-Number": delivery.subject, "Exchange-Kind": delivery.kind}
        parcel = self._parcel(
            partner, partner.endpoint, delivery.media_type, delivery.body, delivery.exchange, headers=headers
        )
        try:
            return [self.settle.single(partner, delivery, await self.courier.send(parcel))]
        except PartnerUnavailableError as error:
            return [self.settle.unanswered(delivery, partner, error.code)]

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
