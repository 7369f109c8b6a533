"""An R503-like fingerprint module behind a serial line.

Speaks the whole protocol with real checksums, works through one command at a time and
takes as long as a real one. What is on its glass is a `Finger`; what it stores are the
bytes of templates, wherever they came from, and it searches by their content.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from domain.errors import PeerError
from hardware.feed import Feed
from hardware.protocols.fingerprint_commands import (
    PACKET_BYTES,
    Answer,
    Instruction,
    data_packets,
)
from hardware.protocols.fingerprint_packet import (
    ANY_ADDRESS,
    READY,
    Kind,
    Packet,
    PacketReader,
)
from simulators.finger import Finger, template_for
from simulators.fingerprint_memory import FingerprintMemory
from simulators.serial_faults import DeviceFault
from simulators.serial_line import SerialLine

__all__ = [
    "Finger",
    "SimulatedFingerprintModule",
    "TouchLine",
    "template_for",
]

BOOT_S: Final = 0.2  # from reset to READY
# 96 ms at 57,600 baud, start markers of packets among it.
BABBLE: Final = bytes(range(256)) + b"\xef\x01" * 20 + bytes(range(256))

# Seconds a command takes: somewhat better than the R503 manual's maxima.
_TAKES: Final = {
    Instruction.GET_IMAGE: 0.05,
    Instruction.IMAGE_TO_CHAR: 0.15,
    Instruction.SEARCH: 0.05,
    Instruction.FAST_SEARCH: 0.05,
    Instruction.REG_MODEL: 0.05,
    Instruction.STORE: 0.03,
    Instruction.DELETE: 0.03,
    Instruction.EMPTY: 0.1,
}
_AT_ONCE: Final = 0.001
_SEARCH_A_TEMPLATE: Final = 0.0002
_SLOW: Final = 5.0


@dataclass(slots=True)
class _Work:
    """One command under way; `fault` hits it."""

    payload: bytes
    fault: DeviceFault | None


class SimulatedFingerprintModule:
    """`on_touch` is called with True when a finger is laid and False when lifted: the
    WAKEUP pin. `touch` is the same as a `BinaryInput` in memory. `takes_times`: how
    much longer (or shorter) than a real one its commands take."""

    def __init__(
        self,
        line: SerialLine,
        *,
        capacity: int = 200,
        password: int = 0,
        address: int = ANY_ADDRESS,
        packet_bytes: int = 128,
        security: int = 3,
        system_id: int = 9,
        has_ring: bool = True,
        on_touch: Callable[[bool], None] | None = None,
        takes_times: float = 1.0,
    ) -> None:
        if packet_bytes not in PACKET_BYTES:
            raise ValueError(f"packet_bytes is one of {PACKET_BYTES}")
        self.line = line
        self._takes_times = takes_times
        self.touch = TouchLine()
        self.on_touch = on_touch
        self.memory = FingerprintMemory(
            capacity=capacity,
            password=password,
            address=address,
            packet_bytes=packet_bytes,
            security=security,
            system_id=system_id,
            baud=line.baud,
            has_ring=has_ring,
        )
        self.commands: list[Instruction] = []  # all that arrived sound
        self._faults: list[tuple[DeviceFault, Instruction | None]] = []
        self._standing: DeviceFault | None = None
        self._loop = asyncio.get_running_loop()
        self._reader = PacketReader()
        self._busy: asyncio.TimerHandle | None = None
        self._receiving: bytearray | None = None  # data packets of a download
        line.attach(self._on_bytes)

    # The world:

    @property
    def finger(self) -> Finger | None:
        return self.memory.finger

    def lay(self, finger: Finger) -> None:
        self.memory.finger = finger
        self._touched(True)

    def lift(self) -> None:
        self.memory.finger = None
        self._touched(False)

    def store(self, slot: int, template: bytes | str) -> None:
        """Fill a slot as if enrolled: template bytes, or the identity of a finger."""
        bytes_ = template_for(template) if isinstance(template, str) else template
        self.memory.slots[slot] = bytes_

    def templates(self) -> dict[int, bytes]:
        return dict(self.memory.slots)

    # Faults:

    def inject(
        self,
        fault: DeviceFault,
        *,
        times: int | None = 1,
        on: Instruction | Iterable[Instruction] | None = None,
    ) -> None:
        """Hit the next `times` commands, or the next one of each instruction in
        `on`; `times=None`: all until `heal`."""
        if times is None:
            self._standing = fault
        elif on is None or isinstance(on, Instruction):
            self._faults.extend([(fault, on)] * times)
        else:
            self._faults.extend((fault, instruction) for instruction in on)

    def heal(self) -> None:
        """Forget every fault that is still to come."""
        self._standing = None
        self._faults.clear()

    def reset(self) -> None:
        """Power off and on: what is not in flash is gone, READY comes after boot."""
        self._stop()
        self.memory.forget()
        self._busy = self._loop.call_later(BOOT_S, self._booted)

    def babble(self) -> None:
        self.line.send(BABBLE)

    def close(self) -> None:
        self._stop()

    # The wire:

    def _on_bytes(self, data: bytes) -> None:
        self._reader.feed(data)
        self._next()

    def _next(self) -> None:
        while self._busy is None:
            try:
                packet = self._reader.next_packet()
            except PeerError:
                if self._standing is not DeviceFault.DEAD:
                    self._answer(bytes([Answer.PACKET_ERROR]))
                continue
            if packet is None:
                return
            if packet.address != self.memory.address:
                continue
            if packet.kind is Kind.COMMAND:
                self._begin(packet.payload)
            elif packet.kind is not Kind.ACK:
                self._take_data(packet)

    def _begin(self, payload: bytes) -> None:
        self._receiving = None
        try:
            instruction = Instruction(payload[0])
        except (ValueError, IndexError):
            return self._answer(bytes([Answer.PACKET_ERROR]))
        self.commands.append(instruction)
        fault = self._fault_for(instruction)
        if fault is DeviceFault.DEAD:
            return
        takes = _TAKES.get(instruction, _AT_ONCE)
        if instruction in (Instruction.SEARCH, Instruction.FAST_SEARCH):
            takes += _SEARCH_A_TEMPLATE * len(self.memory.slots)
        takes *= self._takes_times
        if fault is DeviceFault.SLOW:
            takes += _SLOW
        work = _Work(payload, fault)
        self._busy = self._loop.call_later(takes, self._finish, work)

    def _finish(self, work: _Work) -> None:
        self._busy = None
        match work.fault:
            case DeviceFault.RESET:
                return self.reset()
            case DeviceFault.WRONG_PASSWORD:
                self.memory.verified = False
            case DeviceFault.FLASH_ERROR:
                self.memory.flash_broken = True
        answer, data = self.memory.execute(work.payload)
        self.memory.flash_broken = False
        match work.fault:
            case DeviceFault.SILENT:
                pass
            case DeviceFault.BABBLE:
                self.babble()
            case DeviceFault.CORRUPT:
                damaged = bytearray(bytes(self._packet(answer)))
                damaged[9] ^= 0x40
                self.line.send(bytes(damaged))
            case DeviceFault.TRUNCATED:
                whole = bytes(self._packet(answer))
                self.line.send(whole[: len(whole) // 2])
            case _:
                self._answer(answer)
                self._follow_up(work.payload, answer, data)
        self._next()

    def _follow_up(self, payload: bytes, answer: bytes, data: bytes | None) -> None:
        if data is not None:
            size, address = self.memory.packet_bytes, self.memory.address
            for packet in data_packets(data, packet_bytes=size, address=address):
                self.line.send(packet)
        elif answer[0] == Answer.OK and payload[0] == Instruction.DOWN_CHAR:
            self._receiving = bytearray()
        elif answer[0] == Answer.OK and payload[0] == Instruction.SOFT_RESET:
            self.memory.forget()
            self._reader = PacketReader()
            self._busy = self._loop.call_later(BOOT_S, self._booted)

    def _take_data(self, packet: Packet) -> None:
        if self._receiving is None:
            return
        self._receiving += packet.payload
        if packet.kind is Kind.END_OF_DATA:
            self.memory.downloaded(bytes(self._receiving))
            self._receiving = None

    def _fault_for(self, instruction: Instruction) -> DeviceFault | None:
        if self._standing is not None:
            return self._standing
        for i, (fault, on) in enumerate(self._faults):
            if on is None or on is instruction:
                del self._faults[i]
                return fault
        return None

    def _booted(self) -> None:
        self._busy = None
        self._reader = PacketReader()  # deaf until now
        self.line.send(READY)

    def _stop(self) -> None:
        if self._busy is not None:
            self._busy.cancel()
        self._busy = self._receiving = None
        self._reader = PacketReader()
        self.line.hush()

    def _answer(self, payload: bytes) -> None:
        self.line.send(bytes(self._packet(payload)))

    def _packet(self, payload: bytes) -> Packet:
        return Packet(Kind.ACK, payload, self.memory.address)

    def _touched(self, active: bool) -> None:
        self.touch.set(active)
        if self.on_touch is not None:
            self.on_touch(active)


class TouchLine:
    """The WAKEUP pin as a `hardware.ports.BinaryInput`, in memory."""

    def __init__(self) -> None:
        self._active = False
        self._changes: Feed[bool] = Feed()

    @property
    def active(self) -> bool:
        return self._active

    def set(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            self._changes.put(active)

    def changes(self) -> AsyncIterator[bool]:
        return self._changes.items()

    async def check(self) -> None:
        return None

    async def aclose(self) -> None:
        self._changes.close()
