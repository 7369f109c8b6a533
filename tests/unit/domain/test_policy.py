"""What the house rules decide, case by case: every rule, both ways."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest

from domain.credentials import Factor
from domain.ids import GrantId, PersonId, ScheduleId, ZoneId
from domain.people import PersonState, Post, Rank, Withdrawal
from domain.policy import (
    FREE_EXIT,
    NO_PERMIT,
    Awaited,
    Decision,
    Outcome,
    Presence,
    Side,
    Verdict,
    decide,
)
from domain.policy.rules import RULES
from domain.visits import Declined, Visit, VisitClass, VisitState
from domain.zones import WhenExpired, ZoneLevel
from tests.builders import (
    A_MOMENT,
    LAST_DAY,
    LI,
    NINE,
    NO_DEVICES,
    QUALIFIED,
    SHANGHAI,
    WANG,
    ZHAO,
    facts,
    grant,
    person,
    request,
    zone,
)
from tests.visits import FIVE as UNTIL
from tests.visits import GUEST, guest, into_core, right, visit, visitor

CORE, IMPORTANT = ZoneLevel.CORE, ZoneLevel.IMPORTANT
GENERAL, NON_SECRET = ZoneLevel.GENERAL, ZoneLevel.NON_SECRET
GRANTED, DENIED, WAITING = Outcome.GRANTED, Outcome.DENIED, Outcome.WAITING
BADGE, FINGER, FACE, PIN = Factor.BADGE, Factor.FINGERPRINT, Factor.FACE, Factor.PIN

BY_REASON: Final = {rule.reason: rule for rule in RULES}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One change to the world in which all is well, and the rule it is about."""

    told: str  # what a guard would call it
    level: ZoneLevel
    reason: str
    outcome: Outcome
    asks: dict[str, Any] = field(default_factory=dict)
    knows: dict[str, Any] = field(default_factory=dict)

    def decision(self) -> Decision:
        asked = replace(request(self.level), **self.asks)
        return decide(asked, replace(facts(self.level), **self.knows), RULES)


def who(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field of a person
    return {"person": person(**changes)}


def where(level: ZoneLevel, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field of a zone
    return {"zone": zone(level, **changes)}


def granted_only(level: ZoneLevel, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field of a grant
    return who(grants=(grant(level, **changes),))


def nobody(**asks: Any) -> dict[str, Any]:  # noqa: ANN401  any field of a request
    return {"person": None, **asks}


def day(last: date | None, which: str) -> dict[str, Any]:
    return who(qualifications=replace(QUALIFIED, **{f"{which}_until": last}))


YESTERDAY: Final = date(2026, 11, 22)


def visiting(
    told: str,
    reason: str,
    outcome: Outcome,
    *,
    level: ZoneLevel = IMPORTANT,
    of: Visit | None = None,
    asks: dict[str, Any] | None = None,
    knows: dict[str, Any] | None = None,
) -> Case:
    """A supplier with everything, her escort beside her, and one thing changed."""
    led = {"factors": frozenset({BADGE}), "declaration": None, "escort": LI}
    theirs = right(of if of is not None else visit())
    known = {"person": guest(), "right": theirs, "escorts": (LI,), "deputies": (ZHAO,)}
    return Case(
        told=told,
        level=level,
        reason=reason,
        outcome=outcome,
        asks={"person": GUEST, **led, **(asks or {})},
        knows=known | (knows or {}),
    )


INSPECTORS: Final = visit(
    kind=VisitClass.INSPECTION,
    visitors=(visitor(undertaking=Declined(text="inspection/1", witness=LI, at=NINE)),),
)
FIVE_LED: Final = frozenset(PersonId(f"V20{n:02}") for n in range(5))

VISITOR_CASES: Final = (
    visiting("a supplier with her escort", "visit.right", GRANTED),
    visiting("whose escort is there", "visit.escorted", GRANTED),
    visiting("who signed", "visit.undertaking_signed", GRANTED),
    visiting("whose devices are declared", "visit.devices_declared", GRANTED),
    visiting("who is on her route", "visit.on_route", GRANTED),
    visiting("an overdue visitor", "visit.expired", DENIED, asks={"at": UNTIL}),
    visiting(
        "a visitor a moment before the end",
        "visit.right",
        GRANTED,
        asks={"at": UNTIL - A_MOMENT},
    ),
    visiting("a visitor alone", "visit.escort_missing", WAITING, asks={"escort": None}),
    visiting(
        "a visitor nobody gave a right",
        "visit.right_missing",
        DENIED,
        knows={"right": None},
    ),
    visiting(
        "a visitor with a grant and no right",
        "visit.right_missing",
        DENIED,
        knows={"right": None, **who(id_=GUEST)},
    ),
    visiting(
        "a visitor before the desk",
        "visit.not_checked_in",
        DENIED,
        of=visit(VisitState.UNDERTAKING_SIGNED),
    ),
    visiting(
        "a visitor who checked out",
        "visit.over",
        DENIED,
        of=visit(VisitState.CHECKED_OUT),
    ),
    visiting(
        "a visitor who is frozen", "visit.blocked", DENIED, of=visit(VisitState.BLOCKED)
    ),
    visiting("a visitor off the route", "visit.off_route", DENIED, level=GENERAL),
    visiting(
        "a supplier at a core door",
        "visit.core_zone",
        DENIED,
        level=CORE,
        of=visit(route=(ZoneId("core"),)),
    ),
    visiting(
        "a repairer whom the committee let into the core zone",
        "visit.core_approved",
        GRANTED,
        level=CORE,
        of=into_core(),
    ),
    visiting(
        "a repairer after the committee's time",
        "visit.core_zone",
        DENIED,
        level=CORE,
        of=into_core(until=UNTIL + timedelta(hours=1)),
        asks={"at": UNTIL},
    ),
    visiting(
        "an inspector who declined",
        "visit.undertaking_declined",
        GRANTED,
        of=INSPECTORS,
    ),
    visiting(
        "the sixth visitor of one escort",
        "visit.escort_full",
        DENIED,
        asks={"led": FIVE_LED},
    ),
    visiting(
        "the sixth visitor, five of whom are inside",
        "visit.escort_full",
        DENIED,
        knows={"led": {LI: FIVE_LED}},
    ),
    visiting(
        "the fifth visitor, counted once inside and on the way",
        "visit.escorted",
        GRANTED,
        asks={"led": frozenset([*FIVE_LED][:4])},
        knows={"led": {LI: frozenset([*FIVE_LED][:4])}},
    ),
    visiting(
        "the tenth of a tour",
        "visit.escorted",
        GRANTED,
        of=visit(kind=VisitClass.TOUR),
        asks={"led": frozenset(PersonId(f"V3{n:03}") for n in range(9))},
    ),
    visiting(
        "the eleventh of a tour",
        "visit.escort_full",
        DENIED,
        of=visit(kind=VisitClass.TOUR),
        asks={"led": frozenset(PersonId(f"V3{n:03}") for n in range(10))},
    ),
    Case(
        told="one more than the zone holds",
        level=GENERAL,
        reason="zone.full",
        outcome=DENIED,
        knows={**where(GENERAL, capacity=3), "inside": 3},
    ),
    Case(
        told="the last place in the zone",
        level=GENERAL,
        reason="grant.general",
        outcome=GRANTED,
        knows={**where(GENERAL, capacity=3), "inside": 2},
    ),
    Case(
        told="the second of a pair where there is one place",
        level=CORE,
        reason="zone.full",
        outcome=DENIED,
        asks={"partner": WANG, "ahead": 1},
        knows={**where(CORE, two_person=True, capacity=3), "inside": 2},
    ),
    visiting(
        "a visitor with an escort in a two-person zone",
        "visit.escorted",
        GRANTED,
        level=CORE,
        of=into_core(),
        knows=where(CORE, two_person=True),
    ),
)

CASES: Final = (
    # who it is
    Case(
        told="a badge this door doesn't know",
        level=IMPORTANT,
        reason="credential.unknown",
        outcome=DENIED,
        asks=nobody(unknown=True),
        knows={"person": None},
    ),
    Case(
        told="a finger that isn't the badge's owner's",
        level=CORE,
        reason="attempt.mismatch",
        outcome=DENIED,
        asks=nobody(mismatch=True),
        knows={"person": None},
    ),
    Case(
        told="who left",
        level=NON_SECRET,
        reason="person.left",
        outcome=DENIED,
        knows=who(state=PersonState.LEFT),
    ),
    Case(
        told="who is frozen",
        level=NON_SECRET,
        reason="person.suspended",
        outcome=DENIED,
        knows=who(state=PersonState.SUSPENDED),
    ),
    *(
        Case(
            told=f"who is in de-secrecy, at {level}",
            level=level,
            reason=reason,
            outcome=DENIED,
            knows=who(state=PersonState.DE_SECRECY),
        )
        for level, reason in (
            (CORE, "person.de_secrecy"),
            (IMPORTANT, "person.de_secrecy"),
            (GENERAL, "person.de_secrecy_general"),
        )
    ),
    Case(
        told="whose permission was withdrawn",
        level=IMPORTANT,
        reason="person.withdrawn",
        outcome=DENIED,
        knows=who(grants=(), withdrawn=Withdrawal(NINE, "revoked")),
    ),
    # what permits
    *(
        Case(told=f"a grant at {level}", level=level, reason=reason, outcome=GRANTED)
        for level, reason in (
            (CORE, "grant.core"),
            (IMPORTANT, "grant.important"),
            (GENERAL, "grant.general"),
            (NON_SECRET, "person.employed"),
        )
    ),
    Case(
        told="a listed post",
        level=GENERAL,
        reason="post.general",
        outcome=GRANTED,
        knows=who(grants=())
        | where(GENERAL, posts=frozenset({Post("process_technician")})),
    ),
    # why no grant permits
    Case(
        told="no grant at all",
        level=CORE,
        reason="grant.missing",
        outcome=DENIED,
        knows=who(grants=()),
    ),
    Case(
        told="a grant for another zone",
        level=IMPORTANT,
        reason="grant.missing",
        outcome=DENIED,
        knows=granted_only(CORE),
    ),
    Case(
        told="a grant that ends this very instant",
        level=IMPORTANT,
        reason="grant.expired",
        outcome=DENIED,
        knows=granted_only(IMPORTANT, until=NINE),
    ),
    Case(
        told="a grant that ends a moment later",
        level=IMPORTANT,
        reason="grant.important",
        outcome=GRANTED,
        knows=granted_only(IMPORTANT, until=NINE + A_MOMENT),
    ),
    Case(
        told="a grant that begins a moment later",
        level=IMPORTANT,
        reason="grant.not_yet",
        outcome=DENIED,
        knows=granted_only(IMPORTANT, since=NINE + A_MOMENT),
    ),
    Case(
        told="a grant that begins this very instant",
        level=IMPORTANT,
        reason="grant.important",
        outcome=GRANTED,
        knows=granted_only(IMPORTANT, since=NINE),
    ),
    Case(
        told="a grant outside its hours",
        level=IMPORTANT,
        reason="grant.outside_hours",
        outcome=DENIED,
        knows=granted_only(IMPORTANT, schedule=ScheduleId("never")),
    ),
    Case(
        told="a grant with hours nobody knows",
        level=IMPORTANT,
        reason="grant.outside_hours",
        outcome=DENIED,
        knows=granted_only(IMPORTANT, schedule=ScheduleId("lost")),
    ),
    Case(
        told="a grant inside its hours",
        level=IMPORTANT,
        reason="grant.important",
        outcome=GRANTED,
        knows=granted_only(IMPORTANT, schedule=ScheduleId("office")),
    ),
    *(
        Case(
            told=f"a core grant by the {rank}",
            level=CORE,
            reason="grant.rank_core",
            outcome=DENIED,
            knows=granted_only(CORE, rank=rank),
        )
        for rank in (Rank.TEAM_LEADER, Rank.DEPARTMENT_HEAD, Rank.COMMITTEE)
    ),
    Case(
        told="an important grant by a team leader",
        level=IMPORTANT,
        reason="grant.rank_important",
        outcome=DENIED,
        knows=granted_only(IMPORTANT, rank=Rank.TEAM_LEADER),
    ),
    Case(
        told="an important grant by the general manager",
        level=IMPORTANT,
        reason="grant.important",
        outcome=GRANTED,
        knows=granted_only(IMPORTANT, rank=Rank.GENERAL_MANAGER),
    ),
    Case(
        told="a post that isn't listed",
        level=GENERAL,
        reason="post.not_listed",
        outcome=DENIED,
        knows=who(grants=()) | where(GENERAL, posts=frozenset({Post("guard")})),
    ),
    Case(
        told="a zone that is closed",
        level=NON_SECRET,
        reason="zone.closed",
        outcome=DENIED,
        knows=where(NON_SECRET, schedule=ScheduleId("never")),
    ),
    Case(
        told="a zone with hours nobody knows",
        level=NON_SECRET,
        reason="zone.closed",
        outcome=DENIED,
        knows=where(NON_SECRET, schedule=ScheduleId("lost")),
    ),
    # qualifications
    *(
        Case(
            told=f"{which} {told} at {level}",
            level=level,
            reason=f"{which}.{reason}",
            outcome=outcome,
            knows=day(last, which),
        )
        for which, level, (last, told, reason, outcome) in product(
            ("agreement", "commitment", "training"),
            (CORE, IMPORTANT),
            (
                (None, "never had", "lapsed", DENIED),
                (YESTERDAY, "ended yesterday", "lapsed", DENIED),
                (date(2026, 11, 23), "ends today", "current", GRANTED),
                (LAST_DAY, "of next year", "current", GRANTED),
            ),
        )
    ),
    *(
        Case(
            told=f"a qualification that ends on the {last}",
            level=IMPORTANT,
            reason="qualification.expiring",
            outcome=GRANTED,
            knows=day(last, "training"),
        )
        for last in (date(2026, 11, 23), date(2026, 12, 23))
    ),
    # what is still to come
    Case(
        told="a finger alone at a core door",
        level=CORE,
        reason="factors.incomplete",
        outcome=WAITING,
        asks={"factors": frozenset({FINGER})},
    ),
    Case(
        told="a badge where the door also asks for a PIN",
        level=GENERAL,
        reason="factors.incomplete",
        outcome=WAITING,
        knows={"door_factors": (PIN,)},
    ),
    Case(told="all factors", level=CORE, reason="factors.complete", outcome=GRANTED),
    Case(
        told="who gave no consent to face",
        level=CORE,
        reason="factors.non_face",
        outcome=GRANTED,
        asks={"factors": frozenset({BADGE, FINGER, PIN})},
        knows=who(non_face=True),
    ),
    Case(
        told="a camera that is down",
        level=CORE,
        reason="factors.non_face",
        outcome=GRANTED,
        asks={"factors": frozenset({BADGE, FINGER, PIN})},
        knows={"face_available": False},
    ),
    Case(
        told="no declaration",
        level=CORE,
        reason="devices.undeclared",
        outcome=WAITING,
        asks={"declaration": None},
    ),
    Case(
        told="nothing to declare",
        level=CORE,
        reason="devices.declared",
        outcome=GRANTED,
    ),
    Case(
        told="an important zone",
        level=IMPORTANT,
        reason="devices.reminder",
        outcome=GRANTED,
    ),
    Case(
        told="alone where two must enter",
        level=CORE,
        reason="two_person.waiting",
        outcome=WAITING,
        knows=where(CORE, two_person=True),
    ),
    Case(
        told="the second of two",
        level=CORE,
        reason="two_person.complete",
        outcome=GRANTED,
        asks={"partner": WANG},
        knows=where(CORE, two_person=True),
    ),
    # the door and its agent
    *(
        Case(
            told=f"already inside, at {level}",
            level=level,
            reason="zone.passback",
            outcome=DENIED,
            knows={"presence": Presence.INSIDE},
        )
        for level in (CORE, IMPORTANT)
    ),
    Case(
        told="nobody knows whether they are inside",
        level=CORE,
        reason="occupancy.unknown",
        outcome=GRANTED,
        knows={"presence": Presence.UNKNOWN},
    ),
    Case(
        told="a lockdown",
        level=NON_SECRET,
        reason="door.lockdown",
        outcome=DENIED,
        knows={"lockdown": True},
    ),
    Case(
        told="the other door is open",
        level=CORE,
        reason="door.interlock",
        outcome=DENIED,
        knows={"interlocked": True},
    ),
    Case(
        told="no trusted clock",
        level=NON_SECRET,
        reason="clock.untrusted",
        outcome=DENIED,
        knows={"clock_trusted": False},
    ),
    *(
        Case(
            told=f"an ended roster, {when}, at {level}",
            level=level,
            reason="roster.outdated" if admits else "roster.expired",
            outcome=GRANTED if admits else DENIED,
            knows={"roster_expired": True} | where(level, roster_expired=when),
        )
        for level, when in product(ZoneLevel, WhenExpired)
        for admits in [level is not CORE and when is WhenExpired.ADMIT]
    ),
    Case(
        told="a full disk",
        level=NON_SECRET,
        reason="journal.unavailable",
        outcome=DENIED,
        knows={"journal_writable": False},
    ),
    Case(
        told="too many tries",
        level=IMPORTANT,
        reason="credential.blocked",
        outcome=DENIED,
        knows={"blocked": True},
    ),
    Case(
        told="one unknown badge after another",
        level=IMPORTANT,
        reason="reader.delayed",
        outcome=DENIED,
        asks=nobody(unknown=True),
        knows={"person": None, "delayed": True},
    ),
    Case(
        told="a program that failed",
        level=NON_SECRET,
        reason="internal",
        outcome=DENIED,
        knows={"internal_fault": True},
    ),
    *VISITOR_CASES,
)

# Rules that speak on the way out only.
EXIT_ONLY: Final = frozenset({"occupancy.exit_unrecorded"})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.told)
def test_a_rule_speaks_where_it_should(case: Case) -> None:
    decision = case.decision()

    assert case.reason in decision.reasons
    assert decision.outcome is case.outcome


@pytest.mark.parametrize("level", ZoneLevel)
def test_where_all_is_well_the_door_opens(level: ZoneLevel) -> None:
    assert decide(request(level), facts(level), RULES).outcome is GRANTED


def _cases_for(reason: str) -> Iterator[Case]:
    return (case for case in CASES if case.reason == reason)


@pytest.mark.parametrize("reason", sorted(set(BY_REASON) - EXIT_ONLY))
def test_every_rule_has_a_case_in_which_it_speaks(reason: str) -> None:
    assert any(_cases_for(reason))


@pytest.mark.parametrize("reason", sorted(BY_REASON))
def test_every_rule_has_a_case_in_which_it_is_silent(reason: str) -> None:
    silent = [case for case in CASES if reason not in case.decision().reasons]

    assert silent


@pytest.mark.parametrize(
    "reason",
    sorted(r.reason for r in RULES if r.verdict is Verdict.FORBID),
)
def test_every_refusal_alone_is_enough(reason: str) -> None:
    """Some case is refused for no other rule that forbids; unless by its nature
    another one always stands beside it."""
    beside = {
        "reader.delayed": {"credential.unknown"},
        "post.not_listed": {"grant.missing"},
        "credential.unknown": set(),
    }.get(reason, set())
    alone = [
        case
        for case in _cases_for(reason)
        if {
            f.reason
            for f in case.decision().findings
            if f.verdict is Verdict.FORBID and f.reason != NO_PERMIT.reason
        }
        <= {reason} | beside
    ]

    assert alone


# --- everything together ---


def test_a_grant_proves_itself_with_every_clause_it_rests_on() -> None:
    decision = decide(request(CORE), facts(CORE), RULES)

    assert decision.reasons == (
        "grant.core",
        "agreement.current",
        "commitment.current",
        "devices.declared",
        "factors.complete",
        "training.current",
    )
    assert set(decision.clauses) == {
        *("G4.2.1", "G5.3.1-1", "G5.1.1-3", "G5.1.2-2", "G5.3.3-1", "G5.3.2-1"),
        *("G5.1.1-4", "G5.1.2-1"),
    }


def test_a_refusal_tells_every_reason_and_no_missing_factor() -> None:
    asked = replace(request(CORE), factors=frozenset({BADGE}))
    known = replace(
        facts(CORE),
        lockdown=True,
        clock_trusted=False,
        person=person(state=PersonState.LEFT, grants=()),
    )

    decision = decide(asked, known, RULES)
    assert decision.reasons[:4] == (
        "clock.untrusted",
        "door.lockdown",
        "grant.missing",
        "person.left",
    )
    assert Verdict.WAIT not in {f.verdict for f in decision.findings}
    assert decision.waiting_for == ()


def test_two_bad_grants_are_both_told_and_one_good_one_is_enough() -> None:
    ended = grant(IMPORTANT, id=GrantId("a"), until=NINE)
    early = grant(IMPORTANT, id=GrantId("b"), since=NINE + A_MOMENT)
    asked = request(IMPORTANT)

    bad = decide(asked, replace(facts(IMPORTANT), **who(grants=(ended, early))), RULES)
    good = grant(IMPORTANT)
    one = who(grants=(ended, early, good))
    better = decide(asked, replace(facts(IMPORTANT), **one), RULES)
    assert {"grant.expired", "grant.not_yet"} <= set(bad.reasons)
    assert better.outcome is GRANTED
    assert not {"grant.expired", "grant.not_yet"} & set(better.reasons)


def test_two_halves_of_a_grant_make_no_whole() -> None:
    """One grant with the rank but not the hours, one the other way round."""
    late = grant(CORE, id=GrantId("a"), until=NINE)
    low = grant(CORE, id=GrantId("b"), rank=Rank.DEPARTMENT_HEAD)

    decision = decide(
        request(CORE), replace(facts(CORE), **who(grants=(late, low))), RULES
    )
    assert decision.outcome is DENIED
    assert {"grant.expired", "grant.rank_core"} <= set(decision.reasons)


# --- factors, in the order in which to ask ---


@pytest.mark.parametrize(
    ("presented", "knows", "awaited"),
    [
        pytest.param({BADGE}, {}, ["fingerprint", "face"], id="badge first"),
        pytest.param({FINGER}, {}, ["face"], id="finger first"),
        pytest.param({FACE}, {}, ["fingerprint"], id="face first"),
        pytest.param(
            {FINGER},
            {"door_factors": (BADGE, FACE)},
            ["face", "badge"],
            id="what the door adds comes last, and once",
        ),
        pytest.param(
            {FINGER}, {"face_available": False}, ["badge", "pin"], id="no camera"
        ),
        pytest.param(
            {FACE}, who(non_face=True), ["badge", "fingerprint", "pin"], id="no consent"
        ),
        pytest.param(
            {FINGER},
            {"face_available": False, "door_factors": (PIN, BADGE)},
            ["badge", "pin"],
            id="no camera, and the door adds what stands in for it",
        ),
    ],
)
def test_what_is_missing_is_asked_for_in_order(
    presented: set[Factor], knows: dict[str, Any], awaited: list[str]
) -> None:
    asked = replace(request(CORE), factors=frozenset(presented))

    decision = decide(asked, replace(facts(CORE), **knows), RULES)
    assert decision.waiting_for == tuple(map(Awaited, awaited))


def test_the_declaration_is_asked_for_after_the_factors() -> None:
    asked = replace(
        request(CORE), factors=frozenset({FINGER}), declaration=None, partner=None
    )
    known = replace(facts(CORE), **where(CORE, two_person=True))

    decision = decide(asked, known, RULES)
    assert decision.waiting_for == (Awaited.FACE, Awaited.DECLARATION)


def test_the_second_person_is_asked_for_when_all_else_is_there() -> None:
    known = replace(facts(CORE), **where(CORE, two_person=True))

    decision = decide(request(CORE), known, RULES)
    assert decision.waiting_for == (Awaited.SECOND_PERSON,)


def test_the_other_way_is_not_asked_of_lesser_doors() -> None:
    """Without a face among the factors, a camera that is down changes nothing."""
    known = replace(facts(IMPORTANT), face_available=False)

    decision = decide(request(IMPORTANT), known, RULES)
    assert decision.outcome is GRANTED
    assert "factors.non_face" not in decision.reasons


def test_where_people_are_means_nothing_in_zones_without_anti_passback() -> None:
    for presence in Presence:
        known = replace(facts(GENERAL), presence=presence)

        assert decide(request(GENERAL), known, RULES).outcome is GRANTED


def test_a_delayed_reader_delays_nobody_whom_the_door_knows() -> None:
    known = replace(facts(IMPORTANT), delayed=True)

    assert decide(request(IMPORTANT), known, RULES).outcome is GRANTED


def test_who_is_in_de_secrecy_still_eats_in_the_canteen() -> None:
    known = replace(facts(NON_SECRET), **who(state=PersonState.DE_SECRECY))

    assert decide(request(NON_SECRET), known, RULES).outcome is GRANTED


def test_who_is_in_de_secrecy_has_no_post_to_enter_by() -> None:
    posts = frozenset({Post("process_technician")})
    known = replace(
        facts(GENERAL),
        **who(state=PersonState.DE_SECRECY, grants=()),
        **where(GENERAL, posts=posts),
    )

    assert "post.general" not in decide(request(GENERAL), known, RULES).reasons


@pytest.mark.parametrize(
    "asks",
    [nobody(unknown=True), nobody(mismatch=True), {"factors": frozenset({FINGER})}],
    ids=["unknown", "two people's factors", "not all factors"],
)
def test_a_second_who_is_not_there_makes_no_pair(asks: dict[str, Any]) -> None:
    asked = replace(request(CORE), partner=WANG, **asks)
    whom: dict[str, Any] = {"person": None} if "person" in asks else {}
    known = replace(facts(CORE), **where(CORE, two_person=True), **whom)

    assert "two_person.complete" not in decide(asked, known, RULES).reasons


def test_posts_open_no_zone_above_general() -> None:
    for level in (CORE, IMPORTANT):
        posts = frozenset({Post("process_technician")})
        known = replace(facts(level), **who(grants=()), **where(level, posts=posts))

        assert decide(request(level), known, RULES).outcome is DENIED


def test_a_grant_for_a_zone_of_the_same_level_is_not_a_grant_for_this_one() -> None:
    other = grant(CORE, zone=ZoneId("core_2"))

    decision = decide(
        request(CORE), replace(facts(CORE), **who(grants=(other,))), RULES
    )
    assert decision.outcome is DENIED


# --- the last day ---

MIDNIGHT: Final = datetime(2027, 7, 1, tzinfo=SHANGHAI)  # after LAST_DAY


@pytest.mark.parametrize("which", ["agreement", "commitment", "training"])
@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        pytest.param(MIDNIGHT - timedelta(seconds=1), GRANTED, id="23:59:59"),
        pytest.param(MIDNIGHT - A_MOMENT, GRANTED, id="the last moment of the day"),
        pytest.param(MIDNIGHT, DENIED, id="midnight"),
        pytest.param(MIDNIGHT + timedelta(hours=8), DENIED, id="the day after"),
    ],
)
def test_a_qualification_is_valid_through_its_last_day_in_the_sites_time(
    which: str, at: datetime, outcome: Outcome
) -> None:
    asked = replace(request(IMPORTANT), at=at.astimezone(UTC))

    decision = decide(asked, replace(facts(IMPORTANT), **day(LAST_DAY, which)), RULES)
    expected = {GRANTED: f"{which}.current", DENIED: f"{which}.lapsed"}[outcome]
    assert expected in decision.reasons


@pytest.mark.parametrize(
    ("days", "warned"),
    [
        pytest.param(-1, False, id="ended yesterday"),
        pytest.param(0, True, id="ends today"),
        pytest.param(30, True, id="in 30 days"),
        pytest.param(31, False, id="in 31 days"),
    ],
)
def test_an_end_is_warned_of_thirty_days_ahead(days: int, warned: bool) -> None:
    last = date(2026, 11, 23) + timedelta(days=days)

    decision = decide(
        request(IMPORTANT), replace(facts(IMPORTANT), **day(last, "training")), RULES
    )
    assert ("qualification.expiring" in decision.reasons) is warned


# --- the way out ---

WORST: Final = replace(
    facts(CORE),
    person=person(
        state=PersonState.LEFT,
        grants=(),
        qualifications=replace(QUALIFIED, agreement_until=None),
    ),
    lockdown=True,
    clock_trusted=False,
    roster_expired=True,
    journal_writable=False,
    interlocked=True,
    blocked=True,
    delayed=True,
    internal_fault=True,
)


def test_the_way_out_is_free_whatever_is_wrong_and_each_wrong_is_an_alarm() -> None:
    decision = decide(replace(request(CORE), side=Side.EXIT), WORST, RULES)

    assert decision.outcome is GRANTED
    assert set(decision.reasons) - set(decision.alarms) == {FREE_EXIT.reason}
    assert set(decision.alarms) == {
        *("person.left", "grant.missing", "agreement.lapsed", "door.lockdown"),
        *("clock.untrusted", "roster.expired", "journal.unavailable", "internal"),
        "occupancy.exit_unrecorded",
    }


def test_who_is_in_order_leaves_without_an_alarm() -> None:
    asked = replace(request(CORE), side=Side.EXIT, factors=frozenset({BADGE}))
    known = replace(facts(CORE), presence=Presence.INSIDE)

    assert decide(asked, known, RULES).findings == (FREE_EXIT,)


def test_who_leaves_without_having_entered_is_told_of() -> None:
    asked = replace(request(IMPORTANT), side=Side.EXIT)

    decision = decide(asked, facts(IMPORTANT), RULES)
    assert decision.alarms == ("occupancy.exit_unrecorded",)


def test_what_is_true_only_of_the_way_in_is_no_alarm_on_the_way_out() -> None:
    """Inside, interlocked, blocked, incomplete: nothing of it is wrong outward."""
    asked = replace(
        request(CORE), side=Side.EXIT, factors=frozenset(), declaration=None
    )
    known = replace(
        facts(CORE), presence=Presence.INSIDE, interlocked=True, blocked=True
    )

    assert decide(asked, known, RULES).alarms == ()


def test_an_empty_rule_book_denies_everyone_and_lets_everyone_out() -> None:
    assert decide(request(CORE), facts(CORE), []).findings == (NO_PERMIT,)
    leaving = replace(request(CORE), side=Side.EXIT)
    assert decide(leaving, facts(CORE), []).outcome is GRANTED


def test_a_declared_locker_is_as_good_as_nothing_to_declare() -> None:
    locker = replace(NO_DEVICES, locker=17)

    asked = replace(request(CORE), declaration=locker)
    assert decide(asked, facts(CORE), RULES).outcome is GRANTED
