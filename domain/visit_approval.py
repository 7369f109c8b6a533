"""Who may let a visit happen: the request, and the approvals it needs.

    owners_of, is_theirs, requested, approve_core, approve

Laws: nobody approves what they requested, escort or go along with; the head of the
department visited approves (G5.3.2-2a). Whose department that is, the secret zones of
the route say, not who asks; where they belong to several, somebody above departments
approves (the committee, the general manager). Where no zone names a department, it is
the one that was asked for. Core zones are refused to visitors (G2.4), save
repair, construction or a statutory inspection that the secrecy committee approved for
that zone and time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.ids import PersonId, ZoneId, is_visitor
from domain.people import Department, Rank
from domain.visit_acts import done
from domain.visit_life import VisitAct, VisitState
from domain.visit_problems import Refused, VisitProblem, refused
from domain.visits import MAX_GROUP, Approval, CoreApproval, Visit
from domain.zones import ZoneLevel

_P: Final = VisitProblem
Levels = Mapping[ZoneId, ZoneLevel]
Departments = Mapping[ZoneId, Department]  # of the zones that belong to one

# A visit is asked for before it begins, or the day after at the latest.
BACKDATED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Somebody who may approve up to `rank`, for the departments they head."""

    person: PersonId
    rank: Rank
    heads: frozenset[Department]


def owners_of(
    route: Iterable[ZoneId], levels: Levels, departments: Departments
) -> tuple[Department, ...]:
    """Whose secret zones are on the route, each once, in its order."""
    secret = (z for z in route if levels.get(z) is not ZoneLevel.NON_SECRET)
    return tuple(dict.fromkeys(departments[z] for z in secret if z in departments))


def is_theirs(
    rank: Rank,
    heads: Collection[Department],
    *,
    visited: Department,
    owners: Sequence[Department],
) -> bool:
    """Whether a visit is for somebody of `rank` who heads `heads` to decide."""
    if not owners:
        return visited in heads or rank is Rank.GENERAL_MANAGER
    if rank.suffices_for(Rank.COMMITTEE):
        return True
    return len(owners) == 1 and owners[0] in heads


def requested(
    visit: Visit, *, levels: Levels, departments: Departments, at: datetime
) -> Visit | Refused:
    """The visit, if it may be asked for at all. It is in state requested."""
    owners = owners_of(visit.route, levels, departments)
    coming, zones = visit.coming, [levels.get(z) for z in visit.route]
    core = any(level is ZoneLevel.CORE for level in zones)
    found = {
        _P.NO_VISITOR: not coming or len({v.id for v in coming}) != len(coming),
        _P.ESCORT_IS_VISITOR: any(
            map(is_visitor, (*visit.escorts, *visit.deputies, visit.requested_by))
        )
        or not all(is_visitor(v.id) for v in coming),
        _P.TOO_MANY: len(coming) > MAX_GROUP,
        _P.NO_ESCORT: not visit.escorts,
        _P.NO_ROUTE: not visit.route,
        _P.UNKNOWN_ZONE: None in zones,
        _P.PERIOD: not visit.since < visit.until or at >= visit.until,
        _P.BEGAN: visit.since < at - BACKDATED,
        _P.TOO_LONG: _too_long(visit),
        _P.OTHER_DEPARTMENT: bool(owners) and visit.department != owners[0],
        _P.CORE_ZONE: core and not visit.demands.core,
    }
    problems = refused(p for p, holds in found.items() if holds)
    return problems or replace(
        visit, state=VisitState.REQUESTED, approval=None, core=()
    )


def approve_core(
    visit: Visit,
    approver: Approver,
    zone: ZoneId,
    *,
    since: datetime,
    until: datetime,
    levels: Levels,
    at: datetime,
) -> Visit | Refused:
    """The secrecy committee's word for one core zone, and a time (G2.4)."""
    found = {
        **_own_matter(visit, approver),
        _P.APPROVER_RANK: not approver.rank.suffices_for(Rank.COMMITTEE),
        _P.CORE_ZONE: not visit.demands.core,
        _P.UNKNOWN_ZONE: zone not in visit.route
        or levels.get(zone) is not ZoneLevel.CORE,
        _P.PERIOD: not since < until or at >= until,
        _P.OVER: visit.state not in (VisitState.REQUESTED, VisitState.APPROVED),
    }
    problems = refused(p for p, holds in found.items() if holds)
    approval = CoreApproval(
        zone=zone,
        since=since,
        until=until,
        by=approver.person,
        rank=approver.rank,
        at=at,
    )
    return problems or replace(visit, core=(*visit.core, approval))


def approve(
    visit: Visit,
    approver: Approver,
    *,
    levels: Levels,
    departments: Departments,
    at: datetime,
) -> Visit | Refused:
    """By the head of the department whose zones are visited (G5.3.2-2a)."""
    cores = [z for z in visit.route if levels.get(z) is ZoneLevel.CORE]
    theirs = is_theirs(
        approver.rank,
        approver.heads,
        visited=visit.department,
        owners=owners_of(visit.route, levels, departments),
    )
    found = {
        **_own_matter(visit, approver),
        _P.APPROVER_DEPARTMENT: not theirs,
        _P.APPROVER_RANK: not approver.rank.suffices_for(visit.demands.rank),
        _P.PERIOD: at >= visit.until,
        _P.TOO_LONG: _too_long(visit),
        _P.CORE_ZONE: bool(cores) and not visit.demands.core,
        _P.CORE_UNAPPROVED: visit.demands.core
        and not set(cores) <= {c.zone for c in visit.core},
    }
    approval = Approval(by=approver.person, rank=approver.rank, at=at)
    return done(
        replace(visit, approval=approval),
        VisitAct.APPROVE,
        (p for p, holds in found.items() if holds),
    )


def _too_long(visit: Visit) -> bool:
    return visit.until - visit.since > visit.demands.longest


def _own_matter(visit: Visit, approver: Approver) -> dict[VisitProblem, bool]:
    who = approver.person
    escorting = (*visit.escorts, *visit.deputies, *(v.id for v in visit.visitors))
    return {
        _P.APPROVER_IS_REQUESTER: who == visit.requested_by,
        _P.APPROVER_IS_ESCORT: who in escorting,
    }
