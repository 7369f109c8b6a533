"""What the machine says: clock, temperature, supply, disk, and the signs of life."""

import asyncio
import logging
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.access_events import AccessDenied
from domain.agent_events import ClockStepped, ClockTrustChanged
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.doorway import Doorway
from domain.events import Event
from domain.vigil import Machine, machine
from domain.zones import ZoneLevel
from edge_agent.cli import KeysBehind, main
from edge_agent.clock_trust import SystemClockTrust, kernel_synchronised, rtc_time
from edge_agent.machine import read_machine
from edge_agent.watchdog import ALIVE, READY, Watchdog
from simulators.clock import VirtualClock, run_virtual
from tests.builders import NINE
from tests.unit.domain.test_movement import SETTING
from tests.unit.edge_agent.entrance import World, entrance, level_site, play


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_a_pi_tells_heat_and_under_voltage(tmp_path: Path) -> None:
    put(tmp_path, "class/thermal/thermal_zone0/temp", "48312\n")
    put(tmp_path, "class/thermal/thermal_zone1/temp", "51000\n")
    put(tmp_path, "devices/platform/soc/soc:firmware/get_throttled", "50005\n")

    seen = read_machine(tmp_path, sys=tmp_path)

    assert seen.cpu_temperature_c == 51.0
    assert seen.under_voltage is True
    assert seen.disk_free_percent is not None


@pytest.mark.parametrize(("alarm", "expected"), [("0\n", False), ("1\n", True)])
def test_a_newer_kernel_tells_under_voltage_by_hwmon(
    tmp_path: Path, alarm: str, expected: bool
) -> None:
    put(tmp_path, "class/hwmon/hwmon1/name", "rpi_volt\n")
    put(tmp_path, "class/hwmon/hwmon1/in0_lcrit_alarm", alarm)

    assert read_machine(tmp_path, sys=tmp_path).under_voltage is expected


def test_a_machine_that_cannot_tell_says_nothing(tmp_path: Path) -> None:
    put(tmp_path, "class/thermal/thermal_zone0/temp", "warm\n")

    seen = read_machine(tmp_path / "gone", sys=tmp_path)

    assert seen == Machine(
        cpu_temperature_c=None, disk_free_percent=None, under_voltage=None
    )


def codes(events: tuple[Event, ...]) -> list[str]:
    return [
        f"{'+' if isinstance(e, AlarmRaised) else '-'}{e.code}"
        for e in events
        if isinstance(e, AlarmRaised | AlarmCleared)
    ]


@pytest.mark.parametrize(
    ("frees", "expected"),
    [
        ([30.1], []),
        ([30.0], ["+storage.low"]),
        ([10.0], ["+storage.low", "+storage.low"]),
        ([30.0, 31.9], ["+storage.low"]),
        ([30.0, 32.1], ["+storage.low", "-storage.low"]),
        ([None, None], []),
    ],
)
def test_a_disk_alarms_at_70_and_at_90_percent(
    frees: list[float | None], expected: list[str]
) -> None:
    doorway, told = Doorway(), []
    for free in frees:
        seen = Machine(
            cpu_temperature_c=None, disk_free_percent=free, under_voltage=None
        )
        turn = machine(doorway, seen, setting=SETTING, at=NINE)
        doorway = turn.doorway
        told += codes(turn.events)

    assert told == expected


# --- clock ---


def test_the_kernels_word_can_be_asked_here() -> None:
    assert kernel_synchronised() in (True, False)


def test_an_rtc_is_believed_if_the_system_agrees_with_it(tmp_path: Path) -> None:
    path = tmp_path / "since_epoch"
    path.write_text("1700000000\n")

    assert rtc_time(path) == datetime.fromtimestamp(1_700_000_000, UTC)
    assert rtc_time(tmp_path / "none") is None


async def test_without_ntp_and_rtc_nothing_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock:
        def now(self) -> datetime:
            return NINE

    monkeypatch.setattr("edge_agent.clock_trust.kernel_synchronised", lambda: False)
    trust = SystemClockTrust(Clock(), sys=tmp_path)
    assert await trust.state() == (False, "none")

    put(tmp_path, "class/rtc/rtc0/since_epoch", f"{NINE.timestamp():.0f}")
    assert await trust.state() == (True, "rtc")

    put(tmp_path, "class/rtc/rtc0/since_epoch", f"{NINE.timestamp() - 60:.0f}")
    assert await trust.state() == (False, "none")


def test_a_clock_that_is_not_trusted_admits_nobody(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.trust.set(trusted=False)
        await world.calm()
        assert not world.last(ClockTrustChanged).trusted
        assert "clock.untrusted" in world.alarms
        await world.badge()
        assert "clock.untrusted" in [
            f.reason for f in world.last(AccessDenied).findings
        ]
        world.trust.set(trusted=True)
        await world.calm()
        await asyncio.sleep(20)
        await world.badge()
        assert world.here.lock.released

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_step_of_the_clock_is_recorded_before_anything_is_decided(
    tmp_path: Path,
) -> None:
    async def run(clock: VirtualClock) -> None:
        site = level_site(ZoneLevel.GENERAL)
        async with entrance(site, tmp_path, clock) as world:
            await world.issue()
            world.forget()
            clock.jump(timedelta(hours=1))
            await world.badge()
            assert isinstance(world.events[0], ClockStepped)
            assert world.events[0].by == timedelta(hours=1)
            assert world.alarms == ["clock.stepped"]

    run_virtual(run, starts=NINE, patience=5)


def test_an_rtc_behind_the_journal_is_not_believed(tmp_path: Path) -> None:
    async def run(clock: VirtualClock) -> None:
        site = level_site(ZoneLevel.GENERAL)
        async with entrance(site, tmp_path, clock) as world:
            await world.stop()
            clock.jump(timedelta(days=-300))
            world.forget()
            await world.start()
            assert not world.last(ClockTrustChanged).trusted

    run_virtual(run, starts=NINE, patience=5)


# --- the journal's disk ---


def test_a_full_disk_refuses_entries_lets_out_and_loses_nothing(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        for _ in range(2):  # a disk may fail more than once
            await fail_and_mend(world)
            await asyncio.sleep(60)
            world.forget()

    async def fail_and_mend(world: World) -> None:
        outbox = world.agent.doors[world.door].outbox
        await outbox.turn_read_only(read_only=True)
        await world.badge()
        assert "journal.unavailable" in [
            f.reason for f in world.last(AccessDenied).findings
        ]
        assert not world.here.lock.released
        await world.badge(out=True)
        assert world.here.lock.released
        before = len(world.office[world.door])
        await outbox.turn_read_only(read_only=False)
        await asyncio.sleep(90)
        types = [e.type for e in world.office[world.door][before:]]
        assert types.count("access_denied") == 1
        assert types.count("access_granted") == 1
        assert types[-1] != "alarm_raised"
        assert "alarm_cleared" in types
        await asyncio.sleep(10)
        await world.badge()
        assert world.here.lock.released

    play(tmp_path, ZoneLevel.GENERAL, story)


# --- systemd, the command ---


def test_systemd_hears_signs_of_life(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        dog = Watchdog({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "10000000"})
        dog.tell(READY)
        dog.tell(ALIVE)

        assert dog.every == 5.0
        assert systemd.recv(64) == b"READY=1"
        assert systemd.recv(64) == b"WATCHDOG=1"


def test_without_systemd_there_is_nobody_to_tell() -> None:
    dog = Watchdog({})
    dog.tell(READY)

    assert dog.every is None


def test_a_log_line_is_a_name_and_its_keys() -> None:
    record = logging.makeLogRecord(
        {"msg": "journal.unavailable", "cause": "disk full", "door": "lab"}
    )

    line = KeysBehind("%(message)s").format(record)

    assert line == "journal.unavailable cause=disk full door=lab"


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["edge", "run", "--help"])

    assert ended.value.code == 0
    assert "--keys" in capsys.readouterr().out
