"""The link over MQTT 3.1.1 and TLS. There is no plaintext.

paho speaks the protocol; asyncio owns the socket. Every connection gets a client of
its own, with the same client id: paho then never resends on its own what a caller
has been told is lost, and never reconnects behind our back. All of paho's callbacks
run on the event loop and only settle futures (publishing inside one has deadlocked:
paho issues 177, 226, 354). paho's one blocking call, TCP and TLS set-up, runs in a
worker thread.

Source: OASIS "MQTT Version 3.1.1", sections 3.1 to 3.14.
"""

import asyncio
import contextlib
import itertools
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from domain.errors import CallerError, InputError, LinkDown, SubscriptionRefused
from wire.keys import ClientFiles
from wire.link import Backoff, LinkState, Message, Will, demand_size
from wire.watched_state import WatchedState

# A connection that lasted this long, in seconds, was a good one: back off from the
# start again. Shorter ones keep the waiting times growing.
_LASTED: Final = 5.0
_SUBSCRIPTION_REFUSED: Final = 0x80  # MQTT 3.1.1, 3.9.3
# Packets handled before others on the loop get their turn.
_BURST: Final = 64
_IN_FLIGHT: Final = 64  # publications awaiting their PUBACK

_T = TypeVar("_T")
# Arguments of paho's callbacks; its own types for them are unions of all its versions.
_Paho: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Endpoint:
    host: str  # as in the broker's certificate
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def tls_context(files: ClientFiles) -> ssl.SSLContext:
    """Mutual TLS, 1.2 or newer, trusting the site's own authority and no other.

    Raises:
        InputError: a file is missing or does not fit the others.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _ClosedOnFailure
    try:
        context.load_verify_locations(files.authority)
        context.load_cert_chain(files.certificate, files.key)
    except OSError as error:
        raise InputError(
            f"`{files.certificate}`, its key or `{files.authority}` is unusable: "
            f"{error.strerror or error}"
        ) from None
    return context


class _ClosedOnFailure(ssl.SSLSocket):
    """paho forgets a socket whose handshake failed; this one closes itself."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class MqttLink:
    """Behaves as `wire.link.Link`. Endpoints are tried in turn, for ever."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        client_id: str,
        tls: ssl.SSLContext,
        backoff: Backoff,
        will: Will | None = None,
        keepalive: int = 30,  # seconds; a dead peer is noticed within twice that
        timeout: float = 10.0,  # seconds, for set-up and for each subscription
        inbound: int = 256,  # messages waiting for the consumer
    ) -> None:
        if not endpoints:
            raise CallerError("a link needs at least one endpoint")
        self._endpoints = tuple(endpoints)
        self._client_id = client_id
        self._tls = tls
        self._backoff = backoff
        self._will = will
        self._keepalive = keepalive
        self._timeout = timeout
        self._inbound = inbound
        self._filters: dict[str, None] = {}  # a set that keeps its order
        self._state = WatchedState()
        self._queue: asyncio.Queue[Message] = asyncio.Queue()
        self._connection: _Connection | None = None

    @property
    def state(self) -> LinkState:
        return self._state.now

    @property
    def connected(self) -> bool:
        return self._state.now.connected

    def changes(self) -> AsyncIterator[bool]:
        return self._state.changes()

    async def wait_connected(self) -> None:
        await self._state.wait_connected()

    async def run(self) -> None:
        for endpoint in itertools.cycle(self._endpoints):
            problem = await self._connect_once(endpoint)
            self._state.failed(f"{endpoint}: {problem}")
            await asyncio.sleep(self._backoff.next())

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False
    ) -> None:
        demand_size(payload)
        await self._demand_connection().publish(topic, payload, retain=retain)

    async def subscribe(self, filter_: str) -> None:
        self._filters[filter_] = None
        if not self.connected:
            return  # `run` renews all filters once it is connected
        try:
            await self._demand_connection().subscribe(filter_)
        except SubscriptionRefused:
            self._filters.pop(filter_, None)
            raise
        except LinkDown:
            return  # the same

    async def messages(self) -> AsyncIterator[Message]:
        while True:
            message = await self._queue.get()
            if self._connection and self._queue.qsize() < self._inbound // 2:
                self._connection.resume()
            yield message

    async def _connect_once(self, endpoint: Endpoint) -> str:
        """Live through one connection; why it ended."""
        loop = asyncio.get_running_loop()
        connection = _Connection(self._new_client(), self._take, timeout=self._timeout)
        connected_at: float | None = None
        try:
            await connection.open(endpoint, keepalive=self._keepalive)
            renewed: set[str] = set()
            while missing := [f for f in self._filters if f not in renewed]:
                await connection.subscribe(missing[0])
                renewed.add(missing[0])
            self._connection = connection
            connected_at = loop.time()
            self._state.connected()
            return await connection.live()
        except (LinkDown, SubscriptionRefused) as error:
            return str(error)
        except asyncio.CancelledError:
            self._state.stopped()
            raise
        finally:
            connection.close()
            self._connection = None
            # None of these is acknowledged: they will be delivered again.
            self._queue = _emptied(self._queue)
            if connected_at is not None and loop.time() - connected_at >= _LASTED:
                self._backoff.reset()

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.tls_set_context(self._tls)
        client.connect_timeout = self._timeout
        client.max_inflight_messages_set(_IN_FLIGHT)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        return client

    def _take(self, message: Message) -> bool:
        """Queue a message; whether there is room for another."""
        self._queue.put_nowait(message)
        return self._queue.qsize() < self._inbound

    def _demand_connection(self) -> "_Connection":
        if self._connection is None:
            raise LinkDown(self.state.problem or "not connected yet")
        return self._connection


def _emptied(queue: asyncio.Queue[Message]) -> asyncio.Queue[Message]:
    while not queue.empty():
        queue.get_nowait()
    return queue


class _Connection:
    """One paho client from its set-up to its loss, on this loop."""

    def __init__(
        self, client: Client, take: Callable[[Message], bool], *, timeout: float
    ) -> None:
        self._client = client
        self._take = take
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._accepted: asyncio.Future[None] = self._loop.create_future()
        self._lost: asyncio.Future[str] = self._loop.create_future()
        self._published: dict[int, asyncio.Future[None]] = {}
        self._granted: dict[int, asyncio.Future[int]] = {}
        self._undone: set[int] = set()
        self._socket: Any = None  # paho's; None while it is not on the loop
        self._paused = False

        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_want_write
        client.on_socket_unregister_write = self._on_wrote

    async def open(self, endpoint: Endpoint, *, keepalive: int) -> None:
        connecting = self._loop.run_in_executor(
            None, self._client.connect, endpoint.host, endpoint.port, keepalive
        )
        try:
            await asyncio.shield(connecting)
        except (OSError, ValueError) as error:
            raise LinkDown(f"{error.__class__.__name__}: {error}") from None
        except asyncio.CancelledError:
            connecting.add_done_callback(self._abandon)
            raise
        self._socket = self._client.socket()
        if self._socket is None:
            raise LinkDown("closed during set-up")
        self._loop.add_reader(self._socket, self._readable)
        self._loop.add_writer(self._socket, self._writable)
        await self._answer(self._accepted, "the broker does not answer")

    async def live(self) -> str:
        """Until the connection is lost; why."""
        while not self._lost.done():
            await asyncio.wait({self._lost}, timeout=1)
            self._client.loop_misc()  # keep-alive
        return self._lost.result()

    async def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkDown(f"not sent: {info.rc.name}")
        taken = self._published[info.mid] = self._loop.create_future()
        await taken

    async def subscribe(self, filter_: str) -> None:
        code, mid = self._client.subscribe(filter_, qos=1)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS or mid is None:
            raise LinkDown(f"not sent: {code.name}")
        granted = self._granted[mid] = self._loop.create_future()
        answer = await self._answer(granted, "no answer to a subscription")
        if answer >= _SUBSCRIPTION_REFUSED:
            raise SubscriptionRefused(f"the broker forbids to listen to `{filter_}`")

    def resume(self) -> None:
        if self._paused and self._socket is not None:
            self._paused = False
            self._loop.add_reader(self._socket, self._readable)
            self._loop.call_soon(self._readable)  # TLS may hold decoded bytes

    def close(self) -> None:
        """Say goodbye if there is still somebody to say it to. Idempotent."""
        if self._socket is not None:
            self._client.disconnect()
            self._client.loop_write()
        self._abandon()
        self._lose("closed")

    async def _answer(self, future: asyncio.Future[_T], problem: str) -> _T:
        try:
            async with asyncio.timeout(self._timeout):
                return await future
        except TimeoutError:
            raise LinkDown(problem) from None

    def _abandon(self, _: object = None) -> None:
        socket = self._client.socket()
        self._detach()
        if socket is not None:
            with contextlib.suppress(OSError):
                socket.close()

    # --- the loop calls paho -----------------------------------------------------

    def _readable(self) -> None:
        for _ in range(_BURST):
            if self._paused or self._socket is None:
                return
            try:
                self._client.loop_read()
            except (ValueError, IndexError, struct.error) as error:
                # paho's way of meeting bytes that are not MQTT
                self._lose(f"the broker broke the protocol: {error}")
                return
            if self._socket is None or not self._socket.pending():
                return
        self._loop.call_soon(self._readable)

    def _writable(self) -> None:
        self._client.loop_write()

    # --- paho calls back, on the loop ---------------------------------------------

    def _on_connect(self, *args: _Paho) -> None:
        reason = args[3]
        if reason.is_failure:
            self._lose(f"the broker refused this client: {reason}")
        elif not self._accepted.done():
            self._accepted.set_result(None)

    def _on_disconnect(self, *args: _Paho) -> None:
        self._lose(f"connection lost: {args[3]}")

    def _on_publish(self, *args: _Paho) -> None:
        future = self._published.pop(args[2], None)
        if future is not None and not future.done():
            future.set_result(None)

    def _on_subscribe(self, *args: _Paho) -> None:
        future = self._granted.pop(args[2], None)
        if future is not None and not future.done():
            future.set_result(args[3][0].value)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if message.mid in self._undone:
            return  # the broker grew impatient; the consumer still has it
        if message.qos:
            self._undone.add(message.mid)
        acknowledge = partial(self._acknowledge, message.mid, message.qos)
        room = self._take(
            Message(message.topic, bytes(message.payload), message.retain, acknowledge)
        )
        if not room and self._socket is not None:
            self._paused = True
            self._loop.remove_reader(self._socket)

    def _acknowledge(self, mid: int, qos: int) -> None:
        if mid in self._undone:
            self._undone.discard(mid)
            if self._socket is not None:
                self._client.ack(mid, qos)

    def _on_socket_close(self, *_: object) -> None:
        self._detach()

    def _on_want_write(self, *_: object) -> None:
        # During set-up the worker thread calls this: no socket is on the loop yet.
        if self._socket is not None:
            self._loop.add_writer(self._socket, self._writable)

    def _on_wrote(self, *_: object) -> None:
        if self._socket is not None:
            self._loop.remove_writer(self._socket)

    def _detach(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = None

    def _lose(self, problem: str) -> None:
        if not self._lost.done():
            self._lost.set_result(problem)
        self._undone.clear()
        waiting: list[asyncio.Future[None] | asyncio.Future[int]] = [
            self._accepted,
            *self._published.values(),
            *self._granted.values(),
        ]
        self._published.clear()
        self._granted.clear()
        for future in waiting:
            if not future.done():
                future.set_exception(LinkDown(problem))
                future.exception()  # somebody may have stopped waiting for it
