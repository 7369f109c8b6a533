"""A visit (来访), and the right of one of its visitors to be let in.

    Visit                what was requested, approved, signed, declared
    right_of(…)          the only way to a VisitorRight

INVARIANT: a `VisitorRight` never exists without its parts: the approval of the head
visited, the undertaking's hash (or an inspector's recorded decline), at least one named
escort and a sound declaration of devices. The class has no other constructor, and a
door that receives one over the wire builds it again from its parts.

What may be done with a visit, and by whom, is in `domain.visit_acts`. Sources: the
guide, 5.3.2-2, 5.4.3-1, 5.5.3, 2.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, final

from domain.errors import CallerError
from domain.ids import PersonId, VisitId, ZoneId
from domain.people import Department, Rank
from domain.visit_classes import CLASS_DEMANDS, ClassDemands, VisitClass
from domain.visit_devices import NEVER_IN_CORE, DeviceDeclaration, DeviceKind
from domain.visit_devices import problems_of as device_problems
from domain.visit_life import VisitState
from domain.visit_problems import Refused, VisitProblem, refused
from domain.zones import ZoneLevel

__all__ = [
    "MAX_GROUP",
    "Approval",
    "CoreApproval",
    "Declined",
    "Identity",
    "Refused",
    "Signed",
    "Undertaking",
    "Visit",
    "VisitClass",
    "VisitProblem",
    "VisitState",
    "Visitor",
    "VisitorRight",
    "declaration_problems",
    "must_deposit",
    "right_of",
]

MAX_GROUP: Final = 200  # people of one visit; more is a slip of the pen


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An undertaking (保密承诺书) as it was signed.

    `digest`: SHA-256 of text, strokes, signer and instant; `text_digest`: of the text
    alone, so that a changed wording is seen.
    """

    text: str  # id and version, "repair/3"
    text_digest: bytes  # 32 bytes
    digest: bytes  # 32 bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """An inspector was told of the duty and did not sign (G5.5.3-1)."""

    text: str
    witness: PersonId
    at: datetime


Undertaking: TypeAlias = Signed | Declined


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A document that was looked at: its kind and last digits, never more."""

    document: str  # "id_card", "passport", …
    last_digits: str  # 2..4 characters
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One visitor of a visit. `turned_away`: did not come, or was not let in."""

    id: PersonId  # "V…"
    identity: Identity | None
    undertaking: Undertaking | None
    devices: DeviceDeclaration | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    turned_away: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    by: PersonId
    rank: Rank
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreApproval:
    """The secrecy committee lets this visit into one core zone in [since, until)."""

    zone: ZoneId
    since: datetime
    until: datetime
    by: PersonId
    rank: Rank
    at: datetime

    def covers(self, zone: ZoneId, at: datetime) -> bool:
        return self.zone == zone and self.since <= at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`escorts` may bring the visitors in since `escorts_since`; `deputies` may take
    over from one of them at a door. `route`: the zones of the visit, in order."""

    id: VisitId
    kind: VisitClass
    state: VisitState
    department: Department  # visited
    purpose: str
    requested_by: PersonId
    since: datetime
    until: datetime
    route: tuple[ZoneId, ...]
    escorts: tuple[PersonId, ...]
    deputies: tuple[PersonId, ...]
    escorts_since: datetime
    visitors: tuple[Visitor, ...]
    approval: Approval | None
    core: tuple[CoreApproval, ...]

    @property
    def demands(self) -> ClassDemands:
        return CLASS_DEMANDS[self.kind]

    @property
    def coming(self) -> tuple[Visitor, ...]:
        """The visitors who were not turned away."""
        return tuple(v for v in self.visitors if not v.turned_away)

    @property
    def approvers(self) -> frozenset[PersonId]:
        """Who let it happen, as its head or for a core zone: none of them leads it."""
        head = () if self.approval is None else (self.approval.by,)
        return frozenset((*head, *(c.by for c in self.core)))

    def visitor(self, id_: PersonId) -> Visitor | None:
        return next((v for v in self.visitors if v.id == id_), None)

    def core_approved(self, zone: ZoneId, at: datetime) -> bool:
        return self.demands.core and any(c.covers(zone, at) for c in self.core)

    def covers(self, at: datetime) -> bool:
        return self.since <= at < self.until


@final
@dataclass(frozen=True, slots=True, init=False)
class VisitorRight:
    """What a visitor's badge may open, with their escort. Made by `right_of` alone.

    `visit` is the visit with this one visitor: of the others a door learns nothing.
    """

    visit: Visit
    visitor: Visitor

    def __init__(self) -> None:
        raise CallerError("a visitor's right is made by `right_of` and nothing else")

    def __init_subclass__(cls) -> None:
        raise CallerError("a visitor's right has no other kinds")

    @property
    def person(self) -> PersonId:
        return self.visitor.id

    @property
    def kind(self) -> VisitClass:
        return self.visit.kind

    @property
    def state(self) -> VisitState:
        return self.visit.state


def right_of(visit: Visit, visitor: PersonId) -> VisitorRight | Refused:
    """The right of `visitor`, or every part that it lacks.

    Whether it counts at some moment is the door's business: a right whose visit is not
    checked in, over or frozen exists, and says so.
    """
    who = visit.visitor(visitor)
    if who is None or who.turned_away:
        return Refused((VisitProblem.UNKNOWN_VISITOR,))
    lacks = set(_declaration_problems(visit, who))
    if visit.approval is None:
        lacks.add(VisitProblem.NOT_APPROVED)
    if not visit.escorts:
        lacks.add(VisitProblem.NO_ESCORT)
    if who.undertaking is None:
        lacks.add(VisitProblem.NOT_SIGNED)
    elif isinstance(who.undertaking, Declined) and not visit.demands.may_decline:
        lacks.add(VisitProblem.MUST_SIGN)
    found = refused(lacks)
    if found is not None:
        return found
    bare = replace(who, identity=None)
    right = object.__new__(VisitorRight)
    object.__setattr__(right, "visit", replace(visit, visitors=(bare,)))
    object.__setattr__(right, "visitor", bare)
    return right


def declaration_problems(
    visit: Visit, visitor: Visitor, levels: Mapping[ZoneId, ZoneLevel]
) -> frozenset[VisitProblem]:
    """What is wrong with what a visitor carries, for every zone of the route."""
    return device_problems(
        visitor.devices,
        detailed=visit.demands.detailed,
        deposit=must_deposit(visit, levels),
    )


def must_deposit(
    visit: Visit, levels: Mapping[ZoneId, ZoneLevel]
) -> frozenset[DeviceKind]:
    """What stays in a locker on this visit, besides storage devices."""
    core = any(levels.get(zone) is ZoneLevel.CORE for zone in visit.route)
    return visit.demands.deposit | (NEVER_IN_CORE if core else frozenset())


def _declaration_problems(visit: Visit, visitor: Visitor) -> frozenset[VisitProblem]:
    """The same, where only the visit is known: its core zones are those approved."""
    levels = {c.zone: ZoneLevel.CORE for c in visit.core}
    return declaration_problems(visit, visitor, levels)
