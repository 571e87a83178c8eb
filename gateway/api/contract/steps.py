"""Which codes a step can refuse with, so that an operation names its steps rather than fifty codes."""

from typing import Final

EVERY: Final = (
    "request_malformed",
    "header_too_large",
    "expectation_failed",
    "overloaded",
    "gateway_stopping",
    "internal_error",
)
BODY: Final = ("document_too_large", "encoding_unsupported", "body_malformed", "body_too_slow")
QUERY: Final = ("query_invalid",)
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
STORE: Final = ("store_unavailable", "corrupted")
READ: Final = ("document_malformed", "charset_unsupported", "format_unsupported", "document_invalid")
CONVERT: Final = (*READ, "adapter_inactive", "document_unsupported")
APPLICATION: Final = ("exchange_reused", "number_taken")
EVENT: Final = ("exchange_reused", "number_unknown", "event_of_other_side", "event_out_of_order", "partner_gone")
BATCH: Final = ("batch_malformed", "batch_size_wrong", "cloudevent_malformed")
STEP: Final = ("path_unknown", "adapter_version_unknown", "adapter_step_refused", "adapter_overtaken")
JUDGE: Final = (
    "adapter_invalid",
    "adapter_too_costly",
    "adapter_too_slow",
    "adapter_too_hungry",
    "adapter_unjudgeable",
)
SIGNED: Final = (*EVERY, *BODY, *OPEN, *STORE)
