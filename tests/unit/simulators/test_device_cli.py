"""`menshen simulator …`: for anyone's client. Here: two programs of other people."""

import contextlib
import importlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import serial

from simulators.device_cli import main
from simulators.finger import template_for


def _adafruit() -> Any:  # noqa: ANN401  # it has no types
    """Adafruit's client for these modules. It wants two modules of its boards at its
    import, and needs of them a name for a type and a function that does nothing."""
    board: dict[str, dict[str, Any]] = {
        "busio": {"UART": serial.Serial},
        "micropython": {"const": int},
    }
    for name, content in board.items():
        sys.modules.setdefault(name, ModuleType(name)).__dict__.update(content)
    return importlib.import_module("adafruit_fingerprint")


adafruit_fingerprint = _adafruit()

START = "import sys; from simulators.device_cli import main; sys.exit(main())"


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """The path on its first line; then Ctrl-C, which must end it well."""
    child = subprocess.Popen(
        [sys.executable, "-c", START, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        yield child.stdout.readline().strip()
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=10)
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
    assert (child.returncode, errors) == (0, "")


@contextlib.contextmanager
def client(path: str) -> Iterator[Any]:
    """Adafruit's library, an implementation that is not ours."""
    with serial.Serial(path, 57_600, timeout=2) as uart:
        yield adafruit_fingerprint.Adafruit_Fingerprint(uart)


def test_another_library_finds_the_finger_on_the_glass() -> None:
    with (
        serving("fingerprint", "--templates", "3", "--press", "2") as path,
        client(path) as module,
    ):
        assert module.library_size == 200
        assert module.count_templates() == adafruit_fingerprint.OK
        assert module.template_count == 3
        assert module.read_templates() == adafruit_fingerprint.OK
        assert module.templates == [0, 1, 2]

        assert module.get_image() == adafruit_fingerprint.OK
        assert module.image_2_tz(1) == adafruit_fingerprint.OK
        assert module.finger_search() == adafruit_fingerprint.OK
        assert module.finger_id == 2
        assert module.confidence > 0
        assert module.finger_fast_search() == adafruit_fingerprint.OK
        assert module.finger_id == 2


def test_another_library_enrols_moves_and_deletes() -> None:
    with (
        serving("fingerprint", "--templates", "1", "--press", "unknown") as path,
        client(path) as module,
    ):
        for buffer in (1, 2):
            assert module.get_image() == adafruit_fingerprint.OK
            assert module.image_2_tz(buffer) == adafruit_fingerprint.OK
        assert module.finger_search() == adafruit_fingerprint.NOTFOUND
        assert module.create_model() == adafruit_fingerprint.OK
        assert module.store_model(150) == adafruit_fingerprint.OK
        assert module.store_model(200) == adafruit_fingerprint.BADLOCATION
        assert module.finger_search() == adafruit_fingerprint.OK
        assert module.finger_id == 150

        assert module.load_model(0, 1) == adafruit_fingerprint.OK
        assert bytes(module.get_fpdata("char", 1)) == template_for("finger 0")
        assert module.send_fpdata(list(template_for("guest")), "char", 1)
        assert bytes(module.get_fpdata("char", 1)) == template_for("guest")

        assert module.delete_model(150) == adafruit_fingerprint.OK
        assert module.load_model(150, 1) == adafruit_fingerprint.DBRANGEFAIL
        assert module.set_led(color=2, mode=3) == adafruit_fingerprint.OK
        assert module.set_sysparam(6, 1) == adafruit_fingerprint.OK
        module.soft_reset()
        assert module.check_module()
        assert module.empty_library() == adafruit_fingerprint.OK
        assert module.count_templates() == adafruit_fingerprint.OK
        assert module.template_count == 0


def test_another_library_is_refused_with_a_wrong_password() -> None:
    with (
        serving("fingerprint", "--password", "0x01020304") as path,
        serial.Serial(path, 57_600, timeout=2) as uart,
    ):
        with pytest.raises(RuntimeError):
            adafruit_fingerprint.Adafruit_Fingerprint(uart)
        known = adafruit_fingerprint.Adafruit_Fingerprint(uart, (1, 2, 3, 4))
        assert known.get_image() == adafruit_fingerprint.NOFINGER


def test_a_silent_module_is_silent() -> None:
    with (
        serving("fingerprint", "--fault", "silent") as path,
        serial.Serial(path, 57_600, timeout=0.2) as uart,
        pytest.raises(RuntimeError),
    ):
        adafruit_fingerprint.Adafruit_Fingerprint(uart)


def test_a_badge_comes_again_and_again() -> None:
    arguments = ("badge", "--number", "62E3086CED", "--every", "100ms")
    with serving(*arguments) as path, serial.Serial(path, 9600, timeout=2) as uart:
        uart.read_until(b"\x03")  # perhaps only the end of one

        assert uart.read(16) == b"\x0262E3086CED08\r\n\x03"
        assert uart.read(16) == b"\x0262E3086CED08\r\n\x03"


@pytest.mark.parametrize(
    ("device", "sent"), [("badge", b"\x02800102030484\r\n\x03"), ("keypad", b"0#")]
)
def test_a_device_needs_no_options(device: str, sent: bytes) -> None:
    with (
        serving(device, "--every", "100ms") as path,
        serial.Serial(path, 9600, timeout=2) as uart,
    ):
        uart.read_until(sent[-1:])

        assert uart.read(len(sent)) == sent


def test_keys_come_one_byte_each() -> None:
    with (
        serving("keypad", "--keys", "0#", "--every", "100ms") as path,
        serial.Serial(path, 9600, timeout=2) as uart,
    ):
        uart.read_until(b"#")

        assert uart.read(4) == b"0#0#"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["badge", "--number", "0A1B"], "5 bytes"),
        (["badge", "--number", "0A1G"], "invalid"),
        (["badge", "--number", "0A1B2C3D4E", "--every", "5"], "no duration"),
        (["badge", "--number", "0A1B2C3D4E", "--every", "0s"], "no duration"),
        (["badge", "--number", "0A1B2C3D4E", "--baud", "0"], "1 or more"),
        (["keypad", "--keys", "12A"], "only the keys"),
        (["fingerprint", "--templates", "201"], "the capacity, 200"),
        (["fingerprint", "--password", "0x100000000"], "32 bits"),
        (["fingerprint", "--every", "1s"], "needs --press"),
        (["fingerprint", "--fault", "sulking"], "sulking"),
        ([], "DEVICE"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)

    assert end.value.code == 2
    assert complaint in capsys.readouterr().err
