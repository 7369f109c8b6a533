"""Why something cannot be done with a visit: codes with the guide's clauses.

A refusal is a value, never an exception, and tells everything that is missing at
once. The codes are the reasons of the desk, as those of `domain.policy` are the
door's; the words are in `config/locales/`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class VisitProblem(StrEnum):
    # The act does not fit the visit's state.
    NOT_APPROVED = "visit.not_approved"
    NOT_SIGNED = "visit.not_signed"
    NOT_CHECKED_IN = "visit.not_checked_in"
    ALREADY = "visit.already"  # done before
    FROZEN = "visit.blocked"
    OVER = "visit.over"
    STILL_HERE = "visit.still_here"  # somebody is checked in: check them out
    # The request.
    NO_VISITOR = "visit.no_visitor"
    NO_ESCORT = "visit.no_escort"
    NO_ROUTE = "visit.no_route"
    UNKNOWN_ZONE = "visit.unknown_zone"
    PERIOD = "visit.period"  # it ends before it begins, or has ended
    BEGAN = "visit.began"  # more than a day ago
    TOO_LONG = "visit.too_long"  # for its class
    OTHER_DEPARTMENT = "visit.other_department"  # the route is another's
    CORE_ZONE = "visit.core_zone"  # this class never goes there
    ESCORT_IS_VISITOR = "visit.escort_is_visitor"
    ALONE_ONLY = "visit.group_not_for_class"
    # The approval.
    APPROVER_IS_REQUESTER = "visit.approver_is_requester"
    APPROVER_IS_ESCORT = "visit.approver_is_escort"
    APPROVER_DEPARTMENT = "visit.approver_department"
    APPROVER_RANK = "visit.approver_rank"
    CORE_UNAPPROVED = "visit.core_unapproved"  # by the secrecy committee
    # Undertaking and devices.
    UNKNOWN_VISITOR = "visit.unknown_visitor"
    MUST_SIGN = "visit.must_sign"  # this class may not decline
    UNWITNESSED = "visit.unwitnessed"
    WRONG_TEXT = "visit.wrong_text"
    UNDECLARED = "visit.devices_undeclared"
    INCOMPLETE = "visit.device_incomplete"  # type, make or serial is missing
    STORAGE = "visit.storage_not_deposited"
    DEPOSIT = "visit.deposit_needed"
    LOCKER = "visit.no_locker"
    # The desk.
    UNIDENTIFIED = "visit.unidentified"
    NO_BADGE = "visit.no_badge"
    ESCORT_ABSENT = "visit.escort_absent"
    TOO_MANY = "visit.too_many_for_escort"
    EARLY = "visit.early"
    LATE = "visit.late"
    NOT_AN_ESCORT = "visit.not_an_escort"  # of this visit
    NOT_PRESENT = "visit.handover_absent"  # both must be there
    UNFIT = "visit.escort_unfit"  # left, suspended, or in their de-secrecy period


_CLAUSES: Final[dict[VisitProblem, tuple[str, ...]]] = {
    VisitProblem.NOT_APPROVED: ("G5.3.2-2a",),
    VisitProblem.NOT_SIGNED: ("G5.3.2-2a",),
    VisitProblem.NOT_CHECKED_IN: ("G5.3.2-2a",),
    VisitProblem.FROZEN: ("G7.3.2",),
    VisitProblem.STILL_HERE: ("G5.3.2-2a",),
    VisitProblem.NO_ESCORT: ("G5.3.2-2a",),
    VisitProblem.NO_ROUTE: ("G5.5.3-2",),
    VisitProblem.TOO_LONG: ("G5.3.2-2a",),
    VisitProblem.OTHER_DEPARTMENT: ("G5.3.2-2a",),
    VisitProblem.CORE_ZONE: ("G2.4",),
    VisitProblem.ESCORT_IS_VISITOR: ("G5.3.2-2a",),
    VisitProblem.APPROVER_IS_REQUESTER: ("G5.3.2-2a",),
    VisitProblem.APPROVER_IS_ESCORT: ("G5.3.2-2a",),
    VisitProblem.APPROVER_DEPARTMENT: ("G5.3.2-2a",),
    VisitProblem.APPROVER_RANK: ("G5.3.2-2a", "G4.2.2"),
    VisitProblem.CORE_UNAPPROVED: ("G2.4",),
    VisitProblem.MUST_SIGN: ("G5.3.2-2a", "G5.5.3-1"),
    VisitProblem.UNWITNESSED: ("G5.5.3-1",),
    VisitProblem.WRONG_TEXT: ("G5.3.2-2a", "G5.4.3-1"),
    VisitProblem.UNDECLARED: ("G5.3.2-2b",),
    VisitProblem.INCOMPLETE: ("G5.3.2-2b",),
    VisitProblem.STORAGE: ("G5.3.2-2b",),
    VisitProblem.DEPOSIT: ("G5.5.3-2", "G5.3.3-1"),
    VisitProblem.LOCKER: ("G5.3.3-1",),
    VisitProblem.ESCORT_ABSENT: ("G5.3.2-2a",),
    VisitProblem.TOO_MANY: ("G5.3.2-2a",),
    VisitProblem.NOT_AN_ESCORT: ("G5.3.2-2a",),
    VisitProblem.NOT_PRESENT: ("G5.3.2-2a",),
    VisitProblem.UNFIT: ("G5.3.2-2a", "G5.1.3-4"),
}


def clauses_of(problem: VisitProblem) -> tuple[str, ...]:
    """The guide's clauses; empty for what is only a matter of order."""
    return _CLAUSES.get(problem, ())


@dataclass(frozen=True, slots=True)
class Refused:
    """It can't be done: every reason, in the order of `VisitProblem`, each once."""

    problems: tuple[VisitProblem, ...]

    @property
    def clauses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c for p in self.problems for c in clauses_of(p)))


def refused(problems: Iterable[VisitProblem]) -> Refused | None:
    """The refusal that `problems` come to; None if there are none."""
    found = frozenset(problems)
    return Refused(tuple(p for p in VisitProblem if p in found)) if found else None
