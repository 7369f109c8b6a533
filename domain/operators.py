"""Who uses the console, in which roles, and what no role may do to itself.

An *operator* is an account of one person. Separations (the console's rights, G5.1.2-3
and G7.2.1): who approves isn't who requests; who audits isn't who administers; the
administrator touches no log and no grant, so that role stands alone, also across two
accounts of one person; nobody acts on what concerns themselves.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from domain.ids import PersonId, ZoneId
from domain.people import Rank

OperatorId = NewType("OperatorId", str)  # "chen.hui": what is typed to sign in

_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class OperatorRole(StrEnum):
    """In the order of a shift: who watches, who checks, who permits, who maintains."""

    GUARD = "guard"  # 门卫
    SHIFT_LEAD = "shift_lead"  # 班长
    REVIEWER = "reviewer"  # 安全复核
    SECRECY_OFFICER = "secrecy_officer"  # 保密管理
    ZONE_OWNER = "zone_owner"  # 区域负责人, of `zones`
    APPROVER = "approver"  # 审批人, with a rank and a department
    ADMINISTRATOR = "administrator"  # 系统管理


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """`person`: whose account it is, if the register knows them.

    `rank` is of an approver, up to which they approve; `department` "" is of one
    whose department is the whole company (the committee, the general manager).
    """

    id: OperatorId
    name: str
    person: PersonId | None
    roles: frozenset[OperatorRole]
    zones: frozenset[ZoneId]
    rank: Rank | None
    department: str
    disabled_at: datetime | None

    def owns(self, zone: ZoneId) -> bool:
        """Whether this is the zone's owner; what others may, their roles say."""
        return OperatorRole.ZONE_OWNER in self.roles and zone in self.zones

    def is_one_of(self, people: Iterable[PersonId | None]) -> bool:
        """Whether what is about `people` concerns this operator themselves."""
        return self.person is not None and self.person in set(people)


class Fault(StrEnum):
    """Why an operator can't be as they were asked for."""

    NAME = "name"  # not 2 to 32 of a-z, 0-9, ".", "_", "-", a letter first
    NO_ROLE = "no_role"
    NOT_ALONE = "not_alone"  # the administrator has no other role
    ZONES = "zones"  # a zone owner has zones, and nobody else
    RANK = "rank"  # an approver has a rank, and nobody else


def faults(operator: Operator, also: Iterable[OperatorRole] = ()) -> frozenset[Fault]:
    """What is wrong with it; `also` are the roles of the person's other accounts."""
    roles = operator.roles | frozenset(also)
    owner = OperatorRole.ZONE_OWNER in operator.roles
    approver = OperatorRole.APPROVER in operator.roles
    found = {
        Fault.NAME: _NAME.fullmatch(operator.id) is None,
        Fault.NO_ROLE: not operator.roles,
        Fault.NOT_ALONE: OperatorRole.ADMINISTRATOR in roles and len(roles) > 1,
        Fault.ZONES: owner != bool(operator.zones),
        Fault.RANK: approver != (operator.rank is not None),
    }
    return frozenset(fault for fault, is_so in found.items() if is_so)


class Bar(StrEnum):
    """Why an operator doesn't decide this request."""

    OWN_REQUEST = "own_request"
    CONCERNS_SELF = "concerns_self"
    NO_APPROVER = "no_approver"
    RANK_TOO_LOW = "rank_too_low"
    OTHER_DEPARTMENT = "other_department"


def bars_to_deciding(
    operator: Operator,
    *,
    requested_by: OperatorId | PersonId | None,
    concerned: Iterable[PersonId | None] = (),
) -> frozenset[Bar]:
    """Who requests doesn't decide, nor does whom it concerns (escort, visitor, …).

    `requested_by` may name the operator or the person: either is oneself.
    """
    own = requested_by is not None and requested_by in (operator.id, operator.person)
    bars = {
        Bar.OWN_REQUEST: own,
        Bar.CONCERNS_SELF: operator.is_one_of(concerned),
    }
    return frozenset(bar for bar, is_so in bars.items() if is_so)


def bars_to_approving(
    operator: Operator,
    *,
    needed: Rank,
    department: str,
    requested_by: OperatorId | PersonId | None,
    concerned: Iterable[PersonId | None] = (),
) -> frozenset[Bar]:
    """`bars_to_deciding`, and what an approver's rank and department allow (G4.2.1-3).

    `department`: of whom is visited; "" where none is concerned.
    """
    approver = OperatorRole.APPROVER in operator.roles
    elsewhere = operator.department not in ("", department)
    high = operator.rank is not None and operator.rank.suffices_for(needed)
    bars = {
        Bar.NO_APPROVER: not approver,
        Bar.RANK_TOO_LOW: approver and not high,
        Bar.OTHER_DEPARTMENT: approver and elsewhere,
    }
    return frozenset(bar for bar, is_so in bars.items() if is_so) | bars_to_deciding(
        operator, requested_by=requested_by, concerned=concerned
    )
