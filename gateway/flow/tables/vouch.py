"""Rows carry no signature, so this gateway signs for what it read: on behalf of the system, and the log says so.

The token has the form of one that the system would have sent, collaboration number in the address included, but for
its issuer and key, which are this gateway's own. It proves that these bytes are what was read here, and no more.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from gateway.core.model import Envelope, Identity, Partner
from gateway.core.tables.ids import exchange_of_row
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.keys import PublicKey
from gateway.core.trust.tokens import issue_token, open_token
from gateway.flow.open import Opened
from gateway.flow.ports import Chance, Clock

MEDIA_TYPE: Final = "application/json"
_APPLICATIONS: Final = "/federation/v1/applications"


@dataclass(frozen=True, kw_only=True, slots=True)
class VouchForRow:
    """Sign for a row as its reader."""

    identity: Identity
    signer: Signer
    key: PublicKey  # the signer's public half
    clock: Clock
    chance: Chance

    def exchange(self, system: Partner, table: str, row: str) -> str:
        """Return the exchange that a row is, however often it is read."""
        return exchange_of_row(self.identity.id, system.id, table, row)

    def __call__(self, system: Partner, exchange: str, number: str, body: bytes) -> Opened:
        """Return the envelope of a row's bytes as this gateway vouches for them."""
        path = f"{_APPLICATIONS}/{quote(number, safe='')}/events" if number else _APPLICATIONS
        now, url, us = self.clock.now(), self.identity.url + path, self.identity.id
        token = issue_token(
            self.signer,
            issuer=us,
            audience=us,
            method="POST",
            url=url,
            body=body,
            exchange=exchange,
            now=now,
            jti=self.chance.uuid7(),
        )
        claims = open_token(token, keys=(self.key,), audience=us, method="POST", url=url, body=body, now=now)
        envelope = Envelope(token=token, method="POST", url=url, media_type=MEDIA_TYPE, body=body, received_at=now)
        return Opened(envelope=envelope, sender=system, claims=claims, vouched=True)
