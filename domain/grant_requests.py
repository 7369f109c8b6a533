"""Grants are asked for and approved by different people (G4.2.1, G4.2.2, G4.2.3).

A zone's owner or the secrecy officer asks; an approver decides, whose rank suffices for
the zone's level and whose department the zone is (of a zone without one: what the
request names; the committee and the general manager stand above departments). Where
the level asks for no rank, the officer or the zone's owner may decide. Nobody decides
about what they asked for, or what concerns themselves. The table is *total*: what was
decided stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from domain.ids import DoorId, GrantId, PersonId, ZoneId
from domain.operators import (
    Bar,
    Operator,
    OperatorId,
    OperatorRole,
    bars_to_approving,
    bars_to_deciding,
)
from domain.people import Rank
from domain.zones import LEVEL_DEMANDS, Zone

MAX_WORDS: Final = 200


class RequestState(StrEnum):
    REQUESTED = "requested"  # 待批
    APPROVED = "approved"  # 已批准
    REFUSED = "refused"  # 未批准


class RequestAct(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"


class GrantProblem(StrEnum):
    """What is wrong with a request, or with an act on it."""

    OVER = "over"
    NOT_YOURS = "not_yours"
    NO_PERSON = "no_person"
    NO_ZONE = "no_zone"
    NO_PURPOSE = "no_purpose"
    NO_REASON = "no_reason"
    NO_SCHEDULE = "no_schedule"
    BAD_DAY = "bad_day"
    ENDS_EARLY = "ends_early"
    TOO_LONG = "too_long"


Step: TypeAlias = RequestState | GrantProblem

_S, _A = RequestState, RequestAct

TRANSITIONS: Final[Mapping[tuple[RequestState, RequestAct], Step]] = {
    (_S.REQUESTED, _A.APPROVE): _S.APPROVED,
    (_S.REQUESTED, _A.REFUSE): _S.REFUSED,
    (_S.APPROVED, _A.APPROVE): GrantProblem.OVER,
    (_S.APPROVED, _A.REFUSE): GrantProblem.OVER,
    (_S.REFUSED, _A.APPROVE): GrantProblem.OVER,
    (_S.REFUSED, _A.REFUSE): GrantProblem.OVER,
}


def may_ask(operator: Operator, zone: ZoneId) -> bool:
    """For a grant in that zone, or for its withdrawal."""
    return OperatorRole.SECRECY_OFFICER in operator.roles or operator.owns(zone)


def bars_to_granting(
    operator: Operator,
    zone: Zone,
    *,
    department: str,
    requested_by: OperatorId | PersonId | None,
    person: PersonId,
) -> frozenset[Bar]:
    """Why this operator doesn't decide about that grant; empty: they do."""
    needed = LEVEL_DEMANDS[zone.level].rank
    if needed is None and may_ask(operator, zone.id):
        return bars_to_deciding(
            operator, requested_by=requested_by, concerned=(person,)
        )
    above = operator.rank is not None and operator.rank.suffices_for(Rank.COMMITTEE)
    if zone.department is not None:
        department = operator.department if above else zone.department
    return bars_to_approving(
        operator,
        needed=needed or Rank.TEAM_LEADER,
        department=department,
        requested_by=requested_by,
        concerned=(person,),
    )


# --- what the log says of it ---


@dataclass(frozen=True, slots=True, kw_only=True)
class _GrantAct:
    door: DoorId
    at: datetime
    request: str
    person: PersonId
    zone: ZoneId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRequested(_GrantAct):
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantApproved(_GrantAct):
    """`rank` of whoever approved. `GrantMade` follows."""

    grant: GrantId
    rank: Rank
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRefused(_GrantAct):
    reason: str


GrantAct: TypeAlias = GrantRequested | GrantApproved | GrantRefused
