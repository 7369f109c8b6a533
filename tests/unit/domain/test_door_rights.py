"""Who may ask what of a door, role by role, at a core zone and below."""

from dataclasses import replace
from typing import Final

import pytest

from domain.commands import (
    EndLockdown,
    EndService,
    Order,
    ResetOccupancy,
    StartLockdown,
    StartService,
    UnlockDoor,
)
from domain.door_rights import Right, may_second, right
from domain.ids import ZoneId
from domain.operators import OperatorRole
from domain.zones import ZoneLevel
from tests.offices import zone
from tests.operators import operator

CORE: Final = zone("lab", ZoneLevel.CORE)
BELOW: Final = zone("archive", ZoneLevel.IMPORTANT)
_N, _S, _A = Right.NONE, Right.WITH_SECOND, Right.ALONE

# Unlock, lockdown, its end, service, its end: at the core zone, then below.
TABLE: Final = {
    OperatorRole.GUARD: ((_N, _A, _N, _N, _A), (_A, _A, _A, _N, _A)),
    OperatorRole.SHIFT_LEAD: ((_S, _A, _S, _S, _A), (_A, _A, _A, _A, _A)),
    OperatorRole.REVIEWER: ((_N,) * 5, (_N,) * 5),
    OperatorRole.SECRECY_OFFICER: ((_N, _A, _S, _N, _A), (_N, _A, _A, _N, _A)),
    OperatorRole.ZONE_OWNER: ((_S, _A, _S, _S, _A), (_S, _A, _A, _S, _A)),
    OperatorRole.APPROVER: ((_N,) * 5, (_N,) * 5),
    OperatorRole.ADMINISTRATOR: ((_N,) * 5, (_N,) * 5),
}
ORDERS: Final[tuple[type[Order], ...]] = (
    UnlockDoor,
    StartLockdown,
    EndLockdown,
    StartService,
    EndService,
)


def test_the_table_has_every_role() -> None:
    assert set(TABLE) == set(OperatorRole)


@pytest.mark.parametrize("role", OperatorRole)
def test_a_role_may_what_the_table_says(role: OperatorRole) -> None:
    for level, expected in zip((CORE, BELOW), TABLE[role], strict=True):
        who = operator(role, level.id)

        assert tuple(right(who, order, [level]) for order in ORDERS) == expected


def test_of_several_zones_the_narrowest_right_holds() -> None:
    lead = operator(OperatorRole.SHIFT_LEAD, CORE.id)
    owner = operator(OperatorRole.ZONE_OWNER, BELOW.id)

    assert right(lead, EndLockdown, [BELOW, CORE]) is Right.WITH_SECOND
    assert right(owner, StartLockdown, [BELOW, CORE]) is Right.NONE
    assert right(lead, EndLockdown, []) is Right.NONE


def test_an_owner_who_is_also_a_guard_opens_their_zone_alone_below_core() -> None:
    both = replace(
        operator(OperatorRole.ZONE_OWNER, BELOW.id),
        roles=frozenset({OperatorRole.ZONE_OWNER, OperatorRole.GUARD}),
    )

    assert right(both, UnlockDoor, [BELOW]) is Right.ALONE


def test_nobody_resets_occupancy_from_here() -> None:
    for role in OperatorRole:
        assert right(operator(role, BELOW.id), ResetOccupancy, [BELOW]) is Right.NONE


def test_who_confirms_is_a_lead_an_officer_or_the_owner_of_all_of_it() -> None:
    able = {r for r in OperatorRole if may_second(operator(r, CORE.id), [CORE])}
    owner = operator(OperatorRole.ZONE_OWNER, CORE.id)

    assert able == {
        OperatorRole.SHIFT_LEAD,
        OperatorRole.SECRECY_OFFICER,
        OperatorRole.ZONE_OWNER,
    }
    assert not may_second(owner, [CORE, BELOW])
    assert not may_second(replace(owner, zones=frozenset({ZoneId("x")})), [CORE])
    assert not may_second(owner, [])
