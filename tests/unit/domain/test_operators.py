"""What roles go together, and what nobody may do to themselves."""

from dataclasses import replace
from itertools import combinations

import pytest

from domain.ids import PersonId, ZoneId
from domain.operators import (
    Bar,
    Fault,
    Operator,
    OperatorId,
    OperatorRole,
    bars_to_approving,
    bars_to_deciding,
    faults,
)
from domain.people import RANK_ORDER, Rank

LI = PersonId("E1001")
HEAD = Operator(
    id=OperatorId("li"),
    name="Li",
    person=LI,
    roles=frozenset({OperatorRole.APPROVER}),
    zones=frozenset(),
    rank=Rank.DEPARTMENT_HEAD,
    department="production",
    disabled_at=None,
)


def with_roles(*roles: OperatorRole) -> Operator:
    owner = OperatorRole.ZONE_OWNER in roles
    return replace(
        HEAD,
        roles=frozenset(roles),
        zones=frozenset({ZoneId("lab")} if owner else ()),
        rank=Rank.COMMITTEE if OperatorRole.APPROVER in roles else None,
    )


def test_the_administrator_stands_alone() -> None:
    for pair in combinations(OperatorRole, 2):
        found = faults(with_roles(*pair))

        assert (Fault.NOT_ALONE in found) == (OperatorRole.ADMINISTRATOR in pair)


def test_the_administrator_stands_alone_also_across_accounts() -> None:
    reviewer = with_roles(OperatorRole.REVIEWER)

    assert faults(reviewer, [OperatorRole.ADMINISTRATOR]) == {Fault.NOT_ALONE}
    assert faults(reviewer, [OperatorRole.GUARD]) == set()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param({"id": OperatorId("Li")}, Fault.NAME, id="upper case"),
        pytest.param({"id": OperatorId("l")}, Fault.NAME, id="one letter"),
        pytest.param({"id": OperatorId("l" * 33)}, Fault.NAME, id="too long"),
        pytest.param({"id": OperatorId("li/../x")}, Fault.NAME, id="a path"),
        pytest.param({"roles": frozenset(), "rank": None}, Fault.NO_ROLE, id="none"),
        pytest.param({"rank": None}, Fault.RANK, id="approver without a rank"),
        pytest.param({"zones": frozenset({ZoneId("lab")})}, Fault.ZONES, id="zones"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, object], fault: Fault) -> None:
    assert faults(replace(HEAD, **changes)) == {fault}  # type: ignore[arg-type]  # table


def test_whoever_requests_does_not_decide() -> None:
    for requester in (HEAD.id, LI):
        bars = bars_to_deciding(HEAD, requested_by=requester)
        assert bars == {Bar.OWN_REQUEST}
    assert bars_to_deciding(HEAD, requested_by=PersonId("E1002")) == set()


def test_nobody_decides_what_concerns_themselves() -> None:
    bars = bars_to_deciding(HEAD, requested_by=None, concerned=(None, LI))

    assert bars == {Bar.CONCERNS_SELF}


def test_an_account_of_no_known_person_is_not_everybody() -> None:
    nobody = replace(HEAD, person=None)

    assert bars_to_deciding(nobody, requested_by=None, concerned=(None,)) == set()


@pytest.mark.parametrize("own", RANK_ORDER)
@pytest.mark.parametrize("needed", RANK_ORDER)
def test_a_rank_approves_up_to_itself(own: Rank, needed: Rank) -> None:
    bars = bars_to_approving(
        replace(HEAD, rank=own),
        needed=needed,
        department="production",
        requested_by=None,
    )

    too_low = RANK_ORDER.index(own) < RANK_ORDER.index(needed)
    assert (Bar.RANK_TOO_LOW in bars) == too_low


@pytest.mark.parametrize(
    ("own", "visited", "barred"),
    [
        ("production", "production", False),
        ("production", "sales", True),
        ("production", "", True),
        ("", "sales", False),  # the committee, the general manager
    ],
)
def test_a_department_approves_for_itself(own: str, visited: str, barred: bool) -> None:
    bars = bars_to_approving(
        replace(HEAD, department=own),
        needed=Rank.DEPARTMENT_HEAD,
        department=visited,
        requested_by=None,
    )

    assert (Bar.OTHER_DEPARTMENT in bars) == barred


def test_nobody_without_the_role_approves() -> None:
    guard = with_roles(OperatorRole.GUARD)

    bars = bars_to_approving(
        guard, needed=Rank.TEAM_LEADER, department="", requested_by=None
    )
    assert Bar.NO_APPROVER in bars
