"""Why or why not, on the console, is what the door decides from its own roster."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import Connection

from config.schema import GrantSpec, PersonSpec
from controller.services.people_desk import PeopleDesk
from controller.services.revoke import revoke
from controller.services.rosters import Known, build, by_person
from controller.store import register as store
from domain.credentials import Declaration, Factor
from domain.ids import DoorId, PersonId
from domain.office_events import CommandAsked, CommandSent
from domain.people import PersonState, Rank
from domain.policy import Decision, Facts, Presence, Request, Side, decide
from domain.policy.rules import RULES
from edge_agent.roster_index import RosterIndex
from tests.alarms import Register
from tests.boards import NOW, SITE
from tests.peopled import day, events, peopled
from tests.web_site import fetch

REQUESTS: Final = 1_000
ON_THE_PAGE: Final = 25
RANDOM: Final = Random(23)  # noqa: S311  so that a failure can be repeated


def somebody(number: int) -> PersonSpec:
    def end() -> object:
        return RANDOM.choice((None, day(-3), day(20), *[day(300)] * 9))

    grants = tuple(
        GrantSpec(
            zone=zone,
            rank=RANDOM.choice((*Rank, *[Rank.GENERAL_MANAGER] * 6)),
            purpose="x",
            since=RANDOM.choice((None, NOW + timedelta(days=5))),
            until=RANDOM.choice((None, NOW + timedelta(days=9))),
            schedule=RANDOM.choice((None, *SITE.schedules)),
        )
        for zone in RANDOM.sample(tuple(SITE.zones), 6)
    )
    return PersonSpec(
        id=PersonId(f"S{number}"),
        name=f"S{number}",
        name_en="",
        post=RANDOM.choice(tuple(SITE.posts)),
        state=RANDOM.choice((*PersonState, *[PersonState.ACTIVE] * 6)),
        agreement_until=end(),  # type: ignore[arg-type]  # a day or None
        commitment_until=end(),  # type: ignore[arg-type]  # a day or None
        training_until=end(),  # type: ignore[arg-type]  # a day or None
        grants=grants,
        non_face=RANDOM.random() < 0.2,
        devices="none",
        face=None,
    )


async def indices(register: Register) -> dict[DoorId, RosterIndex]:
    """What each door would be sent now."""

    def read(connection: Connection) -> Known:
        return Known(
            people=store.people(connection),
            grants=by_person(store.all_grants(connection)),
            credentials={},
        )

    known = await register.office.database.read(read)
    return {
        door.id: RosterIndex(build(SITE, door, known, number=1, at=NOW))
        for door in SITE.doors.values()
    }


def at_the_door(
    index: RosterIndex, door_id: DoorId, person: PersonId, at: datetime
) -> Decision:
    door, entry = SITE.doors[door_id], index.people.get(person)
    request = Request(
        door=door_id,
        side=Side.ENTRY,
        at=at,
        person=None if entry is None else person,
        factors=frozenset(Factor),
        unknown=entry is None,
        mismatch=False,
        declaration=None if entry is None else Declaration(None),
        partner=None,
        escort=None,
        led=frozenset(),
        ahead=0,
    )
    facts = Facts(
        zone=SITE.zones[door.zone],
        tz=SITE.tz,
        door_factors=door.factors,
        person=None if entry is None else entry.person,
        right=None,
        escorts=(),
        deputies=(),
        ratio=SITE.escorts,
        led={},
        inside=0,
        schedules=index.schedules,
        presence=Presence.OUTSIDE,
        face_available=True,
        lockdown=False,
        interlocked=False,
        clock_trusted=True,
        roster_expired=False,
        journal_writable=True,
        blocked=False,
        delayed=False,
        internal_fault=False,
    )
    return decide(request, facts, RULES)


async def test_why_equals_the_decision_of_the_door_and_sends_nothing() -> None:
    """Design 13.23."""
    people = [somebody(n) for n in range(120)]
    async with peopled(extra=people) as (address, register):
        for spec in people[::9]:
            if spec.state is PersonState.ACTIVE:
                await revoke(
                    register.office, spec.id, None, reason="revoked", by="test"
                )
        doors = await indices(register)
        desk = PeopleDesk(register.office)
        outcomes = set()
        asked = []
        for _ in range(REQUESTS):
            person = RANDOM.choice(people).id
            door = RANDOM.choice(tuple(SITE.doors))
            at = NOW + timedelta(minutes=RANDOM.randrange(20 * 24 * 60))
            expected = at_the_door(doors[door], door, person, at)
            assert (await desk.why(person, door, at)).decision == expected
            outcomes.add(expected.outcome)
            asked.append((person, door, at, expected))
        cookie = await address.cookie("reviewer")
        for person, door, at, expected in asked[:ON_THE_PAGE]:
            local = at.astimezone(SITE.tz).strftime("%Y-%m-%dT%H:%M")
            path = f"/people/{person}?door={door}&at={local}"
            page = (await fetch(address, path, headers=cookie)).body
            assert f"verdict--{expected.outcome}" in page
        told = await events(register)

    assert len(outcomes) == 3
    assert not [e for e in told if isinstance(e, CommandSent | CommandAsked)]
