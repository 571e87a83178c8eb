"""The HTTP client that carries parcels to partners, and believes nothing that comes back beyond its limits."""

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import aiohttp
from yarl import URL

from gateway.core.errors import PartnerUnavailableError
from gateway.flow.ports import Answer, Parcel

_CONNECT_S: Final = 5.0
_TOTAL_S: Final = 30.0  # well within the relay's lease
_ANSWER_BYTES: Final = 1024 * 1024
_CONNECTIONS: Final = 512
_PER_PARTNER: Final = 16


class HTTPCourier:
    """Posts parcels with aiohttp; one pool of connections for the process, bounded for each partner."""

    def __init__(self, *, total_s: float = _TOTAL_S, answer_bytes: int = _ANSWER_BYTES) -> None:
        self._timeout = aiohttp.ClientTimeout(total=total_s, connect=_CONNECT_S)
        self._answer_bytes = answer_bytes
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the pool; nothing is connected yet."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS, limit_per_host=_PER_PARTNER),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tongban"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def send(self, parcel: Parcel) -> Answer:
        """Post the parcel and return the answer; PartnerUnavailableError for anything but a complete one."""
        headers = {**parcel.headers, "Content-Type": parcel.media_type}
        if parcel.token:
            headers["Exchange-Token"] = parcel.token
        return await self._call(parcel.method, parcel.url, headers, parcel.body, parcel.timeout_s)

    async def read(self, url: str, token: str) -> Answer:
        """Get a page and return the answer; PartnerUnavailableError for anything but a complete one."""
        return await self._call("GET", url, {"Exchange-Token": token}, None)

    async def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout_s: float | None = None
    ) -> Answer:
        timeout = self._timeout if timeout_s is None else aiohttp.ClientTimeout(total=timeout_s, connect=_CONNECT_S)
        if self._session is None:
            raise PartnerUnavailableError("the courier is not open", code="courier_closed")
        try:
            # `encoded` keeps the URL byte for byte as it was signed.
            async with self._session.request(
                method, URL(url, encoded=True), data=body, headers=headers, allow_redirects=False, timeout=timeout
            ) as response:
                return Answer(
                    status=response.status,
                    media_type=response.content_type,
                    body=await self._read(response),
                    charset=response.charset or "",
                )
        except TimeoutError:
            raise PartnerUnavailableError("the partner did not answer in time", code="partner_timeout") from None
        except (aiohttp.ClientError, OSError, ValueError):
            # The cause may hold parts of what the partner sent, so it is not passed on.
            raise PartnerUnavailableError("the partner could not be reached", code="partner_unreachable") from None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """Read an answer up to the limit; one that is longer is given up, not cut."""
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._answer_bytes:
                raise PartnerUnavailableError("the partner's answer is too long", code="answer_too_large")
        return bytes(body)
