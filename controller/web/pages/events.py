"""One line of the stream: who, what, and why, with the clauses.

Every event of `domain.events` has an opinion here, checked by the type checker.
`minor` lines are the mechanics behind a decision (a lock, a contact, a report of
health); the stream shows them on demand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from controller.services.board import EventRow, Named
from controller.services.event_filter import kind_of
from controller.web.pages.frame import Times, lasting
from controller.web.pages.review_lines import grant_line, review_line
from controller.web.pages.token_lines import token_line
from controller.web.pages.visit_lines import visit_line
from controller.web.words import Named as Called
from controller.web.words import Words
from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    OccupancyBecameUnknown,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.agent_events import (
    AgentStarted,
    AgentStopped,
    ClimateMeasured,
    ClockStepped,
    ClockTrustChanged,
    CommandReceived,
    CommandRefused,
    DeviceFailed,
    DeviceRecovered,
    HealthReported,
    RosterApplied,
    RosterRefused,
)
from domain.alarm_acts import (
    AlarmAcknowledged,
    AlarmAct,
    AlarmEscalated,
    AlarmResolved,
    WatchStarted,
)
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.door_events import (
    DoorClosed,
    DoorForced,
    DoorHeldOpen,
    DoorNotOpened,
    DoorOpened,
    ExitButtonPressed,
    FireCleared,
    FireReleased,
    HandleTurned,
    LockdownEnded,
    LockdownStarted,
    LockReleased,
    LockSecured,
    ServiceEnded,
    ServiceNoted,
    ServiceStarted,
)
from domain.grant_requests import GrantAct, GrantRefused
from domain.ids import DoorId, ZoneId
from domain.notify_events import NotificationFailed, NotificationSent
from domain.office_events import (
    BadgeWithdrawn,
    CommandAsked,
    CommandSent,
    CredentialEnrolled,
    DayBadgeEnded,
    DayBadgeIssued,
    GrantMade,
    GrantRevoked,
    PersonChanged,
    PersonRegistered,
    RosterIssued,
)
from domain.operator_events import (
    OperatorActRefused,
    OperatorAdded,
    OperatorDisabled,
    OperatorLocked,
    OperatorPasswordChanged,
    OperatorReset,
    OperatorSignedIn,
    OperatorSignedOut,
    OperatorSignInRefused,
    OperatorUnlocked,
)
from domain.person_acts import (
    FreezeProposalSettled,
    FreezeProposed,
    MusterPrinted,
    PersonViewed,
)
from domain.policy import Clause, Finding, Side, Verdict
from domain.review_events import ReviewClosed, ReviewEvent, ReviewOpened
from domain.tablets import (
    TabletAdded,
    TabletEvent,
    TabletPaired,
    TabletRevoked,
    UndertakingNotAgreed,
    UndertakingShown,
)
from domain.tokens import TokenMade, TokenRefused, TokenRevoked
from domain.visit_events import CoreZoneApproved, VisitEvent


@dataclass(frozen=True, slots=True)
class Why:
    """One reason in words. `failed`: it refuses, is awaited, or alarms."""

    text: str
    clauses: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    position: int
    kind: str
    door: str
    zone: str
    level: str
    at: str  # ISO, for machines
    order: int  # milliseconds since 1970: where it belongs
    time: str
    icon: str
    tone: str  # css: "plain", "denied", "a1", "a2", "a3"
    text: str
    place: str
    why: tuple[Why, ...]
    minor: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says, before place and time are added."""

    text: str
    icon: str = "info"
    tone: str = "plain"
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """What identifiers are called on this site, in one language."""

    say: Words
    doors: Mapping[DoorId, Called]
    zones: Mapping[ZoneId, str]
    # The zone and the level behind each door.
    places: Mapping[DoorId, tuple[str, str]] = field(default_factory=dict)

    def door(self, door: DoorId | None) -> str:
        tile = None if door is None else self.doors.get(door)
        return (door or "") if tile is None else self.say.of(tile)

    def zone(self, zone: ZoneId) -> str:
        return self.zones.get(zone, zone)

    def people(self, people: Iterable[Named]) -> str:
        named = [self.say.of(p) or p.id for p in people]
        return self.say("board.decision.and").join(named)

    def who(self, row: EventRow) -> str:
        return self.people(row.people) or self.say("board.events.unknown_person")


def event_view(row: EventRow, names: Names, times: Times) -> EventView:
    said = _said(row, names, times)
    place = None if row.door is None else names.places.get(row.door)
    return EventView(
        position=row.position,
        kind=kind_of(row.event),
        door=row.door or "",
        zone="" if place is None else place[0],
        level="" if place is None else place[1],
        at=row.at.isoformat(),
        order=int(row.at.timestamp() * 1000),
        time=times.clock(row.at),
        icon=said.icon,
        tone=said.tone,
        text=said.text,
        place=names.door(row.door),
        why=whys(names.say, row.findings, all_of_them=said.tone == "denied"),
        minor=said.minor,
        late=row.late,
    )


def whys(
    say: Words, findings: Iterable[Finding], *, all_of_them: bool
) -> tuple[Why, ...]:
    """The reasons in words, those that failed first, as the decision sorted them.

    A line of a grant shows what permitted and what alarms; the rest of the proof
    (factors, training, …) is only counted by its clauses.
    """
    told: list[Why] = []
    proof: list[Clause] = []
    for finding in findings:
        failed = finding.verdict in _FAILED
        if failed or all_of_them or finding.verdict is Verdict.PERMIT:
            text = say.reason(finding.reason)
            told.append(Why(text, " ".join(finding.clauses), failed))
        else:
            proof += finding.clauses
    said = {clause for why in told for clause in why.clauses.split()}
    if rest := [clause for clause in dict.fromkeys(proof) if clause not in said]:
        told.append(Why("", " ".join(rest), failed=False))
    return tuple(told)


_FAILED: Final = frozenset({Verdict.FORBID, Verdict.WAIT, Verdict.ALARM})
_ALARM_TONES: Final = {1: "a1", 2: "a2", 3: "a3"}


def _said(row: EventRow, names: Names, times: Times) -> Said:
    say, who, event = names.say, names.who(row), row.event
    if isinstance(event, VisitEvent):
        zone = names.zone(event.zone) if isinstance(event, CoreZoneApproved) else ""
        line = visit_line(event, who, zone, say)
        return Said(line.text, line.icon, line.tone, line.minor)
    if isinstance(event, GrantAct):
        text = grant_line(event, who, names.zone(event.zone), say)
        return Said(
            text, "key", "denied" if isinstance(event, GrantRefused) else "plain"
        )
    if isinstance(event, ReviewEvent):
        zone = (
            ""
            if isinstance(event, ReviewOpened | ReviewClosed)
            else names.zone(event.zone)
        )
        told = review_line(event, who, zone, say)
        return Said(told.text, told.icon, told.tone)
    match event:
        case None:
            return Said(say("board.events.unreadable", type=row.type), "unknown")
        case AccessGranted(side=Side.EXIT):
            irregular = any(f.verdict in _FAILED for f in event.findings)
            key = "denied_exit" if irregular else "left"
            tone = "a3" if irregular else "plain"
            return Said(say(f"board.decision.{key}", who=who), "check", tone)
        case AccessGranted():
            return Said(say("board.decision.granted", who=who), "check")
        case AccessDenied():
            text = say("board.decision.denied", who=who)
            if event.timed_out:
                text += say("page.between") + say("board.decision.timed_out")
            return Said(text, "x", "denied")
        case AccessWaiting():
            what = say("board.decision.list").join(
                say.code("board.awaited", a) for a in event.waiting_for
            )
            text = say("board.decision.waiting", who=who, what=what)
            return Said(text, "wait", minor=True)
        case PersonEntered():
            return Said(say("board.event.entered", who=who), "person", minor=True)
        case PersonLeft():
            return Said(say("board.event.left", who=who), "person", minor=True)
        case DoorNotOpened():
            return Said(say("board.event.not_opened", who=who), "door")
        case VisitorHandedOver():
            return Said(say("visit.event.handed_over_at_door", who=who), "person")
        case AlarmRaised():
            text = say("board.event.alarm", code=say.alarm(event.code)[0])
            return Said(text, "bell", _ALARM_TONES.get(event.priority, "a3"))
        case AlarmAcknowledged() | AlarmResolved() | AlarmEscalated():
            return _said_of_an_alarm(event, say)
        case TokenMade() | TokenRevoked() | TokenRefused():
            return Said(*token_line(event, say))
        case PersonViewed():
            text = say("board.event.person_viewed", by=event.by, who=who)
            return Said(text, "person", minor=True)
        # Whom it is about is read where it is decided, not beside a gate.
        case FreezeProposed():
            return Said(say("board.event.freeze_proposed", by=event.by), "hold")
        case FreezeProposalSettled():
            outcome = say.code("board.proposal", event.outcome)
            text = say("board.event.freeze_settled", by=event.by, outcome=outcome)
            return Said(text, "hold")
        case WatchStarted():
            n = len(event.alarms)
            key = "watch_started" if n else "watch_started_quiet"
            return Said(say(f"board.event.{key}", who=event.by, n=n), "person")
        case (
            TabletAdded()
            | TabletPaired()
            | TabletRevoked()
            | UndertakingShown()
            | UndertakingNotAgreed()
        ):
            return _said_of_a_tablet(event, who, say)
        case NotificationSent() | NotificationFailed():
            return _said_of_a_notification(event, say)
        case MusterPrinted():
            text = say("board.event.muster_printed", by=event.by, n=event.inside)
            return Said(text, "sheet", minor=True)
        case AlarmCleared():
            text = say("board.event.alarm_cleared", code=say.alarm(event.code)[0])
            return Said(text, "bell")
        case (
            PersonRegistered()
            | PersonChanged()
            | GrantMade()
            | GrantRevoked()
            | CredentialEnrolled()
            | BadgeWithdrawn()
            | DayBadgeIssued()
            | DayBadgeEnded()
            | RosterIssued()
            | CommandSent()
            | CommandAsked()
        ):
            return _said_by_the_office(event, who, names)
        case (
            OperatorAdded()
            | OperatorReset()
            | OperatorPasswordChanged()
            | OperatorDisabled()
            | OperatorSignedIn()
            | OperatorSignInRefused()
            | OperatorLocked()
            | OperatorUnlocked()
            | OperatorSignedOut()
            | OperatorActRefused()
        ):
            return _said_of_an_operator(event, say)
        case (
            LockReleased()
            | LockSecured()
            | DoorOpened()
            | DoorClosed()
            | DoorForced()
            | DoorHeldOpen()
            | ExitButtonPressed()
            | HandleTurned()
            | FireReleased()
            | FireCleared()
            | LockdownStarted()
            | LockdownEnded()
            | ServiceStarted()
            | ServiceEnded()
            | ServiceNoted()
        ):
            return _said_by_the_door(event, say)
        case _:
            return _said_by_the_agent(event, say)


_DoorEvent = (
    LockReleased
    | LockSecured
    | DoorOpened
    | DoorClosed
    | DoorForced
    | DoorHeldOpen
    | ExitButtonPressed
    | HandleTurned
    | FireReleased
    | FireCleared
    | LockdownStarted
    | LockdownEnded
    | ServiceStarted
    | ServiceEnded
    | ServiceNoted
)


def _said_by_the_door(event: _DoorEvent, say: Words) -> Said:
    match event:
        case LockReleased():
            cause = say.code("board.cause", event.cause)
            return Said(
                say("board.event.released", cause=cause), "released", minor=True
            )
        case LockSecured():
            return Said(say("board.event.secured"), "door", minor=True)
        case DoorOpened():
            return Said(say("board.event.opened"), "open", minor=True)
        case DoorClosed():
            span = lasting(say, event.open_for)
            return Said(say("board.event.closed", open_for=span), "door", minor=True)
        case DoorForced():
            return Said(say("board.event.forced"), "forced", "a1")
        case DoorHeldOpen():
            span = lasting(say, event.open_for)
            return Said(say("board.event.held", open_for=span), "held", "a2")
        case ExitButtonPressed():
            return Said(say("board.event.exit_button"), "open", minor=True)
        case HandleTurned():
            return Said(say("board.event.handle"), "open", minor=True)
        case FireReleased():
            return Said(say("board.event.fire"), "fire", "a1")
        case FireCleared():
            return Said(say("board.event.fire_cleared"), "fire")
        case LockdownStarted():
            text = say("board.event.lockdown", reason=event.reason)
            return Said(text, "lockdown", "denied")
        case LockdownEnded():
            text = say("board.event.lockdown_ended", reason=event.reason)
            return Said(text, "lockdown")
        case ServiceStarted():
            text = say("board.event.service", who=event.worker, reason=event.reason)
            return Said(text, "tool")
        case ServiceEnded():
            cause = say.code("board.service_cause", event.cause)
            text = say("board.event.service_ended", who=event.worker, cause=cause)
            return Said(text, "tool")
        case ServiceNoted():
            code = say.alarm(event.code)[0]
            return Said(say("board.event.service_noted", code=code), "tool")
        case _:
            assert_never(event)


_AgentEvent = (
    OccupancyBecameUnknown
    | AgentStarted
    | AgentStopped
    | DeviceFailed
    | DeviceRecovered
    | HealthReported
    | ClimateMeasured
    | ClockTrustChanged
    | ClockStepped
    | RosterApplied
    | RosterRefused
    | CommandReceived
    | CommandRefused
)


def _said_by_the_agent(event: _AgentEvent, say: Words) -> Said:
    match event:
        case OccupancyBecameUnknown():
            return Said(say("board.event.occupancy_unknown"), "unknown")
        case AgentStarted():
            key = "agent_started_unclean" if event.unclean else "agent_started"
            return Said(say(f"board.event.{key}", version=event.version), "chip")
        case AgentStopped():
            return Said(say("board.event.agent_stopped"), "chip")
        case DeviceFailed():
            return Said(
                say("board.event.device_failed", device=event.device), "tool", "a3"
            )
        case DeviceRecovered():
            return Said(
                say("board.event.device_recovered", device=event.device), "tool"
            )
        case HealthReported():
            return Said(say("board.event.health"), "pulse", minor=True)
        case ClimateMeasured():
            t, h = f"{event.temperature_c:.1f}", f"{event.humidity_percent:.0f}"
            return Said(say("board.event.climate", t=t, h=h), "temp", minor=True)
        case ClockTrustChanged(trusted=True):
            return Said(say("board.event.clock_trusted", source=event.source), "clock")
        case ClockTrustChanged():
            return Said(say("board.event.clock_untrusted"), "clock", "a3")
        case ClockStepped():
            sign = "-" if event.by.total_seconds() < 0 else "+"
            by = sign + lasting(say, abs(event.by))
            return Said(say("board.event.clock_stepped", by=by), "clock", "a3")
        case RosterApplied():
            text = say(
                "board.event.roster_applied", number=event.number, people=event.people
            )
            return Said(text, "list", minor=True)
        case RosterRefused():
            text = say("board.event.roster_refused", reason=event.reason)
            return Said(text, "list", "a3")
        case CommandReceived():
            order = say.code("board.order", event.order)
            return Said(say("board.event.command_received", order=order), "key")
        case CommandRefused():
            reason = say.command_refusal(event.reason)
            return Said(
                say("board.event.command_refused", reason=reason), "key", "denied"
            )
        case _:
            assert_never(event)


_OfficeEvent = (
    PersonRegistered
    | PersonChanged
    | GrantMade
    | GrantRevoked
    | CredentialEnrolled
    | BadgeWithdrawn
    | DayBadgeIssued
    | DayBadgeEnded
    | RosterIssued
    | CommandSent
    | CommandAsked
)


def _said_by_the_office(event: _OfficeEvent, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case PersonRegistered():
            text = say("board.event.person_registered", who=who)
            return Said(text, "person", minor=True)
        case PersonChanged():
            text = say("board.event.person_changed", who=who, change=event.change)
            return Said(text, "person")
        case GrantMade():
            text = say("board.event.grant_made", who=who, zone=names.zone(event.zone))
            return Said(text, "key", minor=True)
        case GrantRevoked():
            text = say(
                "board.event.grant_revoked", who=who, zone=names.zone(event.zone)
            )
            return Said(text, "key")
        case CredentialEnrolled():
            factor = say.code("board.factor", event.factor)
            text = say("board.event.enrolled", who=who, factor=factor)
            return Said(text, "badge", minor=True)
        case BadgeWithdrawn():
            text = say("board.event.badge_withdrawn", who=who, reason=event.reason)
            return Said(text, "badge")
        case DayBadgeIssued():
            return Said(say("board.event.day_badge", who=who), "badge")
        case DayBadgeEnded():
            return Said(say("board.event.day_badge_ended", who=who), "badge")
        case RosterIssued():
            text = say(
                "board.event.roster_issued", number=event.number, people=event.people
            )
            return Said(text, "list", minor=True)
        case CommandSent():
            order = say.code("board.order", event.order)
            text = say("board.event.command_sent", order=order, who=event.by)
            return Said(text, "key")
        case CommandAsked():
            order = say.code("board.order", event.order)
            text = say("board.event.command_asked", order=order, who=event.by)
            return Said(text, "two")
        case _:
            assert_never(event)


_OperatorEvent = (
    OperatorAdded
    | OperatorReset
    | OperatorPasswordChanged
    | OperatorDisabled
    | OperatorSignedIn
    | OperatorSignInRefused
    | OperatorLocked
    | OperatorUnlocked
    | OperatorSignedOut
    | OperatorActRefused
)


def _said_of_an_operator(event: _OperatorEvent, say: Words) -> Said:
    """By the name of the account: whose it is, the list of operators says."""
    match event:
        case OperatorAdded():
            roles = say("board.decision.list").join(
                say.code("role", role) for role in event.roles
            )
            text = say("board.event.operator_added", who=event.operator, roles=roles)
            return Said(text, "key")
        case OperatorReset():
            return Said(say("board.event.operator_reset", who=event.operator), "key")
        case OperatorPasswordChanged():
            text = say("board.event.password_changed", who=event.operator)
            return Said(text, "key")
        case OperatorDisabled():
            return Said(say("board.event.operator_disabled", who=event.operator), "key")
        case OperatorSignedIn():
            key = "signed_in_by_recovery" if event.recovery else "signed_in"
            text = say(f"board.event.{key}", who=event.operator)
            return Said(text, "person", minor=not event.recovery)
        case OperatorSignInRefused():
            who = event.operator or say("board.event.nobody")
            why = say.code("sign_in.refused", event.reason)
            text = say("board.event.sign_in_refused", who=who, why=why)
            return Said(text, "person", "denied")
        case OperatorLocked():
            key = "console_locked_idle" if event.idle else "console_locked"
            text = say(f"board.event.{key}", who=event.operator)
            return Said(text, "person", minor=True)
        case OperatorUnlocked():
            text = say("board.event.console_unlocked", who=event.operator)
            return Said(text, "person", minor=True)
        case OperatorSignedOut():
            why = say.code("sign_out", event.cause)
            text = say("board.event.signed_out", who=event.operator, why=why)
            return Said(text, "person", minor=True)
        case OperatorActRefused():
            text = say("board.event.act_refused", who=event.operator, act=event.act)
            return Said(text, "x", "denied")
        case _:
            assert_never(event)


def _said_of_a_tablet(event: TabletEvent, who: str, say: Words) -> Said:
    refused = isinstance(event, UndertakingNotAgreed)
    key = _TABLET_WORDS[type(event)]
    text = say(f"lobby.event.{key}", tablet=event.name, by=event.by, who=who)
    return Said(text, "tablet", "denied" if refused else "plain")


_TABLET_WORDS: Final[dict[type[TabletEvent], str]] = {
    TabletAdded: "added",
    TabletPaired: "paired",
    TabletRevoked: "revoked",
    UndertakingShown: "shown",
    UndertakingNotAgreed: "not_agreed",
}


def _said_of_an_alarm(event: AlarmAct, say: Words) -> Said:
    code = say.alarm(event.code)[0]
    match event:
        case AlarmAcknowledged():
            text = say("board.event.alarm_acknowledged", who=event.by, code=code)
            return Said(text, "check")
        case AlarmResolved():
            cause = say.code("alarm.cause", event.cause)
            text = say(
                "board.event.alarm_resolved", who=event.by, code=code, cause=cause
            )
            return Said(text, "check")
        case AlarmEscalated(by=None):
            to = say.code("alarm.to", event.to)
            return Said(say("board.event.alarm_called", to=to, code=code), "bell")
        case AlarmEscalated():
            to = say.code("alarm.to", event.to)
            text = say("board.event.alarm_called_by", who=event.by, to=to, code=code)
            return Said(text, "bell")
        case _:
            assert_never(event)


def _said_of_a_notification(
    event: NotificationSent | NotificationFailed, say: Words
) -> Said:
    code = say.alarm(event.code)[0]
    if isinstance(event, NotificationSent):
        text = say(
            "board.event.notification_sent", to=event.to, code=code, entry=event.entry
        )
        return Said(text, "bell", minor=True)
    text = say(
        "board.event.notification_failed",
        to=event.to,
        code=code,
        entry=event.entry,
        tries=event.tries,
    )
    return Said(text, "warn")
