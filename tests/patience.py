"""How long tests wait for what must happen: a limit ends a hang, and is far beyond what any machine takes.

await until(lambda: partner.requests >= 2)
found = await until(lambda: store.deliveries(state=DeliveryState.DEAD))
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final

PATIENCE_S: Final = 120.0
_LOOK_S: Final = 0.02


async def until(
    condition: Callable[[], Any],
    otherwise: Callable[[], Awaitable[object]] | None = None,
    *,
    within_s: float = PATIENCE_S,
) -> Any:
    """Ask until the answer is something, and return it; fail with what `otherwise` tells where it never is."""
    end = monotonic() + within_s
    while True:
        answer = condition()
        found = await answer if inspect.isawaitable(answer) else answer
        if found:
            return found
        if monotonic() > end:
            raise AssertionError(await otherwise() if otherwise else "it did not happen in time")
        await asyncio.sleep(_LOOK_S)
