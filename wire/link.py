"""The link to the broker, as doors and controller see it, and what it promises.

`Link` is a port: `wire.mqtt_link` implements it over TLS, `simulators.memory_link` in
memory; `tests/contract/test_link.py` holds both to these laws:

- it connects, and keeps connecting, for ever; whether it is connected can be seen;
- a session is persistent: what is sent to a subscription while this client is away
  waits at the broker;
- a message that is not `done` is delivered again, at the latest soon after a
  reconnect, so everything may arrive twice; on some brokers newer ones come first;
- delivery to `messages()` waits for the consumer: nothing piles up without limit;
- that `publish` returned proves nothing but that a broker took the bytes. A broker
  also takes, and drops, what it forbids. Only the controller's own acknowledgement,
  sent after its commit, lets a door forget.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from domain.errors import CallerError

# Bytes. A frame or a roster part is cut to this; every broker passes it.
MAX_PAYLOAD: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `retained`: it was lying at the broker, it was not just sent."""

    topic: str
    payload: bytes
    retained: bool
    _acknowledge: Callable[[], None] = field(repr=False, compare=False)

    async def done(self) -> None:
        """Tell the broker that this message has been dealt with. Idempotent, and
        without effect if the connection it came over is gone."""
        self._acknowledge()


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, if this client vanishes."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class LinkState:
    """`failures`: attempts since the last time it was connected; `problem`: why the
    last one failed, or why the connection was lost, for people."""

    connected: bool
    failures: int
    problem: str | None


class Link(Protocol):
    @property
    def state(self) -> LinkState: ...

    @property
    def connected(self) -> bool:
        """The broker has accepted this client and all its subscriptions."""

    async def run(self) -> None:
        """Connect and stay connected until cancelled; then say goodbye properly, so
        that no last will is published."""

    def changes(self) -> AsyncIterator[bool]:
        """`connected` now, and then after every change; a short flap is not lost."""

    async def wait_connected(self) -> None:
        """Return once connected."""

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False
    ) -> None:
        """Hand a message to the broker; returns when it took it (QoS 1).

        Raises:
            LinkDown: not connected, or disconnected before the broker answered. It
                may have been delivered.
            CallerError: longer than `MAX_PAYLOAD`; a broker would hang up on it.
        """

    async def subscribe(self, filter_: str) -> None:
        """Listen, now or once connected, and again after every reconnect.

        Raises:
            SubscriptionRefused: the broker forbids it; it is forgotten again. While
                not connected nobody can say so: then the link stays unconnected with
                the refusal as its `state.problem`.
        """

    def messages(self) -> AsyncIterator[Message]:
        """What arrives, in order while a connection lasts. For one consumer."""


def demand_size(payload: bytes) -> None:
    """Refuse what no broker of ours passes; to send it again would never end."""
    if len(payload) > MAX_PAYLOAD:
        raise CallerError(f"a payload has at most {MAX_PAYLOAD} bytes")


class Backoff:
    """Waiting times between attempts: doubling, capped, jittered, without end.

    The jitter (half to whole) keeps a site's doors from returning all at once when
    its broker does.
    """

    FIRST: Final = 0.25  # seconds
    CAP: Final = 30.0  # seconds; a door is back within that of its network

    def __init__(
        self,
        random: Callable[[], float],  # uniform in [0, 1)
        *,
        first: float = FIRST,
        cap: float = CAP,
    ) -> None:
        self._random = random
        self._first = first
        self._cap = cap
        self._next = first

    def next(self) -> float:
        """Seconds to wait before the next attempt."""
        wait = self._next
        self._next = min(self._cap, self._next * 2)
        return wait * (0.5 + 0.5 * self._random())

    def reset(self) -> None:
        """Start small again, after a connection that lasted."""
        self._next = self._first
