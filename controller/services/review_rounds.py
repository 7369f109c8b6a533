"""What every act of a review does besides: grants lapse, alarms end, rounds close.

Everything works inside an act. A grant that goes, goes the way of every other
(`services.revoke`): to every door concerned, with receipts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from controller.services.office import Act, Office
from controller.services.revoke import withdraw_in
from controller.store import register, reviews
from controller.store.register import StoredGrant
from controller.store.reviews import StoredItem, StoredRound
from domain import review_events as say
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.alarms import priority
from domain.errors import InputError
from domain.ids import CONTROLLER, DeviceId, GrantId, PersonId, ZoneId
from domain.policy import Reason
from domain.review import (
    ROUND_TRANSITIONS,
    UNREVIEWED,
    ReviewAct,
    ReviewState,
    RoundAct,
    RoundId,
    RoundState,
    step,
)
from domain.zones import ZoneLevel

BY: Final = "controller"


def lapse(
    act: Act,
    office: Office,
    round_: RoundId,
    zone: ZoneId,
    items: list[StoredItem],
    *,
    by: str,
) -> None:
    move(act, round_, items, ReviewAct.LAPSE, by=by)
    act.say(
        say.ReviewLapsed(
            door=CONTROLLER, at=act.at, round=round_, zone=zone, grants=len(items)
        )
    )
    grants: defaultdict[PersonId, list[StoredGrant]] = defaultdict(list)
    for item in items:
        grants[item.person].append(grant_of(act, item.grant))
    for theirs in grants.values():
        withdraw_in(act, office, theirs, reason=UNREVIEWED, by=by)


# --- what came of it ---


@contextmanager
def settled(act: Act, round_: StoredRound, *, ended: bool = False) -> Iterator[None]:
    """After the block: clear alarms, and close the round, if nothing waits any more."""
    if round_.state is RoundState.CLOSED:
        yield
        return
    before = reviews.counts(act.connection, round_.id)
    yield
    gone = reviews.ended_otherwise(act.connection, round_.id, act.at)
    move(act, round_.id, gone, ReviewAct.END, by=BY)
    after = reviews.counts(act.connection, round_.id)
    alarmed = round_.warned is not None and bool(
        in_state(before, ReviewState.OUTSTANDING)
    )
    if alarmed and not in_state(after, ReviewState.OUTSTANDING):
        act.say(_cleared(AlarmCode.REVIEW_DUE, concerns(round_.id), act.at))
    held = in_state(after, ReviewState.HELD)
    for zone in sorted(in_state(before, ReviewState.HELD).keys() - held.keys()):
        act.say(_cleared(AlarmCode.REVIEW_HELD, concerns(round_.id, zone), act.at))
    what = RoundAct.SETTLE
    if ended:
        what = RoundAct.END_HELD if held else RoundAct.END
    if held and not ended:
        return
    if ROUND_TRANSITIONS[round_.state, what] is RoundState.CLOSED:
        reviews.closed(act.connection, round_.id, act.at)
        act.say(
            say.ReviewClosed(
                door=CONTROLLER,
                at=act.at,
                round=round_.id,
                confirmed=sum(in_state(after, ReviewState.CONFIRMED).values()),
                withdrawn=sum(in_state(after, ReviewState.WITHDRAWN).values()),
                lapsed=sum(in_state(after, ReviewState.LAPSED).values()),
            )
        )


def in_state(
    counts: Mapping[tuple[ZoneId, ReviewState], int], state: ReviewState
) -> dict[ZoneId, int]:
    return {zone: n for (zone, each), n in counts.items() if each is state}


def move(
    act: Act, round_: RoundId, items: Iterable[StoredItem], what: ReviewAct, *, by: str
) -> None:
    """Move items to where the table leads; those that it leaves alone stay."""
    moved: defaultdict[ReviewState, list[GrantId]] = defaultdict(list)
    for item in items:
        after = step(item.state, what)
        if isinstance(after, ReviewState) and after is not item.state:
            moved[after].append(item.grant)
    for state, grants in moved.items():
        reviews.decide(act.connection, round_, grants, state, at=act.at, by=by)


def grant_of(act: Act, id_: GrantId) -> StoredGrant:
    found = register.grant(act.connection, id_)
    if found is None:
        raise InputError("no such grant")
    return found


def is_live(stored: StoredGrant, at: datetime) -> bool:
    until = stored.grant.until
    return stored.withdrawal is None and (until is None or at < until)


# --- alarms: one of a round, one of each zone that is held ---


def concerns(round_: RoundId, zone: ZoneId | None = None) -> DeviceId:
    """Alarms stand one by one for door, code and device: a review's under this."""
    return DeviceId(f"review:{round_}" + (f":{zone}" if zone else "")[:48])


def raised(
    code: AlarmCode, concerns: DeviceId, at: datetime, detail: str
) -> AlarmRaised:
    return AlarmRaised(
        door=CONTROLLER,
        at=at,
        code=Reason(code),
        priority=priority(code, ZoneLevel.GENERAL),
        person=None,
        device=concerns,
        detail=detail,
        silent=False,
        target=None,
    )


def _cleared(code: AlarmCode, concerns: DeviceId, at: datetime) -> AlarmCleared:
    return AlarmCleared(
        door=CONTROLLER, at=at, code=Reason(code), device=concerns, target=None
    )
