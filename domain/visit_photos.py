"""A visitor's photograph: only by consent, and only as long as it is of use.

It helps the guard to know again who was checked in; nobody must agree to it. Consent
is the visitor's own, given at the desk or on the lobby's tablet, and withdrawn at any
time (PIPL 15). Its purpose ends with the visit, and so does the photograph (PIPL 19).
"""

from enum import StrEnum
from typing import Final

from domain.visit_life import ENDED, VisitState
from domain.visits import Visit, Visitor


class PhotoConsent(StrEnum):
    """Where the visitor agreed."""

    DESK = "desk"  # said before the guard, who ticked it
    TABLET = "tablet"  # by their own finger, beside the undertaking


class PhotoEnd(StrEnum):
    WITHDRAWN = "withdrawn"  # at once, whenever they say so
    OVER = "over"  # they left, were turned away, or the visit came to nothing
    REPLACED = "replaced"  # by a better one


_AT_DESK: Final = (VisitState.APPROVED, VisitState.UNDERTAKING_SIGNED)


def may_be_taken(visit: Visit, who: Visitor) -> bool:
    """While they stand at the desk, before the badge is given."""
    return visit.state in _AT_DESK and not who.turned_away


def is_of_use(visit: Visit, who: Visitor) -> bool:
    """Whether its purpose stands. One who is inside is still to be known going out,
    also if the visit is frozen; one who is frozen outside doesn't come in."""
    if visit.state in ENDED or who.turned_away or who.checked_out_at is not None:
        return False
    return visit.state is not VisitState.BLOCKED or who.checked_in_at is not None
