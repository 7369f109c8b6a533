"""A week without a network: doors decide, and everything arrives afterwards."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from domain.access_events import AccessDenied
from domain.agent_events import RosterApplied
from domain.alarm_events import AlarmRaised
from domain.ids import DoorId
from domain.policy import Outcome
from tests.torture.small import (
    ARCHIVE,
    CANTEEN,
    CORE,
    LAB,
    MA,
    OFFICE,
    WANG,
    WU,
    SmallSite,
    play,
)

DAYS = 7
pytestmark = pytest.mark.torture


def test_doors_decide_for_a_week_alone_and_all_events_arrive_afterwards(
    tmp_path: Path,
) -> None:
    outcomes: dict[DoorId, list[Outcome | None]] = {}

    async def story(site: SmallSite) -> None:
        until = {e.door: e.valid_until for e in site.of(RosterApplied)}
        for door in site.simulated.rigs:
            site.network.cut(door)
        begun = site.clock.now()
        held = {door: len(site.log(door)) for door in site.simulated.rigs}
        for day in range(DAYS):
            await asyncio.sleep(
                (begun + timedelta(days=day) - site.clock.now()).total_seconds()
            )
            outcomes.setdefault(LAB, []).append(await site.enter(LAB, WANG, CORE))
            await site.leave(LAB, WANG)
            for door, who in ((ARCHIVE, WU), (OFFICE, WANG), (CANTEEN, MA)):
                outcomes.setdefault(door, []).append(await site.enter(door, who))
                await site.leave(door, who)
        ended = {door: -(-(until[door] - begun) // timedelta(days=1)) for door in until}

        assert set(ended.values()) == {3}  # 72 h: three mornings
        refused = [Outcome.GRANTED] * 3 + [Outcome.DENIED] * 4
        assert outcomes[LAB] == refused  # core: whatever the site file says
        assert outcomes[ARCHIVE] == refused  # the site file says nothing else
        assert outcomes[OFFICE] == [Outcome.GRANTED] * DAYS  # "admit"
        assert outcomes[CANTEEN] == [Outcome.GRANTED] * DAYS
        why = {f.reason for e in site.of(AccessDenied, LAB) for f in e.findings}
        assert "roster.expired" in why
        alarms = {(a.door, a.code) for a in site.of(AlarmRaised)}
        for door in site.simulated.rigs:
            assert {(door, "roster.ending"), (door, "roster.expired")} <= alarms
            assert len(site.log(door)) == held[door]

        for door in site.simulated.rigs:
            site.network.restore(door)
        await asyncio.sleep(120)

        for door in site.simulated.rigs:
            assert site.differences(door) == []
            assert len(site.log(door)) > held[door] + 4 * DAYS
        assert await site.enter(LAB, WANG, CORE) is Outcome.GRANTED  # a new roster

    play(tmp_path, story)
