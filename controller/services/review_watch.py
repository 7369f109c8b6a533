"""The clock of the reviews: a part of the running office.

It sleeps until the next opening, warning, deadline or reminder, and looks again when a
grant or a person changed, which may settle what a round waits for. What fell due while
the office was off is done when it comes back, once: all it knows is in the register.
"""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from controller.services.office import Act, Office
from controller.services.review_rounds import (
    BY,
    concerns,
    in_state,
    is_live,
    lapse,
    move,
    raised,
    settled,
)
from controller.store import register, reviews
from controller.store.envelopes import Stored
from controller.store.reviews import StoredItem, StoredRound
from domain import review_events as say
from domain.alarm_events import AlarmCode
from domain.ids import CONTROLLER, ZoneId
from domain.office_events import GrantRevoked
from domain.review import (
    BY_REVIEW,
    UNREVIEWED,
    ReviewAct,
    ReviewState,
    RoundId,
    next_opening,
    next_reminder,
    next_step,
    reminder_due,
    takes_much,
    to_open,
    warning_due,
)

# A clock that is set forward is noticed after this, however far the next step is.
_LONGEST_SLEEP: Final = timedelta(hours=6)


class ReviewWatch:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._wake = asyncio.Event()

    def heard(self, entry: Stored) -> None:
        """An entry was committed."""
        if isinstance(entry.event, GrantRevoked) and not _by_review(entry.event):
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            due = await self._office.act(partial(look, office=self._office))
            await self._wait(due)

    async def _wait(self, due: datetime) -> None:
        left = min(due - self._office.clock.now(), _LONGEST_SLEEP)
        try:
            async with asyncio.timeout(max(0.0, left.total_seconds())):
                await self._wake.wait()
        except TimeoutError:
            return


def look(act: Act, office: Office) -> datetime:
    """Do what is due, each once however late; when to look again."""
    _open(act, office)
    steps = [next_opening(act.at, office.site.tz)]
    for round_ in reviews.unclosed(act.connection):
        with settled(act, round_):
            pass  # what ended otherwise is no longer waited for
        if round_.ended_at is None and round_.ends_at <= act.at:
            _end(act, office, round_)
        elif round_.ended_at is None:
            _warn(act, round_)
            steps.append(next_step(act.at, round_.ends_at))
        else:
            _remind(act, round_, round_.ended_at)
            steps.append(next_reminder(act.at, round_.ended_at))
    return min(steps)


def _open(act: Act, office: Office) -> None:
    span = to_open(act.at, office.site.tz)
    if span is None or reviews.one(act.connection, span.id) is not None:
        return
    items = [
        StoredItem(
            grant=each.grant.id,
            person=each.person,
            zone=each.grant.zone,
            state=ReviewState.OUTSTANDING,
            at=None,
            by="",
        )
        for each in register.all_grants(act.connection)
        if is_live(each, act.at) and each.grant.zone in office.site.zones
    ]
    reviews.add_round(act.connection, span)
    reviews.add_items(act.connection, span.id, items)
    act.say(
        say.ReviewOpened(
            door=CONTROLLER,
            at=act.at,
            round=span.id,
            grants=len(items),
            ends_at=span.ends_at,
        )
    )


def _warn(act: Act, round_: StoredRound) -> None:
    days = warning_due(act.at, round_.ends_at, round_.warned)
    if days is None:
        return
    reviews.warned(act.connection, round_.id, days)
    waiting = in_state(
        reviews.counts(act.connection, round_.id), ReviewState.OUTSTANDING
    )
    for zone, outstanding in sorted(waiting.items()):
        act.say(
            say.ReviewWarned(
                door=CONTROLLER,
                at=act.at,
                round=round_.id,
                zone=zone,
                outstanding=outstanding,
                days=days,
            )
        )
    if waiting:
        detail = f"{sum(waiting.values())} grants, {days} days before the end"
        act.say(raised(AlarmCode.REVIEW_DUE, concerns(round_.id), act.at, detail))


def _end(act: Act, office: Office, round_: StoredRound) -> None:
    """The deadline: zone by zone what nobody confirmed lapses, or is held."""
    reviews.ended(act.connection, round_.id, act.at)
    live = reviews.live_grants(act.connection, act.at)
    by_zone: defaultdict[ZoneId, list[StoredItem]] = defaultdict(list)
    for item in reviews.items(act.connection, round_.id):
        if item.state is ReviewState.OUTSTANDING:
            by_zone[item.zone].append(item)
    with settled(act, round_, ended=True):
        for zone, items in by_zone.items():
            if takes_much(len(items), live.get(zone, 0)):
                _hold(act, round_.id, zone, items, live.get(zone, 0))
            else:
                lapse(act, office, round_.id, zone, items, by=BY)


def _hold(
    act: Act, round_: RoundId, zone: ZoneId, items: list[StoredItem], live: int
) -> None:
    move(act, round_, items, ReviewAct.HOLD, by=BY)
    act.say(
        say.ReviewHeld(
            door=CONTROLLER,
            at=act.at,
            round=round_,
            zone=zone,
            grants=len(items),
            live=live,
        ),
        raised(
            AlarmCode.REVIEW_HELD,
            concerns(round_, zone),
            act.at,
            f"zone {zone}: {len(items)} of {live} grants",
        ),
    )


def _remind(act: Act, round_: StoredRound, ended_at: datetime) -> None:
    """The alarm of each zone that still waits, once a day; one resolved comes back."""
    day = reminder_due(act.at, ended_at, round_.warned)
    if day is None:
        return
    reviews.warned(act.connection, round_.id, -day)
    held = in_state(reviews.counts(act.connection, round_.id), ReviewState.HELD)
    for zone, grants in sorted(held.items()):
        detail = f"zone {zone}: {grants} grants held, {day} days after the end"
        which = concerns(round_.id, zone)
        act.say(raised(AlarmCode.REVIEW_HELD, which, act.at, detail))


def _by_review(event: GrantRevoked) -> bool:
    return event.reason in (BY_REVIEW, UNREVIEWED)
