"""Who may approve which grant (G4.2.1, G4.2.2, G4.2.3), and what a request becomes."""

from dataclasses import replace
from itertools import product

import pytest

from domain.grant_requests import (
    TRANSITIONS,
    GrantProblem,
    RequestAct,
    RequestState,
    bars_to_granting,
)
from domain.ids import PersonId, ZoneId
from domain.operators import Bar, Operator, OperatorId, OperatorRole
from domain.people import Department, Rank
from domain.zones import ZoneLevel
from tests.offices import zone
from tests.operators import operator

WHO = PersonId("E1001")


def approver(rank: Rank, department: str = "") -> Operator:
    one = operator(OperatorRole.APPROVER, ZoneId(""))
    return replace(one, rank=rank, department=department)


def bars(
    by: Operator, level: ZoneLevel, *, asker: str = "other", department: str = ""
) -> frozenset[Bar]:
    return bars_to_granting(
        by,
        zone("here", level),
        department=department,
        requested_by=OperatorId(asker),
        person=WHO,
    )


def test_the_table_is_total_and_a_decision_stays() -> None:
    assert set(TRANSITIONS) == set(product(RequestState, RequestAct))
    for (state, _), after in TRANSITIONS.items():
        assert (after is GrantProblem.OVER) == (state is not RequestState.REQUESTED)


@pytest.mark.parametrize("rank", Rank)
def test_the_approver_s_rank_must_suit_the_level(rank: Rank) -> None:
    by = approver(rank)
    core, important = (bars(by, x) for x in (ZoneLevel.CORE, ZoneLevel.IMPORTANT))

    assert (core == frozenset()) == (rank is Rank.GENERAL_MANAGER)
    assert (important == frozenset()) == (rank is not Rank.TEAM_LEADER)


@pytest.mark.parametrize("level", ZoneLevel)
def test_officer_and_owner_decide_only_where_no_rank_is_asked(level: ZoneLevel) -> None:
    officer = operator(OperatorRole.SECRECY_OFFICER, ZoneId(""))
    owner = operator(OperatorRole.ZONE_OWNER, ZoneId("here"))
    free = level is ZoneLevel.NON_SECRET

    for by in (officer, owner):
        assert (bars(by, level) == frozenset()) == free
    elsewhere = operator(OperatorRole.ZONE_OWNER, ZoneId("elsewhere"))
    assert Bar.NO_APPROVER in bars(elsewhere, level)


def test_nobody_decides_what_they_asked_or_what_concerns_them() -> None:
    by = replace(approver(Rank.GENERAL_MANAGER), person=WHO)

    assert bars(by, ZoneLevel.CORE, asker=by.id) == {
        Bar.OWN_REQUEST,
        Bar.CONCERNS_SELF,
    }


def test_the_zones_department_decides_not_the_one_that_was_named() -> None:
    where = replace(
        zone("here", ZoneLevel.IMPORTANT), department=Department("research")
    )

    def found(by: Operator) -> frozenset[Bar]:
        return bars_to_granting(
            by, where, department="sales", requested_by=None, person=WHO
        )

    assert found(approver(Rank.DEPARTMENT_HEAD, "sales")) == {Bar.OTHER_DEPARTMENT}
    assert found(approver(Rank.DEPARTMENT_HEAD, "research")) == frozenset()
    assert found(approver(Rank.COMMITTEE, "office")) == frozenset()


def test_a_head_decides_for_their_own_department() -> None:
    by = approver(Rank.DEPARTMENT_HEAD, "production")

    assert bars(by, ZoneLevel.IMPORTANT, department="production") == frozenset()
    assert bars(by, ZoneLevel.IMPORTANT, department="research") == {
        Bar.OTHER_DEPARTMENT
    }
