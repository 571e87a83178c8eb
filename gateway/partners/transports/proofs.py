"""What proves to a system who we are: a key, a token that is fetched and kept while it lasts, or signed headers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

import orjson

from gateway.core.conversion import pointer as pointers
from gateway.core.errors import PartnerUnavailableError
from gateway.core.model import Partner
from gateway.core.transports.spec import AppCode, HttpSpec, NationalHeaders, Spot, StaticKey, for_kind
from gateway.core.trust.national import app_code_digest, national_headers
from gateway.flow.ports import Answer, Clock, Courier, Credentials, Parcel

_OK = 200
_TOKEN_LIMIT = 4096
_EARLY = timedelta(seconds=5)  # before it expires a token is no longer used
_LONGEST_S = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """Values for places that the manifest names, and headers that the interface itself names."""

    spots: tuple[tuple[Spot, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Proof()"  # it holds secrets


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    value: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Prover:
    """Makes the proof of one request; owns the tokens of this process, which are never written down."""

    credentials: Credentials
    courier: Courier
    clock: Clock
    _tokens: dict[str, _Token] = field(default_factory=dict, repr=False)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict, repr=False)

    async def __call__(self, partner: Partner, spec: HttpSpec, kind: str) -> Proof:
        """Return the proof; raises SettingsError for a missing secret, PartnerUnavailableError without a token."""
        match spec.authentication:
            case StaticKey(credential=name, at=at):
                return Proof(spots=((at, await self.credentials.secret(partner.id, name)),))
            case NationalHeaders(credential=name, requester=requester, services=services):
                secret = await self.credentials.secret(partner.id, name)
                return Proof(headers=national_headers(requester, for_kind(services, kind), self._now_ms(), secret))
            case AppCode() as ask:
                return Proof(spots=((ask.at, await self._token(partner, ask)),))
            case _:
                return Proof()

    def forget(self, partner: Partner, proof: Proof) -> None:
        """Forget the token that was refused, unless another delivery has a newer one already."""
        known = self._tokens.get(partner.id)
        if known is not None and known.value in (value for _, value in proof.spots):
            del self._tokens[partner.id]

    async def _token(self, partner: Partner, ask: AppCode) -> str:
        """Return the token in use, fetched once however many deliveries need it."""
        async with self._locks.setdefault(partner.id, asyncio.Lock()):
            known = self._tokens.get(partner.id)
            if known is None or known.until <= self.clock.now():
                known = self._tokens[partner.id] = await self._fetched(partner, ask)
            return known.value

    async def _fetched(self, partner: Partner, ask: AppCode) -> _Token:
        secret, now_ms = await self.credentials.secret(partner.id, ask.credential), self._now_ms()
        query = urlencode({**ask.parameters, ask.digest: app_code_digest(secret, now_ms), ask.timestamp: str(now_ms)})
        answer = await self.courier.send(
            Parcel(url=f"{partner.endpoint}{ask.path}?{query}", media_type="application/json", body=b"", method="GET")
        )
        return self._read(answer, ask)

    def _read(self, answer: Answer, ask: AppCode) -> _Token:
        try:
            document = orjson.loads(answer.body) if answer.status == _OK else None
        except orjson.JSONDecodeError:
            document = None
        value = pointers.find(document, ask.token)
        if (
            not isinstance(value, str)
            or not 0 < len(value) <= _TOKEN_LIMIT
            or not (value.isascii() and value.isprintable())
        ):
            raise PartnerUnavailableError("the partner gave no token", code="token_unavailable")
        told = pointers.find(document, ask.lifetime) if ask.lifetime else None
        seconds = int(told) if isinstance(told, int) or (isinstance(told, str) and told.isdecimal()) else ask.lifetime_s
        now = self.clock.now()
        return _Token(value=value, until=now + timedelta(seconds=min(seconds, _LONGEST_S)) - _EARLY)

    def _now_ms(self) -> int:
        return int(self.clock.now().timestamp() * 1000)
