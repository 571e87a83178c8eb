"""When two spellings of a URL are the same address, for the token's `htu`.

The whole address counts: scheme, host, port, path and query. Before comparing,

1. scheme and host are lower-cased,
2. the scheme's default port is dropped (80 for http, 443 for https),
3. an empty path becomes `/`.

Nothing else is touched: path, query and percent-encoding are compared character by character, and the order of
query parameters counts. A URL with a fragment, with user information, or without host is not an address.
"""

from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def same_address(left: str, right: str) -> bool:
    """Tell whether both spell the same http or https address; what is not an address equals nothing."""
    return (one := _normalised(left)) is not None and one == _normalised(right)


@lru_cache(maxsize=1024)
def _normalised(url: str) -> str | None:
    if not url.isascii() or not url.isprintable() or {" ", "#", "@"} & set(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    return _spelled(parts, port, query="?" in url)


def _spelled(parts: SplitResult, port: int | None, *, query: bool) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}{parts.path or '/'}{'?' + parts.query if query else ''}"
