"""Send a dead delivery on its way again, once an operator has put right what it died of."""

from dataclasses import dataclass

from gateway.core.errors import NotFoundError
from gateway.core.model import Delivery, DeliveryState
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Outbox

_PAGE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviveDelivery:
    """Make a dead delivery due again; the log says that somebody did."""

    outbox: Outbox
    entries: WriteEntries

    async def __call__(self, delivery: str) -> Delivery:
        """Return the delivery that is due again; NotFoundError `delivery_not_dead` where none with this id is dead."""
        dead = await self._dead(delivery)
        if dead is None or not await self.outbox.revive(delivery, self.entries.revived(dead)):
            raise NotFoundError("no delivery with this id is dead", code="delivery_not_dead")
        return dead

    async def _dead(self, delivery: str) -> Delivery | None:
        after = ""
        while page := await self.outbox.deliveries(state=DeliveryState.DEAD, after=after, limit=_PAGE):
            if found := next((each for each in page if each.id == delivery), None):
                return found
            after = page[-1].id
        return None
