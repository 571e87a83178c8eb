"""Public keys of partners, and the algorithm registered with each."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """A registered verification key; the algorithm is the one registered here, never the token's choice."""

    id: str
    algorithm: str  # "EdDSA" or "ES256"
    jwk: str  # the RFC 7517 public key as JSON text
