"""Who is watched inside: visitors without their escort, and who stays too long."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access_events import VisitorHandedOver
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.doorway import Deadline, Doorway, Setting, deadlines
from domain.escort_watch import look, subject
from domain.escorting import Visitors
from domain.events import Event
from domain.ids import DoorId, PersonId, VisitId
from domain.occupancy import Stay, ZoneOccupancy
from domain.vigil import alone_too_long, company
from domain.visit_classes import PersonClass
from domain.visits import VisitClass
from domain.zones import DwellLimit, ZoneLevel
from tests.builders import LI, NINE, WANG, ZHAO, zone
from tests.unit.domain.gate import BADGE, Gate
from tests.visits import GUEST, OTHER_GUEST, right, visit, visitor

MINUTE = timedelta(minutes=1)
A_MOMENT = timedelta(microseconds=1)


class Room:
    """The inside of one zone; people come and go, and somebody watches."""

    def __init__(
        self,
        *dwell: DwellLimit,
        level: ZoneLevel = ZoneLevel.IMPORTANT,
        watches: bool = True,
    ) -> None:
        self.setting = Setting(
            door=DoorId("important"),
            zone=zone(level, dwell=dwell, two_person=level is ZoneLevel.CORE),
            camera=None,
            factor_window=timedelta(seconds=15),
            pair_window=timedelta(seconds=20),
            escort_window=timedelta(seconds=10),
            alone_for=timedelta(seconds=20),
            visitor_alone=MINUTE,
            watches_zone=watches,
        )
        self.doorway = Doorway()
        self.here = ZoneOccupancy()
        both = visit(visitors=(visitor(), visitor(OTHER_GUEST)))
        self.visitors = Visitors({v: right(both, v) for v in (GUEST, OTHER_GUEST)})
        self.at = NINE
        self.events: list[Event] = []

    def enter(self, *people: PersonId) -> None:
        stays = {**self.here.stays, **{p: Stay(self.at, None) for p in people}}
        self.here = ZoneOccupancy(stays)
        self.look()

    def leave(self, *people: PersonId) -> None:
        stays = {p: s for p, s in self.here.stays.items() if p not in people}
        self.here = ZoneOccupancy(stays)
        self.look()

    def look(self) -> None:
        turn = look(
            self.doorway, self.here, self.visitors, setting=self.setting, at=self.at
        )
        self.doorway = turn.doorway
        self.events += turn.events

    def wait(self, span: timedelta) -> None:
        """Look at every deadline on the way."""
        end = self.at + span
        while True:
            due = deadlines(self.doorway)[Deadline.WATCH]
            if due is None or due > end:
                break
            self.at = due
            self.look()
        self.at = end

    @property
    def raised(self) -> list[tuple[str, PersonId | None]]:
        return [(e.code, e.person) for e in self.events if isinstance(e, AlarmRaised)]

    @property
    def cleared(self) -> list[tuple[str, str | None]]:
        return [(e.code, e.device) for e in self.events if isinstance(e, AlarmCleared)]


def test_a_visitor_with_the_escort_raises_nothing_ever() -> None:
    room = Room()
    room.enter(LI, GUEST, OTHER_GUEST)
    room.wait(timedelta(hours=8))

    assert room.events == []
    assert room.doorway.watch_next is None


def test_an_escort_who_leaves_while_the_visitor_stays_is_told_at_once() -> None:
    room = Room()
    room.enter(LI, GUEST)
    room.leave(LI)

    assert room.raised == [("visit.escort_left", GUEST)]


def test_the_visitor_alone_is_told_when_the_limit_is_reached_and_not_before() -> None:
    room = Room()
    room.enter(LI, GUEST)
    room.leave(LI)
    room.wait(MINUTE - A_MOMENT)
    assert ("visit.alone", GUEST) not in room.raised
    room.wait(A_MOMENT)

    assert room.raised[1:] == [("visit.alone", GUEST)]
    room.wait(timedelta(hours=1))
    assert len(room.raised) == 2  # once


def test_both_are_over_when_the_escort_is_back() -> None:
    room = Room()
    room.enter(LI, GUEST)
    room.leave(LI)
    room.wait(2 * MINUTE)
    room.enter(LI)

    over = str(subject(GUEST))
    assert room.cleared == [("visit.escort_left", over), ("visit.alone", over)]
    room.leave(LI)
    assert [code for code, _ in room.raised].count("visit.escort_left") == 2


def test_and_when_the_visitor_leaves_alone_nobody_is_kept() -> None:
    room = Room()
    room.enter(LI, GUEST)
    room.leave(LI)
    room.leave(GUEST)

    assert room.cleared == [("visit.escort_left", str(subject(GUEST)))]
    room.wait(timedelta(hours=1))
    assert [code for code, _ in room.raised] == ["visit.escort_left"]


def test_an_escort_who_comes_back_within_the_limit_starts_the_count_anew() -> None:
    room = Room()
    room.enter(LI, GUEST)
    room.leave(LI)
    room.wait(MINUTE - A_MOMENT)
    room.enter(LI)
    room.leave(LI)
    room.wait(MINUTE - A_MOMENT)

    assert ("visit.alone", GUEST) not in room.raised


def test_each_visitor_has_alarms_of_their_own() -> None:
    room = Room()
    room.enter(LI, GUEST, OTHER_GUEST)
    room.leave(LI)
    room.wait(MINUTE)
    room.leave(GUEST)

    assert sorted(room.raised) == sorted(
        (code, who)
        for code in ("visit.escort_left", "visit.alone")
        for who in (GUEST, OTHER_GUEST)
    )
    assert {device for _, device in room.cleared} == {str(subject(GUEST))}


def test_another_escort_of_theirs_inside_is_company_a_colleague_is_not() -> None:
    room = Room()
    both = visit(escorts=(LI, ZHAO))
    room.visitors = Visitors({GUEST: right(both)})
    room.enter(LI, ZHAO, WANG, GUEST)
    room.leave(LI)
    assert room.raised == []
    room.leave(ZHAO)

    assert room.raised == [("visit.escort_left", GUEST)]


def test_after_a_handing_over_the_new_escort_is_the_company() -> None:
    room = Room()
    room.enter(LI, ZHAO, GUEST)
    handed = VisitorHandedOver(
        door=DoorId("important"),
        at=NINE,
        visit=VisitId("B1"),
        visitor=GUEST,
        old=LI,
        new=ZHAO,
        escorts=(ZHAO,),
        deputies=(LI,),
    )
    room.visitors = replace(room.visitors, handed={GUEST: handed})
    room.look()
    room.leave(LI)
    assert room.raised == []
    room.leave(ZHAO)

    assert room.raised == [("visit.escort_left", GUEST)]


def test_a_visitor_of_whom_the_roster_knows_nothing_any_more_is_alone() -> None:
    room = Room()
    room.enter(LI, GUEST)
    room.visitors = Visitors()
    room.look()
    room.wait(MINUTE)

    assert ("visit.alone", GUEST) in room.raised


def test_a_fire_raises_nothing_and_ends_nothing() -> None:
    room = Room()
    room.enter(LI, GUEST, OTHER_GUEST)
    stays = {p: replace(s, certain=False) for p, s in room.here.stays.items()}
    room.here = ZoneOccupancy(stays, doubtful=True)
    room.look()
    room.wait(timedelta(hours=1))

    assert room.events == []


def test_one_of_two_doors_watches() -> None:
    room = Room(watches=False)
    room.enter(LI, GUEST)
    room.leave(LI)
    room.wait(timedelta(hours=1))

    assert room.events == []


# --- who stays too long ---

STAFF_LIMIT = DwellLimit(PersonClass.STAFF, timedelta(hours=12))
VISITOR_LIMIT = DwellLimit(PersonClass.VISITOR, timedelta(hours=2))
REPAIR_LIMIT = DwellLimit(PersonClass.REPAIR, timedelta(hours=4))


@pytest.mark.parametrize(
    ("who", "kind", "limit"),
    [
        pytest.param(LI, VisitClass.CUSTOMER, timedelta(hours=12), id="staff"),
        pytest.param(GUEST, VisitClass.CUSTOMER, timedelta(hours=2), id="visitor"),
        pytest.param(GUEST, VisitClass.REPAIR, timedelta(hours=4), id="its own class"),
    ],
)
def test_whoever_stays_longer_than_their_class_may_is_told(
    who: PersonId, kind: VisitClass, limit: timedelta
) -> None:
    room = Room(STAFF_LIMIT, VISITOR_LIMIT, REPAIR_LIMIT)
    room.visitors = Visitors({GUEST: right(visit(kind=kind, escorts=(LI,)))})
    room.enter(who)
    room.wait(limit - A_MOMENT)
    assert ("zone.dwell", who) not in room.raised
    room.wait(A_MOMENT)
    assert room.raised.count(("zone.dwell", who)) == 1

    room.leave(who)
    assert ("zone.dwell", str(subject(who))) in room.cleared


def test_without_a_limit_nobody_stays_too_long() -> None:
    room = Room(VISITOR_LIMIT)
    room.enter(LI)
    room.wait(timedelta(days=2))

    assert room.events == []


# --- two persons, and an opening nobody used ---


def test_a_visitor_is_no_company_in_a_two_person_zone() -> None:
    """One of the staff and a visitor: alone, as the rule of two persons counts."""
    room = Room(level=ZoneLevel.CORE)
    here = ZoneOccupancy({LI: Stay(NINE, None), GUEST: Stay(NINE, None)})
    began = company(room.doorway, here, setting=room.setting, at=NINE)
    over = NINE + timedelta(seconds=20)
    told = alone_too_long(began.doorway, here, setting=room.setting, at=over)

    (alarm,) = told.events
    assert isinstance(alarm, AlarmRaised)
    assert (alarm.code, alarm.person) == ("two_person.alone", LI)


def test_visitors_without_staff_are_not_one_person_alone() -> None:
    room = Room(level=ZoneLevel.CORE)
    here = ZoneOccupancy({GUEST: Stay(NINE, None)})
    began = company(room.doorway, here, setting=room.setting, at=NINE)

    assert began.doorway.alone_until is None


def test_a_visitor_who_was_let_in_and_did_not_pass_is_told() -> None:
    gate = Gate()
    gate.expect(GUEST)
    gate.show(BADGE, GUEST)
    gate.show(BADGE, LI, seconds=1)
    told = gate.let_close(seconds=6)

    codes = [(e.code, e.person) for e in told if isinstance(e, AlarmRaised)]
    assert codes == [("door.not_opened", LI), ("visit.did_not_pass", GUEST)]


# --- whatever people do ---

moves = st.lists(
    st.tuples(
        st.sampled_from([LI, ZHAO, GUEST, OTHER_GUEST]),
        st.sampled_from([0, 1, 59, 60, 61, 3600]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(moves)
def test_an_alarm_stands_exactly_while_its_condition_does(
    comings: list[tuple[PersonId, int]],
) -> None:
    room = Room(VISITOR_LIMIT)
    inside: dict[PersonId, datetime] = {}
    alone: dict[PersonId, datetime] = {}
    for who, later in comings:
        room.wait(timedelta(seconds=later))
        if who in inside:
            del inside[who]
            room.leave(who)
        else:
            inside[who] = room.at
            room.enter(who)
        lonely = {p for p in inside if p in (GUEST, OTHER_GUEST) and LI not in inside}
        alone = {p: alone.get(p, room.at) for p in lonely}
        standing: set[tuple[str, str | None]] = set()
        for event in room.events:
            if isinstance(event, AlarmRaised):
                assert (event.code, event.device) not in standing
                standing.add((event.code, event.device))
            elif isinstance(event, AlarmCleared):
                standing.remove((event.code, event.device))
        for person in (LI, ZHAO, GUEST, OTHER_GUEST):
            key = str(subject(person))
            since = alone.get(person)
            too_long = since is not None and room.at >= since + MINUTE
            assert (("visit.alone", key) in standing) is too_long
            entered = inside.get(person)
            lingers = (
                person in (GUEST, OTHER_GUEST)
                and entered is not None
                and room.at >= entered + timedelta(hours=2)
            )
            assert (("zone.dwell", key) in standing) is lingers
            if ("visit.escort_left", key) in standing:
                assert person in lonely
