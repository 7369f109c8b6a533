"""What the linter refuses, and that it refuses nothing else."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.lint import BOUNDS, check_site, lint, warnings
from config.load import site_of
from config.schema import Site
from domain.errors import SiteInvalid
from domain.ids import DoorId
from tests.unit.config.sites import SOUND, changed, line_of

KEYPAD = 'keypad = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA2" }\n'
FINGER = 'fingerprint = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA3" }\n'
CAMERA = (
    'camera = { driver = "hardware.drivers.opencv_camera:OpenCvCamera", source = 0 }\n'
)
ENGINE = 'face_engine = { driver = "hardware.drivers.dlib_engine:DlibEngine" }\n'
BUTTON = (
    'exit_button = { driver = "hardware.drivers.gpio_input:GpioInput", pin = 23 }\n'
)
READER = 'entry_reader = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA0" }\n'
INSIDE = 'exit_reader = { driver = "hardware.drivers.x:X", port = "/dev/ttyAMA1" }\n'
FURNACE_DOOR = 'id = "furnace"\nwiring = "fail_safe"\n'
HALL_DOOR = 'id = "hall"\nwiring = "fail_secure"\n'
HALL_LOCK = 'lock = { driver = "hardware.drivers.gpio_lock:GpioLock", pin = 17 }'


def site(text: str) -> Site:
    return site_of(text, "s.toml")


def without(part: str, *, last: bool = False) -> str:
    """The sound site without `part`, where it stands first (or last)."""
    assert part in SOUND
    return "".join(SOUND.rsplit(part, 1)) if last else SOUND.replace(part, "", 1)


def with_displays(hall: int, furnace: int, *, agent: str | None = None) -> str:
    """The sound site with a display at each door, both of `agent` or of their own."""
    text = SOUND
    for door, port in ((HALL_DOOR, hall), (FURNACE_DOOR, furnace)):
        served_by = "" if agent is None else f'agent = "{agent}"\n'
        text = text.replace(door, f"{door}{served_by}display = {{ port = {port} }}\n")
    return text


def test_a_sound_site_has_no_problem_and_no_warning() -> None:
    assert (lint(site(SOUND)), warnings(site(SOUND))) == ((), ())


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        pytest.param(
            without(FINGER),
            "doors.furnace.devices",
            "`fingerprint` is missing: a core zone asks for fingerprint (G5.3.2-1)",
            id="a core door without a finger",
        ),
        pytest.param(
            without(ENGINE),
            "doors.furnace.devices",
            "`face_engine` is missing: a core zone asks for face",
            id="a core door that can't tell faces",
        ),
        pytest.param(
            without(CAMERA, last=True),
            "doors.furnace.devices",
            "`camera` is missing: a core zone asks for face",
            id="a core door without camera",
        ),
        pytest.param(
            without(KEYPAD),
            "doors.furnace.devices",
            "`keypad` is missing: a face is never the only way",
            id="a core door without the other way",
        ),
        pytest.param(
            without(READER),
            "doors.hall.devices",
            "`entry_reader` is missing: a general zone asks for badge",
            id="a door that reads no badge",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + 'factors = ["pin"]\n'),
            "doors.hall.devices",
            "`keypad` is missing: this door asks for pin",
            id="a door that asks for what it can't read",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + 'factors = ["face"]\n'),
            "doors.hall.devices",
            "`fingerprint` is missing: a face is never the only way",
            id="a lesser door that asks for a face alone",
        ),
        pytest.param(
            changed("fire_relay = true\n", ""),
            "doors.furnace",
            "write `fire_relay = true`",
            id="fail-safe without fire relay",
        ),
        pytest.param(
            changed("break_glass = true\n", ""),
            "doors.furnace",
            "write `break_glass = true`",
            id="fail-safe without break-glass",
        ),
        pytest.param(
            changed("handle = true\n", ""),
            "doors.hall",
            "keeps people in when the power fails",
            id="fail-secure without handle",
        ),
        pytest.param(
            with_displays(8090, 8090, agent="pi"),
            "doors.furnace.display.port",
            "8090 is the display's of `hall` on the same agent",
            id="two displays on one port of one agent",
        ),
        pytest.param(
            without(BUTTON),
            "doors.furnace.devices",
            "`exit_button` is missing",
            id="no handle and no button",
        ),
        pytest.param(
            without(HALL_LOCK + "\n"),
            "doors.hall.devices",
            "nothing holds the door shut",
            id="no lock",
        ),
        pytest.param(
            changed(
                'level = "core"', 'level = "core"\ntwo_person = true\ncapacity = 1'
            ),
            "zones.furnace.capacity",
            "1 is fewer than the two persons who enter together",
            id="a place for half a pair",
        ),
        pytest.param(
            changed('level = "core"', 'level = "core"\ndwell = { visitor = "30s" }'),
            "zones.furnace.dwell.visitor",
            "30s is out of bounds; write 1m to 1d",
            id="a visit that ends on the threshold",
        ),
        pytest.param(
            changed('id = "E1"', 'id = "V1"'),
            "people.V1.id",
            "ids that begin with V are visitors'",
            id="somebody employed with a visitor's id",
        ),
        pytest.param(
            changed('level = "core"', 'level = "non_secret"\ndepartment = "x"'),
            "zones.furnace.department",
            "no head decides",
            id="the department of a non-secret zone",
        ),
        pytest.param(
            changed('level = "general"', 'level = "general"\ntwo_person = true'),
            "zones.hall.two_person",
            "two persons are for core zones",
            id="two persons in a general zone",
        ),
        pytest.param(
            changed('level = "core"', 'level = "core"\nposts = ["guard"]'),
            "zones.furnace.posts",
            "posts admit to general zones only",
            id="posts in a core zone",
        ),
        pytest.param(
            changed('level = "core"', 'level = "core"\nroster_expired = "admit"'),
            "zones.furnace.roster_expired",
            "core zones refuse once a roster has ended",
            id="an ended roster in a core zone",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + 'interlock = ["hall"]\n'),
            "doors.hall.interlock",
            "a door cannot wait for itself",
            id="interlocked with itself",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + 'interlock = ["gate"]\n'),
            "doors.hall.interlock",
            "no door `gate`",
            id="interlocked with nothing",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + 'interlock = ["furnace"]\n'),
            "doors.hall.interlock",
            "`furnace` doesn't wait for this door",
            id="interlocked one way",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + 'interlock = ["furnace"]\n'),
            "doors.hall.interlock",
            "has another agent",
            id="interlocked over the network",
        ),
        pytest.param(
            changed(HALL_LOCK, HALL_LOCK.replace("17", '17, wiring = "fail_safe"')),
            "doors.hall.devices.lock",
            "the lock is wired fail_safe and its door fail_secure",
            id="a lock wired otherwise than its door",
        ),
        pytest.param(
            changed(HALL_LOCK, HALL_LOCK.replace("17", "17, simulated = true")),
            "doors.hall.devices.lock",
            "is simulated while agent `hall` also drives real devices",
            id="a simulated lock among real devices",
        ),
        pytest.param(
            changed(HALL_LOCK, HALL_LOCK.replace("17", '17, board = "b"')),
            "doors.hall.devices.lock",
            "write `simulated = true`",
            id="a mock pin that doesn't say so",
        ),
        pytest.param(
            changed('port = "/dev/ttyAMA0"', 'port = "/dev/pts/3"'),
            "doors.hall.devices.entry_reader",
            "write `simulated = true`",
            id="a pseudo-terminal that doesn't say so",
        ),
        pytest.param(
            changed("hardware.drivers.x:X", "simulators.x:X"),
            "doors.hall.devices.entry_reader",
            "write `simulated = true`",
            id="a simulator that doesn't say so",
        ),
        pytest.param(
            changed("hardware.drivers.x:X", "os.path:X"),
            "doors.hall.devices.entry_reader",
            "driver `os.path:X` is not one of ours",
            id="a driver from elsewhere",
        ),
        pytest.param(
            changed("pin = 22", "pin = 17"),
            "doors.hall.devices.contact",
            "pin 17 is `hall.lock`'s already",
            id="a pin used twice",
        ),
        pytest.param(
            changed("pin = 17", "pin = 17, feedback_pin = 17"),
            "doors.hall.devices.lock",
            "pin 17 is named twice",
            id="a pin used twice by one device",
        ),
        pytest.param(
            changed('"/dev/ttyAMA1"', '"/dev/ttyAMA0", baud = 9600'),
            "doors.hall.devices.exit_reader",
            "port /dev/ttyAMA0 is `hall.entry_reader`'s already",
            id="a serial port used twice",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + 'agent = "pi"\n').replace(
                FURNACE_DOOR, FURNACE_DOOR + 'agent = "pi"\n'
            ),
            "doors.furnace.devices.lock",
            "pin 17 is `hall.lock`'s already",
            id="two doors of one agent on one pin",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + "faces = { verify = 0.6 }\n"),
            "doors.hall.faces.verify",
            "write at most 0.55",
            id="the library's own face limit",
        ),
        pytest.param(
            changed(HALL_DOOR, HALL_DOOR + "faces = { verify = 0.4 }\n"),
            "doors.hall.faces.identify",
            "must be stricter",
            id="looser among many than for one",
        ),
        pytest.param(
            changed(
                FURNACE_DOOR,
                FURNACE_DOOR + "climate = { temperature_min_c = 30 }\n",
            ),
            "doors.furnace.climate",
            "the lowest temperature is not below the highest",
            id="climate upside down",
        ),
        pytest.param(
            changed(FURNACE_DOOR, FURNACE_DOOR + "climate = {}\n"),
            "doors.furnace.climate",
            "limits without a sensor",
            id="climate limits without a sensor",
        ),
        pytest.param(
            changed(
                HALL_LOCK,
                'climate = { driver = "hardware.drivers.sht3x:Sht3x", bus = 1 }\n'
                + HALL_LOCK,
            ),
            "doors.hall",
            "a climate sensor without limits",
            id="a climate sensor without limits",
        ),
        pytest.param(
            SOUND + '[controller]\nhost = "0.0.0.0"\n',
            "controller.host",
            "can be reached from outside",
            id="a page open to everybody",
        ),
        pytest.param(
            SOUND + 'face = 1\n[[people]]\nid = "E2"\npost = "guard"\nface = 1\n',
            "people.E2.face",
            "somebody else's face",
            id="one face of two people",
        ),
    ],
)
def test_a_contradiction_is_refused(text: str, where: str, told: str) -> None:
    problems = [p for p in lint(site(text)) if p.startswith(f"{where}: ")]

    assert any(told in problem for problem in problems), lint(site(text))


@pytest.mark.parametrize("key", BOUNDS)
@pytest.mark.parametrize("end", [0, 1])
def test_a_time_at_its_bound_is_good_and_beyond_it_is_not(key: str, end: int) -> None:
    sound = site(SOUND)
    bound, beyond = BOUNDS[key][end], timedelta(milliseconds=(-1, 1)[end])

    assert lint(_with(sound, key, bound)) == ()
    [problem] = lint(_with(sound, key, bound + beyond))
    assert problem.startswith(f"doors.hall.timing.{key}: ")


def _with(sound: Site, key: str, value: timedelta) -> Site:
    hall = sound.doors[DoorId("hall")]
    slow = replace(hall, timing=replace(hall.timing, **{key: value}))
    return replace(sound, doors={**sound.doors, hall.id: slow})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            without('responsible = { name = "高峰", phone = "6401" }\n'),
            "nobody is named who answers for it",
            id="a sign without who is responsible",
        ),
        pytest.param(without(INSIDE), "nobody's time out is recorded", id="no exit"),
        pytest.param(without(CAMERA), "no camera sees the entrance", id="no camera"),
        pytest.param(
            SOUND + "[[zones]]\nid = 'attic'\nname = 'x'\nlevel = 'general'\n",
            "no door leads here",
            id="a zone without door",
        ),
        pytest.param(
            SOUND + "grants = [{ zone = 'furnace', rank = 'committee' }]\n",
            "have it approved by the general_manager",
            id="a grant of too low a rank",
        ),
    ],
)
def test_what_may_be_meant_is_only_warned_of(text: str, told: str) -> None:
    doubtful = site(text)

    assert lint(doubtful) == ()
    assert any(told in warning for warning in warnings(doubtful))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(with_displays(8090, 8090), id="of two agents"),
        pytest.param(with_displays(8090, 8091, agent="pi"), id="on two ports"),
    ],
)
def test_two_displays_don_t_meet(text: str) -> None:
    told = lint(site(text))

    assert [fault for fault in told if "display" in fault] == []


def test_one_face_engine_may_serve_two_doors() -> None:
    hall = ENGINE + HALL_LOCK
    text = changed(HALL_LOCK, hall)

    assert lint(site(text)) == ()


def test_a_problem_of_the_linter_has_its_line_too(tmp_path: Path) -> None:
    text = changed("pin = 22", "pin = 17")
    file = tmp_path / "s.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(SiteInvalid) as refusal:
        check_site(file)

    line = line_of(text, "contact = ")
    assert refusal.value.problems[0].startswith(
        f"{file}:{line}: doors.hall.devices.contact: pin 17"
    )
