"""What a site file may ask for, and what it may not."""

import os
import pty
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from config.schema import DeviceSpec, Role
from domain.errors import InputError
from domain.ids import DeviceId
from hardware import ports
from hardware.loader import PORTS, load, load_all, load_door, members, options_of
from simulators.camera import SimulatedCamera

LOCK = "hardware.drivers.gpio_lock:GpioLock"
INPUT = "hardware.drivers.gpio_input:GpioInput"
CAMERA = "simulators.camera:SimulatedCamera"

_boards = count()


@pytest.fixture
def board() -> str:
    return f"loader {next(_boards)}"


def refusal(driver: str, kind: str, *, simulated: bool, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        load("lab.x", driver, options, kind=kind, simulated=simulated)
    assert "`lab.x`" in str(caught.value)
    return str(caught.value)


async def test_a_driver_is_built_with_its_options(board: str) -> None:
    options = {"pin": 17, "wiring": "fail_safe", "board": board}

    device = load("lab.lock", LOCK, options, kind="lock", simulated=True)

    assert isinstance(device, ports.Device)
    await device.aclose()


def test_every_role_of_a_site_file_has_a_port() -> None:
    assert set(PORTS) == set(Role)


@pytest.mark.parametrize(
    "driver",
    [
        "os:system",
        "hardware.faces.matching:Gallery",
        "hardware.drivers",
        "",
        "hardware",
    ],
)
def test_only_drivers_and_simulators_are_loaded(driver: str) -> None:
    message = refusal(driver, "lock", simulated=True)

    assert "is not under `hardware.drivers.`, `simulators.`" in message


@pytest.mark.parametrize(
    ("driver", "says"),
    [
        ("hardware.drivers.acme:Acme", "no module `hardware.drivers.acme`"),
        ("hardware.drivers.gpio_lock:Acme", "no class `Acme`"),
        ("hardware.drivers.gpio_lock:asyncio", "no class `asyncio`"),
        ("hardware.drivers.opencv_camera:_Folder", "no class `_Folder`"),
        ("hardware.drivers.gpio_lock", "no class ``"),
    ],
)
def test_a_driver_that_is_not_there_is_named(driver: str, says: str) -> None:
    assert says in refusal(driver, "lock", simulated=True)


@pytest.mark.parametrize(
    ("driver", "options", "reason"),
    [
        (CAMERA, {"scene": "lab"}, "is a simulator"),
        (INPUT, {"pin": 22, "board": "lab"}, "`board` names a simulated board"),
        ("hardware.drivers.sht3x:Sht3x", {"bus": "lab"}, "simulated bus"),
    ],
)
def test_a_simulated_device_must_say_so(
    driver: str, options: dict[str, Any], reason: str
) -> None:
    message = refusal(driver, "contact", simulated=False, **options)

    assert reason in message
    assert "simulated = true" in message


@pytest.fixture
def terminal() -> Iterator[str]:
    ours, theirs = pty.openpty()
    yield os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_a_pseudo_terminal_is_refused_also_behind_a_link(
    terminal: str, tmp_path: Path
) -> None:
    link = tmp_path / "ttyUSB0"
    link.symlink_to(terminal)

    for path in (terminal, str(link)):
        message = refusal(
            "hardware.drivers.opencv_camera:OpenCvCamera",
            "camera",
            simulated=False,
            source=path,
        )
        assert "pseudo-terminal" in message


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    message = refusal(LOCK, "lock", simulated=True, pin=17, wirring="fail_safe")

    assert "no option `wirring`" in message
    for option in ("`pin`", "`wiring`", "`relay_on`", "`feedback_pin`", "`board`"):
        assert option in message


def test_a_missing_option_is_named() -> None:
    assert "needs `wiring`" in refusal(LOCK, "lock", simulated=True, pin=17)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"wiring": "fail_open"}, "fail_secure or fail_safe"),
        ({"relay_on": "up"}, "high or low"),
        ({"pin": 99}, "GPIO99"),
    ],
)
def test_a_wrong_value_says_what_to_write(
    board: str, options: dict[str, object], says: str
) -> None:
    good: dict[str, object] = {"pin": 17, "wiring": "fail_safe", "board": board}

    assert says in refusal(LOCK, "lock", simulated=True, **{**good, **options})


def test_a_driver_of_another_kind_is_refused(board: str) -> None:
    message = refusal(INPUT, "lock", simulated=True, pin=22, board=board)

    assert "is no lock" in message
    assert "`release`" in message


async def test_a_pin_that_two_devices_claim_is_refused(board: str) -> None:
    options = {"pin": 22, "board": board}
    first = load("lab.contact", INPUT, options, kind="contact", simulated=True)

    message = refusal(INPUT, "tamper", simulated=True, **options)

    assert "GPIO22" in message
    assert "claimed twice" in message
    await first.aclose()
    await load("lab.y", INPUT, options, kind="tamper", simulated=True).aclose()


async def test_two_roles_with_the_same_driver_and_options_are_one_device() -> None:
    def spec(door: str, scene: str) -> DeviceSpec:
        return DeviceSpec(
            id=DeviceId(f"{door}.camera"),
            role=Role.CAMERA,
            driver=CAMERA,
            options={"scene": scene},
            simulated=True,
        )

    devices = load_all([spec("a", "hall"), spec("b", "hall"), spec("c", "yard")])

    a, b, c = devices.values()
    assert a is b
    assert a is not c
    for device in devices.values():
        await device.aclose()


def test_a_port_asks_for_its_own_members_and_those_of_every_device() -> None:
    assert members(ports.Camera) == {"frame", "motion", "check", "aclose"}
    assert "name" in members(ports.FaceEngine)


def test_options_are_told_for_the_reference() -> None:
    assert set(options_of(CAMERA)) == {"scene"}
    assert isinstance(SimulatedCamera(scene="reference"), ports.Device)


async def test_a_fingerprint_module_gets_its_touch_line(board: str) -> None:
    """It then waits for a finger to be laid; without one it has to keep asking."""
    touch, module = DeviceId("lab.touch"), DeviceId("lab.fingerprint")
    specs = {
        Role.TOUCH: DeviceSpec(
            id=touch,
            role=Role.TOUCH,
            driver=INPUT,
            options={"pin": 6, "active_when": "low", "board": board},
            simulated=True,
        ),
        Role.FINGERPRINT: DeviceSpec(
            id=module,
            role=Role.FINGERPRINT,
            driver="hardware.drivers.fingerprint:FingerprintModule",
            options={"port": "/dev/null"},
            simulated=True,
        ),
    }

    devices = load_door(specs)

    assert set(devices) == set(specs)
    assert vars(devices[Role.FINGERPRINT])["_touch"] is not None
