"""What a zone and its door demand of one request, and what is met: the parts of
request and facts that rules read.

Dates of qualifications are valid through that day in the site's time. A grant is
judged whole: it helps only if its time, its hours and its approver's rank all suit;
when none helps, each one's shortcoming is told.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from domain.credentials import Factor
from domain.ids import ScheduleId
from domain.people import Grant, Person, PersonState
from domain.policy.model import Awaited, Facts, Presence, Request, Side
from domain.zones import LEVEL_DEMANDS, NON_FACE_FACTORS, WhenExpired, ZoneLevel

WARN_BEFORE: Final = timedelta(days=30)  # G5.1.1-3, CLAUSES.md: 30 days ahead


class GrantState(StrEnum):
    GOOD = "good"
    NOT_YET = "not_yet"
    ENDED = "ended"
    RANK = "rank"
    HOURS = "hours"


# Python 3.11 takes 0.1 µs to look up an enum's member. What follows runs for each
# decision (the rules only for what is new), so it looks them up once.
_FACE: Final = Factor.FACE
_GENERAL: Final = ZoneLevel.GENERAL
_ACTIVE: Final = PersonState.ACTIVE
_GOOD: Final = GrantState.GOOD
_NOT_YET: Final = GrantState.NOT_YET
_ENDED: Final = GrantState.ENDED
_RANK: Final = GrantState.RANK
_HOURS: Final = GrantState.HOURS
_VISITORS: Final = frozenset({Factor.BADGE})
_NO_GRANTS: Final[frozenset[GrantState]] = frozenset()
_ONLY: Final = {state: frozenset({state}) for state in GrantState}


# --- the attempt and the door, as they are ---


class Circumstances(NamedTuple):
    """What request and facts say of attempt, door and hour, whoever the person is."""

    level: ZoneLevel
    visitor: bool
    open: bool  # this hour is one in which anybody may enter
    side: Side
    named: bool  # all factors name one person
    complete: bool  # no factor that is demanded is missing
    other_path: bool  # badge, fingerprint and PIN stand in for the face
    unknown: bool
    mismatch: bool
    blocked: bool
    delayed: bool
    declared: bool
    two_person: bool
    partner: bool
    full: bool  # as many inside as the zone holds
    anti_passback: bool
    presence: Presence
    lockdown: bool
    interlocked: bool
    clock_trusted: bool
    roster_expired: bool
    when_expired: WhenExpired
    journal_writable: bool
    internal_fault: bool


def circumstances(request: Request, facts: Facts) -> Circumstances:
    zone, person = facts.zone, facts.person
    visitor = person is not None and person.visitor
    usual = person is None or (facts.face_available and not person.non_face)
    other_path = not (usual or visitor) and non_face_path(facts)
    needed = (
        _VISITORS if visitor else _needed(zone.level, facts.door_factors, other_path)
    )
    return Circumstances(
        zone.level,
        visitor,
        zone.schedule is None or _covers(zone.schedule, request.at, facts),
        request.side,
        request.person is not None,
        needed <= request.factors,
        other_path,
        request.unknown,
        request.mismatch,
        facts.blocked,
        facts.delayed,
        request.declaration is not None,
        zone.two_person,
        request.partner is not None,
        zone.capacity is not None and facts.inside + request.ahead >= zone.capacity,
        zone.anti_passback,
        facts.presence,
        facts.lockdown,
        facts.interlocked,
        facts.clock_trusted,
        facts.roster_expired,
        zone.roster_expired,
        facts.journal_writable,
        facts.internal_fault,
    )


# --- factors ---


def non_face_path(facts: Facts) -> bool:
    """Whether badge, fingerprint and PIN stand in for a demanded face."""
    person = facts.person
    if person is None or person.visitor:
        return False
    if facts.face_available and not person.non_face:
        return False
    return _FACE in _needed(facts.zone.level, facts.door_factors, False)


def factors_needed(facts: Facts) -> tuple[Factor, ...]:
    """The level's factors, then what the door adds, each once; of a visitor the badge
    alone, since the escort brings the rest (G5.3.2-2a)."""
    if facts.person is not None and facts.person.visitor:
        return (Factor.BADGE,)
    return _in_order(facts.zone.level, facts.door_factors, non_face_path(facts))


def factors_usual(
    level: ZoneLevel, added: tuple[Factor, ...], *, face_available: bool
) -> tuple[Factor, ...]:
    """What a door asks of whoever comes, before it knows who it is."""
    demanded = _in_order(level, added, False)
    if face_available or _FACE not in demanded:
        return demanded
    return _in_order(level, added, True)


def factors_missing(request: Request, facts: Facts) -> tuple[Factor, ...]:
    return tuple(f for f in factors_needed(facts) if f not in request.factors)


def awaited(request: Request, facts: Facts) -> tuple[Awaited, ...]:
    """What a waiting attempt still needs, in the order in which to ask for it.

    The second person is asked for only when the first is complete, and a visitor for
    nothing but badge and escort: what they carry was declared at the desk.
    """
    missing = [Awaited(f.value) for f in factors_missing(request, facts)]
    if facts.person is not None and facts.person.visitor:
        return (*missing, Awaited.ESCORT) if request.escort is None else tuple(missing)
    if LEVEL_DEMANDS[facts.zone.level].declaration and request.declaration is None:
        missing.append(Awaited.DECLARATION)  # G5.3.3-1
    if not missing and facts.zone.two_person and request.partner is None:
        missing.append(Awaited.SECOND_PERSON)
    return tuple(missing)


def _in_order(
    level: ZoneLevel, added: tuple[Factor, ...], other_path: bool
) -> tuple[Factor, ...]:
    demanded = (*LEVEL_DEMANDS[level].factors, *added)
    if other_path:
        rest = tuple(f for f in demanded if f is not _FACE)
        demanded = (*NON_FACE_FACTORS, *rest)
    return tuple(dict.fromkeys(demanded))


@lru_cache(maxsize=256)
def _needed(
    level: ZoneLevel, added: tuple[Factor, ...], other_path: bool
) -> frozenset[Factor]:
    return frozenset(_in_order(level, added, other_path))


# --- grants ---


class Entitlement(NamedTuple):
    """What the person is, and has for this zone.

    `state` is None for nobody. `grants`: what each grant lacks; empty: has none. Of a
    visitor neither grants nor post count: they have a right, or nothing.
    """

    level: ZoneLevel
    named: bool
    visitor: bool
    state: PersonState | None
    withdrawn: bool
    grants: frozenset[GrantState]
    post_listed: bool  # and the level takes the post for a grant

    @property
    def needs_grant(self) -> bool:
        """A person is known, the level wants a grant, and none permits."""
        return (
            self.state is not None
            and not self.visitor
            and LEVEL_DEMANDS[self.level].rank is not None
            and not self.withdrawn
            and GrantState.GOOD not in self.grants
            and not self.post_listed
        )


def entitlement(request: Request, facts: Facts) -> Entitlement:
    person, zone = facts.person, facts.zone
    named = request.person is not None
    if person is None:
        return Entitlement(zone.level, named, False, None, False, _NO_GRANTS, False)
    if person.visitor:
        gone = person.withdrawn is not None
        return Entitlement(
            zone.level, named, True, person.state, gone, _NO_GRANTS, False
        )
    return Entitlement(
        zone.level,
        named,
        False,
        person.state,
        person.withdrawn is not None,
        _grant_states(person, facts, request.at),
        zone.level is _GENERAL and _post_suffices(person, facts),
    )


def good_grant(request: Request, facts: Facts) -> Grant | None:
    """The grant that permits, if one does: its purpose is why the person enters."""
    person = facts.person
    own = person.grants if person is not None and not person.visitor else ()
    here = (g for g in own if g.zone == facts.zone.id)
    return next((g for g in here if _state(g, request.at, facts) is _GOOD), None)


def post_suffices(request: Request, facts: Facts) -> bool:
    """General zones: the post is the authorisation (G5.3.2-1, G4.2.3)."""
    return (
        facts.zone.level is ZoneLevel.GENERAL
        and facts.person is not None
        and not facts.person.visitor
        and _post_suffices(facts.person, facts)
    )


def _post_suffices(person: Person, facts: Facts) -> bool:
    return person.state is _ACTIVE and person.post in facts.zone.posts


def _grant_states(person: Person, facts: Facts, at: datetime) -> frozenset[GrantState]:
    here = facts.zone.id
    states = _NO_GRANTS
    for grant in person.grants:
        if grant.zone == here:
            states |= _ONLY[_state(grant, at, facts)]
    return states


def _state(grant: Grant, at: datetime, facts: Facts) -> GrantState:
    if at < grant.since:
        return _NOT_YET
    if grant.until is not None and at >= grant.until:
        return _ENDED
    needed = LEVEL_DEMANDS[facts.zone.level].rank
    if needed is not None and not grant.rank.suffices_for(needed):
        return _RANK
    if grant.schedule is not None and not _covers(grant.schedule, at, facts):
        return _HOURS
    return _GOOD


def _covers(name: ScheduleId, at: datetime, facts: Facts) -> bool:
    """Hours that nobody knows are no hours."""
    schedule = facts.schedules.get(name)
    return schedule is not None and schedule.covers(at, facts.tz)


# --- qualifications ---


class Qualified(NamedTuple):
    agreement: bool
    commitment: bool
    training: bool
    expiring: bool  # one is still valid and ends within `WARN_BEFORE`


def qualified(request: Request, facts: Facts) -> Qualified | None:
    """None where nobody is known, or the level asks for no qualification, or of a
    visitor, who signed an undertaking instead."""
    if facts.person is None or not LEVEL_DEMANDS[facts.zone.level].qualified:
        return None
    if facts.person.visitor:
        return None
    q = facts.person.qualifications
    today = request.at.astimezone(facts.tz).date()
    signed, committed, trained = dates = (
        q.agreement_until,
        q.commitment_until,
        q.training_until,
    )
    soon = today + WARN_BEFORE
    expiring = False
    for last in dates:  # a third of what a comprehension takes
        if last is not None and today <= last <= soon:
            expiring = True
    return Qualified(
        signed is not None and today <= signed,
        committed is not None and today <= committed,
        trained is not None and today <= trained,
        expiring,
    )
