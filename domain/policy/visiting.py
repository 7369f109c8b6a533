"""What a visitor's right says of this door at this instant: the part that the rules of
visitors read.

Nothing here is true of staff: to them `visiting` is None.
"""

from typing import NamedTuple

from domain.policy.model import Facts, Request
from domain.visit_life import ENDED, PRESENT, VisitState
from domain.visits import Declined
from domain.zones import ZoneLevel


class Visiting(NamedTuple):
    """`right`: there is one; what follows is then asked of it, and else False."""

    right: bool
    checked_in: bool
    over: bool
    blocked: bool
    expired: bool  # its planned end is reached
    off_route: bool
    core: bool  # this is a core zone …
    core_approved: bool  # … that the committee approved for now
    declined: bool  # an inspector was told and did not sign
    escorted: bool
    full: bool  # the escort leads as many as the site allows


_NOTHING = Visiting(*[False] * len(Visiting._fields))


def visiting(request: Request, facts: Facts) -> Visiting | None:
    person, right = facts.person, facts.right
    if person is None or not person.visitor:
        return None
    core = facts.zone.level is ZoneLevel.CORE
    if right is None:
        return _NOTHING._replace(core=core, escorted=request.escort is not None)
    visit = right.visit
    return Visiting(
        True,
        visit.state in PRESENT,
        visit.state in ENDED,
        visit.state is VisitState.BLOCKED,
        request.at >= visit.until,
        facts.zone.id not in visit.route,
        core,
        visit.core_approved(facts.zone.id, request.at),
        isinstance(right.visitor.undertaking, Declined),
        request.escort is not None,
        _full(request, facts, facts.ratio.of(visit.kind)),
    )


def _full(request: Request, facts: Facts, most: int) -> bool:
    """The escort who is here leads `most`; before one is, each of them does."""
    if request.escort is not None:
        before = facts.led.get(request.escort, frozenset())
        return len(before | request.led) >= most
    return bool(facts.led) and all(len(led) >= most for led in facts.led.values())
