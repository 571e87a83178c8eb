"""How much one request may ask of this gateway."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The most that is read, kept open or answered; each is enforced before memory is spent on more."""

    body_bytes: int = 1_048_576  # a larger body is refused with 413 as soon as that is known
    batch_bytes: int = 4_194_304  # the same for what gateways relay: canonical documents outgrow regional ones
    adapter_bytes: int = 8_388_608  # the same for an adapter, its examples among it
    body_timeout_s: float = 20.0  # for the whole body; a slower sender gets 408
    line_bytes: int = 8_190  # the request line, and each header line
    headers: int = 64  # header lines of one request
    idle_s: float = 75.0  # a connection that completes no request header for this long is closed
    linger_s: float = 2.0  # how long a refused body is still read, so that the sender sees the answer
    page_items: int = 100  # the most, and the default, of one page
    retry_after_s: int = 2  # the least that a 503 asks its receiver to wait,
    retry_spread_s: int = 4  # and how much more at most, so that those turned away together come back one by one
    connections: int = 1000  # open at once; one more is answered 503 and closed before anything is read
    inside_least: int = 64  # requests worked on at once, however long they take: fewer would share too few commits
    inside_most: int = 512  # the same, however fast they are
    answer_s: float = 1.0  # where most answers take longer, fewer requests are let in
    held_bytes: int = 67_108_864  # of bodies that did not come with their headers, all together
