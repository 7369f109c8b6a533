"""A small site that is sound. Tests change one thing at a time."""

from typing import Final

SOUND: Final = """\
[site]
id = "s"
name = "厂"
timezone = "Asia/Shanghai"

[posts]
guard = ["保安员", "guard"]
buyer = ["采购专员", "buyer"]

[schedules.office]
hours = ["mon-fri 08:00-18:00"]

[[zones]]
id = "hall"
name = "门厅"
level = "general"
responsible = { name = "高峰", phone = "6401" }
posts = ["guard"]

[[zones]]
id = "furnace"
name = "热处理"
level = "core"
responsible = { name = "李志远", phone = "6203" }

[[doors]]
id = "hall"
wiring = "fail_secure"
handle = true
[doors.devices]
lock = { driver = "hardware.drivers.gpio_lock:GpioLock", pin = 17 }
contact = { driver = "hardware.drivers.gpio_input:GpioInput", pin = 22 }
handle = { driver = "hardware.drivers.gpio_input:GpioInput", pin = 23 }
entry_reader = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA0" }
exit_reader = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA1" }
camera = { driver = "hardware.drivers.opencv_camera:OpenCvCamera", source = 0 }

[[doors]]
id = "furnace"
wiring = "fail_safe"
fire_relay = true
break_glass = true
[doors.devices]
lock = { driver = "hardware.drivers.gpio_lock:GpioLock", pin = 17 }
contact = { driver = "hardware.drivers.gpio_input:GpioInput", pin = 22 }
exit_button = { driver = "hardware.drivers.gpio_input:GpioInput", pin = 23 }
fire = { driver = "hardware.drivers.gpio_input:GpioInput", pin = 24 }
entry_reader = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA0" }
exit_reader = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA1" }
keypad = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA2" }
fingerprint = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA3" }
camera = { driver = "hardware.drivers.opencv_camera:OpenCvCamera", source = 0 }
face_engine = { driver = "hardware.drivers.dlib_engine:DlibEngine" }

[[people]]
id = "E1"
post = "guard"
zones = ["furnace"]
"""


def changed(old: str, new: str) -> str:
    """The sound site with one thing changed, where it stands first."""
    assert old in SOUND
    return SOUND.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1
