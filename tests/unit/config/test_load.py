"""What a site file says, and what it is told when it says it wrongly."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.load import load_site, site_of
from config.schema import DisplaySpec, Role, Site, Timing
from domain.errors import SiteInvalid
from domain.ids import DoorId, PersonId, ZoneId
from domain.people import Rank
from domain.visit_classes import EscortRatio, PersonClass
from domain.zones import Conduct, Responsible, WhenExpired, ZoneLevel
from tests.unit.config.sites import SOUND, changed, line_of


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(SiteInvalid) as refusal:
        site_of(text, "s.toml")
    return refusal.value.problems


@pytest.fixture(scope="module")
def sound() -> Site:
    return site_of(SOUND, "s.toml")


def test_a_zone_has_the_defaults_of_its_level(sound: Site) -> None:
    hall, furnace = (sound.zones[ZoneId(i)] for i in ("hall", "furnace"))

    assert (hall.anti_passback, furnace.anti_passback) == (False, True)
    assert hall.roster_expired is WhenExpired.REFUSE
    assert furnace.level is ZoneLevel.CORE


def test_a_sign_forbids_what_the_level_and_the_zone_forbid() -> None:
    text = changed('posts = ["guard"]', 'posts = ["guard"]\nforbidden = ["phones"]')
    hall = site_of(text, "s.toml").zones[ZoneId("hall")]

    assert hall.forbids == (Conduct.PHOTOS, Conduct.PHONES)
    assert hall.responsible == Responsible(name="高峰", name_en="高峰", phone="6401")


def test_whom_to_call_when_nobody_answers_is_listed_in_order(sound: Site) -> None:
    text = SOUND + "".join(
        f'[[contacts]]\nname = "{name}"\nphone = "{phone}"\n'
        for name, phone in (("王建国", "6001"), ("高峰", "6401"))
    )
    nameless = SOUND + '[[contacts]]\nphone = "6001"\n'

    assert sound.contacts == ()
    assert [c.phone for c in site_of(text, "s.toml").contacts] == ["6001", "6401"]
    with pytest.raises(SiteInvalid, match="name"):
        site_of(nameless, "s.toml")


def test_escorts_lead_as_many_as_the_site_says(sound: Site) -> None:
    assert sound.escorts == EscortRatio(visitors=5, tour=10)
    text = SOUND + "\n[escorts]\nvisitors = 2\n"

    assert site_of(text, "s.toml").escorts == EscortRatio(visitors=2, tour=10)


def test_a_zone_holds_as_many_as_it_says() -> None:
    text = changed('posts = ["guard"]', 'posts = ["guard"]\ncapacity = 30')
    zones = site_of(text, "s.toml").zones

    assert [zones[ZoneId(z)].capacity for z in ("hall", "furnace")] == [30, None]


def test_a_zone_says_how_long_whom_it_lets_stay() -> None:
    dwell = 'dwell = { staff = "12h", repair = "90m", visitor = "2h" }'
    text = changed('posts = ["guard"]', f'posts = ["guard"]\n{dwell}')
    hall = site_of(text, "s.toml").zones[ZoneId("hall")]

    limits = {who: hall.may_stay(who) for who in PersonClass}
    assert limits[PersonClass.STAFF] == timedelta(hours=12)
    assert limits[PersonClass.REPAIR] == timedelta(minutes=90)
    others = {PersonClass.VISITOR, PersonClass.TOUR, PersonClass.CUSTOMER}
    assert {limits[who] for who in others} == {timedelta(hours=2)}


def test_a_door_has_a_display_only_if_it_says_so() -> None:
    text = changed(
        'wiring = "fail_secure"', 'wiring = "fail_secure"\ndisplay.port=8090'
    )
    doors = site_of(text, "s.toml").doors

    assert doors[DoorId("hall")].display == DisplaySpec(port=8090)
    assert doors[DoorId("furnace")].display is None


def test_a_door_without_a_zone_leads_to_the_zone_of_its_name(sound: Site) -> None:
    assert sound.zone_of(DoorId("furnace")).id == "furnace"


def test_a_device_is_named_by_its_door_and_its_role(sound: Site) -> None:
    device = sound.doors[DoorId("hall")].device(Role.ENTRY_READER)

    assert device is not None
    assert (device.id, dict(device.options)) == (
        "hall.entry_reader",
        {"port": "/dev/ttyAMA0"},
    )


def test_the_lock_is_told_how_its_door_is_wired(sound: Site) -> None:
    wirings = [
        device.options["wiring"]
        for door in sound.doors.values()
        if (device := door.device(Role.LOCK)) is not None
    ]

    assert wirings == ["fail_secure", "fail_safe"]


def test_a_grant_without_rank_has_the_one_the_level_asks_for(sound: Site) -> None:
    grant = sound.people[PersonId("E1")].grants[0]

    assert (grant.rank, grant.since, grant.until) == (Rank.GENERAL_MANAGER, None, None)


def test_a_doors_timing_lies_over_the_sites() -> None:
    text = changed("[posts]", '[timing]\npair_window = "30s"\nopen_for = "1m"\n[posts]')
    text += "" + "\n"
    text = text.replace(
        'id = "furnace"\nwiring', 'id = "furnace"\ntiming.open_for = "5s"\nwiring'
    )
    site = site_of(text, "s.toml")

    assert site.doors[DoorId("hall")].timing == Timing(
        pair_window=timedelta(seconds=30), open_for=timedelta(minutes=1)
    )
    assert site.doors[DoorId("furnace")].timing == Timing(
        pair_window=timedelta(seconds=30), open_for=timedelta(seconds=5)
    )


TEMPLATED = changed(
    '[[doors]]\nid = "hall"\nwiring = "fail_secure"\nhandle = true\n[doors.devices]',
    """\
[templates.plain]
wiring = "fail_secure"
handle = true
devices.climate = { driver = "hardware.drivers.sht3x:Sht3x", bus = 1 }
[templates.named]
template = "plain"
name = "门 {door}"
devices.tamper = { driver = "hardware.drivers.a:A", port = "sim:{door}.t" }
[[doors]]
id = "hall"
template = "named"
[doors.devices]
climate = false
tamper.baud = 9600""",
)


def test_a_template_fills_in_what_its_door_leaves_open() -> None:
    door = site_of(TEMPLATED, "s.toml").doors[DoorId("hall")]

    tamper = door.device(Role.TAMPER)
    assert tamper is not None
    assert (door.has_handle, door.name) == (True, "门 hall")
    assert dict(tamper.options) == {"port": "sim:hall.t", "baud": 9600}


def test_a_door_can_lack_a_device_of_its_template() -> None:
    door = site_of(TEMPLATED, "s.toml").doors[DoorId("hall")]

    assert door.device(Role.CLIMATE) is None


def test_a_problem_in_a_template_names_the_templates_line() -> None:
    text = TEMPLATED.replace('wiring = "fail_secure"', 'wiring = "fail"', 1)

    [problem] = problems_of(text)
    assert problem.startswith(f"s.toml:{line_of(text, 'wiring = ')}: ")


def test_a_template_over_itself_is_refused() -> None:
    text = TEMPLATED.replace('template = "plain"', 'template = "named"')

    assert any("laid over itself" in problem for problem in problems_of(text))


@pytest.mark.parametrize(
    ("old", "new", "place", "told"),
    [
        pytest.param(
            'level = "core"',
            'level = "cor"',
            "zones.furnace.level",
            "`cor` is not known; did you mean `core`?",
            id="a level that isn't one",
        ),
        pytest.param(
            'posts = ["guard"]',
            'postz = ["guard"]',
            "zones.hall.postz",
            "unknown key; did you mean `posts`?",
            id="a key that isn't one",
        ),
        pytest.param(
            'posts = ["guard"]',
            'posts = ["guards"]',
            "zones.hall.posts",
            "no post `guards`; did you mean `guard`?",
            id="a post that isn't one",
        ),
        pytest.param(
            'posts = ["guard"]',
            'posts = "guard"',
            "zones.hall.posts",
            "`guard` is not a list",
            id="a text where a list belongs",
        ),
        pytest.param(
            "handle = true",
            "handle = 1",
            "doors.hall.handle",
            "`1` is not true or false",
            id="a number where a flag belongs",
        ),
        pytest.param(
            'timezone = "Asia/Shanghai"',
            'timezone = "Asia/Shangai"',
            "site.timezone",
            "no time zone `Asia/Shangai`",
            id="a time zone that isn't one",
        ),
        pytest.param(
            'timezone = "Asia/Shanghai"',
            'timezone = "../../etc/passwd"',
            "site.timezone",
            "no time zone",
            id="a time zone that climbs out",
        ),
        pytest.param(
            'name = "门厅"', 'name = ""', "zones.hall.name", "is empty", id="empty"
        ),
        pytest.param(
            'id = "s"', 'id = "S/1"', "site.id", "is not an id", id="a bad id"
        ),
        pytest.param(
            'zones = ["furnace"]',
            'zones = ["furnance"]',
            "people.E1.zones",
            "no zone `furnance`; did you mean `furnace`?",
            id="a zone that isn't one",
        ),
        pytest.param(
            "pin = 22 }",
            "pin = 22 }\nlok = {}",
            "doors.hall.devices.lok",
            "no such device; did you mean `lock`?",
            id="a role that isn't one",
        ),
        pytest.param(
            '"hardware.drivers.gpio_lock:GpioLock"',
            '"gpio lock"',
            "doors.hall.devices.lock.driver",
            "is not a driver",
            id="a driver that isn't one",
        ),
        pytest.param(
            'hours = ["mon-fri 08:00-18:00"]',
            'hours = ["mon-fry 08:00-18:00"]',
            "schedules.office.hours",
            "`fry`",
            id="a day that isn't one",
        ),
        pytest.param(
            '["保安员", "guard"]',
            '["保安员"]',
            "posts.guard",
            "two names",
            id="a post in one language",
        ),
        pytest.param(
            'posts = ["guard"]',
            'posts = ["guard"]\nforbidden = ["fotos"]',
            "zones.hall.forbidden",
            "`fotos` is not known; did you mean `photos`?",
            id="a conduct that isn't one",
        ),
        pytest.param(
            'wiring = "fail_secure"',
            'wiring = "fail_secure"\ndisplay.port = 80',
            "doors.hall.display.port",
            "80 is out of range; write 1024 to 65535",
            id="a port that takes a privilege",
        ),
    ],
)
def test_a_problem_names_line_place_and_remedy(
    old: str, new: str, place: str, told: str
) -> None:
    text = changed(old, new)
    # The change stands where the old text stood; the key may be a line below.
    key = place.rpartition(".")[2]
    first = line_of(SOUND, old)
    line = first + new[: new.find(key) if key in new else 0].count("\n")

    found = problems_of(text)
    assert [p for p in found if p.startswith(f"s.toml:{line}: {place}: ")], found
    assert told in found[0]


def test_every_problem_is_told_at_once() -> None:
    text = SOUND.replace('level = "core"', 'level = "x"').replace(
        'post = "guard"', "post = 5"
    )
    text = text.replace('wiring = "fail_safe"', 'wirring = "fail_safe"')

    told = "\n".join(problems_of(text))
    assert "zones.furnace.level" in told
    assert "people.E1.post" in told
    assert "doors.furnace.wirring" in told
    assert "doors.furnace: `wiring` is missing" in told


@pytest.mark.parametrize(
    ("key", "again"),
    [
        pytest.param("zone", '[[zones]]\nid = "hall"', id="zones"),
        pytest.param("person", '[[people]]\nid = "E1"\npost = "guard"', id="people"),
    ],
)
def test_an_id_is_there_only_once(key: str, again: str) -> None:
    text = f"{SOUND}\n{again}\nname = 'x'\n"
    text += "level = 'core'\n" if key == "zone" else ""

    assert any("is there twice" in problem for problem in problems_of(text))


def test_an_empty_file_is_told_what_is_missing() -> None:
    assert [p.partition(": ")[2].partition(";")[0] for p in problems_of("")] == [
        "[site] is missing",
        "there is no zone",
        "there is no door",
    ]


def test_no_door_is_called_like_the_office() -> None:
    text = SOUND.replace('"hall"', '"controller"')

    assert any("names the office" in problem for problem in problems_of(text))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "cannot be read", id="no file"),
        pytest.param(b"name = '\xff'", "not UTF-8 at byte 8", id="not UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "site.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SiteInvalid, match=told):
        load_site(file)


def test_a_wrong_value_that_may_be_a_secret_is_not_shown() -> None:
    text = SOUND + '\n[controller]\ndatabase = ["postgresql://u:hunter2@h/d"]\n'

    assert "hunter2" not in "\n".join(problems_of(text))
