"""Commands and answers between us and one R503 / ZFM fingerprint module.

The protocol has no sequence numbers: an answer that comes late looks like the answer
to the next command, and on a door that could let a person through on somebody else's
finger. So the link is either *in step* or not:

- it is out of step from sending a command until its answer has arrived sound, and
  stays so after silence, damage, a reset, a cancelled caller;
- out of step, nothing is asked before `_resync`: drain until the line is quiet, verify
  the password, and ask for the parameters. A module works through its commands in
  order, and no other answer has 17 bytes: whatever was late has come before it;
- what consists of several commands (capture, convert, search) is one `Attempt` and
  starts again from its beginning.

Time: an answer takes at most `timeout`, twice that if the module computes or writes
flash (plus the time on the wire); a resync `RESYNC` at most; after `BUDGET` nothing is
tried again. A module that is silent, resets or babbles is thus back within 1 s.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from domain.errors import DeviceRefused, DeviceSilent, FrameMalformed, PeerError
from hardware.drivers.serial_port import SerialPort
from hardware.protocols.fingerprint_commands import (
    READ_PARAMETERS,
    Answer,
    Command,
    Parameters,
    data_packets,
    parse_parameters,
    verify_password,
    words_for,
)
from hardware.protocols.fingerprint_packet import READY, Kind, Packet, PacketReader

T = TypeVar("T")

RESYNC: Final = 0.6  # seconds
BUDGET: Final = 1.0  # seconds since the first try
QUIET: Final = 0.02  # seconds; 115 bytes at 57,600 baud

_HANDSHAKE: Final = 0.2  # seconds for one try of the handshake
# The module did not take the command: the fault is ours or the wire's.
_TRY_AGAIN: Final = frozenset({Answer.PACKET_ERROR, Answer.PASSWORD_MISSING})


class FingerprintLink:
    """`strays` and `damaged` count packets that were no answer, and failed tries."""

    def __init__(
        self, port: SerialPort, *, address: int, password: int, timeout: float
    ) -> None:
        self.parameters: Parameters | None = None  # since the last handshake
        self.strays = 0
        self.damaged = 0
        self._port = port
        self._address = address
        self._password = password
        self._timeout = timeout
        self._reader = PacketReader()
        self._lock = asyncio.Lock()
        self._in_step = False
        self._opening = 0

    async def converse(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Run `attempt` alone on the wire, again from its start if it fails.

        Raises:
            DeviceRefused: the module said no.
            DeviceSilent: no sound answer in spite of everything.
            DeviceVanished: the port is gone.
        """
        loop = asyncio.get_running_loop()
        async with self._lock:
            give_up = loop.time() + BUDGET
            while True:
                self._port.open()
                if not self._in_step or self._port.openings != self._opening:
                    await self._resync()
                try:
                    return await self._try(attempt)
                except DeviceRefused as refusal:
                    if refusal.answer not in _TRY_AGAIN or loop.time() >= give_up:
                        raise
                except DeviceSilent:
                    if loop.time() >= give_up:
                        raise
                except PeerError as error:
                    if loop.time() >= give_up:
                        raise DeviceSilent(f"no sound answer: {error}") from error
                self.damaged += 1

    async def ask(self, command: Command) -> bytes:
        """One command on its own; its result."""
        return await self.converse(lambda: self.say(command))

    # Inside an attempt:

    async def hear(self, command: Command) -> tuple[int, bytes]:
        """Send `command`; the module's code and what is behind it."""
        await self._send(command)
        wait = self._timeout * (2 if command.slow else 1)
        try:
            async with asyncio.timeout(wait):
                while not _could_answer(command, payload := await self._answer()):
                    self.strays += 1
        except TimeoutError:
            raise DeviceSilent(f"no answer in {wait * 1000:.0f} ms") from None
        code = payload[0]
        if code in _TRY_AGAIN:
            raise DeviceRefused(words_for(code), answer=code)
        return code, payload[1:]

    async def say(self, command: Command) -> bytes:
        """Send `command`; its result.

        Raises:
            DeviceRefused: any code but OK.
        """
        code, result = await self.hear(command)
        if code != Answer.OK:
            raise DeviceRefused(words_for(code), answer=code)
        return result

    async def receive_data(self) -> bytes:
        """The data packets that the module sends now."""
        data = bytearray()
        while True:
            try:
                async with asyncio.timeout(self._timeout):
                    packet = await self._receive()
            except TimeoutError:
                raise DeviceSilent("the data packets stop short") from None
            if packet.kind not in (Kind.DATA, Kind.END_OF_DATA):
                raise FrameMalformed("an answer among data packets")
            data += packet.payload
            if packet.kind is Kind.END_OF_DATA:
                return bytes(data)

    async def send_data(self, data: bytes) -> None:
        """Data packets of the size that the module asked for."""
        if self.parameters is None:
            raise DeviceSilent("the packet size is not known yet")
        size = self.parameters.packet_bytes
        for packet in data_packets(data, packet_bytes=size, address=self._address):
            await self._port.write(packet)

    async def _try(self, attempt: Callable[[], Awaitable[T]]) -> T:
        self._in_step = False
        try:
            result = await attempt()
        except DeviceRefused as refusal:
            self._in_step = refusal.answer not in _TRY_AGAIN
            raise
        self._in_step = True
        return result

    async def _resync(self) -> None:
        """Get in step, whatever the module was doing.

        Raises:
            DeviceRefused: the password is wrong.
            DeviceSilent: no sound handshake within `RESYNC`.
        """
        self._in_step = False
        try:
            async with asyncio.timeout(RESYNC):
                while not await self._shake_hands():
                    pass
        except TimeoutError:
            raise DeviceSilent("the module does not answer") from None
        self._opening = self._port.openings
        self._in_step = True

    async def _shake_hands(self) -> bool:
        """Whether one handshake succeeded."""
        await self._drain()
        try:
            async with asyncio.timeout(_HANDSHAKE):
                await self._send(verify_password(self._password))
                verdict = (await self._answer())[0]
                await self._send(READ_PARAMETERS)
                while len(answer := await self._answer()) != READ_PARAMETERS.answer:
                    if answer[0] == Answer.PASSWORD_MISSING:
                        break
                    verdict = answer[0]  # the one before was late
        except (TimeoutError, PeerError, DeviceSilent):
            return False
        if verdict == Answer.WRONG_PASSWORD:
            raise DeviceRefused(words_for(verdict), answer=verdict)
        if verdict != Answer.OK or answer[0] != Answer.OK:
            return False
        self.parameters = parse_parameters(answer[1:])
        return True

    async def _drain(self) -> None:
        """Forget everything until the line is quiet."""
        while True:
            self._port.discard()
            try:
                async with asyncio.timeout(QUIET):
                    await self._port.read()
            except TimeoutError:
                break
        self._reader = PacketReader()

    async def _send(self, command: Command) -> None:
        await self._port.write(command.packet(self._address))

    async def _answer(self) -> bytes:
        """The payload of the next acknowledgement: its code and more."""
        while True:
            packet = await self._receive()
            if packet.kind is Kind.ACK and packet.payload:
                return packet.payload
            self.strays += 1

    async def _receive(self) -> Packet:
        """The next packet. Whoever calls sets the time-out.

        Raises:
            PeerError: damage, or another address.
            DeviceSilent: the module says that it has just started.
        """
        while (packet := self._reader.next_packet()) is None:
            data = await self._port.read()
            # In the middle of a packet it is one byte of it; between packets it means
            # that what we were waiting for will never come.
            if data == READY and self._reader.between_packets:
                raise DeviceSilent("the module was reset")
            self._reader.feed(data)
        if packet.address != self._address:
            raise FrameMalformed("a packet from another address")
        return packet


def _could_answer(command: Command, payload: bytes) -> bool:
    """Whether the size fits; a refusal may be short."""
    refused = payload[0] != Answer.OK and len(payload) == 1
    return refused or len(payload) == command.answer
