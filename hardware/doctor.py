"""What this machine has of what a door needs, and what to do about the rest.

Looks and touches nothing, except with a site file: then the devices of one agent are
built and asked whether they are alive, which claims their pins, so the agent itself
must not be running.
"""

import asyncio
import ctypes
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from config.schema import DeviceSpec
from domain.errors import AccessSystemError, DeviceError
from hardware import loader
from hardware.faces import dlib_weights

_ENOUGH_DISK: Final = 2 * 1024**3  # bytes; a year of one door's journal and some clips
_CLOCK_ERROR: Final = 5  # TIME_ERROR in adjtimex(2): nobody disciplines the clock
_TIMEX_BYTES: Final = 208
_PATIENCE: Final = 5.0  # seconds; `check` promises 1, a doctor waits a little longer
_DEV: Final = Path("/dev")


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    well: bool
    says: str  # what there is, or what to do

    def __str__(self) -> str:
        return f"{'ok     ' if self.well else 'missing'}  {self.what:<14} {self.says}"


def machine(data: Path, *, dev: Path = _DEV) -> list[Finding]:
    """One finding for each thing a door may need."""
    return [
        _files(
            dev, "GPIO", ("gpiochip*",), "run on a Raspberry Pi, in the group `gpio`"
        ),
        _package("GPIO library", "lgpio", "apt install python3-lgpio"),
        _files(
            dev,
            "serial ports",
            ("serial*", "ttyAMA*", "ttyUSB*", "ttyACM*"),
            "enable the UART with raspi-config, join the group `dialout`",
        ),
        _files(dev, "I2C", ("i2c-*",), "enable I2C with raspi-config"),
        _files(dev, "cameras", ("video*",), "plug in a camera, or name an RTSP URL"),
        _package("OpenCV", "cv2", "make setup installs it"),
        _package("face engine", "dlib", "make setup installs it"),
        _weights(),
        clock(),
        _disk(data),
    ]


async def devices(specs: Iterable[DeviceSpec]) -> list[Finding]:
    """Each device of a site file, asked whether it is alive."""
    findings = []
    for spec in specs:
        try:
            device = loader.load(
                spec.id,
                spec.driver,
                spec.options,
                kind=spec.role,
                simulated=spec.simulated,
            )
        except AccessSystemError as error:
            findings.append(Finding(spec.id, False, str(error)))
            continue
        try:
            async with asyncio.timeout(_PATIENCE):
                await device.check()
            findings.append(Finding(spec.id, True, "answers"))
        except TimeoutError:
            findings.append(Finding(spec.id, False, "did not answer in time"))
        except AccessSystemError as error:
            findings.append(Finding(spec.id, False, str(error)))
        finally:
            await device.aclose()
    return findings


def _files(dev: Path, what: str, patterns: tuple[str, ...], advice: str) -> Finding:
    found = sorted(path for pattern in patterns for path in dev.glob(pattern))
    if not found:
        return Finding(what, False, f"none in {dev}: {advice}")
    usable = [path for path in found if os.access(path, os.R_OK | os.W_OK)]
    if not usable:
        return Finding(what, False, f"no right to use {found[0]}: {advice}")
    return Finding(what, True, ", ".join(map(str, usable)))


def _package(what: str, module: str, advice: str) -> Finding:
    if find_spec(module) is None:
        return Finding(what, False, f"no `{module}`: {advice}")
    return Finding(what, True, f"`{module}` is installed")


def _weights() -> Finding:
    try:
        weights = dlib_weights.locate()
    except DeviceError as error:
        return Finding("face weights", False, str(error))
    return Finding("face weights", True, str(weights.network.parent))


def clock(state: Callable[[], int] | None = None) -> Finding:
    answer = (state or _clock_state)()
    if answer < 0:
        return Finding("clock", False, "the kernel does not tell whether it is right")
    if answer == _CLOCK_ERROR:
        return Finding(
            "clock", False, "not synchronised: enable NTP (timedatectl set-ntp true)"
        )
    return Finding("clock", True, "synchronised")


def _clock_state() -> int:
    """What the kernel says of its clock: adjtimex(2) with nothing to change."""
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))


def _disk(data: Path) -> Finding:
    try:
        free = shutil.disk_usage(data).free
    except OSError as error:
        return Finding("disk", False, f"`{data}`: {error.strerror}")
    says = f"{free / 1024**3:.1f} GiB free at `{data}`"
    if free < _ENOUGH_DISK:
        return Finding("disk", False, f"{says}: make room, a journal must not fill up")
    return Finding("disk", True, says)
