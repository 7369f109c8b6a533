"""What the pages of the visitor desk say: names, places, and what is missing.

Pure. What is missing is named with the guide's clauses, the same words wherever it
stands: in the list, beside the badge button, and in the refusal of the office.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from config.schema import Site
from controller.services.desk import DeskVisit, DeskVisitor
from controller.web.pages.frame import Times, lasting
from controller.web.words import Words
from domain.ids import PersonId, ZoneId
from domain.visit_life import VisitState
from domain.visit_problems import VisitProblem, clauses_of, refused

DOCUMENTS: Final = (
    "id_card",
    "passport",
    "residence_permit",
    "driving_licence",
    "official_pass",
)
_EXPECTED: Final = (VisitState.APPROVED, VisitState.UNDERTAKING_SIGNED)


@dataclass(frozen=True, slots=True)
class Lack:
    """Something missing, in words; `clauses` as they are written, "G5.3.2-2b"."""

    word: str
    clauses: str


@dataclass(frozen=True, slots=True)
class DeskSpeech:
    """How one page speaks of visits."""

    say: Words
    times: Times
    site: Site

    def lacks(self, problems: Iterable[VisitProblem]) -> list[Lack]:
        return [
            Lack(
                self.say.code("visit.problem", problem.removeprefix("visit.")),
                " ".join(clauses_of(problem)),
            )
            for problem in problems
        ]

    def zone(self, id_: ZoneId) -> str:
        zone = self.site.zones.get(id_)
        return id_ if zone is None else self.say.of(zone)

    def party(self, visit: DeskVisit) -> str:
        """Whom a row is about: the first of a group, and how many."""
        coming = [v for v in visit.visitors if not v.turned_away] or visit.visitors
        first = self.say.of(coming[0].person)
        if len(coming) == 1:
            return first
        return self.say("desk.party", who=first, n=len(coming))

    def lasting(self, span: timedelta) -> str:
        return lasting(self.say, span)


def is_expected(visit: DeskVisit) -> bool:
    return visit.state in _EXPECTED


def is_leaving(who: DeskVisitor) -> bool:
    """Was checked in and has not left."""
    return who.checked_in_at is not None and who.checked_out_at is None


def to_do(
    visit: DeskVisit, present: frozenset[PersonId], per_escort: int
) -> tuple[VisitProblem, ...]:
    """What keeps the badges in the drawer, with only these escorts here.

    The office judges anew when a badge is asked for; it names the same.
    """
    found = set(visit.missing)
    here = present & {escort.id for escort in visit.escorts}
    coming = sum(not who.turned_away for who in visit.visitors)
    if not here:
        found.add(VisitProblem.ESCORT_ABSENT)
    elif coming > len(here) * per_escort:
        found.add(VisitProblem.TOO_MANY)
    problems = refused(found)
    return problems.problems if problems else ()


def chosen(visit: DeskVisit, wanted: str) -> DeskVisitor:
    """The visitor asked for, or the first for whom there is something to do."""
    by_id = {str(who.person.id): who for who in visit.visitors}
    if wanted in by_id:
        return by_id[wanted]
    busy = (who for who in visit.visitors if who.missing or is_leaving(who))
    return next(busy, visit.visitors[0])
