"""The life of a visit, what its class demands, and the right that follows from it."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CallerError
from domain.ids import PersonId, ZoneId
from domain.people import Department, PersonState, Rank
from domain.visit_acts import (
    EARLY,
    Left,
    block,
    cancel,
    check_in,
    check_out,
    declare,
    decline,
    end,
    entered,
    hand_over,
    identify,
    refuse,
    sign,
    turn_away,
)
from domain.visit_approval import Approver, approve, approve_core, owners_of, requested
from domain.visit_classes import CLASS_DEMANDS, EscortRatio, ReturnItem
from domain.visit_devices import (
    CarriedDevice,
    DeviceDeclaration,
    DeviceKind,
    Disposition,
    dispositions,
)
from domain.visit_life import ENDED, PRESENT, TRANSITIONS, VisitAct, step
from domain.visit_problems import VisitProblem, clauses_of
from domain.visits import (
    Declined,
    Identity,
    Refused,
    Visit,
    VisitClass,
    VisitorRight,
    VisitState,
    declaration_problems,
    must_deposit,
    right_of,
)
from domain.zones import ZoneLevel
from tests.builders import A_MOMENT, LI, NINE, WANG, ZHAO
from tests.visits import (
    CLERK,
    COMMITTEE,
    CORE,
    FIVE,
    GUEST,
    HEAD,
    IMPORTANT,
    LAPTOP,
    LEVELS,
    OTHER_GUEST,
    PRODUCTION,
    STICK,
    YESTERDAY,
    AnyField,
    into_core,
    right,
    signed,
    visit,
    visitor,
)

P = VisitProblem
S = VisitState
RATIO = EscortRatio()
HEAD_OF_PRODUCTION = Approver(
    person=HEAD, rank=Rank.DEPARTMENT_HEAD, heads=frozenset({PRODUCTION})
)
THE_COMMITTEE = Approver(person=COMMITTEE, rank=Rank.COMMITTEE, heads=frozenset())


def problems(outcome: object) -> tuple[VisitProblem, ...]:
    assert isinstance(outcome, Refused), outcome
    return outcome.problems


def done(outcome: Visit | Refused) -> Visit:
    assert isinstance(outcome, Visit), outcome
    return outcome


def arrive(of: Visit, **changes: AnyField) -> Visit | Refused:
    usual: dict[str, Any] = {
        "escorts_present": frozenset(of.escorts),
        "ratio": RATIO,
        "levels": LEVELS,
        "at": NINE,
    }
    return check_in(of, **(usual | changes))


# --- the life ---


def test_every_state_answers_every_act() -> None:
    assert set(TRANSITIONS) == {(s, a) for s in VisitState for a in VisitAct}


def test_a_visit_goes_its_way_from_request_to_check_out() -> None:
    path = [VisitAct.APPROVE, VisitAct.SIGN, VisitAct.CHECK_IN, VisitAct.ENTER]
    state: object = VisitState.REQUESTED
    seen = [state]
    for act in (*path, VisitAct.CHECK_OUT):
        assert isinstance(state, VisitState)
        state = step(state, act)
        seen.append(state)

    assert seen == [
        S.REQUESTED,
        S.APPROVED,
        S.UNDERTAKING_SIGNED,
        S.CHECKED_IN,
        S.ON_SITE,
        S.CHECKED_OUT,
    ]


@given(st.lists(st.sampled_from(VisitAct)))
def test_nobody_is_on_site_without_approval_signature_and_check_in(
    acts: list[VisitAct],
) -> None:
    state, did = VisitState.REQUESTED, []
    for act in acts:
        after = step(state, act)
        if isinstance(after, VisitState):
            state = after
            did.append(act)
        if state in PRESENT:
            needed = [VisitAct.APPROVE, VisitAct.SIGN, VisitAct.CHECK_IN]
            assert [a for a in did if a in needed] == needed


@given(st.lists(st.sampled_from(VisitAct)))
def test_whoever_was_checked_in_can_always_be_checked_out(
    acts: list[VisitAct],
) -> None:
    state = VisitState.CHECKED_IN
    for act in acts:
        after = step(state, act, inside=True)
        state = after if isinstance(after, VisitState) else state
        if act is VisitAct.CHECK_OUT:
            assert state is VisitState.CHECKED_OUT
            break
        assert step(state, VisitAct.CHECK_OUT) is VisitState.CHECKED_OUT


@pytest.mark.parametrize("act", set(VisitAct) - {VisitAct.CHECK_OUT})
@pytest.mark.parametrize("state", set(VisitState) - ENDED)
def test_only_leaving_ends_a_visit_while_somebody_is_inside(
    state: VisitState, act: VisitAct
) -> None:
    if act is VisitAct.END and state not in {*PRESENT, S.BLOCKED}:
        return  # its end comes before anybody is here

    assert step(state, act, inside=True) not in ENDED


@pytest.mark.parametrize("state", sorted(ENDED))
@pytest.mark.parametrize("act", VisitAct)
def test_what_has_ended_stays_ended(state: VisitState, act: VisitAct) -> None:
    assert step(state, act) is VisitProblem.OVER


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (S.REQUESTED, S.EXPIRED),
        (S.APPROVED, S.NO_SHOW),
        (S.UNDERTAKING_SIGNED, S.NO_SHOW),
        (S.CHECKED_IN, S.OVERDUE),
        (S.ON_SITE, S.OVERDUE),
        (S.BLOCKED, S.BLOCKED),
    ],
)
def test_what_the_planned_end_makes_of_a_visit(
    state: VisitState, after: VisitState
) -> None:
    before = visit(state)

    assert end(before, at=FIVE - A_MOMENT) == before
    assert done(end(before, at=FIVE)).state is after


# --- approval ---


def ask(**changes: AnyField) -> Visit:
    return visit(S.REQUESTED, approval=None, **changes)


def test_the_head_of_the_department_visited_approves() -> None:
    after = done(
        approve(ask(), HEAD_OF_PRODUCTION, levels=LEVELS, departments={}, at=YESTERDAY)
    )

    assert after.state is S.APPROVED
    assert after.approval is not None
    assert after.approval.by == HEAD


@pytest.mark.parametrize(
    ("changes", "approver", "why"),
    [
        pytest.param(
            {"requested_by": HEAD}, {}, P.APPROVER_IS_REQUESTER, id="the requester"
        ),
        pytest.param({"escorts": (HEAD,)}, {}, P.APPROVER_IS_ESCORT, id="the escort"),
        pytest.param({"deputies": (HEAD,)}, {}, P.APPROVER_IS_ESCORT, id="a deputy"),
        pytest.param(
            {},
            {"heads": frozenset({Department("finance")})},
            P.APPROVER_DEPARTMENT,
            id="the head of another department",
        ),
        pytest.param(
            {},
            {"rank": Rank.COMMITTEE, "heads": frozenset[Department]()},
            P.APPROVER_DEPARTMENT,
            id="the committee, which heads no department",
        ),
        pytest.param({}, {"rank": Rank.TEAM_LEADER}, P.APPROVER_RANK, id="too low"),
    ],
)
def test_who_may_not_approve(
    changes: dict[str, Any], approver: dict[str, Any], why: VisitProblem
) -> None:
    who = replace(HEAD_OF_PRODUCTION, **approver)

    assert problems(
        approve(ask(**changes), who, levels=LEVELS, departments={}, at=YESTERDAY)
    ) == (why,)


def test_the_general_manager_stands_above_every_department() -> None:
    boss = Approver(
        person=ZHAO, rank=Rank.GENERAL_MANAGER, heads=frozenset[Department]()
    )

    asked = ask(deputies=())
    assert (
        done(approve(asked, boss, levels=LEVELS, departments={}, at=YESTERDAY)).state
        is S.APPROVED
    )


RESEARCH = Department("research")
OWNED = {IMPORTANT: PRODUCTION, CORE: RESEARCH, ZoneId("hall"): RESEARCH}


def test_the_route_says_whose_head_decides_not_who_asks() -> None:
    asked = ask(route=(IMPORTANT,), department=Department("sales"))
    sales = replace(HEAD_OF_PRODUCTION, heads=frozenset({Department("sales")}))
    when: dict[str, Any] = {
        "levels": LEVELS,
        "departments": OWNED,
        "at": YESTERDAY,
    }

    assert problems(requested(asked, **when)) == (P.OTHER_DEPARTMENT,)
    assert problems(approve(asked, sales, **when)) == (P.APPROVER_DEPARTMENT,)
    assert done(approve(asked, HEAD_OF_PRODUCTION, **when)).state is S.APPROVED


def test_a_route_through_several_departments_needs_a_rank_above_them() -> None:
    asked = into_core(state=S.REQUESTED, route=(IMPORTANT, CORE))
    both = replace(HEAD_OF_PRODUCTION, heads=frozenset({PRODUCTION, RESEARCH}))
    when: dict[str, Any] = {
        "levels": LEVELS,
        "departments": OWNED,
        "at": YESTERDAY,
    }

    assert owners_of(asked.route, LEVELS, OWNED) == (PRODUCTION, RESEARCH)
    assert P.APPROVER_DEPARTMENT in problems(approve(asked, both, **when))
    assert done(approve(asked, THE_COMMITTEE, **when)).state is S.APPROVED


def test_a_non_secret_zone_on_the_route_is_nobodys() -> None:
    levels = {**LEVELS, ZoneId("hall"): ZoneLevel.NON_SECRET}

    assert owners_of((ZoneId("hall"), IMPORTANT), levels, OWNED) == (PRODUCTION,)


def test_nobody_approves_a_visit_that_is_over_by_then() -> None:
    late = approve(ask(), HEAD_OF_PRODUCTION, levels=LEVELS, departments={}, at=FIVE)

    assert problems(late) == (P.PERIOD,)


@pytest.mark.parametrize("kind", [VisitClass.CUSTOMER, VisitClass.TOUR])
def test_a_core_zone_is_refused_to_customers_and_tours(kind: VisitClass) -> None:
    asked = ask(kind=kind, route=(CORE,))

    assert problems(requested(asked, levels=LEVELS, departments={}, at=YESTERDAY)) == (
        P.CORE_ZONE,
    )
    assert P.CORE_ZONE in problems(
        approve(asked, HEAD_OF_PRODUCTION, levels=LEVELS, departments={}, at=YESTERDAY)
    )


@pytest.mark.parametrize(
    "kind", [VisitClass.REPAIR, VisitClass.CONSTRUCTION, VisitClass.INSPECTION]
)
def test_a_core_zone_needs_the_committee_before_the_head(kind: VisitClass) -> None:
    asked = done(
        requested(
            ask(kind=kind, route=(CORE,)), levels=LEVELS, departments={}, at=YESTERDAY
        )
    )
    alone = approve(
        asked, HEAD_OF_PRODUCTION, levels=LEVELS, departments={}, at=YESTERDAY
    )
    times = {"since": NINE, "until": FIVE, "at": YESTERDAY}
    with_committee = done(
        approve_core(asked, THE_COMMITTEE, CORE, levels=LEVELS, **times)
    )

    assert problems(alone) == (P.CORE_UNAPPROVED,)
    after = approve(
        with_committee, HEAD_OF_PRODUCTION, levels=LEVELS, departments={}, at=YESTERDAY
    )
    assert done(after).state is S.APPROVED
    assert done(after).core_approved(CORE, NINE)
    assert done(after).core_approved(CORE, FIVE - A_MOMENT)
    assert not done(after).core_approved(CORE, FIVE)
    assert not done(after).core_approved(CORE, NINE - A_MOMENT)


@pytest.mark.parametrize(
    ("who", "zone", "why"),
    [
        (HEAD_OF_PRODUCTION, CORE, P.APPROVER_RANK),
        (replace(THE_COMMITTEE, person=LI), CORE, P.APPROVER_IS_ESCORT),
        (replace(THE_COMMITTEE, person=CLERK), CORE, P.APPROVER_IS_REQUESTER),
        (THE_COMMITTEE, IMPORTANT, P.UNKNOWN_ZONE),
        (THE_COMMITTEE, ZoneId("elsewhere"), P.UNKNOWN_ZONE),
    ],
)
def test_the_committee_is_held_to_its_zone_and_its_rank(
    who: Approver, zone: ZoneId, why: VisitProblem
) -> None:
    asked = replace(into_core(), state=S.REQUESTED, core=())
    outcome = approve_core(
        asked, who, zone, since=NINE, until=FIVE, levels=LEVELS, at=YESTERDAY
    )

    assert problems(outcome) == (why,)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"visitors": ()}, P.NO_VISITOR),
        ({"visitors": (visitor(), visitor())}, P.NO_VISITOR),
        ({"visitors": (visitor(LI),)}, P.ESCORT_IS_VISITOR),
        ({"escorts": (OTHER_GUEST,)}, P.ESCORT_IS_VISITOR),
        ({"escorts": ()}, P.NO_ESCORT),
        ({"route": ()}, P.NO_ROUTE),
        ({"route": (ZoneId("moon"),)}, P.UNKNOWN_ZONE),
        ({"until": NINE}, P.PERIOD),
        ({"since": YESTERDAY - timedelta(days=1), "until": YESTERDAY}, P.PERIOD),
        (
            {
                "kind": VisitClass.REPAIR,
                "since": YESTERDAY - timedelta(days=1) - A_MOMENT,
                "until": NINE,
            },
            P.BEGAN,
        ),
    ],
)
def test_what_cannot_be_requested(changes: dict[str, Any], why: VisitProblem) -> None:
    assert problems(
        requested(ask(**changes), levels=LEVELS, departments={}, at=YESTERDAY)
    ) == (why,)


@pytest.mark.parametrize(
    ("kind", "longest"),
    [
        (VisitClass.CUSTOMER, timedelta(days=1)),
        (VisitClass.TOUR, timedelta(days=1)),
        (VisitClass.INSPECTION, timedelta(days=1)),
        (VisitClass.REPAIR, timedelta(days=7)),
        (VisitClass.CONSTRUCTION, timedelta(days=31)),
    ],
)
def test_a_visit_lasts_no_longer_than_its_class_lets_it(
    kind: VisitClass, longest: timedelta
) -> None:
    fits = ask(kind=kind, until=NINE + longest)
    long = ask(kind=kind, until=NINE + longest + A_MOMENT)

    assert (
        done(requested(fits, levels=LEVELS, departments={}, at=YESTERDAY)).state
        is S.REQUESTED
    )
    assert problems(requested(long, levels=LEVELS, departments={}, at=YESTERDAY)) == (
        P.TOO_LONG,
    )
    stored = approve(
        long, HEAD_OF_PRODUCTION, levels=LEVELS, departments={}, at=YESTERDAY
    )
    assert problems(stored) == (P.TOO_LONG,)


def test_a_request_brings_no_approval_of_its_own() -> None:
    forged = into_core(state=S.CHECKED_IN)
    asked = done(requested(forged, levels=LEVELS, departments={}, at=YESTERDAY))

    assert (asked.state, asked.approval, asked.core) == (S.REQUESTED, None, ())


# --- undertakings ---


def tour(size: int) -> Visit:
    people = tuple(
        visitor(PersonId(f"V2{n:03}"), VisitClass.TOUR, undertaking=None)
        for n in range(size)
    )
    escorts = (LI, WANG, ZHAO)
    return visit(S.APPROVED, VisitClass.TOUR, visitors=people, escorts=escorts)


def test_a_tour_of_thirty_needs_thirty_undertakings() -> None:
    group = tour(30)
    for who in group.visitors[:-1]:
        group = done(sign(group, who.id, signed(VisitClass.TOUR)))
    assert group.state is S.APPROVED
    assert problems(arrive(group)) == (P.NOT_SIGNED,)

    group = done(sign(group, group.visitors[-1].id, signed(VisitClass.TOUR)))
    assert group.state is S.UNDERTAKING_SIGNED
    arrived = done(arrive(group))
    assert arrived.state is S.CHECKED_IN
    assert all(v.checked_in_at == NINE for v in arrived.visitors)


def test_thirty_with_two_escorts_are_too_many() -> None:
    group = tour(30)
    for who in group.visitors:
        group = done(sign(group, who.id, signed(VisitClass.TOUR)))

    two = frozenset({LI, WANG})
    assert problems(arrive(group, escorts_present=two)) == (P.TOO_MANY,)
    assert done(arrive(group)).state is S.CHECKED_IN


def test_the_group_goes_on_without_somebody_who_is_turned_away() -> None:
    group = tour(2)
    first, second = group.visitors
    group = done(sign(group, first.id, signed(VisitClass.TOUR)))
    group = done(turn_away(group, second.id))
    assert group.state is S.UNDERTAKING_SIGNED

    arrived = done(arrive(group))
    assert arrived.visitors[1].checked_in_at is None
    assert problems(right_of(arrived, second.id)) == (P.UNKNOWN_VISITOR,)


def test_the_undertaking_is_that_of_the_class() -> None:
    wrong = sign(visit(S.APPROVED, VisitClass.REPAIR), GUEST, signed())

    assert problems(wrong) == (P.WRONG_TEXT,)
    assert clauses_of(P.WRONG_TEXT) == ("G5.3.2-2a", "G5.4.3-1")


def test_an_inspector_may_decline_before_a_witness_and_still_has_a_right() -> None:
    before = visit(
        S.APPROVED, VisitClass.INSPECTION, visitors=(visitor(undertaking=None),)
    )
    told = Declined(text="inspection/1", witness=LI, at=NINE)
    after = done(decline(before, GUEST, told))

    assert after.state is S.UNDERTAKING_SIGNED
    assert right(after).visitor.undertaking == told
    unwitnessed = replace(told, witness=PersonId(""))
    assert problems(decline(before, GUEST, unwitnessed)) == (P.UNWITNESSED,)
    by_a_visitor = replace(told, witness=OTHER_GUEST)
    assert problems(decline(before, GUEST, by_a_visitor)) == (P.UNWITNESSED,)


@pytest.mark.parametrize("kind", set(VisitClass) - {VisitClass.INSPECTION})
def test_nobody_else_may_decline(kind: VisitClass) -> None:
    text = CLASS_DEMANDS[kind].undertaking
    told = Declined(text=f"{text}/1", witness=LI, at=NINE)
    before = visit(S.APPROVED, kind, visitors=(visitor(undertaking=None),))

    assert problems(decline(before, GUEST, told)) == (P.MUST_SIGN,)
    smuggled = visit(kind=kind, visitors=(visitor(undertaking=told),))
    assert problems(right_of(smuggled, GUEST)) == (P.MUST_SIGN,)


# --- the desk ---


def carrying(*devices: CarriedDevice, locker: int | None = 7) -> DeviceDeclaration:
    return DeviceDeclaration(devices=devices, locker=locker, at=NINE)


def ready(kind: VisitClass = VisitClass.CUSTOMER, **changes: AnyField) -> Visit:
    return visit(S.UNDERTAKING_SIGNED, kind, **changes)


@pytest.mark.parametrize("kind", VisitClass)
def test_a_storage_device_that_is_not_deposited_refuses_the_check_in(
    kind: VisitClass,
) -> None:
    kept = replace(STICK, disposition=Disposition.SEALED)
    before = done(declare(ready(kind), GUEST, carrying(kept)))

    assert problems(arrive(before)) == (P.STORAGE,)
    assert clauses_of(P.STORAGE) == ("G5.3.2-2b",)
    assert problems(right_of(before, GUEST)) == (P.STORAGE,)
    put_right = done(declare(before, GUEST, carrying(STICK)))
    assert done(arrive(put_right)).state is S.CHECKED_IN


@pytest.mark.parametrize("field", ["type", "make", "serial"])
@pytest.mark.parametrize("kind", [VisitClass.REPAIR, VisitClass.CONSTRUCTION])
def test_repair_and_construction_declare_type_make_and_serial(
    kind: VisitClass, field: str
) -> None:
    blank: dict[str, Any] = {field: " "}
    vague = replace(LAPTOP, **blank)
    before = done(declare(ready(kind), GUEST, carrying(vague)))

    assert problems(arrive(before)) == (P.INCOMPLETE,)
    exact = done(declare(before, GUEST, carrying(LAPTOP)))
    assert done(arrive(exact)).state is S.CHECKED_IN


def test_customers_need_not_know_their_serial_numbers() -> None:
    vague = replace(LAPTOP, serial="")
    before = done(declare(ready(), GUEST, carrying(vague)))

    assert done(arrive(before)).state is S.CHECKED_IN


@pytest.mark.parametrize(
    "kind", [DeviceKind.PHONE, DeviceKind.CAMERA, DeviceKind.RECORDER]
)
def test_tours_leave_phones_and_cameras_in_the_locker(kind: DeviceKind) -> None:
    phone = replace(LAPTOP, kind=kind)
    before = done(declare(ready(VisitClass.TOUR), GUEST, carrying(phone)))
    deposited = replace(phone, disposition=Disposition.DEPOSITED)

    assert problems(arrive(before)) == (P.DEPOSIT,)
    put_away = done(declare(before, GUEST, carrying(deposited)))
    assert done(arrive(put_away)).state is S.CHECKED_IN


def test_whoever_goes_to_a_core_zone_leaves_the_phone_whatever_the_class() -> None:
    phone = replace(LAPTOP, kind=DeviceKind.PHONE)
    before = replace(into_core(), state=S.UNDERTAKING_SIGNED)
    before = done(declare(before, GUEST, carrying(phone)))

    assert problems(arrive(before)) == (P.DEPOSIT,)
    assert problems(right_of(before, GUEST)) == (P.DEPOSIT,)


@pytest.mark.parametrize("zone", [IMPORTANT, CORE])
@pytest.mark.parametrize("kind", VisitClass)
def test_what_may_become_of_a_device_is_what_the_check_in_would_take(
    kind: VisitClass, zone: ZoneId
) -> None:
    going = replace(ready(kind), route=(zone,))
    deposit = must_deposit(going, LEVELS)
    for device, fate in product(DeviceKind, Disposition):
        carried = replace(LAPTOP, kind=device, disposition=fate)
        who = visitor(devices=carrying(carried))
        refusing = {P.STORAGE, P.DEPOSIT} & declaration_problems(going, who, LEVELS)

        assert (fate in dispositions(device, deposit)) is not bool(refusing)


def test_what_is_deposited_lies_in_a_locker() -> None:
    before = done(declare(ready(), GUEST, carrying(STICK, locker=None)))

    assert problems(arrive(before)) == (P.LOCKER,)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"visitors": (visitor(identity=None),)}, P.UNIDENTIFIED),
        ({"visitors": (visitor(undertaking=None),)}, P.NOT_SIGNED),
        ({"visitors": (visitor(devices=None),)}, P.UNDECLARED),
        ({"visitors": (visitor(turned_away=True),)}, P.NO_VISITOR),
        (
            {"visitors": (visitor(), visitor(OTHER_GUEST, identity=None))},
            P.UNIDENTIFIED,
        ),
    ],
)
def test_no_step_of_the_check_in_can_be_skipped(
    changes: dict[str, Any], why: VisitProblem
) -> None:
    assert problems(arrive(ready(**changes))) == (why,)


def test_everything_that_is_missing_is_told_at_once() -> None:
    bare = visitor(identity=None, devices=None)
    outcome = arrive(
        ready(visitors=(bare,)), escorts_present=frozenset({ZHAO}), at=FIVE
    )

    assert problems(outcome) == (P.UNDECLARED, P.UNIDENTIFIED, P.ESCORT_ABSENT, P.LATE)


def test_check_in_opens_half_an_hour_early_and_closes_at_the_end() -> None:
    assert problems(arrive(ready(), at=NINE - EARLY - A_MOMENT)) == (P.EARLY,)
    assert done(arrive(ready(), at=NINE - EARLY)).state is S.CHECKED_IN
    assert done(arrive(ready(), at=FIVE - A_MOMENT)).state is S.CHECKED_IN
    assert problems(arrive(ready(), at=FIVE)) == (P.LATE,)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (S.REQUESTED, P.NOT_APPROVED),
        (S.APPROVED, P.NOT_SIGNED),
        (S.CHECKED_IN, P.ALREADY),
        (S.BLOCKED, P.FROZEN),
        (S.CANCELLED, P.OVER),
    ],
)
def test_check_in_out_of_turn_says_what_comes_first(
    state: VisitState, why: VisitProblem
) -> None:
    assert problems(arrive(visit(state))) == (why,)


@pytest.mark.parametrize("digits", ["", "1", "12345"])
def test_no_more_than_the_last_digits_of_a_document_are_kept(digits: str) -> None:
    seen = Identity(document="passport", last_digits=digits, at=NINE)

    assert problems(identify(ready(), GUEST, seen)) == (P.UNIDENTIFIED,)


def test_nothing_of_a_visitor_changes_once_they_are_checked_in() -> None:
    for act in (
        declare(visit(), GUEST, carrying(LAPTOP)),
        sign(visit(), GUEST, signed()),
        turn_away(visit(), GUEST),
    ):
        assert problems(act) == (P.ALREADY,)


# --- leaving ---


def inside(*devices: CarriedDevice, kind: VisitClass = VisitClass.REPAIR) -> Visit:
    before = done(declare(ready(kind), GUEST, carrying(*devices)))
    return done(entered(done(arrive(before))))


def leave(of: Visit, *out: CarriedDevice, who: PersonId = GUEST) -> Left | Refused:
    everything = frozenset(ReturnItem)
    return check_out(of, who, out=out, returned=everything, at=NINE)


def test_what_went_in_comes_out_and_the_visit_is_over() -> None:
    gone = leave(inside(LAPTOP, STICK), STICK, LAPTOP)

    assert isinstance(gone, Left)
    assert gone.visit.state is S.CHECKED_OUT
    assert not gone.devices
    assert gone.unreturned == ()


@pytest.mark.parametrize(
    ("out", "missing", "unexpected"),
    [
        pytest.param((LAPTOP,), (STICK,), (), id="left behind"),
        pytest.param(
            (LAPTOP, STICK, STICK), (), (STICK,), id="one more of the same kind"
        ),
        pytest.param(
            (replace(LAPTOP, serial="other"), STICK),
            (LAPTOP,),
            (replace(LAPTOP, serial="other"),),
            id="exchanged",
        ),
    ],
)
def test_a_mismatch_is_an_incident_and_never_keeps_anybody(
    out: Iterable[CarriedDevice],
    missing: tuple[CarriedDevice, ...],
    unexpected: tuple[CarriedDevice, ...],
) -> None:
    gone = leave(inside(LAPTOP, STICK), *out)

    assert isinstance(gone, Left)
    assert gone.visit.state is S.CHECKED_OUT
    assert (gone.devices.missing, gone.devices.unexpected) == (missing, unexpected)


@pytest.mark.parametrize(
    ("kind", "item"),
    [(VisitClass.TOUR, ReturnItem.HANDOUTS), (VisitClass.REPAIR, ReturnItem.MEDIA)],
)
def test_what_was_not_returned_is_told(kind: VisitClass, item: ReturnItem) -> None:
    rest = frozenset(ReturnItem) - {item}
    gone = check_out(inside(kind=kind), GUEST, out=(), returned=rest, at=NINE)

    assert isinstance(gone, Left)
    assert gone.unreturned == (item,)


def test_a_group_is_gone_with_its_last() -> None:
    group = ready(visitors=(visitor(), visitor(OTHER_GUEST)))
    group = done(entered(done(arrive(group))))
    first = leave(group)
    assert isinstance(first, Left)
    assert first.visit.state is S.ON_SITE
    last = leave(first.visit, who=OTHER_GUEST)

    assert isinstance(last, Left)
    assert last.visit.state is S.CHECKED_OUT
    assert problems(leave(first.visit)) == (P.ALREADY,)


def test_a_frozen_visit_is_left_and_never_thawed() -> None:
    frozen = done(block(inside()))

    assert frozen.state is S.BLOCKED
    assert problems(arrive(frozen)) == (P.FROZEN,)
    gone = leave(frozen)
    assert isinstance(gone, Left)
    assert gone.visit.state is S.CHECKED_OUT


@pytest.mark.parametrize("act", [cancel, refuse])
def test_a_frozen_visit_is_not_called_off_over_the_heads_of_those_inside(
    act: Callable[[Visit], Visit | Refused],
) -> None:
    group = ready(visitors=(visitor(), visitor(OTHER_GUEST)))
    frozen = done(block(done(arrive(group))))
    first = leave(frozen)
    assert isinstance(first, Left)

    assert problems(act(frozen)) == (P.STILL_HERE,)
    assert problems(act(first.visit)) == (P.STILL_HERE,)
    last = leave(first.visit, who=OTHER_GUEST)
    assert isinstance(last, Left)
    assert last.visit.state is S.CHECKED_OUT
    assert done(act(visit(S.BLOCKED))).state in ENDED  # nobody had come yet


def test_only_somebody_checked_in_is_checked_out() -> None:
    assert problems(leave(ready())) == (P.NOT_CHECKED_IN,)
    assert problems(leave(inside(), who=OTHER_GUEST)) == (P.UNKNOWN_VISITOR,)


def test_a_visit_is_called_off_until_somebody_is_here() -> None:
    assert done(cancel(visit(S.APPROVED))).state is S.CANCELLED
    assert done(refuse(visit(S.REQUESTED))).state is S.REFUSED
    assert problems(cancel(visit())) == (P.ALREADY,)


# --- handing over ---


def test_the_escort_hands_over_when_both_are_there() -> None:
    after = done(
        hand_over(
            visit(),
            old=LI,
            new=ZHAO,
            standing=PersonState.ACTIVE,
            present=frozenset({LI, ZHAO}),
            at=NINE,
        )
    )

    assert after.escorts == (ZHAO,)
    assert after.deputies == (LI,)
    assert after.escorts_since == NINE


@pytest.mark.parametrize(
    ("old", "new", "present", "why"),
    [
        (LI, ZHAO, {ZHAO}, P.NOT_PRESENT),
        (LI, ZHAO, {LI}, P.NOT_PRESENT),
        (ZHAO, CLERK, {ZHAO, CLERK}, P.NOT_AN_ESCORT),
        (LI, OTHER_GUEST, {LI, OTHER_GUEST}, P.ESCORT_IS_VISITOR),
        (LI, HEAD, {LI, HEAD}, P.APPROVER_IS_ESCORT),
        (LI, COMMITTEE, {LI, COMMITTEE}, P.APPROVER_IS_ESCORT),
    ],
)
def test_who_cannot_take_over(
    old: PersonId, new: PersonId, present: set[PersonId], why: VisitProblem
) -> None:
    outcome = hand_over(
        into_core(),
        old=old,
        new=new,
        standing=PersonState.ACTIVE,
        present=frozenset(present),
        at=NINE,
    )

    assert problems(outcome) == (why,)


@pytest.mark.parametrize("standing", set(PersonState) - {PersonState.ACTIVE})
def test_nobody_takes_over_who_left_is_suspended_or_in_de_secrecy(
    standing: PersonState,
) -> None:
    outcome = hand_over(
        visit(),
        old=LI,
        new=ZHAO,
        standing=standing,
        present=frozenset({LI, ZHAO}),
        at=NINE,
    )

    assert problems(outcome) == (P.UNFIT,)


# --- the right ---


def test_a_right_has_no_other_constructor() -> None:
    good = right()

    with pytest.raises(CallerError):
        VisitorRight()
    with pytest.raises(TypeError):
        VisitorRight(visit(), visitor())  # type: ignore[call-arg]  # that is the point
    with pytest.raises((TypeError, CallerError)):
        replace(good, visitor=visitor(undertaking=None))
    with pytest.raises(AttributeError):
        good.visit = visit(S.APPROVED)  # type: ignore[misc]  # and this
    with pytest.raises(CallerError):
        type("Loose", (VisitorRight,), {})  # nor may a subclass loosen it
    assert copy.deepcopy(good) == good


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"approval": None}, P.NOT_APPROVED),
        ({"escorts": ()}, P.NO_ESCORT),
        ({"visitors": (visitor(undertaking=None),)}, P.NOT_SIGNED),
        ({"visitors": (visitor(devices=None),)}, P.UNDECLARED),
        ({"visitors": ()}, P.UNKNOWN_VISITOR),
        ({"visitors": (visitor(turned_away=True),)}, P.UNKNOWN_VISITOR),
    ],
)
@pytest.mark.parametrize("state", VisitState)
def test_a_right_is_not_made_without_each_of_its_parts(
    state: VisitState, changes: dict[str, Any], why: VisitProblem
) -> None:
    assert problems(right_of(visit(state, **changes), GUEST)) == (why,)


def test_a_right_tells_a_door_of_one_visitor_only() -> None:
    group = visit(visitors=(visitor(), visitor(OTHER_GUEST)))
    made = right(group, OTHER_GUEST)

    assert [v.id for v in made.visit.visitors] == [OTHER_GUEST]
    assert made.visitor.identity is None
    again = right_of(made.visit, OTHER_GUEST)
    assert again == made
