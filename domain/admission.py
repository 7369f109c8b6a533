"""What somebody presents at a reader becomes: attempts, decisions, their records.

    present, declare, expire: Doorway -> Turn

Laws:

- a decision that says nothing new is neither recorded nor counted again;
- what refuses is counted (G7.2.1-3); what ran out of time is told, never counted;
- a grant is recorded with everybody it is for, why each of them enters and what each
  declared; its alarms, and the silent one of duress, stand beside it;
- a visitor's badge waits for the escort and is let in with them: one record, the escort
  first (G5.3.2-2a);
- the way out releases the door whoever it is. Somebody nobody knows who leaves makes
  the occupancy doubtful, as an exit without reading does.
"""

from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final, TypedDict

from domain import attempt as attempts
from domain import backoff, escort, movement, passage
from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    VisitorHandedOver,
)
from domain.alarm_events import AlarmCode, AlarmRaised
from domain.attempt import Attempt, Judgement, Presentation
from domain.backoff import Backoff
from domain.credentials import Declaration, Factor
from domain.door import Input
from domain.doorway import Doorway, Moment, Setting, Show, Turn, alarm
from domain.events import Event
from domain.ids import DeviceId, DoorId, PersonId, ZoneId, is_visitor
from domain.passage import Passenger
from domain.policy import Finding, Outcome, Reason, Side, Verdict
from domain.policy.demands import good_grant, post_suffices
from domain.zones import REFUSALS_BEFORE_BLOCK

POST_PURPOSE: Final = "post"  # the post is the authorisation (G5.3.2-1)


class _Common(TypedDict):
    """The fields that every record of an attempt has."""

    door: DoorId
    at: datetime
    zone: ZoneId
    side: Side
    people: tuple[PersonId, ...]
    factors: tuple[Factor, ...]
    findings: tuple[Finding, ...]
    credential: str | None
    camera: DeviceId | None
    roster: int


def present(
    doorway: Doorway,
    presentation: Presentation,
    *,
    side: Side,
    setting: Setting,
    moment: Moment,
) -> Turn:
    """One factor more. A visitor's badge stands beside whatever staff present."""
    person = presentation.person
    visiting = side is Side.ENTRY and person is not None and is_visitor(person)

    def taken(before: Doorway) -> Turn:
        if visiting:
            beside = escort.take(
                before.entry, presentation, side=side, window=setting.escort_window
            )
            waits = before.with_gathering(side, beside)
            return _visitors_judged(waits, None, setting, moment)
        gathering = attempts.take(
            before.gathering(side),
            presentation,
            side=side,
            window=setting.factor_window,
        )
        return _judged(before.with_gathering(side, gathering), side, setting, moment)

    return expire(doorway, setting=setting, moment=moment).then(taken)


def declare(
    doorway: Doorway, declaration: Declaration, *, setting: Setting, moment: Moment
) -> Turn:
    """What somebody keyed in about phones and storage (G5.3.3-1)."""

    def declared(before: Doorway) -> Turn:
        gathering = attempts.declare(
            before.entry,
            declaration,
            at=moment.at,
            side=Side.ENTRY,
            window=setting.factor_window,
        )
        after = before.with_gathering(Side.ENTRY, gathering)
        return _judged(after, Side.ENTRY, setting, moment)

    return expire(doorway, setting=setting, moment=moment).then(declared)


def expire(doorway: Doorway, *, setting: Setting, moment: Moment) -> Turn:
    """Whatever is over at this moment, on both sides."""
    turn = Turn(doorway)
    for side in Side:
        gathering, alone = escort.expire(doorway.gathering(side), at=moment.at)
        gathering, out = attempts.expire(gathering, at=moment.at)
        out = (*out, *alone)
        events = tuple(_denied(j, side, setting, moment, timed_out=True) for j in out)
        turn = Turn(
            turn.doorway.with_gathering(side, gathering),
            (*turn.events, *events),
            flash=Show.REFUSED if events else turn.flash,
        )
    return turn


def _judged(doorway: Doorway, side: Side, setting: Setting, moment: Moment) -> Turn:
    gathering, judgement = attempts.judge(
        doorway.gathering(side),
        door=setting.door,
        at=moment.at,
        facts_of=moment.facts_of,
        rules=moment.rules,
        pair_window=setting.pair_window,
    )
    doorway = doorway.with_gathering(side, gathering)
    if judgement is None or judgement.repeated:
        return Turn(doorway)
    if judgement.decision.outcome is Outcome.GRANTED and side is Side.ENTRY:
        return _visitors_judged(doorway, judgement, setting, moment)
    return _told(doorway, judgement, side, setting, moment)


def _visitors_judged(
    doorway: Doorway, granted: Judgement | None, setting: Setting, moment: Moment
) -> Turn:
    """What the waiting visitors come to, together with what was just `granted`."""
    gathering = doorway.entry
    if granted is not None:
        gathering = escort.completed(
            gathering,
            granted,
            door=setting.door,
            at=moment.at,
            window=setting.escort_window,
        )
    gathering, verdicts = escort.judge(
        gathering,
        granted=granted,
        door=setting.door,
        at=moment.at,
        facts_of=moment.facts_of,
        rules=moment.rules,
    )
    turn = Turn(doorway.with_gathering(Side.ENTRY, gathering))
    for judgement in verdicts.judgements:
        turn = turn.then(
            lambda d, j=judgement: _told(d, j, Side.ENTRY, setting, moment)  # type: ignore[misc]  # mypy 9736
        )
    events = tuple(_handed_over(h, setting, moment.at) for h in verdicts.handovers)
    return turn.then(lambda d: Turn(d, events))


def _handed_over(
    done: escort.Handover, setting: Setting, at: datetime
) -> VisitorHandedOver:
    return VisitorHandedOver(
        door=setting.door,
        at=at,
        visit=done.visit,
        visitor=done.visitor,
        old=done.old,
        new=done.new,
        escorts=done.escorts,
        deputies=done.deputies,
    )


def _told(
    doorway: Doorway,
    judgement: Judgement,
    side: Side,
    setting: Setting,
    moment: Moment,
) -> Turn:
    match judgement.decision.outcome:
        case Outcome.GRANTED:
            return _grant(doorway, judgement, side, setting, moment)
        case Outcome.WAITING:
            told = _waiting(judgement, side, setting, moment)
            return Turn(doorway, (told,), flash=Show.WAITING)
        case Outcome.DENIED:
            return _refuse(doorway, judgement, side, setting, moment)


def _grant(
    doorway: Doorway,
    judgement: Judgement,
    side: Side,
    setting: Setting,
    moment: Moment,
) -> Turn:
    event = AccessGranted(
        **_common(judgement, side, setting, moment),
        purposes=_purposes(judgement, side, setting, moment),
        declarations=_declarations(judgement),
    )
    people = _passengers(judgement, side, moment)
    going = passage.granted(doorway.passage, people)
    if side is Side.EXIT and not people:
        going = passage.asked_to_leave(going)
    record: tuple[Event, ...] = (event, *_alarms(judgement, setting, moment.at))
    turn = Turn(replace(doorway, passage=going), record, flash=Show.GRANTED)
    return turn.then(
        lambda d: movement.move(
            d, Input.GRANT, setting=setting, moment=moment, cause="access"
        )
    )


def _refuse(
    doorway: Doorway,
    judgement: Judgement,
    side: Side,
    setting: Setting,
    moment: Moment,
) -> Turn:
    events: tuple[Event, ...] = (
        _denied(judgement, side, setting, moment, timed_out=False),
        *_alarms(judgement, setting, moment.at),
    )
    after, blocked = _count(doorway.backoff, judgement, setting, moment.at)
    if blocked:
        refused = judgement.attempts[-1]
        events += (
            alarm(
                setting,
                moment.at,
                AlarmCode.TOO_MANY_REFUSALS,
                person=refused.person,
                detail="too many refusals in a short time; blocked for a minute",
            ),
        )
    return Turn(replace(doorway, backoff=after), events, flash=Show.REFUSED)


def _count(
    state: Backoff, judgement: Judgement, setting: Setting, at: datetime
) -> tuple[Backoff, bool]:
    if not backoff.counts(judgement.decision):
        return state, False
    limit = REFUSALS_BEFORE_BLOCK[setting.zone.level]
    return backoff.refuse(state, judgement.attempts[-1], at=at, limit=limit)


def _alarms(
    judgement: Judgement, setting: Setting, at: datetime
) -> tuple[AlarmRaised, ...]:
    """What a guard must know about somebody who passes, and who is under threat."""
    last = judgement.attempts[-1]
    told = [
        alarm(
            setting,
            at,
            finding.reason,
            person=last.person,
            detail=f"on the way {_WAY[last.side]}: {' '.join(finding.clauses)}".strip(),
        )
        for finding in judgement.decision.findings
        if finding.verdict is Verdict.ALARM or finding.reason in _TOLD_IF_REFUSED
    ]
    told += [
        alarm(setting, at, AlarmCode.DURESS, person=one.person, silent=True)
        for one in judgement.attempts[judgement.before :]
        if one.duress
    ]
    return tuple(told)


# What a guard must know of though the door stayed shut.
_TOLD_IF_REFUSED: Final = frozenset({Reason("visit.off_route")})  # G5.5.3-2

_WAY: Final = {Side.ENTRY: "in", Side.EXIT: "out"}


def _waiting(
    judgement: Judgement, side: Side, setting: Setting, moment: Moment
) -> AccessWaiting:
    return AccessWaiting(
        **_common(judgement, side, setting, moment),
        waiting_for=judgement.decision.waiting_for,
        until=judgement.until,
    )


def _denied(
    judgement: Judgement,
    side: Side,
    setting: Setting,
    moment: Moment,
    *,
    timed_out: bool,
) -> AccessDenied:
    return AccessDenied(
        **_common(judgement, side, setting, moment), timed_out=timed_out
    )


def _common(
    judgement: Judgement, side: Side, setting: Setting, moment: Moment
) -> _Common:
    factors = chain.from_iterable(a.factors for a in judgement.attempts)
    credentials = (a.credential for a in judgement.attempts if a.credential)
    return {
        "door": setting.door,
        "at": moment.at,
        "zone": setting.zone.id,
        "side": side,
        "people": judgement.people,
        "factors": tuple(dict.fromkeys(factors)),
        "findings": judgement.decision.findings,
        "credential": next(credentials, None),
        "camera": setting.camera,
        "roster": moment.roster,
    }


def _purposes(
    judgement: Judgement, side: Side, setting: Setting, moment: Moment
) -> tuple[str, ...]:
    """Why each person enters (G5.3.2-3), in the order of the people."""
    if side is Side.EXIT:
        return ()
    return tuple(_purpose(a, setting, moment) for a in judgement.attempts)


def _purpose(attempt: Attempt, setting: Setting, moment: Moment) -> str:
    facts = moment.facts_of(attempt)
    request = attempts.request_of(
        attempt, door=setting.door, at=moment.at, partner=None
    )
    if facts.right is not None:
        return facts.right.visit.purpose
    grant = good_grant(request, facts)
    if grant is not None:
        return grant.purpose
    return POST_PURPOSE if post_suffices(request, facts) else ""


def _declarations(judgement: Judgement) -> tuple[str, ...]:
    """What each declared, in the order of the people; empty if nobody had to."""
    declared = [a.declaration for a in judgement.attempts]
    if not any(declared):
        return ()
    return tuple("" if d is None else str(d) for d in declared)


def _passengers(
    judgement: Judgement, side: Side, moment: Moment
) -> tuple[Passenger, ...]:
    """Who may now go through. Who leaves takes what they declared with them."""
    people: list[Passenger] = []
    for one in judgement.attempts[judgement.before :]:
        if one.person is None:
            continue
        declared = str(one.declaration) if one.declaration else None
        if side is Side.EXIT:
            declared = _declared_inside(one.person, moment)
        people.append(Passenger(one.person, side, declared))
    return tuple(people)


def _declared_inside(person: PersonId, moment: Moment) -> str | None:
    stay = moment.here.stays.get(person)
    return None if stay is None else stay.declaration
