"""Resident memory of the real command `menshen edge run`, one door, as the kernel says.

With a badge reader alone, and as a core door with camera and the face engine loaded,
whose network sits in a worker process of its own.
"""

import os
import socket
import subprocess
import sys
import time
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from config.load import load_site
from tests.bench.conftest import Tell
from tests.bench.one_door import ROOT
from tests.bench.table import Row
from wire import keys as key_files
from wire.clock import SystemClock

pytestmark = pytest.mark.bench

_LIMIT: Final = 60.0  # MB
_SETTLED: Final = 3.0  # seconds without growth
_WITHIN: Final = 90.0
_MB: Final = 1e6

_SITE: Final = """
[site]
id = "bench"
name = "轴承厂"
name_en = "Bearing works"
timezone = "Asia/Shanghai"

[broker]
port = 1

[[zones]]
id = "here"
name = "此处"
name_en = "Here"
level = "{level}"

[[doors]]
id = "here"
agent = "pi"
wiring = "fail_secure"
handle = true
"""
# The kinds of devices: driver, and options as a site file writes them.
_BADGE_DOOR: Final = {
    "lock": ("gpio_lock:GpioLock", 'board = "here"\npin = 17'),
    "contact": ("gpio_input:GpioInput", 'board = "here"\npin = 22'),
    "handle": ("gpio_input:GpioInput", 'board = "here"\npin = 24'),
    "entry_reader": ("serial_badge_reader:SerialBadgeReader", "port = {port}"),
    "exit_reader": ("serial_badge_reader:SerialBadgeReader", "port = {port}"),
}
_CORE_DOOR: Final = {
    **_BADGE_DOOR,
    "keypad": ("serial_keypad:SerialKeypad", "port = {port}"),
    "fingerprint": ("fingerprint:FingerprintModule", "port = {port}"),
    "camera": ("opencv_camera:OpenCvCamera", "source = {pictures}"),
    "face_engine": ("dlib_engine:DlibEngine", ""),
}


def _site(level: str, devices: Mapping[str, tuple[str, str]], pictures: Path) -> str:
    sections = [_SITE.format(level=level)]
    for role, (driver, options) in devices.items():
        written = options.replace("{port}", f'"{_silent_line()}"').replace(
            "{pictures}", f'"{pictures}"'
        )
        sections.append(
            f'[doors.devices.{role}]\ndriver = "hardware.drivers.{driver}"\n'
            f"simulated = true\n{written}\n"
        )
    return "\n".join(sections)


def _silent_line() -> str:
    """The name of a pseudo-terminal at which nobody speaks."""
    _far_end, near_end = os.openpty()
    tty.setraw(near_end)
    return os.ttyname(near_end)


class _Agent:
    def __init__(self, folder: Path, site_file: str) -> None:
        folder.mkdir()
        path = folder / "site.toml"
        path.write_text(site_file, "utf-8")
        site, now = load_site(path), SystemClock().now()
        key_files.init_site(folder / "keys", site.id, now=now, random_bytes=os.urandom)
        for door in site.doors:
            key_files.add_door(folder / "keys", door, now=now, random_bytes=os.urandom)
        self._ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ready.bind(str(folder / "notify"))
        self._ready.settimeout(_WITHIN)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "menshen", "edge", "run", str(path)),
                *("--keys", str(folder / "keys/doors"), "--data", str(folder / "data")),
            ],
            cwd=ROOT,
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
            stderr=subprocess.DEVNULL,
        )

    def settled(self, expected: int) -> tuple[float, float]:
        """MB of the agent, and of its workers, once they no longer grow."""
        assert self._ready.recv(64) == b"READY=1"
        since, last, began = time.monotonic(), (0.0, 0.0), time.monotonic()
        while time.monotonic() - since < _SETTLED:
            assert time.monotonic() - began < _WITHIN
            time.sleep(0.5)
            own, children = _resident(self._process.pid), _children(self._process.pid)
            workers = sum(map(_resident, children))
            if (
                len(children) < expected
                or own > last[0] * 1.01
                or workers > last[1] * 1.01
            ):
                since, last = time.monotonic(), (own, workers)
        return last

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._ready.close()


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next((x for x in status.splitlines() if x.startswith("VmRSS")), "VmRSS 0")
    return int(line.split()[1]) * 1024 / _MB


def _children(pid: int) -> list[int]:
    """Of all of its threads: any of them may have started one."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(c) for path in found for c in path.read_text("ascii").split()]


def _measure(folder: Path, site_file: str, *, workers: int = 0) -> tuple[float, float]:
    agent = _Agent(folder, site_file)
    try:
        return agent.settled(workers)
    finally:
        agent.stop()


def test_an_agent_without_a_face_engine_stays_below_60_mb(
    tmp_path: Path, tell: Tell
) -> None:
    site = _site("general", _BADGE_DOOR, tmp_path)
    own, workers = _measure(tmp_path / "badge", site)

    tell(
        Row(
            what="edge agent's memory, one door, no face engine",
            against="",
            measured=f"{own + workers:.0f} MB resident",
            ratio="–",
            target=f"≤ {_LIMIT:.0f} MB",
            ok=own + workers <= _LIMIT,
            method=(
                "VmRSS of `menshen edge run` with a badge reader on either side, no "
                "roster yet, once it no longer grows."
            ),
        )
    )


def test_what_an_agent_with_the_face_engine_takes(tmp_path: Path, tell: Tell) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    site = _site("core", _CORE_DOOR, pictures)
    own, workers = _measure(tmp_path / "core", site, workers=1)

    tell(
        Row(
            what="edge agent's memory, one door, dlib engine loaded",
            against="",
            measured=f"{own:.0f} MB agent + {workers:.0f} MB worker",
            ratio="–",
            target="report",
            ok=None,
            method=(
                "VmRSS of `menshen edge run` with readers, keypad, fingerprint module, "
                "camera through OpenCV, and of the engine's worker process."
            ),
        )
    )
