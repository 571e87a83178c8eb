"""What callers of a store do in the tests of its faults: they ask again until there is an answer."""

import asyncio

from gateway.core.errors import StoreUnavailableError


class Patience:
    """Calls again, as a sender does, until there is an answer or it has had enough; counts how often there was none."""

    def __init__(self, tries=None):
        self.unanswered = 0
        self._tries = tries

    async def __call__(self, call):
        while True:
            try:
                return await call()
            except StoreUnavailableError:
                self.unanswered += 1
                if self.unanswered == self._tries:
                    raise
                await asyncio.sleep(0.01)
