"""Which codes a step can refuse with, so that an operation names its steps rather than fifty codes."""

from typing import Final

EVERY: Final = ("request_malformed", "header_too_large", "expectation_failed", "internal_error")
BODY: Final = ("document_too_large", "encoding_unsupported", "body_malformed", "body_too_slow")
OPEN: Final = (
    "token_missing",
    "token_repeated",
    "token_too_large",
    "token_malformed",
    "token_type_wrong",
    "key_unknown",
    "algorithm_mismatch",
    "signature_invalid",
    "claim_missing",
    "claim_malformed",
    "audience_wrong",
    "token_expired",
    "token_from_future",
    "token_lifetime_excessive",
    "method_wrong",
    "url_wrong",
    "digest_wrong",
    "exchange_malformed",
    "token_replayed",
    "partner_suspended",
    "role_forbidden",
)
STORE: Final = ("store_unavailable", "overloaded", "corrupted")
SIGNED: Final = (*EVERY, *OPEN, *STORE)
