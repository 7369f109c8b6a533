"""What the pages of the review show: rounds, zone by zone, grant by grant.

Pure. An owner sees their own zones; whoever may not decide about a row sees its state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from controller.services.review_sheet import ReviewRow, RoundSheet, ZoneSheet
from controller.store.reviews import StoredRound
from controller.web.pages.people import GrantRow, Speech
from domain.ids import GrantId, ZoneId
from domain.operators import Operator, OperatorRole
from domain.review import ReviewState, RoundState, bars_to_reviewing

_WAITING = (ReviewState.OUTSTANDING, ReviewState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """`decides`: this operator may, now. `own`: it is theirs, so they may not."""

    id: GrantId
    person: str
    person_id: str
    post: str
    grant: GrantRow
    used: str
    state: str
    state_word: str
    decided: str
    decides: bool
    own: bool
    first: bool  # the one that has the focus


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneView:
    id: ZoneId
    name: str
    level: str
    bars: int
    decided: int
    all: int
    held: int
    rows: tuple[RowView, ...]

    @property
    def percent(self) -> int:
        return 100 * self.decided // max(self.all, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    id: str
    name: str
    state: RoundState
    state_word: str
    when: str
    days_left: int
    zones: tuple[ZoneView, ...]

    @property
    def decided(self) -> int:
        return sum(zone.decided for zone in self.zones)

    @property
    def all(self) -> int:
        return sum(zone.all for zone in self.zones)


def sees_all(operator: Operator) -> bool:
    return not operator.roles.isdisjoint(
        {OperatorRole.SECRECY_OFFICER, OperatorRole.REVIEWER}
    )


def round_view(
    sheet: RoundSheet,
    operator: Operator,
    speech: Speech,
    accounts: Mapping[str, str],
    *,
    after: str = "",
) -> RoundView:
    """`after`: the grant that was decided last; the focus goes on from there."""
    seen = [z for z in sheet.zones if sees_all(operator) or operator.owns(z.zone)]
    rows = [row for zone in seen for row in zone.rows]
    focus = _next(rows, operator, after)
    zones = (_zone(z, sheet, operator, speech, accounts, focus) for z in seen)
    return round_line(sheet.round, speech, tuple(zones))


def name_of(id_: str, speech: Speech) -> str:
    year, _, half = id_.partition("-H")
    said = speech.say(f"review.half_{half}", year=year)
    return speech.say("review.round", half=said)


def round_line(
    round_: StoredRound, speech: Speech, zones: tuple[ZoneView, ...] = ()
) -> RoundView:
    """The round in one line, with those of its zones that are to be shown."""
    say, times = speech.say, speech.times
    match round_.state:
        case RoundState.OPEN:
            when = say("review.ends", at=times.short(round_.ends_at))
        case RoundState.HELD:
            when = say("review.ended", at=times.short(round_.ends_at))
        case RoundState.CLOSED:
            at = round_.closed_at or round_.ends_at
            when = say("review.closed", at=times.short(at))
    left = round_.ends_at - times.now
    return RoundView(
        id=round_.id,
        name=name_of(round_.id, speech),
        state=round_.state,
        state_word=say.code("review.round_state", round_.state),
        when=when,
        days_left=max(0, -(-left // timedelta(days=1))),
        zones=zones,
    )


def _zone(
    zone: ZoneSheet,
    sheet: RoundSheet,
    operator: Operator,
    speech: Speech,
    accounts: Mapping[str, str],
    focus: GrantId | None,
) -> ZoneView:
    rows = tuple(_row(r, sheet, operator, speech, accounts, focus) for r in zone.rows)
    known = speech.site.zones.get(zone.zone)
    return ZoneView(
        id=zone.zone,
        name=speech.zone(zone.zone),
        level="" if known is None else speech.say.code("board.level", known.level),
        bars=speech.bars_of(zone.zone),
        decided=zone.decided,
        all=len(zone.rows),
        held=zone.count(ReviewState.HELD),
        rows=rows,
    )


def _row(
    row: ReviewRow,
    sheet: RoundSheet,
    operator: Operator,
    speech: Speech,
    accounts: Mapping[str, str],
    focus: GrantId | None,
) -> RowView:
    item, say = row.item, speech.say
    own = operator.is_one_of((item.person,)) and item.state in _WAITING
    by = accounts.get(item.by, say("review.clock"))
    return RowView(
        id=item.grant,
        person=say.of(row.person),
        person_id=item.person,
        post=speech.post(row.person.post),
        grant=speech.grant(row.stored, sheet.names),
        used=speech.times.short(row.last_used) if row.last_used else "",
        state=item.state,
        state_word=say.code("review.state", item.state),
        decided=(
            ""
            if item.at is None
            else say("review.by", who=by, at=speech.times.short(item.at))
        ),
        decides=_decides(row, operator),
        own=own,
        first=item.grant == focus,
    )


def _decides(row: ReviewRow, operator: Operator) -> bool:
    bars = bars_to_reviewing(operator, zone=row.item.zone, person=row.item.person)
    return row.item.state in _WAITING and not bars


def _next(rows: Iterable[ReviewRow], operator: Operator, after: str) -> GrantId | None:
    """The first that waits for this operator, behind `after` if it is there."""
    listed = list(rows)
    at = next((n for n, r in enumerate(listed) if r.item.grant == after), -1) + 1
    turned = listed[at:] + listed[:at]
    return next((r.item.grant for r in turned if _decides(r, operator)), None)
