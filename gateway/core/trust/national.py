"""How two published Chinese interfaces have a caller prove itself; kept for partners that require them.

Neither signs the body, and neither uses a value once: whoever hears one request can send another with the same proof
until the receiver's window closes. What our own tokens promise, these do not; https is all that protects them.
"""

import base64
import hashlib
import hmac


def national_headers(requester: str, service: str, rtime_ms: int, secret: str) -> dict[str, str]:
    """Return the national platform's headers: gjzwfwpt_sign is base64(HMAC-SHA-256(sid + rid + rtime))."""
    signed = f"{service}{requester}{rtime_ms}".encode()
    return {
        "gjzwfwpt_rid": requester,
        "gjzwfwpt_sid": service,
        "gjzwfwpt_rtime": str(rtime_ms),
        "gjzwfwpt_sign": base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode(),
    }


def app_code_digest(app_code: str, timestamp_ms: int) -> str:
    """Return the digest that Fujian's gateway gives a token for, in hexadecimal: md5(appCode + timestamp)."""
    # The interface says MD5; it hides the code from a glance and protects nothing else.
    return hashlib.md5(f"{app_code}{timestamp_ms}".encode(), usedforsecurity=False).hexdigest()
