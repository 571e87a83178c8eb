"""What the text fields of an entry may hold: identifiers and codes, so that prose and personal numbers do not fit."""

import re
from operator import attrgetter

# Bare digits as many as a mobile number (11) or a resident identity number (15, or 18 with X for the last) has are
# nobody's name.
_NOT_A_PERSONS_NUMBER = r"(?![0-9]{11}$|[0-9]{15}$|[0-9]{17}[0-9Xx]$)"
_UUID7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_WORD = "[a-z][a-z0-9_]{0,63}(?:[.-][a-z0-9_]{1,64}){0,7}"
_NAME = _NOT_A_PERSONS_NUMBER + "[A-Za-z0-9_-][A-Za-z0-9._:/-]{0,127}"
_NUMBER = _NOT_A_PERSONS_NUMBER + "[0-9A-Z][0-9A-Z-]{3,39}"
_ITEM = _NOT_A_PERSONS_NUMBER + "[0-9A-Za-z][0-9A-Za-z._-]{0,63}"
_REGION = "[0-9]{6}(?:[0-9]{3}){0,2}"
_ORGANISATION = "[0-9A-Z]{8}-?[0-9A-Z]|[0-9A-Z]{18}"  # GB 11714, or GB 32100: what the register of partners holds
_DIGEST = "sha-256=:[A-Za-z0-9+/]{43}=:"
_COMMITMENT = "sha-256:[0-9a-f]{64}"
_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


class Forms:
    """The forms of several fields, tried in one match: a line for each, which no form can break out of."""

    def __init__(self, required: dict[str, str], optional: dict[str, str]) -> None:
        forms = required | optional
        lines = (*(f"(?:{form})" for form in required.values()), *(f"(?:{form})?" for form in optional.values()))
        self.names = tuple(forms)
        self.texts = attrgetter(*forms)  # of an object, in the order of `names`
        self._all = re.compile("\n".join(lines), re.MULTILINE).fullmatch
        self._each = {name: re.compile(form).fullmatch for name, form in forms.items()}
        self._required = required.keys()

    def fits(self, name: str, text: str) -> bool:
        """Tell whether a text has the form of that field."""
        return self._each[name](text) is not None

    def require(self, named: object) -> None:
        """Return only if every field has its form, or is "" where it may be; else ValueError, without the values."""
        texts = self.texts(named)
        if not self._all("\n".join(texts)):
            present = ((name, text) for name, text in zip(self.names, texts, strict=True) if text)
            wrong = {name for name, text in present if not self.fits(name, text)}
            wrong |= {name for name in self._required if not getattr(named, name)}
            raise ValueError(f"not of the form that its field has: {', '.join(sorted(wrong))}")


PARTY_FORMS = Forms({"partner": _NAME}, {"region": _REGION, "organisation": _ORGANISATION})
ENTRY_FORMS = Forms(
    {"id": _UUID7},
    {
        "code": _WORD,
        "exchange": _UUID7,
        "number": _NUMBER,
        "exchange_kind": _WORD,
        "role": _WORD,
        "represented": _NAME,
        "item_code": _ITEM,
        "adapter": _NAME,
        "adapter_version": _NAME,
        "mapping_digest": _DIGEST,
        "purpose": _WORD,
        "legal_basis": _NAME,
        "agreement": _NAME,
        "key_id": _NAME,
        "request_commitment": _COMMITMENT,
        "response_commitment": _COMMITMENT,
        "receipt_commitment": _COMMITMENT,
        "retired_before": _TIME,
        "retired_root": _DIGEST,
        "archive_digest": _DIGEST,
    },
)


def fits(field: str, text: str) -> bool:
    """Tell whether a text may stand in that field, so that a refusal can be logged without what a stranger made up."""
    return ENTRY_FORMS.fits(field, text)
