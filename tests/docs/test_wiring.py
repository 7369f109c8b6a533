"""The pin table of `docs/wiring.md` is what `config/sites/pi.toml` says."""

import tomllib
from typing import Final

from tests.docs.files import ROOT
from tests.docs.tables import rows

# BCM number -> number on the 40-pin header. Source: the Raspberry Pi documentation,
# "GPIO and the 40-pin header".
_HEADER: Final = {
    **{2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16},
    **{24: 18, 10: 19, 9: 21, 25: 22, 11: 23, 8: 24, 7: 26, 0: 27, 1: 28, 5: 29},
    **{6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40},
}

_TABLE: Final = [
    (device.strip("`"), option.strip("`"), int(bcm), int(header), level)
    for device, option, bcm, header, level, _ in rows(
        ROOT / "docs/wiring.md", columns=6
    )
    if bcm.isdigit()
]


def _door() -> dict[str, dict[str, object]]:
    site = tomllib.loads((ROOT / "config/sites/pi.toml").read_text("utf-8"))
    devices: dict[str, dict[str, object]] = site["doors"][0]["devices"]
    return devices


def test_every_pin_of_the_site_file_stands_in_the_table_and_no_other() -> None:
    named = {
        (role, option, pin)
        for role, options in _door().items()
        for option, pin in options.items()
        if option.endswith("pin") and isinstance(pin, int)
    }

    assert {(d, o, bcm) for d, o, bcm, _, _ in _TABLE} == named


def test_every_header_number_is_that_of_its_pin() -> None:
    assert [r for r in _TABLE if _HEADER[r[2]] != r[3]] == []


def test_no_pin_is_used_for_two_wires() -> None:
    # A Wiegand reader with keys is two devices on the same two wires.
    used = [bcm for device, _, bcm, _, _ in _TABLE if device != "keypad"]

    assert sorted(used) == sorted(set(used))


def test_a_line_is_active_at_the_level_that_the_table_says() -> None:
    wrong = [
        device
        for device, _, _, _, level in _TABLE
        if str(_door()[device]["driver"]).endswith(":GpioInput")
        if not level.startswith(str(_door()[device].get("active_when", "high")))
    ]

    assert wrong == []
