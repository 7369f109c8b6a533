"""The rules for visitors. To add one: write it here, list it in `VISITOR_RULES`.

A visitor is let in by a right instead of a grant, presents a badge alone, and waits for
the named escort, who brings the factors that the zone asks of staff (G5.3.2-2a). All
other rules hold for visitors as for anybody.
"""

from typing import Final

from domain.policy.model import Rule
from domain.policy.model import Verdict as V  # noqa: N817  it stands on every rule
from domain.policy.visiting import Visiting, visiting
from domain.policy.writing import rule


@rule(visiting, V.FORBID, "visit.right_missing", "G5.3.2-2a", on_exit=True)
def has_no_right(theirs: Visiting | None) -> bool:
    """Approval, undertaking, escort or device declaration is missing."""
    return theirs is not None and not theirs.right


@rule(visiting, V.PERMIT, "visit.right", "G5.3.2-2a")
def has_a_right(theirs: Visiting | None) -> bool:
    """The visit was approved for here and now, and the visitor is checked in."""
    return (
        theirs is not None
        and theirs.checked_in
        and not theirs.expired
        and not theirs.off_route
        and (theirs.core_approved or not theirs.core)
    )


@rule(visiting, V.FORBID, "visit.not_checked_in", "G5.3.2-2a")
def is_not_checked_in(theirs: Visiting | None) -> bool:
    """The visitor has not been checked in at the desk yet."""
    return theirs is not None and theirs.right and not _known_state(theirs)


def _known_state(theirs: Visiting) -> bool:
    return theirs.checked_in or theirs.over or theirs.blocked


@rule(visiting, V.FORBID, "visit.over", "G5.3.2-2a", on_exit=True)
def visit_is_over(theirs: Visiting | None) -> bool:
    """The visit has ended: checked out, called off or never begun."""
    return theirs is not None and theirs.over


@rule(visiting, V.FORBID, "visit.blocked", "G7.3.2", on_exit=True)
def visit_is_blocked(theirs: Visiting | None) -> bool:
    """The visit is frozen."""
    return theirs is not None and theirs.blocked


@rule(visiting, V.FORBID, "visit.expired", "G5.3.2-2a")
def visit_has_expired(theirs: Visiting | None) -> bool:
    """The planned end of the visit is past."""
    return theirs is not None and theirs.expired


@rule(visiting, V.FORBID, "visit.off_route", "G5.5.3-2", on_exit=True)
def is_off_route(theirs: Visiting | None) -> bool:
    """This zone is not on the visit's route."""
    return theirs is not None and theirs.off_route


@rule(visiting, V.NOTE, "visit.on_route", "G5.5.3-2")
def is_on_route(theirs: Visiting | None) -> bool:
    """This zone is on the visit's route."""
    return theirs is not None and theirs.right and not theirs.off_route


@rule(visiting, V.FORBID, "visit.core_zone", "G2.4", on_exit=True)
def core_zone_is_not_approved(theirs: Visiting | None) -> bool:
    """Core zones are closed to visitors, save what the secrecy committee approved."""
    return theirs is not None and theirs.core and not theirs.core_approved


@rule(visiting, V.NOTE, "visit.core_approved", "G2.4")
def core_zone_is_approved(theirs: Visiting | None) -> bool:
    """The secrecy committee approved this core zone for this time."""
    return theirs is not None and theirs.core and theirs.core_approved


@rule(visiting, V.NOTE, "visit.undertaking_signed", "G5.3.2-2a")
def undertaking_is_signed(theirs: Visiting | None) -> bool:
    """The visitor signed the undertaking of their visit's class."""
    return theirs is not None and theirs.right and not theirs.declined


@rule(visiting, V.NOTE, "visit.undertaking_declined", "G5.5.3-1")
def undertaking_was_declined(theirs: Visiting | None) -> bool:
    """An inspector was told of the duty and did not sign: witnessed and recorded."""
    return theirs is not None and theirs.declined


@rule(visiting, V.NOTE, "visit.devices_declared", "G5.3.2-2b")
def devices_were_declared_at_the_desk(theirs: Visiting | None) -> bool:
    """What the visitor carries was declared at the desk; no storage device."""
    return theirs is not None and theirs.right


@rule(visiting, V.WAIT, "visit.escort_missing", "G5.3.2-2a")
def escort_is_missing(theirs: Visiting | None) -> bool:
    """The named escort must complete their own factors at this door."""
    return theirs is not None and not theirs.escorted


@rule(visiting, V.NOTE, "visit.escorted", "G5.3.2-2a")
def escort_is_there(theirs: Visiting | None) -> bool:
    """The named escort completed their own factors at this door in time."""
    return theirs is not None and theirs.escorted


@rule(visiting, V.FORBID, "visit.escort_full", "G5.3.2-2a")
def escort_leads_enough(theirs: Visiting | None) -> bool:
    """The escort already leads as many visitors as one may."""
    return theirs is not None and theirs.full


VISITOR_RULES: Final[tuple[Rule, ...]] = (
    has_no_right,
    has_a_right,
    is_not_checked_in,
    visit_is_over,
    visit_is_blocked,
    visit_has_expired,
    is_off_route,
    is_on_route,
    core_zone_is_not_approved,
    core_zone_is_approved,
    undertaking_is_signed,
    undertaking_was_declined,
    devices_were_declared_at_the_desk,
    escort_is_missing,
    escort_is_there,
    escort_leads_enough,
)
