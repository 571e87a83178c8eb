"""Everything an operator decides, read once at the start from one TOML file and the environment."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.core.errors import Fault, SettingsError

_PREFIX: Final = "TONGBAN_"
_LONGEST_LEAVE_S: Final = 5
_LEAST_DAYS: Final = 8  # partners repeat what they send for seven


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The settings of one gateway process; see config/gateway.toml for a working sample.

    Each may be overridden by an environment variable, TONGBAN_ and its name in capitals.
    """

    id: str  # this gateway's partner id with others, and the origin of its log
    region: str  # 12-digit division code it stands for; begins its collaboration numbers
    url: str  # public base URL, as partners sign it; behind a proxy, the proxy's
    host: str = "127.0.0.1"  # address to listen on
    port: int = 8420  # 0 lets the system choose
    store: str = "sqlite:///var/gateway.sqlite"  # relative to the working directory
    keys: str = "keys"  # folder of private keys, mode 0700
    algorithm: str = "EdDSA"  # what tokens and receipts are signed with: EdDSA or ES256; the log is always Ed25519
    adapters: str = ""  # folder of layouts; "" for those shipped with the program
    body_bytes: int = 1_048_576  # largest document taken; more is refused with 413
    inside: int = 512  # most requests worked on at once, fewer where answers come late; others get 503 and come again
    lease_s: int = 15  # how long the work of a node that is silent stays its own; the same on every node of a store
    leave_s: int = 1  # how long one that stops still serves, not ready, so that a load balancer turns elsewhere first
    keep_exchanges_days: int = 0  # after so many days exchanges are retired, by whole months; 0 keeps them for ever
    keep_entries_days: int = 0  # the same of the log's entries, whose hashes stay
    environment: str = "development"  # "production" refuses keys without a passphrase and plain http
    log_level: str = "info"  # debug, info, warning, error

    def __post_init__(self) -> None:
        """Refuse what cannot work, every fault at once."""
        faults = tuple(_faults(self))
        if faults:
            raise SettingsError("; ".join(f"{fault.pointer[1:]}: {fault.message}" for fault in faults), faults=faults)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a file and the environment; raises SettingsError naming every one that is wrong."""
    values: dict[str, Any] = _read(path) if path else {}
    types: dict[str, Any] = {field.name: field.type for field in fields(Settings)}
    for name in types:
        if (override := environ.get(_PREFIX + name.upper())) is not None:
            values[name] = override
    unknown = sorted(set(values) - set(types))
    missing = [name for name in ("id", "region", "url") if name not in values]
    faults = [_fault(name, "setting_unknown", "is not a setting") for name in unknown]
    faults += [_fault(name, "setting_missing", "must be set") for name in missing]
    typed = {name: _typed(value, types[name]) for name, value in values.items() if name in types}
    faults += [
        _fault(name, "setting_type_wrong", f"must be of type {types[name].__name__}")
        for name, value in typed.items()
        if type(value) is not types[name]
    ]
    if faults:
        raise SettingsError("; ".join(f"{each.pointer[1:]}: {each.message}" for each in faults), faults=tuple(faults))
    return Settings(**typed)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"there is no settings file {path}", code="settings_missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", code="settings_unreadable") from None


def _typed(value: Any, wanted: type) -> Any:
    """Return a value as its setting has it, where it can be; the environment only knows text."""
    digits = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value) if wanted is int and digits else value


def _faults(settings: Settings) -> list[Fault]:
    faults = []
    if not (settings.region.isascii() and settings.region.isdigit() and len(settings.region) == 12):  # noqa: PLR2004 - GB/T 2260 and 3 + 3
        faults.append(_fault("region", "setting_invalid", "must be 12 digits"))
    if not settings.id or not settings.id.isascii() or " " in settings.id or "+" in settings.id:
        faults.append(_fault("id", "setting_invalid", "must be ASCII without spaces or plus signs"))
    address = urlsplit(settings.url)
    if address.scheme not in {"http", "https"} or not address.netloc or settings.url.endswith("/"):
        faults.append(_fault("url", "setting_invalid", "must be an http(s) URL without a trailing slash"))
    if settings.environment not in {"development", "production"}:
        faults.append(_fault("environment", "setting_invalid", "must be development or production"))
    elif settings.environment == "production" and address.scheme != "https":
        faults.append(_fault("url", "setting_invalid", "must be https in production"))
    if settings.algorithm not in {"EdDSA", "ES256"}:
        faults.append(_fault("algorithm", "setting_invalid", "must be EdDSA or ES256"))
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        faults.append(_fault("log_level", "setting_invalid", "must be debug, info, warning or error"))
    return [*faults, *_numbers(settings)]


def _numbers(settings: Settings) -> list[Fault]:
    """Return what is wrong with the figures; the rest of the ten seconds of a stop is for what has been begun."""
    least = {"lease_s": 1, "inside": 1, "leave_s": 0}
    faults = [
        _fault(name, "setting_invalid", f"must be at least {bound}")
        for name, bound in least.items()
        if getattr(settings, name) < bound
    ]
    faults += [
        _fault(name, "setting_invalid", f"must be 0, or at least {_LEAST_DAYS}")
        for name in ("keep_exchanges_days", "keep_entries_days")
        if 0 < getattr(settings, name) < _LEAST_DAYS
    ]
    if settings.leave_s > _LONGEST_LEAVE_S:
        faults.append(_fault("leave_s", "setting_invalid", f"must be at most {_LONGEST_LEAVE_S}"))
    return faults


def _fault(name: str, code: str, message: str) -> Fault:
    return Fault(pointer=f"/{name}", code=code, message=message, message_zh="网关配置有误")
