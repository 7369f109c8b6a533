"""What a `do` step does at the visitor desk: through the office, as a guard would.

A step about everybody does it for each in turn and stops at the first refusal. What a
check-out finds is told as reasons: `visit.device_missing`, `visit.device_unexpected`,
`visit.badge_unreturned` and the like; what the office can't make sense of as `input`.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias

from controller.bootstrap import Controller
from controller.services.desk import owners_of
from controller.services.visit_request import NewVisit, NewVisitor
from controller.services.visit_step import Done
from domain.errors import CallerError, InputError
from domain.ids import PersonId
from domain.people import Rank
from domain.visit_acts import Left
from domain.visit_approval import Approver
from domain.visit_classes import CLASS_DEMANDS, ReturnItem
from domain.visit_life import VisitState
from domain.visit_problems import Refused
from domain.zones import ZoneLevel
from simulators.people import badge_number
from simulators.story import Deed
from simulators.story_visits import BEGINNINGS, DeskResult, DeskStep, VisitSpec

Outcome: TypeAlias = Done | Left | Refused
Doing: TypeAlias = Coroutine[Any, Any, Outcome]

BY: Final = "story"
_WHY: Final = "the story says so"
_WHERE: Final = "gate"
# A signature that a finger could have drawn.
_STROKES: Final = b"[[[12,40],[30,22],[44,47]],[[50,20],[52,48]]]"
# A declaration that the guide's inspectors and repairers make.
_DEVICE_CLAUSES: Final = ("G5.3.2-2b", "G5.4.3-1")
_RETURN_CLAUSES: Final = {
    ReturnItem.HANDOUTS: ("G5.5.3-2",),
    ReturnItem.MEDIA: ("G5.4.3-1",),
    ReturnItem.LOCKER: ("G5.3.3-1",),
    ReturnItem.BADGE: ("G5.3.2-2a",),
}


async def perform_at_desk(
    deed: Deed, step: DeskStep, controller: Controller
) -> DeskResult:
    """Do it, for one visitor or for everybody who comes."""
    everybody = tuple(who.id for who in step.visit.visitors)
    people = (step.who,) if step.who is not None else everybody
    try:
        outcomes = await _outcomes(deed, step, controller, people)
    except InputError as error:
        return DeskResult(done=False, people=people, reasons=(error.code,))
    return _told(outcomes, people)


async def _outcomes(
    deed: Deed, step: DeskStep, controller: Controller, people: tuple[PersonId, ...]
) -> list[Outcome]:
    if deed in _FOR_ALL:
        return [await _FOR_ALL[deed](controller, step)]
    outcomes = []
    for who in people:
        outcomes.append(await _FOR_EACH[deed](controller, step, who))
        if isinstance(outcomes[-1], Refused):
            break
    return outcomes


async def bring_to_its_beginning(visit: VisitSpec, controller: Controller) -> None:
    """Whatever was done for this visit before the story begins."""
    if visit.begins is None:
        return
    step = DeskStep(visit=visit)
    for state, deeds in _ON_THE_WAY:
        if BEGINNINGS.index(state) > BEGINNINGS.index(visit.begins):
            return
        for deed in deeds:
            if deed is Deed.APPROVE_CORE and not _core_zones(controller, visit):
                continue
            result = await perform_at_desk(deed, step, controller)
            if not result.done:
                why = ", ".join(result.reasons)
                raise CallerError(f"visit `{visit.id}` can't begin so: {why}")


_ON_THE_WAY: Final = (
    (VisitState.REQUESTED, (Deed.REQUEST_VISIT,)),
    (VisitState.APPROVED, (Deed.APPROVE_CORE, Deed.APPROVE_VISIT)),
    (VisitState.UNDERTAKING_SIGNED, (Deed.SIGN_UNDERTAKING,)),
    (
        VisitState.CHECKED_IN,
        (Deed.IDENTIFY, Deed.DECLARE_DEVICES, Deed.CHECK_IN),
    ),
)


def _told(outcomes: list[Outcome], people: tuple[PersonId, ...]) -> DeskResult:
    refused = next((o for o in outcomes if isinstance(o, Refused)), None)
    if refused is not None:
        return DeskResult(
            done=False,
            people=people,
            reasons=tuple(refused.problems),
            clauses=refused.clauses,
        )
    reasons: dict[str, None] = {}
    clauses: dict[str, None] = {}
    for left in (o for o in outcomes if isinstance(o, Left)):
        if left.devices.missing:
            reasons["visit.device_missing"] = None
        if left.devices.unexpected:
            reasons["visit.device_unexpected"] = None
        if left.devices:
            clauses |= dict.fromkeys(_DEVICE_CLAUSES)
        for item in left.unreturned:
            reasons[f"visit.{item}_unreturned"] = None
            clauses |= dict.fromkeys(_RETURN_CLAUSES[item])
    return DeskResult(
        done=True, people=people, reasons=tuple(reasons), clauses=tuple(clauses)
    )


# --- for the visit as a whole ---


async def _request(controller: Controller, step: DeskStep) -> Outcome:
    visit = step.visit
    wanted = NewVisit(
        id=visit.id,
        kind=visit.kind,
        department=visit.department,
        purpose=visit.purpose,
        requested_by=visit.requester,
        since=step.since or visit.since,
        until=step.until or visit.until,
        route=visit.route,
        escorts=visit.escorts,
        deputies=visit.deputies,
        visitors=tuple(
            NewVisitor(id=who.id, name=who.name, organisation=who.organisation)
            for who in visit.visitors
        ),
    )
    return await controller.visits.request(wanted, BY)


async def _approve(controller: Controller, step: DeskStep) -> Outcome:
    several = len(owners_of(controller.site, step.visit.route)) > 1
    rank = Rank.COMMITTEE if several else Rank.DEPARTMENT_HEAD
    approver = _approver(step, rank)
    return await controller.visits.approve(step.visit.id, approver, BY)


async def _approve_core(controller: Controller, step: DeskStep) -> Outcome:
    """One zone, or every core zone on the route."""
    zones = [step.zone] if step.zone else _core_zones(controller, step.visit)
    outcome: Outcome = Refused(())
    for zone in zones:
        outcome = await controller.visits.approve_core(
            step.visit.id,
            _approver(step, Rank.COMMITTEE),
            zone,
            BY,
            since=step.since,
            until=step.until,
        )
        if isinstance(outcome, Refused):
            break
    return outcome


async def _refuse(controller: Controller, step: DeskStep) -> Outcome:
    return await controller.visits.refuse(step.visit.id, _WHY, BY)


async def _cancel(controller: Controller, step: DeskStep) -> Outcome:
    return await controller.visits.cancel(step.visit.id, _WHY, BY)


async def _block(controller: Controller, step: DeskStep) -> Outcome:
    return await controller.visits.block(step.visit.id, _WHY, BY)


async def _check_in(controller: Controller, step: DeskStep) -> Outcome:
    visit = step.visit
    present = visit.escorts if step.present is None else step.present
    return await controller.visits.check_in(
        visit.id,
        BY,
        escorts_present=frozenset(present),
        badges={who.id: badge_number(who.id) for who in visit.visitors},
    )


async def _handover(controller: Controller, step: DeskStep) -> Outcome:
    visit = step.visit
    old = step.old or visit.escorts[0]
    if step.new is None:
        raise CallerError("`handover` needs `to`")
    present = (old, step.new) if step.present is None else step.present
    return await controller.visits.hand_over(
        visit.id, BY, old=old, new=step.new, present=frozenset(present)
    )


def _core_zones(controller: Controller, visit: VisitSpec) -> list[Any]:
    zones = controller.site.zones
    return [z for z in visit.route if zones[z].level is ZoneLevel.CORE]


def _approver(step: DeskStep, rank: Rank) -> Approver:
    heads = step.visit.department if step.heads is None else step.heads
    return Approver(
        person=step.by or step.visit.approver,
        rank=step.rank or rank,
        heads=frozenset({heads}),
    )


# --- for one visitor ---


async def _identify(controller: Controller, step: DeskStep, who: PersonId) -> Outcome:
    return await controller.visits.identify(step.visit.id, who, "id_card", "0417", BY)


async def _sign(controller: Controller, step: DeskStep, who: PersonId) -> Outcome:
    wanted = step.text or CLASS_DEMANDS[step.visit.kind].undertaking
    texts = await controller.visits.texts(wanted)
    return await controller.visits.sign(
        step.visit.id,
        who,
        texts["zh-CN"].digest,
        BY,
        strokes=_STROKES,
        witness=None,
        where=_WHERE,
    )


async def _decline(controller: Controller, step: DeskStep, who: PersonId) -> Outcome:
    return await controller.visits.decline(
        step.visit.id,
        who,
        step.witness or PersonId(""),
        BY,
        language="zh-CN",
        where=_WHERE,
    )


async def _declare(controller: Controller, step: DeskStep, who: PersonId) -> Outcome:
    own = step.devices is not None
    return await controller.visits.declare(
        step.visit.id,
        who,
        step.devices if step.devices is not None else step.visit.devices,
        BY,
        locker=step.locker if own else _locker(step.visit, who),
    )


async def _turn_away(controller: Controller, step: DeskStep, who: PersonId) -> Outcome:
    return await controller.visits.turn_away(step.visit.id, who, _WHY, BY)


async def _check_out(controller: Controller, step: DeskStep, who: PersonId) -> Outcome:
    """Usually with everything that was declared, and everything given back."""
    shown = await controller.visits.visit(step.visit.id)
    carried = {
        each.person.id: each.devices.devices
        for each in shown.visitors
        if each.devices is not None
    }
    returned = frozenset(ReturnItem) if step.returned is None else step.returned
    return await controller.visits.check_out(
        step.visit.id,
        who,
        BY,
        out=carried.get(who, ()) if step.out is None else step.out,
        returned=returned,
    )


def _locker(visit: VisitSpec, who: PersonId) -> int | None:
    """Each visitor has one of their own, from the visit's number on."""
    if visit.locker is None:
        return None
    return visit.locker + [each.id for each in visit.visitors].index(who)


_FOR_ALL: Final[dict[Deed, Callable[[Controller, DeskStep], Doing]]] = {
    Deed.REQUEST_VISIT: _request,
    Deed.APPROVE_VISIT: _approve,
    Deed.APPROVE_CORE: _approve_core,
    Deed.REFUSE_VISIT: _refuse,
    Deed.CANCEL_VISIT: _cancel,
    Deed.BLOCK_VISIT: _block,
    Deed.CHECK_IN: _check_in,
    Deed.HANDOVER: _handover,
}
_FOR_EACH: Final[dict[Deed, Callable[[Controller, DeskStep, PersonId], Doing]]] = {
    Deed.IDENTIFY: _identify,
    Deed.SIGN_UNDERTAKING: _sign,
    Deed.DECLINE_UNDERTAKING: _decline,
    Deed.DECLARE_DEVICES: _declare,
    Deed.TURN_AWAY: _turn_away,
    Deed.CHECK_OUT: _check_out,
}
DESK_DEEDS: Final = frozenset({*_FOR_ALL, *_FOR_EACH})
