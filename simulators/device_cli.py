"""`menshen simulator fingerprint | badge | keypad`: one device for anyone's client.

The first line of output is the path of the pseudo-terminal; open it as you would open
the UART. It serves until Ctrl-C (or SIGTERM) and then ends with 0.
"""

import argparse
import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from domain.errors import CallerError
from hardware.protocols import badge_frame, keypad_bytes
from hardware.protocols.badge_frame import BadgeFormat
from hardware.protocols.fingerprint_commands import PACKET_BYTES
from simulators.badge_reader import SimulatedBadgeReader
from simulators.finger import Finger
from simulators.fingerprint_sensor import SimulatedFingerprintModule
from simulators.keypad import SimulatedKeypad
from simulators.serial_faults import DeviceFault
from simulators.serial_line import SerialLine

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0}
Act = Callable[[], Awaitable[None]]

# What comes if nobody says what: some badge, and "no devices" (G5.3.3-1).
_BADGE: Final = bytes.fromhex("8001020304")
_KEYS: Final = "0#"
_PRESS_S: Final = 1.5  # how long a finger rests that comes again and again


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one device; the exit status."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.baud < 1 or arguments.piece < 1:
        parser.error("--baud and --piece are 1 or more")
    try:
        arguments.check(arguments)
    except (CallerError, ValueError) as error:
        parser.error(str(error))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments))
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with _line(arguments) as line:
        act: Act = arguments.build(line, arguments)
        print(line.path, flush=True)
        if arguments.every is None:
            await stop.wait()
            return
        while not stop.is_set():
            await act()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), arguments.every)


@contextlib.asynccontextmanager
async def _line(arguments: argparse.Namespace) -> AsyncIterator[SerialLine]:
    line = SerialLine(baud=arguments.baud, link=arguments.link)
    line.to_host.piece = line.to_device.piece = arguments.piece
    try:
        yield line
    finally:
        line.close()


def _fingerprint(line: SerialLine, arguments: argparse.Namespace) -> Act:
    module = SimulatedFingerprintModule(
        line,
        capacity=arguments.capacity,
        password=arguments.password,
        packet_bytes=arguments.packet_bytes,
    )
    for slot in range(arguments.templates):
        module.store(slot, _identity(slot))
    if arguments.fault is not None:
        module.inject(arguments.fault, times=arguments.fault_times)
    finger = Finger(_identity(arguments.press))
    if arguments.press is not None and arguments.every is None:
        module.lay(finger)

    async def press() -> None:
        module.lay(finger)
        await asyncio.sleep(min(_PRESS_S, arguments.every / 2))
        module.lift()

    return press


def _badge(line: SerialLine, arguments: argparse.Namespace) -> Act:
    reader = SimulatedBadgeReader(line, arguments.format)
    reader.silent = arguments.fault in (DeviceFault.SILENT, DeviceFault.DEAD)

    async def present() -> None:
        if arguments.fault is DeviceFault.CORRUPT:
            line.to_host.flip(3)
        reader.present(arguments.number)

    return present


def _keypad(line: SerialLine, arguments: argparse.Namespace) -> Act:
    keypad = SimulatedKeypad(line)
    keypad.silent = arguments.fault in (DeviceFault.SILENT, DeviceFault.DEAD)

    async def press() -> None:
        if arguments.fault is DeviceFault.CORRUPT:
            line.to_host.flip(0, 0x80)
        await keypad.press(arguments.keys)

    return press


def _check_fingerprint(arguments: argparse.Namespace) -> None:
    if arguments.capacity not in range(1, 0x10000):
        raise ValueError("--capacity is 1 to 65535")
    if arguments.templates not in range(arguments.capacity + 1):
        raise ValueError(f"--templates is 0 to the capacity, {arguments.capacity}")
    if arguments.password not in range(1 << 32):
        raise ValueError("--password has 32 bits")
    if arguments.every is not None and arguments.press is None:
        raise ValueError("--every needs --press")


def _check_badge(arguments: argparse.Namespace) -> None:
    badge_frame.encode(arguments.number, BadgeFormat(arguments.format))


def _check_keypad(arguments: argparse.Namespace) -> None:
    keypad_bytes.encode(arguments.keys)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="menshen simulator", description=(__doc__ or "").partition("\n")[0]
    )
    kinds = parser.add_subparsers(required=True, metavar="DEVICE")

    finger = kinds.add_parser("fingerprint", help="an R503-like module")
    finger.add_argument("--templates", type=int, default=0, help="slots filled, from 0")
    finger.add_argument(
        "--press",
        type=_finger,
        metavar="SLOT|unknown",
        help="a finger that matches this slot is on the glass",
    )
    finger.add_argument("--capacity", type=int, default=200, help="slots (200)")
    finger.add_argument("--password", type=_number, default=0, help="32 bits, e.g. 0x1")
    finger.add_argument(
        "--packet-bytes", type=int, choices=PACKET_BYTES, default=128, help="(128)"
    )
    finger.add_argument(
        "--fault-times", type=int, metavar="N", help="only the next N commands"
    )
    _add_common(finger, baud=57_600, every=None, faults=list(DeviceFault))
    finger.set_defaults(build=_fingerprint, check=_check_fingerprint)

    simple = [DeviceFault.SILENT, DeviceFault.DEAD, DeviceFault.CORRUPT]
    badge = kinds.add_parser("badge", help="a reader that sends ASCII frames")
    badge.add_argument(
        "--number", type=_hex, default=_BADGE, help=f"hex digits ({_BADGE.hex()})"
    )
    badge.add_argument(
        "--format", choices=[*map(str, BadgeFormat)], default="em4100", help="(em4100)"
    )
    _add_common(badge, baud=9600, every=5.0, faults=simple)
    badge.set_defaults(build=_badge, check=_check_badge)

    keypad = kinds.add_parser("keypad", help="one ASCII byte a key")
    keypad.add_argument("--keys", default=_KEYS, help=f"what is pressed ({_KEYS})")
    _add_common(keypad, baud=9600, every=5.0, faults=simple)
    keypad.set_defaults(build=_keypad, check=_check_keypad)
    return parser


def _add_common(
    parser: argparse.ArgumentParser,
    *,
    baud: int,
    every: float | None,
    faults: list[DeviceFault],
) -> None:
    default = "stays" if every is None else f"{every:g}s"
    parser.add_argument(
        "--every", type=_duration, default=every, help=f"how often ({default})"
    )
    parser.add_argument("--baud", type=int, default=baud, help=f"pace ({baud})")
    parser.add_argument(
        "--piece", type=int, default=16, help="bytes that arrive at once (16)"
    )
    parser.add_argument(
        "--link", type=Path, help="keep a symbolic link to the pseudo-terminal here"
    )
    parser.add_argument(
        "--fault", type=DeviceFault, choices=faults, help="how it misbehaves"
    )


def _identity(slot: int | str | None) -> str:
    return f"finger {slot}"


def _finger(text: str) -> int | str:
    return text if text == "unknown" else int(text)


def _number(text: str) -> int:
    return int(text, 0)


def _hex(text: str) -> bytes:
    return bytes.fromhex(text)


def _duration(text: str) -> float:
    number = text.rstrip("ms")
    digits = number if number.replace(".", "", 1).isdecimal() else "0"
    seconds = float(digits) * _UNITS.get(text[len(number) :], 0)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"`{text}` is no duration such as 5s or 200ms")
    return seconds
