"""What is done with a visit: each act gives the visit after it, or every reason why
not.

    sign, decline, declare, identify, turn_away      at the desk, visitor by visitor
    check_in, entered, hand_over, check_out          the visit as a whole
    refuse, cancel, end, block

Laws: nothing at the desk can be skipped; checking out is never refused to somebody who
was checked in: what is missing then is an incident. Who may approve is in
`domain.visit_approval`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.ids import PersonId, ZoneId, is_visitor
from domain.people import PersonState
from domain.visit_classes import EscortRatio, ReturnItem
from domain.visit_devices import CarriedDevice, DeviceDeclaration, Mismatch, compared
from domain.visit_life import PRESENT, VisitAct, VisitState, step
from domain.visit_problems import Refused, VisitProblem, refused
from domain.visits import (
    Declined,
    Identity,
    Signed,
    Undertaking,
    Visit,
    Visitor,
    declaration_problems,
)
from domain.zones import ZoneLevel

_P: Final = VisitProblem
Levels = Mapping[ZoneId, ZoneLevel]

# Visitors may be checked in this long before their visit begins.
EARLY: Final = timedelta(minutes=30)


def refuse(visit: Visit) -> Visit | Refused:
    return done(visit, VisitAct.REFUSE)


def cancel(visit: Visit) -> Visit | Refused:
    return done(visit, VisitAct.CANCEL)


# --- at the desk, visitor by visitor ---


def sign(visit: Visit, visitor: PersonId, signed: Signed) -> Visit | Refused:
    """One undertaking each; the visit goes on once everybody who comes has signed."""
    wrong_text = signed.text.partition("/")[0] != visit.demands.undertaking
    return _undertaken(visit, visitor, signed, {_P.WRONG_TEXT: wrong_text})


def decline(visit: Visit, visitor: PersonId, declined: Declined) -> Visit | Refused:
    """Inspectors may: told of the duty, before a witness, on record (G5.5.3-1)."""
    witness = declined.witness
    return _undertaken(
        visit,
        visitor,
        declined,
        {
            _P.MUST_SIGN: not visit.demands.may_decline,
            _P.UNWITNESSED: not witness or is_visitor(witness),
            _P.WRONG_TEXT: declined.text.partition("/")[0] != visit.demands.undertaking,
        },
    )


def declare(
    visit: Visit, visitor: PersonId, devices: DeviceDeclaration
) -> Visit | Refused:
    """What somebody carries. A declaration that refuses the check-in is still kept, so
    that it can be seen and put right."""
    return _before_check_in(visit, visitor, devices=devices)


def identify(visit: Visit, visitor: PersonId, identity: Identity) -> Visit | Refused:
    if not 2 <= len(identity.last_digits) <= 4 or not identity.document:
        return Refused((_P.UNIDENTIFIED,))
    return _before_check_in(visit, visitor, identity=identity)


def turn_away(visit: Visit, visitor: PersonId) -> Visit | Refused:
    """Somebody of the group did not come, or isn't let in; the others go on."""
    after = _before_check_in(visit, visitor, turned_away=True)
    return after if isinstance(after, Refused) else _signed_by_all(after)


def _undertaken(
    visit: Visit,
    visitor: PersonId,
    undertaking: Undertaking,
    wrong: Mapping[VisitProblem, bool],
) -> Visit | Refused:
    problems = refused(p for p, holds in wrong.items() if holds)
    if problems is not None:
        return problems
    after = _before_check_in(visit, visitor, undertaking=undertaking)
    return after if isinstance(after, Refused) else _signed_by_all(after)


def _before_check_in(
    visit: Visit, visitor: PersonId, **changes: object
) -> Visit | Refused:
    if visit.state not in (VisitState.APPROVED, VisitState.UNDERTAKING_SIGNED):
        at_desk = step(visit.state, VisitAct.SIGN)
        return Refused((at_desk if isinstance(at_desk, _P) else _P.ALREADY,))
    return _with_visitor(visit, visitor, **changes)


def _signed_by_all(visit: Visit) -> Visit:
    coming = visit.coming
    if coming and all(v.undertaking is not None for v in coming):
        onward = step(visit.state, VisitAct.SIGN)
        if isinstance(onward, VisitState):
            return replace(visit, state=onward)
    return visit


# --- the visit as a whole ---


def check_in(
    visit: Visit,
    *,
    escorts_present: frozenset[PersonId],
    ratio: EscortRatio,
    levels: Levels,
    at: datetime,
) -> Visit | Refused:
    """Everybody who comes, together; nothing can be skipped for anyone of them."""
    coming = visit.coming
    escorts = escorts_present & frozenset(visit.escorts)
    found = {_P.NO_VISITOR: not coming}
    for who in coming:
        found |= dict.fromkeys(declaration_problems(visit, who, levels), True)
        if who.identity is None:
            found[_P.UNIDENTIFIED] = True
        if who.undertaking is None and visit.approval is not None:
            found[_P.NOT_SIGNED] = True
    found[_P.ESCORT_ABSENT] = not escorts
    room = len(escorts) * ratio.of(visit.kind)
    found[_P.TOO_MANY] = bool(escorts) and len(coming) > room
    found[_P.EARLY] = at < visit.since - EARLY
    found[_P.LATE] = at >= visit.until
    arrived = tuple(
        v if v.turned_away else replace(v, checked_in_at=at) for v in visit.visitors
    )
    return done(
        replace(visit, visitors=arrived),
        VisitAct.CHECK_IN,
        (p for p, holds in found.items() if holds),
    )


def entered(visit: Visit) -> Visit | Refused:
    """One of them passed a door."""
    return done(visit, VisitAct.ENTER)


def hand_over(
    visit: Visit,
    *,
    old: PersonId,
    new: PersonId,
    standing: PersonState,
    present: frozenset[PersonId],
    at: datetime,
) -> Visit | Refused:
    """`new` takes over from `old`, both present; at a door the factors prove it.

    `standing`: of `new`. Whoever left, is suspended or in their de-secrecy period
    leads nobody.
    """
    found = {
        _P.NOT_AN_ESCORT: old not in visit.escorts,
        _P.NOT_PRESENT: not {old, new} <= present,
        _P.ESCORT_IS_VISITOR: is_visitor(new),
        _P.ALREADY: new in visit.escorts,
        _P.APPROVER_IS_ESCORT: new in visit.approvers,
        _P.UNFIT: standing is not PersonState.ACTIVE,
        _P.OVER: visit.state not in (VisitState.APPROVED, *_WITH_ESCORT),
    }
    problems = refused(p for p, holds in found.items() if holds)
    escorts = tuple(new if e == old else e for e in visit.escorts)
    # Who hands over may take over again.
    deputies = tuple(old if d == new else d for d in visit.deputies)
    return problems or replace(
        visit, escorts=escorts, deputies=deputies, escorts_since=at
    )


_WITH_ESCORT: Final = (VisitState.UNDERTAKING_SIGNED, *PRESENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A visitor checked out. `devices`, `unreturned`: incidents, never a reason to keep
    somebody; a badge among them is revoked at once."""

    visit: Visit
    devices: Mismatch
    unreturned: tuple[ReturnItem, ...]


def check_out(
    visit: Visit,
    visitor: PersonId,
    *,
    out: tuple[CarriedDevice, ...],
    returned: frozenset[ReturnItem],
    at: datetime,
) -> Left | Refused:
    """One visitor leaves; the visit is over with the last."""
    who = visit.visitor(visitor)
    if who is None or who.turned_away:
        return Refused((_P.UNKNOWN_VISITOR,))
    if who.checked_in_at is None:
        return Refused((_P.NOT_CHECKED_IN,))
    if who.checked_out_at is not None:
        return Refused((_P.ALREADY,))
    after = _with_visitor(visit, visitor, checked_out_at=at)
    if not isinstance(after, Refused) and _empty(after):
        after = done(after, VisitAct.CHECK_OUT)
    if isinstance(after, Refused):
        return after
    return left_as(after, visitor, out, returned)


def left_as(
    visit: Visit,
    visitor: PersonId,
    out: tuple[CarriedDevice, ...],
    returned: frozenset[ReturnItem],
) -> Left:
    """What their leaving amounts to, of a visit after it."""
    who = visit.visitor(visitor)
    return Left(
        visit=visit,
        devices=compared(None if who is None else who.devices, out),
        unreturned=tuple(r for r in visit.demands.returns if r not in returned),
    )


def end(visit: Visit, *, at: datetime) -> Visit | Refused:
    """Its planned end: expired, a no-show, or overdue; before that nothing changes."""
    return visit if at < visit.until else done(visit, VisitAct.END)


def block(visit: Visit) -> Visit | Refused:
    """Frozen (G7.3.2): its badges open nothing from now on, but every way out."""
    return done(visit, VisitAct.BLOCK)


def _empty(visit: Visit) -> bool:
    inside = (v for v in visit.visitors if v.checked_in_at and not v.checked_out_at)
    return next(inside, None) is None


def done(
    visit: Visit, act: VisitAct, problems: Iterable[VisitProblem] = ()
) -> Visit | Refused:
    """The visit after `act`, unless its state or one of `problems` forbids it."""
    onward = step(visit.state, act, inside=not _empty(visit))
    if isinstance(onward, VisitProblem):
        problems = (*problems, onward)
    found = refused(problems)
    if found is not None or isinstance(onward, VisitProblem):
        return found or Refused((_P.OVER,))
    return replace(visit, state=onward)


def _with_visitor(
    visit: Visit, visitor: PersonId, **changes: object
) -> Visit | Refused:
    if visit.visitor(visitor) is None:
        return Refused((_P.UNKNOWN_VISITOR,))
    changed: list[Visitor] = []
    for who in visit.visitors:
        mine = who.id == visitor
        changed.append(replace(who, **changes) if mine else who)  # type: ignore[arg-type]  # a field each
    return replace(visit, visitors=tuple(changed))
