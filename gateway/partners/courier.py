"""The HTTP client that carries parcels to partners, and believes nothing that comes back beyond its limits."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp import hdrs
from yarl import URL

from gateway.core.errors import PartnerUnavailableError
from gateway.flow.ports import Answer, Parcel
from gateway.partners.addresses import RememberingResolver

_CONNECT_S: Final = (
    5.0  # for the connection and its TLS; a request that waits for one of its partner's is not timed by it
)
_TOTAL_S: Final = 30.0  # from the first byte to the last: an answer that trickles for ever ends here
_ANSWER_BYTES: Final = 1024 * 1024
_AT_ONCE: Final = 1024 * 1024
_PER_PARTNER: Final = 16
_WAIT_DIGITS: Final = 9  # of a Retry-After in seconds; the relay bounds it far below
_LOOKED_UP_S: Final = 60  # how soon a partner that moves to another address is noticed


class HTTPCourier:
    """Posts parcels with aiohttp; a pool of connections for each partner, which no other partner can exhaust.

    There is no bound for the process: it would be what a few partners that never answer take from all the others. Each
    partner has few senders, and few connections.
    """

    def __init__(self, *, total_s: float = _TOTAL_S, answer_bytes: int = _ANSWER_BYTES) -> None:
        self._timeout = aiohttp.ClientTimeout(total=total_s, sock_connect=_CONNECT_S)
        self._answer_bytes = answer_bytes
        self._resolver = RememberingResolver()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the pool; nothing is connected yet."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                limit_per_host=_PER_PARTNER,
                resolver=self._resolver,
                ttl_dns_cache=_LOOKED_UP_S,
            ),
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
            await self._resolver.close()

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
        timeout = (
            self._timeout if timeout_s is None else aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S)
        )
        if self._session is None:
            raise PartnerUnavailableError("the courier is not open", code="courier_closed")
        try:
            # `encoded` keeps the URL byte for byte as it was signed.
            async with self._session.request(
                method,
                URL(url, encoded=True),
                data=_payload(body),
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                return Answer(
                    status=response.status,
                    media_type=response.content_type,
                    body=await self._read(response),
                    charset=response.charset or "",
                    told_at=_moment(response.headers.get(hdrs.DATE)),
                    retry_after_s=_wait(response.headers),
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


def _payload(body: bytes | None) -> bytes | BytesIO | None:
    """Return a body to be written in pieces where it is large: as one it would hold up the event loop."""
    return body if body is None or len(body) <= _AT_ONCE else BytesIO(body)


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return how long a partner asks us to wait (RFC 9110 10.2.3), in seconds; a date counts from its own clock's."""
    said = headers.get(hdrs.RETRY_AFTER, "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:_WAIT_DIGITS])
    until, now = _moment(said), _moment(headers.get(hdrs.DATE))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _moment(said: str | None) -> datetime | None:
    """Return an HTTP date (RFC 9110 5.6.7), None for anything else."""
    try:
        read = parsedate_to_datetime(said or "")
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
