"""Every error the gateway raises on purpose.

Three families answer the only question a caller has: change it, repeat it, or stop.

* GatewayError
  - RejectedError                  the sender must change something
    + UntrustedError               who sent it, or what they signed, cannot be proved
      · ReplayedTokenError         the token was used before
    + ForbiddenError               known, but not allowed to
    + InvalidDocumentError         readable, but it breaks the rules; carries every fault
      · MalformedDocumentError     not readable at all
    + OversizedDocumentError       larger than this gateway reads
    + UnsupportedFormatError       a media type or encoding that nothing here reads
    + NotFoundError                nothing there that this sender may see
    + RetiredError                 it was here once, and was retired on purpose
    + ConflictError                it contradicts what was accepted before
    + ProofError                   a proof does not prove what it claims
    + AdapterError                 an adapter that cannot be loaded, with every reason
    + SettingsError                the gateway's own configuration is wrong
  - RetryableError                 the same request may succeed later
    + OverloadedError              more work than can be taken on now
    + StoreUnavailableError        the store did not answer
    + PartnerUnavailableError      the partner did not answer, or not in a way that settles anything
  - CorruptedError                 stop: stored data contradicts itself

Partners see the code and the faults, operators see the message; neither holds a value out of a document.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing wrong with one place of a document, told so that its sender can put it right.

    `pointer` is an RFC 6901 JSON Pointer into the document as the sender wrote it ("" for the whole).
    `got` is filled only where the value cannot be personal: a code, a length, a type name.
    """

    pointer: str
    code: str
    message: str
    message_zh: str
    expected: str = ""
    got: str | None = None


class GatewayError(Exception):
    """Any failure that the gateway foresaw; never raised itself."""

    code: str = "gateway_error"  # stable, and each raise may name a closer one

    def __init__(self, message: str, *, code: str | None = None, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.faults = faults


class RejectedError(GatewayError):
    """The sender must change something before it can succeed."""

    code = "rejected"


class UntrustedError(RejectedError):
    """Who sent the request, or what they signed, cannot be proved."""

    code = "untrusted"


class ReplayedTokenError(UntrustedError):
    """The token was used before; a retry needs a fresh token with the same exchange id."""

    code = "token_replayed"


class ForbiddenError(RejectedError):
    """The sender is known and may not do this."""

    code = "forbidden"


class InvalidDocumentError(RejectedError):
    """The document breaks the rules; `faults` holds every fault found."""

    code = "document_invalid"


class MalformedDocumentError(InvalidDocumentError):
    """The document cannot be read as what it says it is."""

    code = "document_malformed"


class OversizedDocumentError(RejectedError):
    """The document is larger than this gateway reads."""

    code = "document_too_large"


class UnsupportedFormatError(RejectedError):
    """No format here reads this media type or encoding."""

    code = "format_unsupported"


class NotFoundError(RejectedError):
    """There is nothing there that this sender may see."""

    code = "not_found"


class RetiredError(RejectedError):
    """It was here once, and was retired on purpose; it does not come back."""

    code = "retired"


class ConflictError(RejectedError):
    """The request contradicts what was accepted before."""

    code = "conflict"


class ProofError(RejectedError):
    """A Merkle proof does not prove what it claims."""

    code = "proof_invalid"


class AdapterError(RejectedError):
    """An adapter that cannot be loaded; `faults` names each row or file."""

    code = "adapter_invalid"


class SettingsError(RejectedError):
    """The gateway's own configuration is wrong; it does not start."""

    code = "settings_invalid"


class RetryableError(GatewayError):
    """The same request may succeed later."""

    code = "retry_later"


class OverloadedError(RetryableError):
    """More work is waiting than can be taken on now."""

    code = "overloaded"


class StoreUnavailableError(RetryableError):
    """The store did not answer; nothing of the request is durable."""

    code = "store_unavailable"


class PartnerUnavailableError(RetryableError):
    """The partner did not answer, or not in a way that settles anything."""

    code = "partner_unavailable"


class CorruptedError(GatewayError):
    """Stored data contradicts itself; continuing could make it worse."""

    code = "corrupted"
