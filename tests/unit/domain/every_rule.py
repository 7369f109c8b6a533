"""For every rule of the house the least that makes it speak, written by hand.

A `World` is somebody before a door where all is well; a `Cause` changes one thing about
it. Causes of one `aspect` exclude each other (nobody has left and is frozen at once),
unless they are of one `family` (two bad grants). What each *does* is written here as a
word and not taken from the rule, so that the laws can be tried on it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from domain.credentials import Factor
from domain.ids import GrantId, PersonId, ZoneId
from domain.people import Grant, PersonState, Post, Rank, Withdrawal
from domain.policy import Facts, Presence, Request
from domain.visits import Declined, VisitClass, VisitState
from domain.zones import WhenExpired, ZoneLevel
from tests.builders import (
    LI,
    NEVER,
    NINE,
    QUALIFIED,
    WANG,
    facts,
    grant,
    person,
    request,
    zone,
)
from tests.visits import GUEST, guest, into_core, right, visit, visitor

CORE, IMPORTANT = ZoneLevel.CORE, ZoneLevel.IMPORTANT
GENERAL, NON_SECRET = ZoneLevel.GENERAL, ZoneLevel.NON_SECRET
ALL: Final = frozenset(ZoneLevel)
SECRET: Final = ALL - {NON_SECRET}
HIGH: Final = frozenset({CORE, IMPORTANT})

Fields: TypeAlias = dict[str, Any]


@dataclass
class World:
    """One request of one person of the staff, or of one visitor."""

    level: ZoneLevel
    visitor: bool
    asks: Fields = field(default_factory=dict)
    knows: Fields = field(default_factory=dict)
    there: Fields = field(default_factory=dict)
    theirs: Fields = field(default_factory=dict)  # of the person
    visit: Fields = field(default_factory=dict)
    lasts: Fields = field(default_factory=dict)  # of the qualifications
    grants: tuple[Grant, ...] | None = None  # None: the good one
    known: bool = True
    entitled: bool = True  # a visitor's right is there

    def built(self) -> tuple[Request, Facts]:
        if self.visitor:
            return self._of_a_visitor()
        asked = replace(request(self.level), **self.asks)
        who = person(qualifications=replace(QUALIFIED, **self.lasts), **self.theirs)
        if self.grants is not None:
            who = replace(who, grants=self.grants)
        known = replace(
            facts(self.level),
            zone=zone(self.level, **self.there),
            person=who if self.known else None,
            **self.knows,
        )
        return asked, known

    def _of_a_visitor(self) -> tuple[Request, Facts]:
        here = ZoneId(str(self.level))
        plain = into_core() if self.level is CORE else visit(route=(here,))
        whole = replace(plain, **self.visit)
        asked = replace(
            request(self.level),
            person=GUEST,
            factors=frozenset({Factor.BADGE}),
            declaration=None,
            escort=LI,
        )
        known = replace(
            facts(self.level),
            zone=zone(self.level, **self.there),
            person=guest(**self.theirs) if self.known else None,
            right=right(whole) if self.entitled else None,
            escorts=(LI,),
        )
        return replace(asked, **self.asks), replace(known, **self.knows)


@dataclass(frozen=True, kw_only=True)
class Cause:
    reason: str
    does: str  # "forbid", "wait", "permit", "note", "alarm"
    aspects: frozenset[str]
    make: Callable[[World], None]
    levels: frozenset[ZoneLevel] = ALL
    staff: bool = True
    visitors: bool = True
    family: str = ""
    on_exit: bool = False  # true of the person or the door, so told on the way out

    def can_be(self, level: ZoneLevel, *, visitor: bool) -> bool:
        return level in self.levels and (self.visitors if visitor else self.staff)

    def excludes(self, other: "Cause") -> bool:
        related = bool(self.family) and self.family == other.family
        return bool(self.aspects & other.aspects) and not related


def _as_it_is(world: World) -> None:
    """All is well, and this rule says so."""


def _asks(**changes: Any) -> Callable[[World], None]:  # noqa: ANN401  any field
    return lambda world: world.asks.update(changes)


def _knows(**changes: Any) -> Callable[[World], None]:  # noqa: ANN401  any field
    return lambda world: world.knows.update(changes)


def _there(**changes: Any) -> Callable[[World], None]:  # noqa: ANN401  any field
    return lambda world: world.there.update(changes)


def _theirs(**changes: Any) -> Callable[[World], None]:  # noqa: ANN401  any field
    return lambda world: world.theirs.update(changes)


def _visit(**changes: Any) -> Callable[[World], None]:  # noqa: ANN401  any field
    return lambda world: world.visit.update(changes)


def _lasts(**changes: date | None) -> Callable[[World], None]:
    return lambda world: world.lasts.update(changes)


def _bad_grant(**changes: Any) -> Callable[[World], None]:  # noqa: ANN401  any field
    def make(world: World) -> None:
        others = world.grants or ()
        bad = grant(world.level, id=GrantId(f"bad{len(others)}"), **changes)
        world.grants = (*others, bad)

    return make


def _no_grant(world: World) -> None:
    world.grants = world.grants or ()


def _nobody(**changes: Any) -> Callable[[World], None]:  # noqa: ANN401  any field
    def make(world: World) -> None:
        world.known = False
        world.asks.update({"person": None, **changes})

    return make


def _delayed_stranger(world: World) -> None:
    _nobody(unknown=True)(world)
    world.knows["delayed"] = True


def _withdrawn(world: World) -> None:
    world.theirs["withdrawn"] = Withdrawal(NINE, "revoked")
    world.grants = ()


def _no_right(world: World) -> None:
    world.entitled = False


def _declined(world: World) -> None:
    told = Declined(text="inspection/1", witness=LI, at=NINE)
    world.visit |= {
        "kind": VisitClass.INSPECTION,
        "visitors": (visitor(undertaking=told),),
    }


def _without_face(world: World) -> None:
    world.theirs["non_face"] = True
    rest = {Factor.BADGE, Factor.FINGERPRINT, Factor.PIN}
    world.asks["factors"] = frozenset(rest)


def _full(world: World) -> None:
    world.there["capacity"] = world.knows["inside"] = 9


def _outdated(world: World) -> None:
    world.there["roster_expired"] = WhenExpired.ADMIT
    world.knows["roster_expired"] = True


def _two(*, partner: PersonId | None) -> Callable[[World], None]:
    def make(world: World) -> None:
        world.there["two_person"] = True
        world.asks["partner"] = partner

    return make


YESTERDAY: Final = date(2026, 11, 22)
SOON: Final = date(2026, 12, 1)
FIVE_LED: Final = frozenset(PersonId(f"V20{n:02}") for n in range(5))
LISTED: Final = frozenset({Post("process_technician")})

_QUALIFIED: Final = ("agreement", "commitment", "training")
_RIGHT: Final = frozenset(
    {"right", "visit", "route", "committee", "until", "undertaking", "devices", "led"}
)
_WHO: Final = frozenset(
    {"who", "state", "grant", "withdrawn", "factors", "presence", "escort"}
    | {*_QUALIFIED, *_RIGHT}
)


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


def _forbid(
    reason: str,
    make: Callable[[World], None],
    *aspects: str,
    **more: Any,  # noqa: ANN401  any field of a cause
) -> Cause:
    return Cause(
        reason=reason, does="forbid", make=make, aspects=frozenset(aspects), **more
    )


def _says(
    does: str,
    reason: str,
    make: Callable[[World], None],
    *aspects: str,
    **more: Any,  # noqa: ANN401  any field of a cause
) -> Cause:
    return Cause(
        reason=reason, does=does, make=make, aspects=frozenset(aspects), **more
    )


_STAFF: Final[Fields] = {"visitors": False}
_GUESTS: Final[Fields] = {"staff": False}
_TOLD: Final[Fields] = {"on_exit": True}
_NOBODY: Final[Fields] = {"family": "nobody"}
_BAD: Final[Fields] = {"family": "bad grant", "levels": SECRET, **_STAFF, **_TOLD}


def _at(*levels: ZoneLevel) -> Fields:
    return {"levels": frozenset(levels)}


CAUSES: Final[tuple[Cause, ...]] = (
    # who it is
    _forbid("credential.unknown", _nobody(unknown=True), *_WHO, **_NOBODY, **_TOLD),
    _forbid("attempt.mismatch", _nobody(mismatch=True), *_WHO, **_NOBODY, **_TOLD),
    _forbid("reader.delayed", _delayed_stranger, *_WHO, **_NOBODY),
    _forbid("person.left", _theirs(state=PersonState.LEFT), "state", **_TOLD),
    _forbid("person.suspended", _theirs(state=PersonState.SUSPENDED), "state", **_TOLD),
    _forbid(
        "person.de_secrecy",
        _theirs(state=PersonState.DE_SECRECY),
        "state",
        **_at(CORE, IMPORTANT),
        **_TOLD,
    ),
    _forbid(
        "person.de_secrecy_general",
        _theirs(state=PersonState.DE_SECRECY),
        "state",
        **_at(GENERAL),
        **_TOLD,
    ),
    _forbid("person.withdrawn", _withdrawn, "withdrawn", "grant", **_TOLD),
    # what permits staff
    _says("permit", "grant.core", _as_it_is, "grant", **_at(CORE), **_STAFF),
    _says("permit", "grant.important", _as_it_is, "grant", **_at(IMPORTANT), **_STAFF),
    _says(
        "permit",
        "grant.general",
        _as_it_is,
        "grant",
        family="good",
        **_at(GENERAL),
        **_STAFF,
    ),
    _says(
        "permit",
        "post.general",
        _there(posts=LISTED),
        "grant",
        "state",
        family="good",
        **_at(GENERAL),
        **_STAFF,
    ),
    _says("permit", "person.employed", _as_it_is, "who", **_at(NON_SECRET), **_STAFF),
    # why no grant permits
    _forbid("grant.missing", _no_grant, "grant", levels=SECRET, **_STAFF, **_TOLD),
    _forbid("post.not_listed", _no_grant, "grant", **{**_BAD, **_at(GENERAL)}),
    _forbid("grant.expired", _bad_grant(until=NINE), "grant", **_BAD),
    _forbid(
        "grant.not_yet", _bad_grant(since=NINE + timedelta(days=1)), "grant", **_BAD
    ),
    _forbid("grant.outside_hours", _bad_grant(schedule=NEVER.id), "grant", **_BAD),
    _forbid(
        "grant.rank_core",
        _bad_grant(rank=Rank.COMMITTEE),
        "grant",
        **{**_BAD, **_at(CORE)},
    ),
    _forbid(
        "grant.rank_important",
        _bad_grant(rank=Rank.TEAM_LEADER),
        "grant",
        **{**_BAD, **_at(IMPORTANT)},
    ),
    # qualifications
    *(
        _forbid(
            f"{name}.lapsed",
            _lasts(**{f"{name}_until": YESTERDAY}),
            name,
            levels=HIGH,
            **_STAFF,
            **_TOLD,
        )
        for name in _QUALIFIED
    ),
    *(
        _says(
            "note",
            f"{name}.current",
            _as_it_is,
            name,
            family=name,
            levels=HIGH,
            **_STAFF,
        )
        for name in _QUALIFIED
    ),
    _says(
        "note",
        "qualification.expiring",
        _lasts(agreement_until=SOON),
        "agreement",
        family="agreement",
        levels=HIGH,
        **_STAFF,
    ),
    # what is still to come
    _says("wait", "factors.incomplete", _asks(factors=frozenset()), "factors"),
    _says("note", "factors.complete", _as_it_is, "factors", family="whole"),
    _says(
        "note",
        "factors.non_face",
        _without_face,
        "factors",
        family="whole",
        **_at(CORE),
        **_STAFF,
    ),
    _says(
        "wait",
        "devices.undeclared",
        _asks(declaration=None),
        "declared",
        **_at(CORE),
        **_STAFF,
    ),
    _says("note", "devices.declared", _as_it_is, "declared", **_at(CORE), **_STAFF),
    _says("note", "devices.reminder", _as_it_is, **_at(IMPORTANT)),
    _says(
        "wait", "two_person.waiting", _two(partner=None), "pair", **_at(CORE), **_STAFF
    ),
    _says(
        "note",
        "two_person.complete",
        _two(partner=WANG),
        "pair",
        "factors",
        family="whole",
        **_at(CORE),
        **_STAFF,
    ),
    # the zone, the door and its agent
    _forbid("zone.closed", _there(schedule=NEVER.id), "hours", **_TOLD),
    _forbid("zone.passback", _knows(presence=Presence.INSIDE), "presence", levels=HIGH),
    _says(
        "alarm",
        "occupancy.unknown",
        _knows(presence=Presence.UNKNOWN),
        "presence",
        levels=HIGH,
    ),
    _forbid("zone.full", _full, "full"),
    _forbid("door.lockdown", _knows(lockdown=True), "lockdown", **_TOLD),
    _forbid("door.interlock", _knows(interlocked=True), "interlock"),
    _forbid("clock.untrusted", _knows(clock_trusted=False), "clock", **_TOLD),
    _forbid("roster.expired", _knows(roster_expired=True), "roster", **_TOLD),
    _says(
        "alarm",
        "roster.outdated",
        _outdated,
        "roster",
        **_at(IMPORTANT, GENERAL, NON_SECRET),
    ),
    _forbid("journal.unavailable", _knows(journal_writable=False), "journal", **_TOLD),
    _forbid("credential.blocked", _knows(blocked=True), "blocked"),
    _forbid("internal", _knows(internal_fault=True), "fault", **_TOLD),
    # visitors
    _says(
        "permit",
        "visit.right",
        _as_it_is,
        *("right", "visit", "route", "committee", "until"),
        **_GUESTS,
    ),
    _forbid("visit.right_missing", _no_right, *_RIGHT, **_GUESTS, **_TOLD),
    _forbid(
        "visit.not_checked_in", _visit(state=VisitState.APPROVED), "visit", **_GUESTS
    ),
    _forbid(
        "visit.over", _visit(state=VisitState.CHECKED_OUT), "visit", **_GUESTS, **_TOLD
    ),
    _forbid(
        "visit.blocked", _visit(state=VisitState.BLOCKED), "visit", **_GUESTS, **_TOLD
    ),
    _forbid("visit.expired", _visit(until=NINE), "until", **_GUESTS),
    _forbid(
        "visit.off_route",
        _visit(route=(ZoneId("elsewhere"),)),
        "route",
        **_GUESTS,
        **_TOLD,
    ),
    _says("note", "visit.on_route", _as_it_is, "route", **_GUESTS),
    _forbid(
        "visit.core_zone", _visit(core=()), "committee", **_at(CORE), **_GUESTS, **_TOLD
    ),
    _says(
        "note", "visit.core_approved", _as_it_is, "committee", **_at(CORE), **_GUESTS
    ),
    _says("note", "visit.undertaking_signed", _as_it_is, "undertaking", **_GUESTS),
    _says("note", "visit.undertaking_declined", _declined, "undertaking", **_GUESTS),
    _says("note", "visit.devices_declared", _as_it_is, "devices", **_GUESTS),
    _says("wait", "visit.escort_missing", _asks(escort=None), "escort", **_GUESTS),
    _says("note", "visit.escorted", _as_it_is, "escort", **_GUESTS),
    _forbid("visit.escort_full", _knows(led={LI: FIVE_LED}), "led", **_GUESTS),
)
