"""What the machine says of itself, as far as this one can tell. Blocking, cheap.

Sources: Linux `Documentation/ABI/testing/sysfs-class-thermal`; Raspberry Pi firmware
driver `get_throttled`, bit 0: under-voltage now; hwmon driver `rpi_volt`.
"""

import shutil
from pathlib import Path
from typing import Final

from domain.vigil import Machine

SYS: Final = Path("/sys")

_THROTTLED: Final = "devices/platform/soc/soc:firmware/get_throttled"
_UNDER_VOLTAGE: Final = 1


def read_machine(folder: Path, *, sys: Path = SYS) -> Machine:
    """Temperature, supply, and the disk that holds `folder`."""
    return Machine(
        cpu_temperature_c=_temperature(sys),
        disk_free_percent=_disk_free(folder),
        under_voltage=_under_voltage(sys),
    )


def _temperature(sys: Path) -> float | None:
    """The hottest zone, °C."""
    found = [
        degrees / 1000
        for path in sorted(sys.glob("class/thermal/thermal_zone*/temp"))
        if (degrees := _number(path, base=10)) is not None
    ]
    return max(found, default=None)


def _disk_free(folder: Path) -> float | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    # As a program that may not use the reserved part sees it.
    room = usage.used + usage.free
    return 100 * usage.free / room if room else None


def _under_voltage(sys: Path) -> bool | None:
    throttled = _number(sys / _THROTTLED, base=16)
    if throttled is not None:
        return bool(throttled & _UNDER_VOLTAGE)
    for name in sys.glob("class/hwmon/hwmon*/name"):
        if _text(name) == "rpi_volt":
            alarm = _number(name.with_name("in0_lcrit_alarm"), base=10)
            return None if alarm is None else bool(alarm)
    return None


def _number(path: Path, *, base: int) -> int | None:
    text = _text(path)
    try:
        return None if text is None else int(text, base)
    except ValueError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return None
