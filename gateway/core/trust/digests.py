"""The digest of a body as tokens, receipts and stored exchanges carry it."""

from base64 import b64encode
from hashlib import sha256


def content_digest(body: bytes) -> str:
    """Return the RFC 9530 form of the SHA-256 digest: `sha-256=:<base64>:`, always 54 characters."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"
