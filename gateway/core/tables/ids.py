"""Ids that anybody can derive again, so that doing a thing twice finds what the first time left.

* The batch of an exchange is its id without hyphens: 32 characters, which is what CD_BATCH holds.
* The id of a row is a UUIDv8 by name (RFC 9562, 5.8): SHA-256 over exchange, table and index.
* The exchange of a row that was read has the form of a UUIDv7, as every exchange id must; since all its bits come
  from SHA-256 over who was read, where and which row, its first 48 bits are no time, and nothing reads them as one.
"""

from hashlib import sha256

from gateway.core.trust.claims import is_uuid7

_HEX_LENGTH = 32


def batch_of(exchange: str) -> str:
    """Return the batch that the rows of an exchange are written in."""
    return exchange.replace("-", "")


def exchange_of(batch: str) -> str | None:
    """Return the exchange of a batch of ours; None for a batch that is not one."""
    if len(batch) != _HEX_LENGTH:
        return None
    exchange = _grouped(batch)
    return exchange if is_uuid7(exchange) else None


def row_id(exchange: str, table: str, index: int) -> str:
    """Return the id of one row of an exchange, without hyphens."""
    return _uuid((exchange, table, str(index)), version=8)


def rejection_id(exchange: str, *version: str) -> str:
    """Return the id of the row that says why one version of a row was refused."""
    return _uuid((exchange, "rejection", *version), version=8)


def exchange_of_row(gateway: str, system: str, table: str, row: str) -> str:
    """Return the exchange that one row of a system's table is: the same however often it is read."""
    return _grouped(_uuid((gateway, system, table, row), version=7))


def _uuid(names: tuple[str, ...], *, version: int) -> str:
    """Return 32 hexadecimal digits by name; lengths keep one name's end from passing for the next one's beginning."""
    framed = b"".join(len(name.encode()).to_bytes(4, "big") + name.encode() for name in names)
    bits = int.from_bytes(sha256(framed).digest()[:16], "big")
    bits = bits & ~(0xF << 76) | version << 76  # the version …
    bits = bits & ~(0b11 << 62) | 0b10 << 62  # … and the variant of RFC 9562
    return f"{bits:032x}"


def _grouped(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
