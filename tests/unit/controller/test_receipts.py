"""A withdrawal reaches every online door and says, per door, when."""

from datetime import timedelta
from pathlib import Path

from domain.events import GrantRevoked, RosterIssued
from simulators.clock import VirtualClock, run_virtual
from tests.offices import (
    ADA,
    CANTEEN,
    LAB,
    LAB_ZONE,
    NINE,
    OFFICE,
    grant,
    office,
    person,
)

PEOPLE = [person(ADA, grant(LAB_ZONE))]


def test_a_withdrawal_is_confirmed_by_the_door_that_heard_of_it(
    tmp_path: Path,
) -> None:
    async def story(clock: VirtualClock) -> None:
        database = f"sqlite:///{tmp_path / 'office.db'}"
        async with office(database, clock, people=PEOPLE) as world:
            change = await world.controller.revoke(ADA, None, "revoked", by="officer")
            before = await world.controller.receipts(change)
            await world.settle()
            after = await world.controller.receipts(change)

            assert before[LAB].confirmed_at is None
            confirmed = after[LAB].confirmed_at
            assert confirmed is not None
            assert confirmed - clock.now() < timedelta(seconds=2)
            assert set(after) == {LAB}
            entry = world.doors[LAB].rosters[-1].entry_of(ADA)
            assert entry is not None
            assert entry.person.withdrawn is not None
            assert entry.person.withdrawn.reason == "revoked"
            assert world.events(GrantRevoked)
            assert world.doors[OFFICE].rosters[-1].entry_of(ADA) is None
            assert world.doors[CANTEEN].rosters[-1].entry_of(ADA) is not None
            assert world.events(RosterIssued)

    run_virtual(story, starts=NINE)
