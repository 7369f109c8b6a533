"""What a zone and its door demand of one request, and what is met: shared by rules.

Dates of qualifications are valid through that day in the site's time. A grant is
judged whole: it helps only if its time, its hours and its approver's rank all suit;
when none helps, each one's shortcoming is told.
"""

from datetime import date, timedelta
from enum import Enum, auto
from typing import Final

from domain.credentials import Factor
from domain.people import Grant, PersonState
from domain.policy.model import Awaited, Facts, Request
from domain.zones import LEVEL_DEMANDS, NON_FACE_FACTORS, ZoneLevel

WARN_BEFORE: Final = timedelta(days=30)  # G5.1.1-3, CLAUSES.md: 30 days ahead


class GrantState(Enum):
    GOOD = auto()
    NOT_YET = auto()
    ENDED = auto()
    RANK = auto()
    HOURS = auto()


# --- factors ---


def non_face_path(facts: Facts) -> bool:
    """Whether badge, fingerprint and PIN stand in for a demanded face."""
    demanded = (*LEVEL_DEMANDS[facts.zone.level].factors, *facts.door_factors)
    if Factor.FACE not in demanded or facts.person is None:
        return False
    return facts.person.non_face or not facts.face_available


def factors_needed(facts: Facts) -> tuple[Factor, ...]:
    """The level's factors, then what the door adds, each once."""
    demanded = (*LEVEL_DEMANDS[facts.zone.level].factors, *facts.door_factors)
    if non_face_path(facts):
        rest = tuple(f for f in demanded if f is not Factor.FACE)
        demanded = (*NON_FACE_FACTORS, *rest)
    return tuple(dict.fromkeys(demanded))


def factors_missing(request: Request, facts: Facts) -> tuple[Factor, ...]:
    return tuple(f for f in factors_needed(facts) if f not in request.factors)


def declaration_due(facts: Facts) -> bool:
    """Core zones want devices declared, per entry (G5.3.3-1)."""
    return LEVEL_DEMANDS[facts.zone.level].declaration


def awaited(request: Request, facts: Facts) -> tuple[Awaited, ...]:
    """What a waiting attempt still needs, in the order in which to ask for it.

    The second person is asked for only when the first is complete.
    """
    missing = [Awaited(f.value) for f in factors_missing(request, facts)]
    if declaration_due(facts) and request.declaration is None:
        missing.append(Awaited.DECLARATION)
    if not missing and facts.zone.two_person and request.partner is None:
        missing.append(Awaited.SECOND_PERSON)
    return tuple(missing)


# --- grants ---


def post_suffices(request: Request, facts: Facts) -> bool:
    """General zones: the post is the authorisation (G5.3.2-1, G4.2.3)."""
    person = facts.person
    return (
        facts.zone.level is ZoneLevel.GENERAL
        and person is not None
        and person.state is PersonState.ACTIVE
        and person.post in facts.zone.posts
    )


def has_good_grant(request: Request, facts: Facts) -> bool:
    return GrantState.GOOD in _states(request, facts)


def good_grant(request: Request, facts: Facts) -> Grant | None:
    """The grant that permits, if one does: its purpose is why the person enters."""
    if facts.person is None:
        return None
    return next(
        (
            grant
            for grant in facts.person.grants
            if grant.zone == facts.zone.id
            and _state(grant, request, facts) is GrantState.GOOD
        ),
        None,
    )


def needs_grant(request: Request, facts: Facts) -> bool:
    """A person is known, the level wants a grant, and none permits."""
    return (
        facts.person is not None
        and LEVEL_DEMANDS[facts.zone.level].rank is not None
        and facts.person.withdrawn is None
        and not has_good_grant(request, facts)
        and not post_suffices(request, facts)
    )


def grant_states(request: Request, facts: Facts) -> frozenset[GrantState]:
    """What each of the person's grants for this zone lacks; empty: has none."""
    return _states(request, facts)


def _states(request: Request, facts: Facts) -> frozenset[GrantState]:
    if facts.person is None:
        return frozenset()
    return frozenset(
        _state(grant, request, facts)
        for grant in facts.person.grants
        if grant.zone == facts.zone.id
    )


def _state(grant: Grant, request: Request, facts: Facts) -> GrantState:
    if request.at < grant.since:
        return GrantState.NOT_YET
    if not grant.covers(request.at):
        return GrantState.ENDED
    needed = LEVEL_DEMANDS[facts.zone.level].rank
    if needed is not None and not grant.rank.suffices_for(needed):
        return GrantState.RANK
    if grant.schedule is not None:
        schedule = facts.schedules.get(grant.schedule)
        # A grant that names hours nobody knows is a grant for no hour.
        if schedule is None or not schedule.covers(request.at, facts.tz):
            return GrantState.HOURS
    return GrantState.GOOD


# --- qualifications ---


def agreement_current(request: Request, facts: Facts) -> bool:
    return facts.person is not None and _through(
        facts.person.qualifications.agreement_until, request, facts
    )


def commitment_current(request: Request, facts: Facts) -> bool:
    return facts.person is not None and _through(
        facts.person.qualifications.commitment_until, request, facts
    )


def training_current(request: Request, facts: Facts) -> bool:
    return facts.person is not None and _through(
        facts.person.qualifications.training_until, request, facts
    )


def expires_soon(request: Request, facts: Facts) -> bool:
    """Some qualification is still valid and ends within `WARN_BEFORE`."""
    if facts.person is None:
        return False
    q = facts.person.qualifications
    today = request.at.astimezone(facts.tz).date()
    dates = (q.agreement_until, q.commitment_until, q.training_until)
    return any(d is not None and today <= d <= today + WARN_BEFORE for d in dates)


def _through(last_day: date | None, request: Request, facts: Facts) -> bool:
    return last_day is not None and request.at.astimezone(facts.tz).date() <= last_day
