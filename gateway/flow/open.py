"""Steps 3 and 4: who sent this, can they prove it, and may they?"""

from dataclasses import dataclass
from datetime import timedelta

from gateway.core.errors import Fault, ForbiddenError, UntrustedError
from gateway.core.model import Envelope, Identity, Partner, PartnerKind, PartnerStatus
from gateway.core.trust.tokens import TokenClaims, open_token, read_unverified_issuer
from gateway.flow.ports import Clock, Directory, Nonce, Wakeup

_SKEW = timedelta(seconds=60)  # twice what open_token allows


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """An envelope whose sender is proved."""

    envelope: Envelope
    sender: Partner
    claims: TokenClaims
    vouched: bool = False  # whether this gateway signed for what it read, since the sender has no key

    @property
    def nonce(self) -> Nonce:
        """The token's id, remembered until no clock here would still take the token."""
        return Nonce(sender=self.sender.id, jti=self.claims.id, expires_at=self.claims.expires_at + _SKEW)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenEnvelope:
    """Verify the token of an envelope against the sender's registered keys; nothing is stored."""

    identity: Identity
    directory: Directory
    clock: Clock
    wakeup: Wakeup

    def __call__(self, envelope: Envelope, *kinds: PartnerKind) -> Opened:
        """Return the proved sender and its claims.

        Raises UntrustedError naming every claim that is wrong, and ForbiddenError for a partner that is
        suspended or not one of `kinds`. The key is proved first, so a stranger learns nothing about partners.
        """
        issuer, _ = read_unverified_issuer(envelope.token)
        sender = self.directory.partner(issuer)
        claims = open_token(
            envelope.token,
            keys=sender.keys if sender else (),
            audience=self.identity.id,
            method=envelope.method,
            url=envelope.url,
            body=envelope.body,
            now=self.clock.now(),
        )
        if sender is None:
            raise UntrustedError("no key is registered for this issuer", code="key_unknown")
        _check_standing(sender, kinds)
        self.wakeup.heard_from(sender.id)  # whoever calls us can be called
        return Opened(envelope=envelope, sender=sender, claims=claims)


def _check_standing(sender: Partner, kinds: tuple[PartnerKind, ...]) -> None:
    if sender.status is PartnerStatus.SUSPENDED:
        raise _forbidden("partner_suspended", "this partner is suspended", "该合作方已被暂停", "active")
    if sender.kind not in kinds:
        raise _forbidden(
            "role_forbidden", "this kind of partner may not call here", "该类合作方无权调用", " | ".join(kinds)
        )


def _forbidden(code: str, message: str, message_zh: str, expected: str) -> ForbiddenError:
    fault = Fault(pointer="", code=code, message=message, message_zh=message_zh, expected=expected)
    return ForbiddenError(message, code=code, faults=(fault,))
