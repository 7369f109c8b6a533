"""What must hold for *any* rule book, and for ours whoever comes whenever."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from domain.credentials import Declaration, Factor
from domain.ids import GrantId, ScheduleId, ZoneId
from domain.people import Grant, PersonState, Post, Qualifications, Rank, Withdrawal
from domain.policy import (
    Clause,
    Decision,
    Facts,
    Outcome,
    Presence,
    Reason,
    Request,
    Rule,
    Side,
    Verdict,
    decide,
)
from domain.policy.rules import RULES
from domain.visit_classes import EscortRatio
from domain.zones import WhenExpired, ZoneLevel
from tests.builders import (
    ALWAYS,
    LI,
    NEVER,
    NINE,
    OFFICE,
    SHANGHAI,
    WANG,
    facts,
    grant,
    person,
    request,
    zone,
)


def _yes(_request: Request, _facts: Facts) -> bool:
    return True


def _no(_request: Request, _facts: Facts) -> bool:
    return False


rules = st.builds(
    Rule,
    reason=st.sampled_from("abcd").map(Reason),
    clauses=st.lists(st.sampled_from(["G1", "G2"]).map(Clause), max_size=2).map(tuple),
    verdict=st.sampled_from(Verdict),
    applies=st.sampled_from([_yes, _no]),
    on_exit=st.booleans(),
)
books = st.lists(rules)

ASKED: Final = request(ZoneLevel.CORE)
KNOWN: Final = facts(ZoneLevel.CORE)
LEAVING: Final = replace(ASKED, side=Side.EXIT)


def decided(book: list[Rule]) -> Decision:
    return decide(ASKED, KNOWN, book)


@given(books, st.randoms())
def test_the_order_of_rules_never_matters(book: list[Rule], random: Random) -> None:
    assert decided(random.sample(book, len(book))) == decided(book)


@given(books)
def test_saying_a_rule_twice_changes_nothing(book: list[Rule]) -> None:
    assert decided([*book, *book]) == decided(book)


@given(books, rules)
def test_one_forbid_that_applies_is_enough(book: list[Rule], extra: Rule) -> None:
    forbid = replace(extra, verdict=Verdict.FORBID, applies=_yes)

    assert decided([*book, forbid]).outcome is Outcome.DENIED


@given(books, rules)
def test_one_more_forbid_never_opens_a_door(book: list[Rule], extra: Rule) -> None:
    forbid = replace(extra, verdict=Verdict.FORBID)

    before, after = decided(book), decided([*book, forbid])
    assert after.outcome in (before.outcome, Outcome.DENIED)


@given(books)
def test_nothing_opens_without_a_permit(book: list[Rule]) -> None:
    without = [rule for rule in book if rule.verdict is not Verdict.PERMIT]

    assert decided(without).outcome is Outcome.DENIED


@given(books, rules)
def test_notes_and_alarms_never_change_an_outcome(
    book: list[Rule], extra: Rule
) -> None:
    for verdict in (Verdict.NOTE, Verdict.ALARM):
        more = [*book, replace(extra, verdict=verdict)]

        assert decided(more).outcome is decided(book).outcome


@given(books, rules)
def test_what_is_still_awaited_never_refuses_and_never_opens(
    book: list[Rule], extra: Rule
) -> None:
    before = decided(book)
    after = decided([*book, replace(extra, verdict=Verdict.WAIT, applies=_yes)])

    if before.outcome is Outcome.DENIED:
        assert after == before
    else:
        assert after.outcome is Outcome.WAITING


@given(books)
def test_a_silent_rule_is_as_good_as_none(book: list[Rule]) -> None:
    assert decided([rule for rule in book if rule.applies is _yes]) == decided(book)


@given(books)
def test_every_reason_of_a_decision_comes_from_a_rule_that_applies(
    book: list[Rule],
) -> None:
    said = {(r.reason, r.verdict, r.clauses) for r in book if r.applies is _yes}
    decision = decided(book)

    told = {(f.reason, f.verdict, f.clauses) for f in decision.findings}
    assert {t for t in told if t[0] != "grant.none"} <= said
    forbids = {t for t in said if t[1] is Verdict.FORBID}
    assert forbids <= told


@given(books)
def test_the_way_out_is_always_granted(book: list[Rule]) -> None:
    decision = decide(LEAVING, KNOWN, book)

    assert decision.outcome is Outcome.GRANTED
    assert decision.waiting_for == ()


# --- our rules, anybody, anywhere, at any time ---

instants = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  hypothesis wants naive bounds
    datetime(2035, 1, 1),  # noqa: DTZ001  hypothesis wants naive bounds
    timezones=st.just(UTC),
)
levels = st.sampled_from(ZoneLevel)
secret_levels = st.sampled_from(
    [ZoneLevel.CORE, ZoneLevel.IMPORTANT, ZoneLevel.GENERAL]
)
days = st.none() | st.dates()
schedules = st.none() | st.sampled_from(["office", "never", "always", "lost"]).map(
    ScheduleId
)


@st.composite
def anything_asked(draw: st.DrawFn, level: ZoneLevel) -> Request:
    known = draw(st.booleans())
    return replace(
        request(level),
        side=draw(st.sampled_from(Side)),
        at=draw(instants),
        person=LI if known else None,
        factors=draw(st.frozensets(st.sampled_from(Factor))),
        unknown=not known and draw(st.booleans()),
        mismatch=not known and draw(st.booleans()),
        declaration=draw(
            st.none() | st.builds(Declaration, st.none() | st.integers(1, 99))
        ),
        partner=draw(st.none() | st.just(WANG)),
        escort=draw(st.none() | st.just(WANG)),
        ahead=draw(st.integers(0, 3)),
    )


@st.composite
def anything_known(
    draw: st.DrawFn, level: ZoneLevel, grants: tuple[Grant, ...]
) -> Facts:
    """Facts of any kind about somebody with these grants, whose post isn't listed."""
    somebody = person(
        state=draw(st.sampled_from(PersonState)),
        post=Post("nothing"),
        qualifications=draw(st.builds(Qualifications, *(), **_days())),
        grants=grants,
        withdrawn=draw(st.none() | st.just(Withdrawal(NINE, "revoked"))),
        non_face=draw(st.booleans()),
    )
    flags = {
        name: draw(st.booleans())
        for name in (
            *("face_available", "lockdown", "interlocked", "clock_trusted"),
            *("roster_expired", "journal_writable", "blocked", "delayed"),
            "internal_fault",
        )
    }
    there = zone(
        level,
        two_person=draw(st.booleans()),
        anti_passback=draw(st.booleans()),
        posts=frozenset({Post("guard")}),
        schedule=draw(schedules),
        roster_expired=draw(st.sampled_from(WhenExpired)),
        capacity=draw(st.none() | st.integers(1, 5)),
    )
    return Facts(
        zone=there,
        tz=SHANGHAI,
        door_factors=draw(st.lists(st.sampled_from(Factor), max_size=2).map(tuple)),
        person=draw(st.sampled_from([None, somebody])),
        right=None,
        escorts=(),
        deputies=(),
        ratio=EscortRatio(),
        led={},
        inside=draw(st.integers(0, 5)),
        schedules={s.id: s for s in (OFFICE, NEVER, ALWAYS)},
        presence=draw(st.sampled_from(Presence)),
        **flags,
    )


def _days() -> dict[str, st.SearchStrategy[object]]:
    return {f"{name}_until": days for name in ("agreement", "commitment", "training")}


@st.composite
def bad_grants(draw: st.DrawFn, level: ZoneLevel) -> Grant:
    """A grant that gives nothing here: for elsewhere, or over, or not begun."""
    at = draw(instants)
    flaw = draw(st.sampled_from(["elsewhere", "ended", "early"]))
    made = grant(level, id=GrantId(flaw), rank=draw(st.sampled_from(Rank)))
    if flaw == "elsewhere":
        return replace(made, zone=ZoneId("elsewhere"))
    if flaw == "ended":
        return replace(made, since=datetime(2000, 1, 1, tzinfo=UTC), until=NINE)
    return replace(made, since=max(at, datetime(2036, 1, 1, tzinfo=UTC)))


@given(st.data(), secret_levels)
def test_a_person_nobody_granted_anything_opens_nothing(
    data: st.DataObject, level: ZoneLevel
) -> None:
    asked = replace(data.draw(anything_asked(level)), side=Side.ENTRY)
    known = data.draw(anything_known(level, ()))

    assert decide(asked, known, RULES).outcome is Outcome.DENIED


@given(st.data(), secret_levels)
def test_grants_that_do_not_hold_here_and_now_open_nothing(
    data: st.DataObject, level: ZoneLevel
) -> None:
    grants = tuple(data.draw(st.lists(bad_grants(level), max_size=3)))
    asked = replace(data.draw(anything_asked(level)), side=Side.ENTRY)
    asked = replace(asked, at=max(asked.at, NINE))

    assert (
        decide(asked, data.draw(anything_known(level, grants)), RULES).outcome
        is Outcome.DENIED
    )


@given(st.data(), levels)
def test_nobody_whom_the_door_does_not_know_opens_anything(
    data: st.DataObject, level: ZoneLevel
) -> None:
    asked = replace(
        data.draw(anything_asked(level)), side=Side.ENTRY, person=None, unknown=True
    )
    known = replace(data.draw(anything_known(level, ())), person=None)

    assert decide(asked, known, RULES).outcome is Outcome.DENIED


@given(st.data(), levels)
def test_everybody_gets_out(data: st.DataObject, level: ZoneLevel) -> None:
    grants = tuple(data.draw(st.lists(bad_grants(level), max_size=2)))
    asked = replace(data.draw(anything_asked(level)), side=Side.EXIT)

    decision = decide(asked, data.draw(anything_known(level, grants)), RULES)
    assert decision.outcome is Outcome.GRANTED


@given(st.data(), levels)
def test_whoever_is_granted_has_shown_everything_the_level_asks(
    data: st.DataObject, level: ZoneLevel
) -> None:
    asked = replace(data.draw(anything_asked(level)), side=Side.ENTRY)
    known = data.draw(anything_known(level, (grant(level),)))
    decision = decide(asked, known, RULES)
    if decision.outcome is not Outcome.GRANTED:
        return

    core = level is ZoneLevel.CORE
    enough = {Factor.FINGERPRINT} if core else {Factor.BADGE}
    assert enough <= asked.factors or not core
    assert not core or asked.declaration is not None
    assert not core or (
        Factor.FACE in asked.factors
        or {Factor.BADGE, Factor.FINGERPRINT, Factor.PIN} <= asked.factors
    )
    assert not known.zone.two_person or asked.partner is not None
    assert set(known.door_factors) <= asked.factors | {Factor.FACE}


@given(st.data(), levels)
def test_whoever_waits_is_told_what_for_and_lacks_only_that(
    data: st.DataObject, level: ZoneLevel
) -> None:
    asked = replace(data.draw(anything_asked(level)), side=Side.ENTRY)
    decision = decide(asked, data.draw(anything_known(level, (grant(level),))), RULES)

    waits = decision.outcome is Outcome.WAITING
    assert waits == bool(decision.waiting_for)
    assert not {str(f) for f in asked.factors} & set(decision.waiting_for)
