"""Who may exchange with this gateway: registered, suspended and resumed by its operator, each of it on the log."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from gateway.core.audit.entry import EntryKind
from gateway.core.audit.forms import PARTY_FORMS, fits
from gateway.core.errors import ConflictError, Fault, InvalidDocumentError, NotFoundError
from gateway.core.model import Partner, PartnerKind, PartnerStatus
from gateway.flow.entries import WriteEntries, party
from gateway.flow.ports import Partners

_REGION: Final = re.compile("[0-9]{12}", re.ASCII)
_NAME_LIMIT: Final = 100
_ANSWERABLE: Final = (PartnerKind.SYSTEM, PartnerKind.GATEWAY)  # that applications are handed to
_ENDPOINT_LIMIT: Final = 2_000

_DATABASE: Final = re.compile(
    r"sqlite:///[!-~]+|postgresql://[A-Za-z0-9.\-\[\]:,]+/[A-Za-z0-9_.-]+(\?sslmode=[a-z-]+)?", re.ASCII
)
_ENCRYPTED: Final = re.compile(r"\?sslmode=(verify-full|verify-ca|require)$")

# Code: message, message in Chinese.
_WORDS: Final = {
    "partner_id_invalid": ("The id cannot stand in the log.", "编号格式不正确。"),
    "partner_is_self": ("This is the gateway's own id.", "不能登记网关自身。"),
    "partner_name_invalid": ("The partner needs a name.", "名称缺失或过长。"),
    "region_invalid": ("This is no division code.", "行政区划代码不正确。"),
    "regions_missing": ("A system or gateway answers for some region.", "缺少负责区划。"),
    "endpoint_invalid": ("This is no address that deliveries can be posted to.", "地址格式不正确。"),
    "endpoint_insecure": ("In production, partners are reached over https.", "生产环境须使用 https。"),
    "database_invalid": ("This is no front-end database.", "前置库地址格式不正确。"),
    "adapter_unknown": ("No adapter here speaks this layout.", "没有该格式的适配器。"),
    "adapter_missing": ("A system is spoken to in its own layout.", "缺少适配器。"),
    "credential_missing": ("The layout's transport needs a credential that nobody has kept.", "缺少传输所需的凭据。"),
    "adapter_not_allowed": ("Only systems have a layout of their own.", "仅业务系统可指定适配器。"),
    "mirror_not_possible": ("Only a gateway that can be called publishes items to copy.", "仅可镜像可调用的网关。"),
    "keys_missing": ("Without a key nobody can prove to be this partner.", "缺少公钥。"),
    "key_repeated": ("Two keys have the same id.", "密钥编号重复。"),
    "key_id_invalid": ("The key's id cannot stand in the log.", "密钥编号格式不正确。"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterPartner:
    """Register a partner, or change one that is registered; a running gateway notices within a second."""

    partners: Partners
    layouts: Collection[str]  # that an adapter is in service for
    entries: WriteEntries
    secure: bool  # whether plain http is refused
    databases: Collection[str] = ()  # layouts that travel by table: their endpoint is a database, and signs nothing
    missing: Collection[str] = ()  # credentials that the layout's transport needs and nobody has kept

    async def __call__(self, partner: Partner, *, change: bool = False) -> Partner:
        """Return the partner as it is now registered, the log's entry durable with it.

        What is changed keeps its status: a suspended partner stays suspended.
        Raises InvalidDocumentError with every fault, ConflictError `partner_exists` where it is registered and is not
        to be changed.
        """
        if faults := tuple(self._faults(partner)):
            raise InvalidDocumentError("the partner cannot be registered", code="partner_invalid", faults=faults)
        known = {each.id: each for each in await self.partners.partners()}
        if partner.id in known:
            if not change:
                raise ConflictError(f"{partner.id} is registered already", code="partner_exists")
            partner = replace(partner, status=known[partner.id].status)
        entry = self.entries.administered(EntryKind.PARTNER_REGISTERED, party(partner))
        await self.partners.put_partner(partner, entry)
        return partner

    def _faults(self, partner: Partner) -> Iterator[Fault]:
        yield from self._naming(partner)
        yield from self._reaching(partner)
        yield from self._speaking(partner)
        if partner.keys or partner.adapter not in self.databases:
            yield from _proving(partner)

    def _naming(self, partner: Partner) -> Iterator[Fault]:
        if not PARTY_FORMS.fits("partner", partner.id):
            yield _fault("/id", "partner_id_invalid", "letters, digits and . _ : / -, and no bare personal number")
        if partner.id == self.entries.identity.id:
            yield _fault("/id", "partner_is_self")
        if not (partner.name.strip() and partner.name.isprintable() and len(partner.name) <= _NAME_LIMIT):
            yield _fault("/name", "partner_name_invalid", f"1 to {_NAME_LIMIT} printable characters")

    def _reaching(self, partner: Partner) -> Iterator[Fault]:
        for position, region in enumerate(partner.regions):
            if not _REGION.fullmatch(region):
                yield _fault(f"/regions/{position}", "region_invalid", "12 digits after GB/T 2260")
        if not partner.regions and partner.kind in _ANSWERABLE:
            yield _fault("/regions", "regions_missing")
        if not partner.endpoint:
            return
        if partner.adapter in self.databases:
            yield from self._reaching_by_table(partner.endpoint)
        elif not _is_base_url(partner.endpoint):
            yield _fault("/endpoint", "endpoint_invalid", "an http(s) URL without credentials, query or trailing slash")
        elif self.secure and not partner.endpoint.startswith("https:"):
            yield _fault("/endpoint", "endpoint_insecure", "https")

    def _reaching_by_table(self, endpoint: str) -> Iterator[Fault]:
        if not is_database_url(endpoint):
            yield _fault("/endpoint", "database_invalid", "sqlite:///PATH, or postgresql://HOST/NAME without a login")
        elif self.secure and endpoint.startswith("postgresql:") and not _ENCRYPTED.search(endpoint):
            yield _fault("/endpoint", "endpoint_insecure", "?sslmode=verify-full, verify-ca or require")

    def _speaking(self, partner: Partner) -> Iterator[Fault]:
        if partner.mirrored and not (partner.kind is PartnerKind.GATEWAY and partner.endpoint):
            yield _fault("/mirrored", "mirror_not_possible", "a gateway with an endpoint")
        if partner.kind is not PartnerKind.SYSTEM:
            if partner.adapter:
                yield _fault("/adapter", "adapter_not_allowed")
        elif not partner.adapter:
            yield _fault("/adapter", "adapter_missing", "the name of a layout")
        elif partner.adapter not in self.layouts:
            yield _fault("/adapter", "adapter_unknown", "the name of a layout")
        for name in self.missing:
            yield _fault("/adapter", "credential_missing", f"tongban partner credential {partner.id} {name}")


@dataclass(frozen=True, kw_only=True, slots=True)
class SetPartnerStatus:
    """Suspend a partner, so that nothing passes in either direction, or let it exchange again."""

    partners: Partners
    entries: WriteEntries

    async def __call__(self, name: str, status: PartnerStatus) -> bool:
        """Return whether that changed anything; what does not is not logged. NotFoundError for an unknown partner."""
        known = {each.id: each for each in await self.partners.partners()}
        if name not in known:
            raise NotFoundError("no such partner is registered", code="partner_unknown")
        if known[name].status is status:
            return False
        kind = EntryKind.PARTNER_SUSPENDED if status is PartnerStatus.SUSPENDED else EntryKind.PARTNER_RESUMED
        return await self.partners.set_status(name, status, self.entries.administered(kind, party(known[name])))


def _proving(partner: Partner) -> Iterator[Fault]:
    if not partner.keys:
        yield _fault("/keys", "keys_missing", "at least one public key")
    times = Counter(key.id for key in partner.keys)
    for position, key in enumerate(partner.keys):
        # The log names the key that verified a request, so its name must be one that the log can hold.
        if not fits("key_id", key.id):
            yield _fault(f"/keys/{position}/kid", "key_id_invalid", "letters, digits and . _ : / -")
        if times[key.id] > 1:
            yield _fault(f"/keys/{position}/kid", "key_repeated", "each id once")


def is_database_url(text: str) -> bool:
    """Tell whether a text names a database: a file, or one of a server; whoever logs in there stands elsewhere."""
    return len(text) <= _ENDPOINT_LIMIT and _DATABASE.fullmatch(text) is not None


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # ValueError for one that is no number
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= _ENDPOINT_LIMIT
    bare = not (parts.query or parts.fragment or "@" in parts.netloc or text.endswith(("/", "?", "#")))
    return plain and bare and parts.scheme in {"http", "https"} and bool(parts.hostname)


def _fault(pointer: str, code: str, expected: str = "") -> Fault:
    message, message_zh = _WORDS[code]
    return Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected)
