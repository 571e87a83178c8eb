"""Every reason for which a token, a receipt or a publication is not believed, in words, under its stable code."""

from collections.abc import Sequence

from gateway.core.errors import Fault, UntrustedError

_GOT_LIMIT = 200  # characters of a wrong claim shown back to its sender

# code: (English, Chinese). Codes are a promise to partners: they are added, never changed.
REASONS = {
    "token_missing": ("the request carries no Exchange-Token", "请求未携带 Exchange-Token"),
    "token_too_large": ("the token is longer than any valid one", "令牌超过长度上限"),
    "token_malformed": ("this is not a token in the form of this federation", "令牌格式不正确"),
    "token_type_wrong": ("the token is of another type", "令牌类型不正确"),
    "key_unknown": ("no key with this id is registered for the sender", "发送方未登记该密钥"),
    "algorithm_mismatch": ("the key is registered for another algorithm", "签名算法与登记的密钥算法不一致"),
    "signature_invalid": ("the signature does not match the key", "签名验证失败"),
    "claim_missing": ("a required claim is missing", "缺少必填声明"),
    "claim_malformed": ("a claim has the wrong form", "声明的格式不正确"),
    "audience_wrong": ("the token is meant for another gateway", "令牌的接收方不是本网关"),
    "token_expired": ("the token has expired; sign a new one for each attempt", "令牌已过期，每次发送请重新签发"),
    "token_from_future": (
        "the token was issued in the future; compare the clocks",
        "令牌签发时间晚于当前时间，请核对时钟",
    ),
    "token_lifetime_excessive": ("the token is valid for longer than allowed", "令牌有效期超过上限"),
    "method_wrong": ("the token was signed for another method", "令牌签发的请求方法不一致"),
    "url_wrong": ("the token was signed for another URL", "令牌签发的请求地址不一致"),
    "digest_wrong": ("the body is not the one that was signed", "报文内容与签名摘要不一致"),
    "exchange_malformed": ("the exchange id is not a UUIDv7", "交换编号不是 UUIDv7"),
    "receipt_missing": ("the answer carries no receipt", "响应未携带回执"),
    "receipt_malformed": ("this is not a receipt in the form of this federation", "回执格式不正确"),
    "receipt_type_wrong": ("the receipt is of another type", "回执类型不正确"),
    "receipt_signature_invalid": ("the signature of the receipt does not match the key", "回执签名验证失败"),
    "receipt_issuer_wrong": ("the receipt was issued by somebody else", "回执的签发方不一致"),
    "receipt_audience_wrong": ("the receipt is meant for somebody else", "回执的接收方不一致"),
    "receipt_exchange_wrong": ("the receipt is for another exchange", "回执对应的交换编号不一致"),
    "receipt_digest_wrong": ("the receipt is for another body", "回执对应的报文摘要不一致"),
    "receipt_status_wrong": ("the receipt states something else than acceptance", "回执状态不是已接收"),
    "publication_missing": ("the item carries no publication by its owner", "事项未附发布方签名"),
    "publication_malformed": ("this is not a publication in the form of this federation", "发布签名格式不正确"),
    "publication_type_wrong": ("the publication is of another type", "发布签名类型不正确"),
    "publication_signature_invalid": ("the signature of the publication does not match the key", "发布签名验证失败"),
    "publication_differs": ("the publication is about another item or document", "发布签名与事项内容不一致"),
}


def reason(code: str, pointer: str, *, expected: str, got: str | None = None) -> Fault:
    """Return the fault of one claim or header; `pointer` is where it stands in the token (`/htu`, `/kid`).

    A `got` that is long or not printable is left out: it would not help, and it may carry anything.
    """
    message, message_zh = REASONS[code]
    shown = got if got is not None and len(got) <= _GOT_LIMIT and got.isprintable() else None
    return Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected, got=shown)


def refused(faults: Sequence[Fault]) -> UntrustedError:
    """Return the error that carries every fault; its code is that of the first, its text names each."""
    told = "; ".join(f"{fault.pointer or 'token'}: {fault.message}" for fault in faults)
    return UntrustedError(told, code=faults[0].code, faults=tuple(faults))
