"""What the pages of the visitor desk say: names, places, and what is missing.

Pure. What is missing is named with the guide's clauses, the same words wherever it
stands: in the list, beside the badge button, and in the refusal of the office.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Final

from config.schema import Site
from controller.services.desk import DeskVisit, DeskVisitor
from controller.web.pages.frame import Times, lasting
from controller.web.words import Words
from domain.errors import InputError
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
_MANY: Final = 4  # more than a row has room for
_MINUTE: Final = timedelta(minutes=1)
_DEVICES: Final = frozenset(
    {
        VisitProblem.UNDECLARED,
        VisitProblem.INCOMPLETE,
        VisitProblem.STORAGE,
        VisitProblem.DEPOSIT,
    }
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

    def present(self, visit: DeskVisit) -> list[DeskVisitor]:
        """Who is on site; of a large group the first."""
        here = [each for each in visit.visitors if is_leaving(each)]
        return here if len(here) < _MANY else here[:1]

    def is_late(self, visit: DeskVisit) -> bool:
        """By a minute, and more."""
        return visit.late_by is not None and visit.late_by >= _MINUTE

    def lasting(self, span: timedelta) -> str:
        """In whole minutes, as nobody waits for seconds here."""
        if span < timedelta(hours=1):
            return self.say("desk.minutes", m=span // _MINUTE)
        return lasting(self.say, span)


def is_expected(visit: DeskVisit) -> bool:
    return visit.state in _EXPECTED


def is_leaving(who: DeskVisitor) -> bool:
    """Was checked in and has not left."""
    return who.checked_in_at is not None and who.checked_out_at is None


def found_in(visit: DeskVisit, wanted: str, speech: DeskSpeech) -> bool:
    """Whether `wanted` stands in a name, an organisation or the visit's id."""
    people = [v.person for v in visit.visitors] + list(visit.escorts)
    texts = [text for each in people for text in (each.name, each.name_en)]
    texts += [v.organisation for v in visit.visitors]
    texts += [visit.visit, *map(speech.zone, visit.route)]
    return any(wanted.casefold() in text.casefold() for text in texts)


def to_do(
    visit: DeskVisit, present: frozenset[PersonId], per_escort: int
) -> tuple[VisitProblem, ...]:
    """What keeps the badges in the drawer, with only these escorts here.

    The office judges anew when a badge is asked for; it names the same.
    """
    found = set(visit.missing) - {VisitProblem.TOO_MANY}
    here = present & {escort.id for escort in visit.escorts}
    coming = sum(not who.turned_away for who in visit.visitors)
    if not here:
        found.add(VisitProblem.ESCORT_ABSENT)
    elif coming > len(here) * per_escort:
        found.add(VisitProblem.TOO_MANY)
    problems = refused(found)
    return problems.problems if problems else ()


def done_steps(
    who: DeskVisitor | None, lacking: Iterable[VisitProblem]
) -> dict[int, bool]:
    """The six steps of a visitor, 1 to 6; of nobody in particular only the last two."""
    lacks = set(lacking)
    here = not lacks & {VisitProblem.ESCORT_ABSENT, VisitProblem.TOO_MANY}
    steps = {5: here, 6: False}
    if who is None or who.turned_away:
        return steps
    mine = set(who.missing)
    declared = who.devices is not None
    return {
        1: who.identity is not None,
        2: declared and not mine & _DEVICES,
        3: declared and VisitProblem.LOCKER not in mine,
        4: who.undertaking is not None,
        **steps,
    }


def next_step(done: Mapping[int, bool]) -> int:
    return next(number for number, is_done in done.items() if not is_done)


def free_locker(taken: Iterable[int]) -> int:
    """The lowest number that nothing lies in."""
    held = set(taken)
    return next(n for n in count(1) if n not in held)


def chosen(visit: DeskVisit, wanted: str) -> DeskVisitor:
    """The visitor asked for; of nobody in particular the first for whom there is
    something to do.

    Raises:
        InputError: they are not of this visit: nothing is done to somebody else.
    """
    by_id = {str(who.person.id): who for who in visit.visitors}
    if wanted in by_id:
        return by_id[wanted]
    if wanted:
        raise InputError(f"there is no visitor `{wanted}` in visit `{visit.visit}`")
    busy = (who for who in visit.visitors if who.missing or is_leaving(who))
    return next(busy, visit.visitors[0])


def next_one(visit: DeskVisit, who: DeskVisitor) -> DeskVisitor:
    """Whom to go on with after a step of `who`: the same, until they lack nothing."""
    after = next(v for v in visit.visitors if v.person.id == who.person.id)
    if after.missing and not after.turned_away:
        return after
    return next((v for v in visit.visitors if v.missing), after)
