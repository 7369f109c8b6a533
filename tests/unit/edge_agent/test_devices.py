"""Devices that die, lie or change; keypads, fingers and faces."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from config.schema import Site, Timing
from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.agent_events import (
    ClimateMeasured,
    DeviceFailed,
    DeviceRecovered,
    HealthReported,
)
from domain.alarm_events import AlarmCleared
from domain.commands import StartLockdown
from domain.credentials import Declaration, Factor
from domain.ids import DoorId
from domain.policy import Awaited
from domain.zones import ZoneLevel
from edge_agent.keypad_entry import Declared, KeypadEntry, Pin
from hardware.ports import Climate, NoFace, SeveralFaces, Signal
from tests.builders import LI, WANG, ZHAO, person, zone
from tests.unit.edge_agent.entrance import (
    World,
    badge_number,
    face,
    finger,
    make_door,
    make_site,
    play,
)

CORE, IMPORTANT, GENERAL = ZoneLevel.CORE, ZoneLevel.IMPORTANT, ZoneLevel.GENERAL


# --- keypad ---


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("0#", Declared(Declaration(None))),
        ("00#", Declared(Declaration(None))),
        ("7#", Declared(Declaration(7))),
        ("999#", Declared(Declaration(999))),
        ("1234#", Pin("1234")),
        ("123456789012#", Pin("123456789012")),
        ("1234567890123#", None),
        ("#", None),
        ("12*34#", Declared(Declaration(34))),
        ("1234*#", None),
    ],
)
def test_keys_become_a_declaration_or_a_pin(
    keys: str, expected: Declared | Pin | None
) -> None:
    entry = KeypadEntry()

    answers = [entry.press(key, at=1.0) for key in keys]

    assert answers[-1] == expected
    assert set(answers[:-1]) <= {None}


@pytest.mark.parametrize(
    ("pause", "expected"),
    [(9.999, Pin("1234")), (10.0, Declared(Declaration(34)))],
)
def test_a_pause_of_ten_seconds_clears_what_was_keyed(
    pause: float, expected: Declared | Pin
) -> None:
    entry = KeypadEntry()
    for key in "12":
        entry.press(key, at=100.0)
    for key in "34":
        entry.press(key, at=100.0 + pause)

    assert entry.press("#", at=100.0 + pause) == expected


def test_a_pin_is_in_no_repr() -> None:
    assert "1234" not in repr(Pin("1234"))


def test_a_pin_without_a_name_is_unknown(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.key_in("246810#")
        event = world.last(AccessDenied)
        assert event.factors == (Factor.PIN,)
        assert "credential.unknown" in [f.reason for f in event.findings]

    play(tmp_path, CORE, story)


def test_a_wrong_pin_does_not_say_which_factor_was_wrong(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.badge()
        await world.key_in("999999#")
        assert "attempt.mismatch" in [
            f.reason for f in world.last(AccessDenied).findings
        ]
        assert world.here.indicator.signals[-1] is Signal.REFUSED

    play(tmp_path, CORE, story)


# --- faces ---


def test_a_face_is_presented_once_for_each_appearance(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        camera = world.here.camera
        for _ in range(5):
            camera.show(face(LI))
            await world.calm()
        assert len(world.of(AccessWaiting)) == 1
        await asyncio.sleep(15)
        camera.show(NoFace())
        await world.calm()
        camera.show(face(LI))
        await world.calm()
        assert len(world.of(AccessWaiting)) == 2

    play(tmp_path, CORE, story)


def test_a_face_that_is_still_there_counts_for_an_attempt_that_waits_for_it(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        world.here.camera.show(face(LI))
        await asyncio.sleep(16)
        assert world.last(AccessDenied).timed_out
        await world.lay_finger()
        await world.key_in("0#")
        assert world.of(AccessGranted)

    play(tmp_path, CORE, story)


def test_two_faces_are_nobodys_until_one_goes(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.lay_finger()
        world.here.camera.show(SeveralFaces(2))
        await world.calm()
        assert Awaited.FACE in world.last(AccessWaiting).waiting_for
        # Nothing moves that the camera would notice: it looks again by itself.
        world.here.camera.seen = face(LI)
        await asyncio.sleep(0.6)
        await world.calm()
        assert Awaited.FACE not in world.last(AccessWaiting).waiting_for

    play(tmp_path, CORE, story)


def test_a_face_nobody_knows_is_refused(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.here.camera.show(face("a stranger"))
        await asyncio.sleep(1)
        assert "credential.unknown" in [
            f.reason for f in world.last(AccessDenied).findings
        ]
        assert len(world.of(AccessDenied)) == 1

    play(tmp_path, CORE, story)


def test_a_door_that_asks_for_no_face_looks_at_none(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.here.camera.show(face(LI))
        await asyncio.sleep(60)
        assert world.here.camera.frames == 0
        assert world.of(AccessWaiting) == []

    play(tmp_path, GENERAL, story)


def test_a_dead_engine_is_a_way_without_face_and_comes_back(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.here.face_engine.dead = True
        world.here.camera.show(face(LI))
        await asyncio.sleep(1)
        assert world.last(DeviceFailed).device == "core.face_engine"
        await world.badge()
        await world.lay_finger()
        assert Awaited.PIN in world.last(AccessWaiting).waiting_for
        world.here.face_engine.dead = False
        await asyncio.sleep(61)
        assert world.last(DeviceRecovered).device == "core.face_engine"

    play(tmp_path, CORE, story)


# --- fingers ---


def test_the_module_holds_the_rosters_templates_and_no_others(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        held = set(world.here.fingerprint.templates.values())
        assert held == {finger(p, duress=x) for p in (LI, WANG) for x in (False, True)}
        await world.issue((person(WANG),), number=2)
        held = set(world.here.fingerprint.templates.values())
        assert held == {finger(WANG), finger(WANG, duress=True)}
        assert world.alarms == []

    play(tmp_path, CORE, story)


def test_a_power_cut_while_templates_are_written_is_mended_in_silence(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        module = world.here.fingerprint
        module.fails_after = 1
        people = (person(LI), person(WANG), person(ZHAO))
        await world.issue(people, number=2, wait=False)
        await asyncio.sleep(0.3)
        await world.cut_power()
        module.fails_after = None
        world.forget()
        await world.start()
        assert len(module.templates) == 6
        assert world.alarms == []

    play(tmp_path, CORE, story)


@pytest.mark.parametrize("what", ["another", "emptied", "foreign"])
def test_a_module_that_was_tampered_with_alarms_and_is_mended(
    tmp_path: Path, what: str
) -> None:
    async def story(world: World) -> None:
        module = world.here.fingerprint
        if what == "another":
            module.system_id = 10
        elif what == "emptied":
            module.templates.clear()
        else:
            module.templates[19] = finger("a stranger")
        await asyncio.sleep(61)
        await world.calm()
        assert world.alarms == ["device.changed"]
        assert len(module.templates) == 4
        await world.lay_finger()
        assert world.last(AccessWaiting).people == (LI,)

    play(tmp_path, CORE, story)


def test_a_template_that_is_refused_keeps_nobody_else_out(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.issue((person(WANG),), number=2)
        world.here.fingerprint.refuses = frozenset({finger(LI)})
        people = (person(LI), person(ZHAO))
        await world.issue(people, number=3)
        assert finger(ZHAO) in world.here.fingerprint.templates.values()
        assert world.alarms == ["device.changed"]

    play(tmp_path, CORE, story)


# --- devices and health ---


def test_a_dead_reader_alarms_once_delays_nobody_and_comes_back(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        world.here.entry_reader.vanish()
        await asyncio.sleep(300)
        assert len(world.of(DeviceFailed)) == 1
        assert world.alarms == ["device.down"]
        await world.badge(out=True)
        assert world.of(AccessGranted)
        world.here.entry_reader.dead = False
        await asyncio.sleep(61)
        assert world.last(DeviceRecovered).device == "general.entry_reader"
        await asyncio.sleep(30)
        await world.badge()
        assert len(world.of(AccessGranted)) == 2

    play(tmp_path, GENERAL, story)


def test_a_camera_that_is_down_alarms_while_somebody_is_at_the_door(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await asyncio.sleep(120)
        world.here.camera.dead = True
        await asyncio.sleep(120)
        assert world.alarms == []
        await world.badge()
        await asyncio.sleep(6)
        assert "camera.down" in world.alarms

    play(tmp_path, seldom_looked_at(IMPORTANT), story)


def test_however_many_come_the_devices_are_looked_at_twice_a_minute(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        before = world.here.camera.checks
        for _ in range(20):
            await world.badge()
            await asyncio.sleep(6)
        assert 3 <= world.here.camera.checks - before <= 5

    play(tmp_path, seldom_looked_at(IMPORTANT), story)


def seldom_looked_at(level: ZoneLevel) -> Site:
    one = zone(level)
    door = make_door(one, timing=Timing(health_every=timedelta(hours=1)))
    return make_site([one], [door])


def test_the_climate_alarms_outside_its_limits_and_clears_inside(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        world.here.climate.climate = Climate(31.0, 45.0)
        await asyncio.sleep(300)
        assert world.last(ClimateMeasured).temperature_c == 31.0
        assert world.alarms == ["climate.out_of_limits"]
        world.here.climate.climate = Climate(27.5, 45.0)
        await asyncio.sleep(300)
        assert len(world.of(AlarmCleared)) == 0
        world.here.climate.climate = Climate(22.0, 45.0)
        await asyncio.sleep(300)
        assert len(world.of(AlarmCleared)) == 1

    play(tmp_path, GENERAL, story)


def test_health_is_reported_every_hour_when_nothing_changes(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await asyncio.sleep(3 * 3600 + 60)
        assert 3 <= len(world.of(HealthReported)) <= 4 + 3

    play(tmp_path, GENERAL, story)


def shown(world: World) -> str:
    return world.here.indicator.signals[-1].value


def test_lights_tell_what_is_awaited_granted_and_locked_down(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.badge()
        assert shown(world) == "granted"
        await asyncio.sleep(20)
        assert shown(world) == "idle"
        await world.order(StartLockdown("drill"))
        assert shown(world) == "lockdown"
        await world.badge("nobody")
        assert shown(world) == "refused"
        world.here.contact.set(active=True)
        await asyncio.sleep(4)
        assert shown(world) == "alarm"

    play(tmp_path, GENERAL, story)


# --- two doors of one agent ---


def test_the_doors_of_a_lock_chamber_do_not_open_together(tmp_path: Path) -> None:
    outer, inner = zone(GENERAL), zone(IMPORTANT)
    site = make_site(
        [outer, inner],
        [
            make_door(outer, interlock=(DoorId("important"),)),
            make_door(inner, interlock=(DoorId("general"),)),
        ],
    )

    async def story(world: World) -> None:
        await world.badge()
        there = world.fittings[list(site.doors)[1]]
        there.entry_reader.present(badge_number(LI))
        await world.calm()
        assert "door.interlock" in [f.reason for f in world.last(AccessDenied).findings]
        assert not there.lock.released
        await world.pass_door()
        await asyncio.sleep(20)
        there.entry_reader.present(badge_number(LI))
        await world.calm()
        assert there.lock.released

    play(tmp_path, site, story)


def test_two_doors_of_one_zone_know_of_each_other(tmp_path: Path) -> None:
    room = zone(IMPORTANT)
    site = make_site([room], [make_door(room), make_door(room, id_="back")])

    async def story(world: World) -> None:
        await world.badge()
        await world.pass_door()
        back = world.fittings[list(site.doors)[1]]
        back.entry_reader.present(badge_number(LI))
        await world.calm()
        assert "zone.passback" in [f.reason for f in world.last(AccessDenied).findings]
        await world.cut_power()
        await world.start()
        back.exit_reader.present(badge_number(LI))
        await world.calm()
        back.contact.set(active=True)
        await asyncio.sleep(1)
        back.contact.set(active=False)
        await asyncio.sleep(30)
        world.forget()
        await world.badge()
        assert world.of(AccessGranted)
        assert world.alarms == []

    play(tmp_path, site, story)
