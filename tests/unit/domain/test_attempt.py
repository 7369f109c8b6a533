"""Factors, people and windows at one reader."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attempt import (
    PAIR_TIMED_OUT,
    TIMED_OUT,
    Attempt,
    Gathering,
    Judgement,
    Presentation,
    declare,
    expire,
    judge,
    take,
)
from domain.credentials import Declaration, Factor
from domain.ids import DoorId, PersonId
from domain.people import Person, PersonState
from domain.policy import Awaited, Facts, Outcome, Side
from domain.policy.rules import RULES
from domain.zones import ZoneLevel
from tests.builders import (
    A_MOMENT,
    LI,
    NINE,
    NO_DEVICES,
    WANG,
    ZHAO,
    facts,
    person,
    shown,
    zone,
)

BADGE, FINGER, FACE, PIN = Factor.BADGE, Factor.FINGERPRINT, Factor.FACE, Factor.PIN
GRANTED, DENIED, WAITING = Outcome.GRANTED, Outcome.DENIED, Outcome.WAITING

LAB: Final = zone(ZoneLevel.CORE, two_person=True)


@dataclass
class Reader:
    """One reader as the door's loop drives it: expire, take, judge."""

    known: Facts
    side: Side = Side.ENTRY
    people: dict[PersonId, Person] = field(
        default_factory=lambda: {id_: person(id_) for id_ in (LI, WANG, ZHAO)}
    )
    gathering: Gathering = field(default_factory=Gathering)
    ran_out: list[Judgement] = field(default_factory=list)

    def show(
        self,
        factor: Factor,
        who: PersonId | None = LI,
        *,
        seconds: float = 0,
        duress: bool = False,
        credential: str | None = None,
    ) -> Judgement:
        presentation = shown(
            factor, who, seconds=seconds, duress=duress, credential=credential
        )
        self.wait(seconds)
        self.gathering = take(self.gathering, presentation, side=self.side)
        return self.judged(seconds)

    def declared(
        self, declaration: Declaration = NO_DEVICES, *, seconds: float = 0
    ) -> Judgement | None:
        self.wait(seconds)
        at = _at(seconds)
        self.gathering = declare(self.gathering, declaration, at=at, side=self.side)
        self.gathering, judgement = self._judge(at)
        return judgement

    def judged(self, seconds: float) -> Judgement:
        judgement = self.judged_or_none(seconds)
        assert judgement is not None
        return judgement

    def judged_or_none(self, seconds: float) -> Judgement | None:
        self.gathering, judgement = self._judge(_at(seconds))
        return judgement

    def wait(self, seconds: float) -> list[Judgement]:
        self.gathering, out = expire(self.gathering, at=_at(seconds))
        self.ran_out += out
        return list(out)

    def all_of(self, who: PersonId, *, seconds: float = 0) -> Judgement:
        """Declaration, finger and face, at one instant."""
        self.declared(seconds=seconds)
        self.show(FINGER, who, seconds=seconds)
        return self.show(FACE, who, seconds=seconds)

    def _judge(self, at: datetime) -> tuple[Gathering, Judgement | None]:
        return judge(
            self.gathering,
            door=DoorId("door"),
            at=at,
            facts_of=self._facts_of,
            rules=RULES,
        )

    def _facts_of(self, attempt: Attempt) -> Facts:
        who = attempt.person
        return replace(self.known, person=self.people[who] if who else None)


def _at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


@pytest.fixture
def core() -> Reader:
    return Reader(facts(ZoneLevel.CORE))


@pytest.fixture
def lab() -> Reader:
    return Reader(replace(facts(ZoneLevel.CORE), zone=LAB))


@pytest.fixture
def archive() -> Reader:
    return Reader(facts(ZoneLevel.IMPORTANT))


# --- one person ---


@pytest.mark.parametrize(
    "order",
    [
        pytest.param((BADGE, FINGER, FACE), id="the badge names them"),
        pytest.param((FINGER, FACE), id="finger first"),
        pytest.param((FACE, FINGER), id="face first"),
        pytest.param((FACE, BADGE, FINGER), id="in any order"),
    ],
)
def test_factors_may_come_in_any_order(core: Reader, order: tuple[Factor, ...]) -> None:
    core.declared()
    *first, last = (core.show(f, seconds=n) for n, f in enumerate(order))

    assert [judgement.decision.outcome for judgement in first] == [WAITING] * len(first)
    assert (last.decision.outcome, last.people) == (GRANTED, (LI,))


def test_a_declaration_may_come_before_between_or_after_the_factors() -> None:
    for place in range(3):
        reader = Reader(facts(ZoneLevel.CORE))
        acts: list[Callable[[], Judgement | None]] = [
            lambda r=reader: r.show(FINGER),  # type: ignore[misc]  # bound now
            lambda r=reader: r.show(FACE),  # type: ignore[misc]  # bound now
        ]
        acts.insert(place, lambda r=reader: r.declared())  # type: ignore[misc]  # bound now
        last = [act() for act in acts][-1]

        assert last is not None
        assert last.decision.outcome is GRANTED


def test_what_is_awaited_shrinks_with_each_factor(core: Reader) -> None:
    core.declared()

    assert core.show(BADGE).decision.waiting_for == (
        Awaited.FINGERPRINT,
        Awaited.FACE,
    )
    assert core.show(FACE, seconds=1).decision.waiting_for == (Awaited.FINGERPRINT,)


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        pytest.param(15 - 1e-6, GRANTED, id="a moment before the window ends"),
        pytest.param(15, WAITING, id="at its very end it is another attempt"),
    ],
)
def test_factors_of_one_attempt_come_within_fifteen_seconds(
    core: Reader, after: float, outcome: Outcome
) -> None:
    core.declared()
    core.show(FINGER)

    core_last = core.show(FACE, seconds=after)
    assert core_last.decision.outcome is outcome
    assert [j.decision.reasons[0] for j in core.ran_out] == (
        [TIMED_OUT] if outcome is WAITING else []
    )


def test_an_attempt_that_ran_out_is_refused_once_with_what_did_not_come(
    core: Reader,
) -> None:
    core.show(FINGER)
    [over] = core.wait(15)

    assert over.decision.outcome is DENIED
    assert over.decision.reasons == (
        TIMED_OUT,
        "devices.undeclared",
        "factors.incomplete",
    )
    assert set(over.decision.clauses) == {"G5.3.2-1", "G5.3.3-1"}
    assert over.people == (LI,)
    assert core.wait(16) == []


def test_the_same_factor_again_is_not_told_again(core: Reader) -> None:
    assert not core.show(FINGER).repeated
    assert core.show(FINGER, seconds=1).repeated


def test_a_repeated_factor_does_not_prolong_the_window(core: Reader) -> None:
    core.show(FINGER)
    core.show(FINGER, seconds=14)

    assert core.gathering.next_deadline == _at(15)


def test_factors_of_two_people_are_refused_without_saying_whose(core: Reader) -> None:
    core.declared()
    core.show(BADGE, LI)

    judgement = core.show(FINGER, WANG, seconds=1)
    assert judgement.decision.outcome is DENIED
    assert "attempt.mismatch" in judgement.decision.reasons
    assert judgement.people == (LI, WANG)
    assert judgement.attempts[0].person is None


def test_a_known_badge_with_an_unknown_finger_is_a_mismatch_too(core: Reader) -> None:
    core.show(BADGE, LI)

    decision = core.show(FINGER, None, seconds=1).decision
    assert {"attempt.mismatch", "credential.unknown"} <= set(decision.reasons)


def test_a_mismatch_cannot_be_put_right_in_the_same_attempt(core: Reader) -> None:
    core.declared()
    core.show(BADGE, LI)
    core.show(FINGER, WANG, seconds=1)

    after = core.show(FACE, LI, seconds=2)
    assert after.repeated
    assert after.decision.outcome is DENIED


def test_who_was_refused_is_not_refused_again_for_the_next_finger(core: Reader) -> None:
    core.people[LI] = person(grants=())
    assert core.show(BADGE).decision.outcome is DENIED

    after = core.show(FINGER, seconds=1)
    assert (after.repeated, after.decision.outcome) == (True, DENIED)


def test_who_was_refused_tries_anew_with_the_same_factor(archive: Reader) -> None:
    archive.people[LI] = person(grants=())
    archive.show(BADGE)

    again = archive.show(BADGE, seconds=1)
    assert not again.repeated


def test_somebody_elses_badge_begins_somebody_elses_attempt(archive: Reader) -> None:
    archive.show(BADGE, LI)

    second = archive.show(BADGE, WANG, seconds=1)
    assert (second.people, second.decision.outcome) == ((WANG,), GRANTED)


def test_nobody_inherits_what_the_one_before_declared(core: Reader) -> None:
    core.all_of(LI)

    core.show(FINGER, WANG, seconds=1)
    last = core.show(FACE, WANG, seconds=2)
    assert last.decision.waiting_for == (Awaited.DECLARATION,)


def test_a_declaration_ahead_is_over_with_its_window(core: Reader) -> None:
    core.declared()

    core.show(FINGER, seconds=15)
    last = core.show(FACE, seconds=16)
    assert last.decision.waiting_for == (Awaited.DECLARATION,)
    assert core.ran_out == []


def test_a_declaration_alone_is_no_attempt(core: Reader) -> None:
    assert core.declared() is None
    assert core.wait(15) == []


def test_a_duress_finger_opens_as_usual_and_carries_its_mark(core: Reader) -> None:
    core.declared()
    core.show(FINGER, duress=True)

    last = core.show(FACE, seconds=1)
    assert last.decision.outcome is GRANTED
    assert last.attempts[0].duress


def test_an_unknown_badge_is_kept_by_its_digest(archive: Reader) -> None:
    judgement = archive.show(BADGE, None, credential="ab" * 32)

    assert judgement.decision.outcome is DENIED
    assert judgement.attempts[0].credential == "ab" * 32


# --- pairs ---


def test_two_people_enter_together(lab: Reader) -> None:
    first = lab.all_of(LI)
    second = lab.all_of(WANG, seconds=5)

    assert first.decision.waiting_for == (Awaited.SECOND_PERSON,)
    assert (second.decision.outcome, second.people) == (GRANTED, (LI, WANG))
    assert len(second.attempts) == 2


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        pytest.param(19.999, GRANTED, id="19.999 s"),
        pytest.param(20 - 1e-6, GRANTED, id="a moment before 20 s"),
        pytest.param(20, WAITING, id="at 20 s it is over"),
    ],
)
def test_the_second_completes_within_twenty_seconds_of_the_first(
    lab: Reader, after: float, outcome: Outcome
) -> None:
    lab.all_of(LI)
    lab.declared(seconds=10)
    lab.show(FINGER, WANG, seconds=10)

    last = lab.show(FACE, WANG, seconds=after)
    assert last.decision.outcome is outcome


def test_the_pairs_window_counts_from_the_firsts_last_factor(lab: Reader) -> None:
    lab.declared()
    lab.show(FINGER, LI)
    lab.show(FACE, LI, seconds=10)

    second = lab.all_of(WANG, seconds=29.9)
    assert second.people == (LI, WANG)


def test_a_first_without_a_second_is_refused_once_by_name(lab: Reader) -> None:
    lab.all_of(LI)
    [over] = lab.wait(20)

    assert over.people == (LI,)
    assert over.decision.reasons == (PAIR_TIMED_OUT, "two_person.waiting")
    assert over.decision.clauses == ("G6.1.2-3",)
    assert lab.wait(40) == []


def test_the_same_person_twice_is_no_pair(lab: Reader) -> None:
    lab.all_of(LI)

    again = lab.show(FINGER, LI, seconds=5)
    assert again.decision.waiting_for == (Awaited.SECOND_PERSON,)
    assert again.repeated
    assert lab.gathering.first is not None
    assert lab.gathering.first.until == _at(20)


def test_a_first_who_signals_duress_while_waiting_is_heard(lab: Reader) -> None:
    lab.all_of(LI)
    lab.show(FINGER, LI, seconds=2, duress=True)

    second = lab.all_of(WANG, seconds=5)
    assert [attempt.duress for attempt in second.attempts] == [True, False]


def test_what_the_waiting_first_declares_again_is_not_the_seconds(lab: Reader) -> None:
    lab.all_of(LI)
    lab.declared(seconds=2)
    lab.gathering = take(lab.gathering, shown(FINGER, LI, seconds=3), side=Side.ENTRY)

    lab.show(FINGER, WANG, seconds=5)
    second = lab.show(FACE, WANG, seconds=6)
    assert second.decision.waiting_for == (Awaited.DECLARATION,)


def test_the_firsts_face_in_the_seconds_attempt_is_a_mismatch(lab: Reader) -> None:
    lab.all_of(LI)
    lab.show(FINGER, WANG, seconds=5)

    second = lab.show(FACE, LI, seconds=6)
    assert "attempt.mismatch" in second.decision.reasons


def test_a_badge_that_is_read_again_does_not_send_the_first_away(lab: Reader) -> None:
    """A card that lies on the reader is read over and over."""
    lab.declared()
    lab.show(BADGE, LI)
    lab.show(FINGER, LI)
    lab.show(FACE, LI)
    lab.wait(2)
    lab.gathering = take(lab.gathering, shown(BADGE, LI, seconds=2), side=Side.ENTRY)
    lab.gathering = take(lab.gathering, shown(BADGE, LI, seconds=16), side=Side.ENTRY)

    second = lab.all_of(WANG, seconds=17)
    assert (second.decision.outcome, second.people) == (GRANTED, (LI, WANG))


def test_the_second_must_complete_everything(lab: Reader) -> None:
    lab.all_of(LI)

    second = lab.show(BADGE, WANG, seconds=2)
    assert second.decision.outcome is WAITING
    assert Awaited.SECOND_PERSON not in second.decision.waiting_for


def test_a_second_who_is_refused_leaves_the_first_waiting(lab: Reader) -> None:
    lab.people[ZHAO] = person(ZHAO, grants=())
    lab.all_of(LI)
    assert lab.show(FINGER, ZHAO, seconds=3).decision.outcome is DENIED

    lab.show(FINGER, WANG, seconds=5)
    lab.declared(seconds=6)
    third = lab.show(FACE, WANG, seconds=6)
    assert third.people == (LI, WANG)


def test_a_first_who_was_withdrawn_in_between_is_nobodys_partner(lab: Reader) -> None:
    lab.all_of(LI)
    lab.people[LI] = person(LI, state=PersonState.SUSPENDED)

    second = lab.all_of(WANG, seconds=5)
    assert second.people == (WANG,)
    assert second.decision.waiting_for == (Awaited.SECOND_PERSON,)


def test_a_first_who_was_withdrawn_in_between_is_recorded_as_refused(
    lab: Reader,
) -> None:
    lab.all_of(LI)
    lab.people[LI] = person(LI, state=PersonState.SUSPENDED)
    lab.show(FINGER, WANG, seconds=5)

    assert lab.gathering.next_deadline == _at(5)
    [refused] = lab.wait(5)
    assert refused.people == (LI,)
    assert (refused.decision.outcome, refused.decision.reasons[0]) == (
        DENIED,
        "person.suspended",
    )


def test_a_second_in_a_lockdown_makes_no_pair(lab: Reader) -> None:
    lab.all_of(LI)
    lab.known = replace(lab.known, lockdown=True)

    assert lab.all_of(WANG, seconds=5).decision.outcome is DENIED


def test_after_a_pair_the_third_waits_for_a_fourth(lab: Reader) -> None:
    lab.all_of(LI)
    lab.all_of(WANG, seconds=5)

    third = lab.all_of(ZHAO, seconds=8)
    assert third.decision.waiting_for == (Awaited.SECOND_PERSON,)


def test_a_duress_finger_of_the_first_is_still_there_with_the_second(
    lab: Reader,
) -> None:
    lab.declared()
    lab.show(FINGER, LI, duress=True)
    lab.show(FACE, LI)

    second = lab.all_of(WANG, seconds=5)
    assert [attempt.duress for attempt in second.attempts] == [True, False]


# --- the way out ---


def test_each_reading_inside_is_a_way_out(archive: Reader) -> None:
    archive.side = Side.EXIT

    for seconds, who in enumerate((LI, WANG, None, LI)):
        judgement = archive.show(BADGE, who, seconds=seconds)
        assert judgement.decision.outcome is GRANTED
        assert not judgement.repeated


# --- laws, for any row of presentations ---

rows = st.lists(
    st.tuples(
        st.sampled_from(Factor),
        st.sampled_from([None, LI, WANG, ZHAO]),
        st.floats(0, 12),
    ),
    max_size=12,
)


def played(
    reader: Reader, row: Iterable[tuple[Factor, PersonId | None, float]]
) -> list[tuple[float, Judgement]]:
    now = 0.0
    out: list[tuple[float, Judgement]] = []
    for factor, who, pause in row:
        now += pause
        reader.declared(seconds=now)
        reader.gathering = take(
            reader.gathering, shown(factor, who, seconds=now), side=reader.side
        )
        judgement = reader.judged_or_none(now)
        if judgement is not None:
            out.append((now, judgement))
    return out


@given(rows, st.sampled_from(ZoneLevel), st.booleans())
def test_nobody_is_granted_with_anothers_factors(
    row: list[tuple[Factor, PersonId | None, float]], level: ZoneLevel, two: bool
) -> None:
    reader = Reader(replace(facts(level), zone=zone(level, two_person=two)))

    for _, judgement in played(reader, row):
        if judgement.decision.outcome is not GRANTED:
            continue
        for attempt in judgement.attempts:
            assert attempt.person is not None
            assert {p.person for p in attempt.presented} == {attempt.person}
        pair = len(judgement.attempts) == 2
        assert judgement.repeated or pair == two
        assert len(set(judgement.people)) == len(judgement.attempts)


@given(rows, st.booleans())
def test_all_factors_of_a_grant_lie_within_one_window(
    row: list[tuple[Factor, PersonId | None, float]], two: bool
) -> None:
    reader = Reader(
        replace(facts(ZoneLevel.CORE), zone=zone(ZoneLevel.CORE, two_person=two))
    )

    for now, judgement in played(reader, row):
        for attempt in judgement.attempts:
            assert attempt.until - attempt.since == timedelta(seconds=15)
            assert all(attempt.since <= p.at < attempt.until for p in attempt.presented)
        if judgement.decision.outcome is GRANTED and not judgement.repeated:
            last = judgement.attempts[-1]
            assert last.since <= _at(now) < last.until


@given(rows)
def test_every_attempt_that_waits_ends_in_a_grant_or_a_refusal(
    row: list[tuple[Factor, PersonId | None, float]],
) -> None:
    """After the last deadline nothing is left over, and nothing is told twice."""
    reader = Reader(facts(ZoneLevel.CORE))
    played(reader, row)
    reader.wait(1000)

    assert reader.gathering == Gathering()
    told = [j.attempts[0].since for j in reader.ran_out]
    assert len(told) == len(set(told))


def test_a_moment_is_the_smallest_step_of_a_window() -> None:
    attempt = Attempt(
        side=Side.ENTRY,
        since=NINE,
        until=NINE + A_MOMENT,
        presented=(Presentation(factor=BADGE, person=LI, at=NINE),),
        declaration=None,
        decision=None,
    )

    assert len(expire(Gathering(attempt), at=NINE)[1]) == 0
    assert len(expire(Gathering(attempt), at=NINE + A_MOMENT)[1]) == 1
