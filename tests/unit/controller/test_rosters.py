"""Whom a door may know: rules both ways, and laws for any register."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Role
from controller.services.rosters import (
    TEMPLATES_KEPT,
    Known,
    build,
    by_person,
    next_change,
    seen_at_door,
)
from controller.store.register import StoredGrant, StoredPerson
from domain.credentials import Factor
from domain.ids import GrantId, PersonId, ScheduleId, ZoneId
from domain.people import (
    Grant,
    PersonState,
    Post,
    Qualifications,
    Rank,
    Withdrawal,
)
from domain.roster import TEMPLATES_KEPT_AFTER_WITHDRAWAL, Roster
from domain.schedule import Schedule
from domain.zones import Zone, ZoneLevel
from tests.offices import ADA, NINE, credentials, door, site, zone

HOUR = timedelta(hours=1)
HALL = ZoneId("hall")
GENERAL = zone("hall", ZoneLevel.GENERAL, posts=["guard"])


def someone(id_: PersonId = ADA, **changes: object) -> StoredPerson:
    person = StoredPerson(
        id=id_,
        name="周工",
        name_en="Zhou",
        post=Post("rd_engineer"),
        state=PersonState.ACTIVE,
        state_since=NINE - HOUR,
        qualifications=Qualifications(
            agreement_until=None, commitment_until=None, training_until=None
        ),
        non_face=False,
    )
    return replace(person, **changes)  # type: ignore[arg-type]  # each field by name


def granted(
    person: PersonId = ADA,
    *,
    zone_: ZoneId = HALL,
    until: datetime | None = None,
    withdrawn: datetime | None = None,
    schedule: str | None = None,
) -> StoredGrant:
    return StoredGrant(
        person=person,
        grant=Grant(
            id=GrantId(f"g-{person}-{zone_}-{withdrawn}"),
            zone=zone_,
            rank=Rank.GENERAL_MANAGER,
            approved_by=None,
            purpose="",
            since=NINE - HOUR,
            until=until,
            schedule=None if schedule is None else ScheduleId(schedule),
        ),
        made_at=NINE - HOUR,
        withdrawal=None if withdrawn is None else Withdrawal(withdrawn, "revoked"),
    )


def hall(level: ZoneLevel) -> Zone:
    posts = ["guard"] if level is ZoneLevel.GENERAL else []
    return zone("hall", level, posts=posts)


def roster(
    zone_: Zone,
    people: Sequence[StoredPerson],
    grants: Sequence[StoredGrant],
    *,
    at: datetime = NINE,
    devices: Sequence[Role] = (Role.FINGERPRINT, Role.CAMERA, Role.KEYPAD),
    schedules: Sequence[Schedule] = (),
) -> Roster:
    hall_door = door("hall", devices=devices)
    plan = replace(
        site(hall_door, zones=[zone_]), schedules={s.id: s for s in schedules}
    )
    held = {p.id: credentials(p.id) for p in people}
    known = Known(people=people, grants=by_person(grants), credentials=held)
    return build(plan, hall_door, known, number=1, at=at)


@pytest.mark.parametrize("level", list(ZoneLevel))
@pytest.mark.parametrize("state", list(PersonState))
def test_whoever_has_a_grant_is_known_whatever_their_state(
    level: ZoneLevel, state: PersonState
) -> None:
    seen = seen_at_door(someone(state=state), [granted()], hall(level))

    assert seen is not None
    assert seen.state is state
    assert len(seen.grants) == 1


@pytest.mark.parametrize(
    ("level", "post", "known"),
    [
        (ZoneLevel.CORE, "guard", False),
        (ZoneLevel.IMPORTANT, "guard", False),
        (ZoneLevel.GENERAL, "guard", True),
        (ZoneLevel.GENERAL, "cook", False),
        (ZoneLevel.NON_SECRET, "cook", True),
    ],
)
def test_who_is_known_without_a_grant(level: ZoneLevel, post: str, known: bool) -> None:
    stranger = someone(post=Post(post))

    assert (seen_at_door(stranger, [], hall(level)) is not None) is known


def test_a_grant_for_another_zone_makes_nobody_known_here() -> None:
    elsewhere = granted(zone_=ZoneId("archive"))

    assert seen_at_door(someone(), [elsewhere], GENERAL) is None


@pytest.mark.parametrize(
    ("grants", "person", "reason"),
    [
        pytest.param([granted()], someone(), None, id="a live grant"),
        pytest.param([granted(until=NINE)], someone(), None, id="ended by its date"),
        pytest.param([granted(withdrawn=NINE)], someone(), "revoked", id="withdrawn"),
        pytest.param(
            [granted(withdrawn=NINE), granted()], someone(), None, id="granted anew"
        ),
        pytest.param(
            [granted()], someone(state=PersonState.LEFT), "left", id="left, with grant"
        ),
        pytest.param(
            [],
            someone(state=PersonState.LEFT, post=Post("guard")),
            "left",
            id="left, known by post",
        ),
        pytest.param(
            [],
            someone(state=PersonState.DE_SECRECY, post=Post("guard")),
            "de_secrecy",
            id="de-secrecy, known by post",
        ),
        pytest.param(
            [granted()], someone(state=PersonState.SUSPENDED), None, id="suspended"
        ),
    ],
)
def test_a_withdrawal_says_why(
    grants: list[StoredGrant], person: StoredPerson, reason: str | None
) -> None:
    seen = seen_at_door(person, grants, GENERAL)

    assert seen is not None
    assert (seen.withdrawn and seen.withdrawn.reason) == reason


@pytest.mark.parametrize("state", PersonState)
def test_where_nobody_needs_a_grant_only_a_leaver_is_withdrawn(
    state: PersonState,
) -> None:
    canteen = zone("hall", ZoneLevel.NON_SECRET)

    seen = seen_at_door(someone(state=state), [granted(withdrawn=NINE)], canteen)

    assert seen is not None
    assert (seen.withdrawn is not None) == (state is PersonState.LEFT)


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        (timedelta(), set(Factor)),
        (TEMPLATES_KEPT - timedelta(microseconds=1), set(Factor)),
        (TEMPLATES_KEPT, {Factor.BADGE}),
        (timedelta(days=900), {Factor.BADGE}),
    ],
)
def test_after_a_withdrawal_templates_go_and_the_badge_stays(
    after: timedelta, kept: set[Factor]
) -> None:
    gone = granted(withdrawn=NINE)

    built = roster(GENERAL, [someone()], [gone], at=NINE + after)

    [entry] = built.entries
    assert {c.factor for c in entry.credentials} == kept
    assert entry.person.withdrawn is not None


def test_templates_go_before_a_day_has_passed() -> None:
    built = roster(GENERAL, [someone()], [granted(withdrawn=NINE)])

    assert next_change(built) == NINE + TEMPLATES_KEPT
    assert TEMPLATES_KEPT < TEMPLATES_KEPT_AFTER_WITHDRAWAL


@pytest.mark.parametrize(
    ("devices", "kept"),
    [
        ((), {Factor.BADGE}),
        ((Role.KEYPAD,), {Factor.BADGE, Factor.PIN}),
        ((Role.FINGERPRINT,), {Factor.BADGE, Factor.FINGERPRINT}),
        ((Role.CAMERA,), {Factor.BADGE, Factor.FACE}),
    ],
)
def test_a_door_gets_no_template_that_it_has_no_device_for(
    devices: tuple[Role, ...], kept: set[Factor]
) -> None:
    [entry] = roster(GENERAL, [someone()], [granted()], devices=devices).entries

    assert {c.factor for c in entry.credentials} == kept


def test_only_hours_that_somebody_needs_travel() -> None:
    def hours(name: str) -> Schedule:
        return Schedule(
            id=ScheduleId(name),
            windows=(),
            holidays=frozenset(),
            holiday_windows=(),
        )

    timed = replace(GENERAL, schedule=ScheduleId("day"))
    built = roster(
        timed,
        [someone()],
        [granted(schedule="night")],
        schedules=[hours("day"), hours("night"), hours("other")],
    )

    assert [s.id for s in built.schedules] == ["day", "night"]


# --- laws, for any register ---

ids = st.sampled_from([PersonId(f"E{n}") for n in range(6)])
people = st.lists(
    st.builds(
        lambda id_, state, post: someone(id_, state=state, post=Post(post)),
        ids,
        st.sampled_from(PersonState),
        st.sampled_from(["guard", "cook", "rd_engineer"]),
    ),
    unique_by=lambda p: p.id,
)
registers = st.tuples(
    people,
    st.lists(
        st.builds(
            lambda id_, zone_, gone: granted(
                id_, zone_=ZoneId(zone_), withdrawn=NINE - HOUR if gone else None
            ),
            ids,
            st.sampled_from(["hall", "archive"]),
            st.booleans(),
        )
    ),
)
levels = st.sampled_from([ZoneLevel.CORE, ZoneLevel.IMPORTANT, ZoneLevel.GENERAL]).map(
    hall
)


@given(registers, levels)
def test_nobody_without_a_grant_or_listed_post_is_in_a_secret_zones_roster(
    register: tuple[list[StoredPerson], list[StoredGrant]], zone_: Zone
) -> None:
    staff, grants = register
    holders = {g.person for g in grants if g.grant.zone == HALL}

    known = {e.person.id for e in roster(zone_, staff, grants).entries}

    listed = {p.id for p in staff if p.post in zone_.posts}
    assert known == {p.id for p in staff if p.id in holders | listed}


@given(registers, levels)
def test_whoever_lost_every_grant_is_withdrawn_and_admitted_by_none(
    register: tuple[list[StoredPerson], list[StoredGrant]], zone_: Zone
) -> None:
    staff, grants = register
    here = by_person(g for g in grants if g.grant.zone == HALL)

    for entry in roster(zone_, staff, grants).entries:
        held = here.get(entry.person.id, ())
        if held and all(g.withdrawal is not None for g in held):
            assert entry.person.withdrawn is not None
            assert entry.person.grants == ()
