"""A visitor's badge and the escort's own factors at one reader (G5.3.2-2a)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    PersonEntered,
    VisitorHandedOver,
)
from domain.alarm_events import AlarmRaised
from domain.credentials import Factor
from domain.ids import PersonId
from domain.people import PersonState
from domain.policy import Awaited, Side
from domain.visits import VisitClass, VisitState
from domain.zones import ZoneLevel
from tests.builders import LI, NINE, WANG, ZHAO, person
from tests.unit.domain.gate import BADGE, FACE, FINGER, Gate
from tests.visits import GUEST, OTHER_GUEST, into_core, visit

CORE, IMPORTANT = ZoneLevel.CORE, ZoneLevel.IMPORTANT
A_MICROSECOND = 1e-6
MORE_GUESTS = tuple(PersonId(f"V20{n:02}") for n in range(12))


def gate(level: ZoneLevel = IMPORTANT, **changes: object) -> Gate:
    made = Gate(level, **changes)
    made.expect(GUEST, of=into_core() if level is CORE else None)
    return made


def core_escort(at: Gate, *, since: float, whole_by: float) -> None:
    """Li's finger, then his face, and what he declares in between."""
    at.show(FINGER, LI, seconds=since)
    at.declare(seconds=since)
    at.show(FACE, LI, seconds=whole_by)


# --- the window ---


@pytest.mark.parametrize(
    ("badge", "escort", "let_in"),
    [
        pytest.param(0, 0, True, id="together"),
        pytest.param(0, 5, True, id="the visitor first"),
        pytest.param(5, 0, True, id="the escort first"),
        pytest.param(0, 10 - A_MICROSECOND, True, id="a moment before the end"),
        pytest.param(0, 10, False, id="the end is exclusive"),
        pytest.param(10 - A_MICROSECOND, 0, True, id="escort first, a moment before"),
        pytest.param(10, 0, False, id="escort first, the end is exclusive"),
        pytest.param(0, 11, False, id="too late"),
    ],
)
def test_the_escort_begins_within_ten_seconds_of_the_badge(
    badge: float, escort: float, let_in: bool
) -> None:
    here = gate()
    shown = sorted([(badge, GUEST), (escort, LI)])
    for seconds, who in shown:
        here.wait(until=seconds)
        here.show(BADGE, who, seconds=seconds)
    here.wait(until=60)

    assert any(GUEST in people for people in here.granted) is let_in
    assert ((GUEST,) in here.denied) is not let_in


def test_a_visitor_alone_waits_and_is_told_for_what() -> None:
    here = gate()
    here.show(BADGE, GUEST)

    (told,) = here.of(AccessWaiting)
    assert told.people == (GUEST,)
    assert told.waiting_for == (Awaited.ESCORT,)
    assert told.until == NINE + timedelta(seconds=10)
    assert "visit.escort_missing" in [f.reason for f in told.findings]
    assert here.granted == here.denied == []


def test_a_visitor_whose_escort_stays_away_is_refused_by_the_clock() -> None:
    here = gate()
    here.show(BADGE, GUEST)
    assert here.wait(until=10 - A_MICROSECOND) == ()
    (refused,) = here.wait(until=10)

    assert isinstance(refused, AccessDenied)
    assert refused.timed_out
    assert [f.reason for f in refused.findings] == [
        "visit.escort_timed_out",
        "visit.escort_missing",
    ]
    assert refused.findings[0].clauses == ("G5.3.2-2a",)


def test_both_are_let_in_by_one_record_the_escort_first() -> None:
    here = gate()
    here.show(BADGE, GUEST)
    here.show(BADGE, LI, seconds=3)

    (granted,) = here.of(AccessGranted)
    assert granted.people == (LI, GUEST)
    assert granted.purposes == ("淬火工艺调试", "交付磨床备件")
    reasons = {f.reason for f in granted.findings}
    assert {"grant.important", "visit.right", "visit.escorted"} <= reasons
    assert "visit.escort_missing" not in reasons
    clauses = {c for f in granted.findings for c in f.clauses}
    assert {"G5.3.2-2a", "G4.2.2"} <= clauses


def test_an_escort_who_went_ahead_is_named_and_not_let_in_twice() -> None:
    here = gate()
    here.show(BADGE, LI)
    here.pass_through(seconds=1)
    here.show(BADGE, GUEST, seconds=6)
    here.pass_through(seconds=7)

    assert here.granted == [(LI,), (LI, GUEST)]
    entered = [e.person for e in here.of(PersonEntered)]
    assert entered == [LI, GUEST]


@pytest.mark.parametrize("who", [ZHAO, WANG])
def test_no_colleague_of_the_escort_will_do(who: PersonId) -> None:
    """Not even a deputy alone, nor the head who approved."""
    here = gate()
    here.show(BADGE, GUEST)
    here.show(BADGE, who, seconds=1)

    assert here.granted == [(who,)]
    here.wait(until=10)
    assert here.denied == [(GUEST,)]


def test_one_visitor_does_not_lead_another() -> None:
    here = gate()
    here.expect(GUEST, OTHER_GUEST)
    here.show(BADGE, GUEST)
    here.show(BADGE, OTHER_GUEST, seconds=1)

    assert here.granted == []


def test_a_visitors_badge_is_in_nobodys_way() -> None:
    """Zhao's finger, a visitor's badge, Zhao's face: Zhao enters, alone."""
    here = gate(CORE)
    here.show(FINGER, ZHAO)
    here.show(BADGE, GUEST, seconds=1)
    here.declare(seconds=2)
    here.show(FACE, ZHAO, seconds=3)

    assert here.granted == [(ZHAO,)]
    assert here.denied == []


def test_the_badge_that_lies_on_the_reader_changes_nothing() -> None:
    here = gate()
    here.show(BADGE, GUEST)
    for seconds in (3, 6, 9):
        assert here.show(BADGE, GUEST, seconds=seconds) == ()
    assert len(here.wait(until=10)) == 1


def test_a_visitor_may_try_again_after_the_time_ran_out() -> None:
    here = gate()
    here.show(BADGE, GUEST)
    here.wait(until=10)
    here.show(BADGE, GUEST, seconds=11)
    here.show(BADGE, LI, seconds=12)

    assert here.granted == [(LI, GUEST)]


# --- the escort's own factors ---


@pytest.mark.parametrize(
    ("since", "whole_by", "let_in"),
    [
        pytest.param(2, 6, True, id="in time"),
        pytest.param(9, 20, True, id="begun in time, completed after the window"),
        pytest.param(9, 24 - A_MICROSECOND, True, id="the last moment of the factors"),
        pytest.param(9, 24, False, id="the factors' window is over"),
        pytest.param(10, 11, False, id="begun too late"),
    ],
)
def test_a_core_escort_begins_in_the_window_and_completes_in_the_factors_window(
    since: float, whole_by: float, let_in: bool
) -> None:
    here = gate(CORE)
    here.show(BADGE, GUEST)
    here.wait(until=since)
    here.show(FINGER, LI, seconds=since)
    here.declare(seconds=since)
    here.wait(until=whole_by)
    here.show(FACE, LI, seconds=whole_by)
    here.wait(until=60)

    assert ((LI, GUEST) in here.granted) is let_in
    assert ((GUEST,) in here.denied) is not let_in


def test_the_visitor_is_let_in_only_when_the_escort_is_complete() -> None:
    here = gate(CORE)
    here.show(BADGE, GUEST)
    here.show(FINGER, LI, seconds=1)
    here.declare(seconds=2)
    assert here.granted == []

    here.show(FACE, LI, seconds=14)
    assert here.granted == [(LI, GUEST)]


def test_a_visitor_declares_nothing_at_the_keypad_and_shows_no_face() -> None:
    here = gate(CORE)
    here.show(BADGE, GUEST)

    (told,) = here.of(AccessWaiting)
    assert told.waiting_for == (Awaited.ESCORT,)


def test_an_escort_who_is_refused_lets_nobody_in() -> None:
    here = gate()
    here.people[LI] = person(LI, state=PersonState.SUSPENDED)
    here.show(BADGE, GUEST)
    here.show(BADGE, LI, seconds=1)
    here.wait(until=10)

    assert here.granted == []
    assert here.denied == [(LI,), (GUEST,)]


def test_an_escort_refused_after_the_window_ends_the_wait() -> None:
    """While Li's factors run the badge waits; once he is refused it doesn't."""
    here = gate(CORE)
    here.show(BADGE, GUEST)
    here.show(FINGER, LI, seconds=9)
    here.wait(until=12)
    assert here.denied == []
    here.changes = {"lockdown": True}
    here.show(FACE, LI, seconds=13)
    here.wait(until=14)

    assert here.denied == [(LI,), (GUEST,)]


def test_what_happens_to_the_escort_after_they_went_in_counts() -> None:
    here = gate()
    here.show(BADGE, LI)
    here.people[LI] = person(LI, state=PersonState.SUSPENDED)
    here.show(BADGE, GUEST, seconds=2)
    here.wait(until=30)

    assert here.granted == [(LI,)]
    assert here.denied == [(GUEST,)]


def test_a_lockdown_keeps_a_waiting_visitor_out() -> None:
    here = gate()
    here.show(BADGE, LI)
    here.changes = {"lockdown": True}
    here.show(BADGE, GUEST, seconds=2)

    assert here.granted == [(LI,)]
    assert here.denied == [(GUEST,)]


# --- several ---


def test_visitors_are_collected_before_and_after_the_escort() -> None:
    here = gate()
    here.expect(*MORE_GUESTS[:4])
    here.show(BADGE, MORE_GUESTS[0])
    here.show(BADGE, MORE_GUESTS[1], seconds=2)
    here.show(BADGE, LI, seconds=5)
    here.show(BADGE, MORE_GUESTS[2], seconds=7)
    here.show(BADGE, MORE_GUESTS[3], seconds=15)
    here.wait(until=60)

    assert here.granted == [
        (LI, *MORE_GUESTS[:2]),
        (LI, MORE_GUESTS[2]),
    ]
    assert here.denied == [(MORE_GUESTS[3],)]


@pytest.mark.parametrize("before", [0, 3, 5, 6])
def test_an_escort_leads_five_and_no_more(before: int) -> None:
    here = gate()
    six = MORE_GUESTS[:6]
    here.expect(*six)
    for n, who in enumerate(six):
        if n == before:
            here.show(BADGE, LI, seconds=before / 2)
        here.show(BADGE, who, seconds=n / 2)
    if before == 6:
        here.show(BADGE, LI, seconds=3)

    led = {p for people in here.granted for p in people} - {LI}
    assert led == set(six[:5])
    assert here.denied == [(six[5],)]
    reasons = [f.reason for f in here.of(AccessDenied)[0].findings]
    assert "visit.escort_full" in reasons


def test_an_escort_who_comes_out_again_does_not_fetch_a_sixth() -> None:
    here = gate()
    six = MORE_GUESTS[:6]
    here.expect(*six)
    for who in six[:5]:
        here.show(BADGE, who)
    here.show(BADGE, LI, seconds=1)
    here.pass_through(seconds=2)
    here.show(BADGE, LI, seconds=100, side=Side.EXIT)
    here.pass_through(seconds=101)
    here.show(BADGE, six[5], seconds=110)

    assert here.denied == [(six[5],)]


@pytest.mark.parametrize("second_name", [(), (WANG,)], ids=["alone", "two named"])
def test_an_escort_who_went_out_still_leads_whom_they_let_in(
    second_name: tuple[PersonId, ...],
) -> None:
    here = gate()
    here.expect(*MORE_GUESTS[:7], of=visit(escorts=(LI, *second_name)))
    for who in MORE_GUESTS[:5]:
        here.show(BADGE, who)
    here.show(BADGE, LI, seconds=1)
    here.pass_through(seconds=2)
    here.show(BADGE, LI, seconds=100, side=Side.EXIT)
    here.pass_through(seconds=101)
    here.events.clear()

    here.show(BADGE, MORE_GUESTS[5], seconds=110)
    here.show(BADGE, LI, seconds=111)
    assert here.granted == [(LI,)]
    assert here.denied == [(MORE_GUESTS[5],)]

    here.wait(until=130)
    here.show(BADGE, MORE_GUESTS[6], seconds=130)
    for one in second_name:  # the other escort leads nobody yet
        here.show(BADGE, one, seconds=131)
        assert here.granted[-1] == (one, MORE_GUESTS[6])


def test_where_nobody_knows_who_let_visitors_in_they_count_for_each_escort() -> None:
    here = gate()
    here.expect(*MORE_GUESTS[:6], of=visit(escorts=(LI, WANG)))
    for who in MORE_GUESTS[:5]:
        here.show(BADGE, who)
    here.show(BADGE, LI, seconds=1)
    here.pass_through(seconds=2)
    here.let_in.clear()  # the agent was started anew
    here.show(BADGE, MORE_GUESTS[5], seconds=30)

    assert here.denied == [(MORE_GUESTS[5],)]


def test_an_escort_of_a_tour_leads_ten() -> None:
    here = gate()
    tour = visit(kind=VisitClass.TOUR, escorts=(LI, WANG))
    here.expect(*MORE_GUESTS, of=tour)
    for who in MORE_GUESTS:
        here.show(BADGE, who)
    here.show(BADGE, LI, seconds=5)
    assert here.granted == [(LI, *MORE_GUESTS[:10])]
    assert here.denied == [(MORE_GUESTS[10],), (MORE_GUESTS[11],)]


def test_two_escorts_share_their_visitors() -> None:
    here = gate()
    here.expect(*MORE_GUESTS[:8], of=visit(escorts=(LI, WANG)))
    here.show(BADGE, LI)
    here.show(BADGE, WANG, seconds=1)
    for n, who in enumerate(MORE_GUESTS[:8]):
        here.show(BADGE, who, seconds=2 + n / 10)

    led = [people[0] for people in here.granted[2:]]
    assert len(led) == 8
    assert {led.count(LI), led.count(WANG)} == {4}


def test_one_visitor_who_may_not_keeps_nobody_else_out() -> None:
    here = gate()
    here.expect(OTHER_GUEST, of=visit(VisitState.BLOCKED))
    here.show(BADGE, OTHER_GUEST)
    here.show(BADGE, GUEST, seconds=1)
    here.show(BADGE, LI, seconds=2)

    assert here.denied == [(OTHER_GUEST,)]
    assert here.granted == [(LI, GUEST)]


def test_the_zone_takes_no_more_than_it_holds_escort_counted() -> None:
    here = gate(IMPORTANT, capacity=2)
    here.expect(GUEST, OTHER_GUEST)
    here.show(BADGE, GUEST)
    here.show(BADGE, OTHER_GUEST)
    here.show(BADGE, LI, seconds=2)

    assert here.granted == [(LI, GUEST)]
    assert here.denied == [(OTHER_GUEST,)]
    here.pass_through(seconds=3)
    here.show(BADGE, WANG, seconds=20)
    assert here.denied[-1] == (WANG,)


# --- two persons ---


def pair_gate() -> Gate:
    return gate(CORE, two_person=True)


def core_factors(at: Gate, who: PersonId, *, since: float) -> None:
    at.show(FINGER, who, seconds=since)
    at.declare(seconds=since + 0.5)
    at.show(FACE, who, seconds=since + 1)


def test_in_a_two_person_zone_an_escort_and_a_visitor_are_no_pair() -> None:
    here = pair_gate()
    here.show(BADGE, GUEST)
    core_factors(here, LI, since=1)
    here.wait(until=60)

    assert here.granted == []
    assert here.denied == [(LI,), (GUEST,)]


@pytest.mark.parametrize("order", [(LI, ZHAO), (ZHAO, LI)], ids=["first", "second"])
def test_in_a_two_person_zone_the_visitor_enters_with_the_escorts_pair(
    order: tuple[PersonId, PersonId],
) -> None:
    here = pair_gate()
    here.expect(GUEST, of=replace(into_core(), deputies=()))
    core_factors(here, order[0], since=0)
    here.show(BADGE, GUEST, seconds=3)
    core_factors(here, order[1], since=6)

    assert here.granted == [(*order, GUEST)]


def test_the_badge_waits_as_long_as_the_escort_waits_for_a_second() -> None:
    here = pair_gate()
    here.expect(GUEST, of=replace(into_core(), deputies=()))
    here.show(BADGE, GUEST)
    core_factors(here, LI, since=9)
    here.wait(until=25)
    core_factors(here, ZHAO, since=25)

    assert here.granted == [(LI, ZHAO, GUEST)]


# --- handing over ---


@pytest.mark.parametrize("order", [(LI, ZHAO), (ZHAO, LI)], ids=["old", "new"])
def test_a_deputy_takes_over_when_both_complete_with_the_badge(
    order: tuple[PersonId, PersonId],
) -> None:
    here = gate()
    here.show(BADGE, GUEST)
    here.show(BADGE, order[0], seconds=2)
    here.show(BADGE, order[1], seconds=4)

    (handed,) = here.of(VisitorHandedOver)
    assert (handed.old, handed.new) == (LI, ZHAO)
    assert handed.visitor == GUEST
    assert (handed.escorts, handed.deputies) == ((ZHAO,), (LI,))


def test_after_it_the_new_escort_leads_and_the_old_one_does_not() -> None:
    here = gate()
    here.show(BADGE, GUEST)
    here.show(BADGE, LI, seconds=1)
    here.show(BADGE, ZHAO, seconds=2)
    here.events.clear()
    here.occupancy = type(here.occupancy)()
    here.doorway = type(here.doorway)()
    here.show(BADGE, GUEST, seconds=100)
    here.show(BADGE, LI, seconds=101)
    assert here.granted == [(LI,)]

    here.show(BADGE, ZHAO, seconds=105)
    assert here.granted == [(LI,), (ZHAO, GUEST)]


@pytest.mark.parametrize("late", [10, 12])
def test_a_deputy_who_comes_after_the_window_takes_nothing_over(late: float) -> None:
    here = gate()
    here.show(BADGE, GUEST)
    here.show(BADGE, LI, seconds=2)
    here.wait(until=late)
    here.show(BADGE, ZHAO, seconds=late)

    assert here.of(VisitorHandedOver) == []


def test_nobody_takes_over_whom_the_approval_does_not_name() -> None:
    here = gate()
    here.show(BADGE, GUEST)
    here.show(BADGE, LI, seconds=2)
    here.show(BADGE, WANG, seconds=3)

    assert here.of(VisitorHandedOver) == []


# --- the way out, and off the route ---


def test_a_visitors_way_out_is_free_without_the_escort() -> None:
    here = gate()
    for state in VisitState:
        here.expect(GUEST, of=visit(state))
        here.show(BADGE, GUEST, side=Side.EXIT, seconds=30 * [*VisitState].index(state))

    assert here.granted == [(GUEST,)] * len(VisitState)
    assert here.denied == here.waiting == []


def test_a_visitor_at_a_door_off_the_route_is_refused_and_the_guard_told() -> None:
    here = gate(ZoneLevel.GENERAL)
    here.expect(GUEST, of=visit())
    here.show(BADGE, GUEST)

    (refused,) = here.of(AccessDenied)
    assert "G5.5.3-2" in refused.findings[0].clauses
    (alarm,) = here.of(AlarmRaised)
    assert (alarm.code, alarm.person, alarm.priority) == ("visit.off_route", GUEST, 2)


# --- whatever anybody does ---

STAFF = (LI, ZHAO, WANG)
shown = st.tuples(
    st.sampled_from([GUEST, OTHER_GUEST, *STAFF]),
    st.sampled_from([BADGE, FINGER, FACE]),
    st.sampled_from([0, 0.5, 3, 9.999999, 10, 14.999999, 15]),
)


@pytest.mark.parametrize("level", [CORE, IMPORTANT])
@pytest.mark.parametrize("pair", [False, True])
@settings(max_examples=60, deadline=None)
@given(acts=st.lists(shown, max_size=14))
def test_no_visitor_is_let_in_without_their_escorts_whole_factors_in_time(
    level: ZoneLevel, pair: bool, acts: list[tuple[PersonId, Factor, float]]
) -> None:
    here = Gate(level, two_person=pair and level is CORE, anti_passback=False)
    plain = into_core() if level is CORE else visit()
    here.expect(GUEST, of=plain)
    here.expect(OTHER_GUEST, of=replace(plain, escorts=(WANG,), deputies=()))
    names = {GUEST: {LI}, OTHER_GUEST: {WANG}}
    demanded = {FINGER, FACE} if level is CORE else {BADGE}
    seen: list[tuple[PersonId, Factor, float]] = []
    now = 0.0
    for who, factor, later in acts:
        now += later
        here.wait(until=now)
        before = len(here.events)
        here.declare(seconds=now)
        here.show(factor, who, seconds=now)
        seen.append((who, factor, now))
        for event in here.events[before:]:
            if isinstance(event, VisitorHandedOver):
                names[event.visitor] = set(event.escorts)
            if not isinstance(event, AccessGranted):
                continue
            for guest in {GUEST, OTHER_GUEST} & set(event.people):
                (escort,) = {LI, WANG, ZHAO} & set(event.people) & names[guest]
                badges = [t for w, _, t in seen if w == guest]
                theirs = [(f, t) for w, f, t in seen if w == escort]
                assert any(
                    abs(badge - first) < 10
                    and demanded <= {f for f, t in theirs if first <= t < first + 15}
                    for badge in badges
                    for _, first in theirs
                )
                if pair and level is CORE:
                    together = [{*STAFF} & {*people} for people in here.granted]
                    assert any(len(t) == 2 and escort in t for t in together)
