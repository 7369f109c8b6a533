"""What the display at a door shows, as a value: `view(scene) -> View`. Pure.

One headline, one line why, both in Chinese and English; what to do at the foot. Highest
wins: fire, lockdown, a door that must be shut, the answer just given, who is awaited,
a door that is open, a door out of use, and else the zone's sign.

Laws:

- a refusal says its own reason in the door's words, which never tell which factor
  failed, and shows nobody's name;
- the name of whoever was let in is gone after three seconds;
- duress looks as granted: nothing that tells it reaches a scene;
- `until` is when the picture changes by itself, so nobody need ask in between.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.door import Phase
from domain.ids import PersonId
from domain.policy import Awaited, Finding, Reason, Verdict
from domain.policy.demands import factors_usual
from domain.zones import LEVEL_DEMANDS
from edge_agent.display import scene as s
from edge_agent.display import speech
from edge_agent.display.picture import Countdown, Forbidden, Icon, Mood, Step, View
from edge_agent.display.scene import Opened, Scene
from edge_agent.display.speech import Text, say


def view(scene: Scene) -> View:
    """The picture of this moment."""
    picture = _picture(scene)
    ends = [e for e in (picture.until, *_frame_ends(scene)) if e and e > scene.at]
    return replace(
        picture,
        time=_time(scene),
        notice=say("notices.offline") if _offline(scene) else None,
        until=min(ends, default=None),
    )


def _picture(scene: Scene) -> View:
    doorway, phase = scene.doorway, scene.phase
    if phase in (Phase.FIRE_SHUT, Phase.FIRE_OPEN):
        return _plain(scene, Mood.GO, Icon.FIRE, "fire", foot=say("feet.exit"))
    if doorway.lockdown:
        foot = say("feet.exit")
        return _plain(scene, Mood.LOCKDOWN, Icon.LOCKDOWN, "lockdown", foot=foot)
    if phase in (Phase.HELD, Phase.FORCED):
        why = say("why.held" if phase is Phase.HELD else "why.forced")
        shut = _plain(scene, Mood.STOP, Icon.HELD, "held", foot=None)
        return replace(shut, why=why)
    return (
        _answered(scene)
        or _asked(scene)
        or _opened(scene)
        or _out_of_use(scene)
        or _sign(scene)
    )


# --- what was answered ---

# A pair; more names than that don't fit and help nobody.
_NAMED: Final = 2


def _answered(scene: Scene) -> View | None:
    match s.answer(scene):
        case AccessGranted() as granted:
            fresh = scene.at < granted.at + s.NAMED_FOR
            inviting = scene.phase in (Phase.RELEASED, Phase.OPEN)
            return _granted(scene, granted) if fresh and inviting else None
        case AccessDenied() as denied:
            over = denied.at + _readable_for(replace(scene, at=denied.at))
            return _refused(scene, denied, over) if scene.at < over else None
        case None:
            return None


def _granted(scene: Scene, granted: AccessGranted) -> View:
    come_in = _come_in(scene)
    return replace(
        come_in,
        names=_names(scene, granted.people),
        foot=_with_them(granted) or come_in.foot,
        until=granted.at + s.NAMED_FOR,
    )


def _names(scene: Scene, people: tuple[PersonId, ...]) -> tuple[str, ...]:
    """Who comes in; of a group the first, and how many they are."""
    known = tuple(name for name in map(scene.name_of, people) if name)
    if len(known) <= _NAMED:
        return known
    return known[0], say("units.and_others", count=len(people)).zh


def _with_them(granted: AccessGranted) -> Text | None:
    """Where the devices of whoever enters are; of one person only."""
    declared = granted.declarations[0] if len(granted.declarations) == 1 else ""
    kind, _, number = declared.partition(":")
    return say("why.locker", number=number) if kind == "locker" else None


def _readable_for(scene: Scene) -> timedelta:
    """How long a refusal of this moment stands: shorter while somebody else waits."""
    return s.REFUSED_FOR if s.awaited(scene) is None else s.REFUSED_BESIDE


def _refused(scene: Scene, denied: AccessDenied, over: datetime) -> View:
    finding = _told_of(denied)
    blocked = s.blocked_until(scene, denied)
    if blocked is not None:
        left = _seconds(blocked - scene.at)
        return replace(
            _plain(scene, Mood.STOP, Icon.STOP, "blocked", foot=_contact(scene)),
            why=say("why.blocked", seconds=left),
            clause="G7.2.1-3",
            until=min(over, _tick(scene, blocked)),
        )
    why = None if finding is None else speech.reason(finding.reason)
    clause = finding.clauses[0] if finding is not None and finding.clauses else None
    return replace(
        _plain(scene, Mood.STOP, Icon.STOP, "refused", foot=_contact(scene)),
        why=why or say("why.refused"),
        clause=clause,
        until=over,
    )


# Of several reasons the door tells one: first what concerns everybody, then who it
# is, then what they may, and at last what they must renew.
_TOLD_FIRST: Final = (
    *("internal", "journal.", "clock.", "roster.", "door.", "zone.closed"),
    *("credential.", "attempt.", "reader.", "two_person."),
    *("person.", "visit.", "zone.", "grant.", "post."),
)


def _told_of(denied: AccessDenied) -> Finding | None:
    """The reason to tell: one that forbids and has words for the door."""

    def rank(finding: Finding) -> tuple[int, str]:
        code = str(finding.reason)
        places = (i for i, p in enumerate(_TOLD_FIRST) if code.startswith(p))
        return next(places, len(_TOLD_FIRST)), code

    forbids = (f for f in denied.findings if f.verdict is Verdict.FORBID)
    worded = (f for f in forbids if speech.reason(f.reason) is not None)
    return min(worded, key=rank, default=None)


# --- what is awaited ---

_ANOTHER_PERSON: Final = {
    Awaited.SECOND_PERSON: ("feet.pair_window", "G6.1.2-3"),
    Awaited.ESCORT: ("feet.escort", "G5.3.2-2a"),
}


def _asked(scene: Scene) -> View | None:
    wait = s.awaited(scene)
    if wait is None or not wait.waiting_for:
        return None
    next_ = wait.waiting_for[0]
    foot, clause = _ANOTHER_PERSON.get(next_, (None, None))
    whole = max(1, _seconds(wait.until - wait.at))
    return replace(
        _frame(scene),
        mood=Mood.ASK if foot is None else Mood.WAIT,
        headline=say(f"prompts.{next_}"),
        why=say(f"hints.{next_}"),
        steps=tuple(_steps_of(wait)),
        countdown=Countdown(_seconds(wait.until - scene.at), whole),
        foot=None if foot is None else say(foot),
        clause=clause,
        until=_tick(scene, wait.until),
    )


def _steps_of(wait: AccessWaiting) -> Iterator[Step]:
    for factor in wait.factors:
        yield _step(str(factor), done=True)
    if any(f.reason == "devices.declared" for f in wait.findings):
        yield _step(str(Awaited.DECLARATION), done=True)
    for awaited in wait.waiting_for:
        yield _step(str(awaited), done=False)


def _step(name: str, *, done: bool) -> Step:
    return Step(name, say(f"steps.{name}"), done)


# --- the door itself ---


def _opened(scene: Scene) -> View | None:
    """A door that is released or open, when there is nothing else to say."""
    if scene.phase not in (Phase.RELEASED, Phase.OPEN, Phase.LEAVING):
        return None
    match s.opened(scene):
        case Opened.FOR_ENTRY:
            return _come_in(scene)
        case Opened.BY_COMMAND:
            return replace(_come_in(scene), why=say("why.command"))
        case Opened.FROM_INSIDE | None:
            return _plain(scene, Mood.IDLE, Icon.OPEN, "leaving", foot=None)


def _come_in(scene: Scene) -> View:
    """Without a name; the reminder of important zones at its foot (G5.3.3-1)."""
    seconds = _seconds(scene.place.door.timing.release_for)
    shut = scene.phase is Phase.RELEASED
    return replace(
        _frame(scene),
        mood=Mood.GO,
        icon=Icon.GO,
        headline=say("states.granted"),
        why=say("why.open_within", seconds=seconds) if shut else say("why.open"),
        foot=_reminder(scene),
    )


def _reminder(scene: Scene) -> Text | None:
    latest = s.answer(scene)
    if not isinstance(latest, AccessGranted):
        return None
    code = Reason("devices.reminder")
    noted = any(finding.reason == code for finding in latest.findings)
    return speech.reason(code) if noted else None


def _out_of_use(scene: Scene) -> View | None:
    if not s.unusable(scene):
        return None
    return _plain(scene, Mood.OFF, Icon.OFF, "unusable", foot=say("feet.exit"))


# --- the sign ---


def _sign(scene: Scene) -> View:
    """The zone's sign (G5.3.1-2), and what to present."""
    zone, door = scene.place.zone, scene.place.door
    sign = speech.sign(zone)
    forbidden = [
        Forbidden(str(conduct), Text(zh, en))
        for (conduct, zh), (_, en) in zip(
            sign.zh.forbidden, sign.en.forbidden, strict=True
        )
    ]
    if zone.two_person:
        both = Text(sign.zh.two_person, sign.en.two_person)
        forbidden.append(Forbidden("two", both))
    factors = factors_usual(
        zone.level, door.factors, face_available=scene.face_available
    )
    steps = [_step(str(factor), done=False) for factor in factors]
    if LEVEL_DEMANDS[zone.level].declaration:
        steps.append(_step(str(Awaited.DECLARATION), done=False))
    name = Text(sign.zh.name, sign.en.name)
    return replace(
        _frame(scene),
        headline=name,
        # The zone is the headline: above it stands which of its doors this is.
        place=name if door.name == zone.name else Text(door.name, door.name_en),
        forbidden=tuple(forbidden),
        steps=tuple(steps),
        foot=_contact(scene),
    )


def _contact(scene: Scene) -> Text | None:
    sign = speech.sign(scene.place.zone)
    if not sign.zh.responsible:
        return None
    return Text(sign.zh.responsible, sign.en.responsible)


# --- what all pictures share ---


def _plain(
    scene: Scene, mood: Mood, icon: Icon, state: str, *, foot: Text | None
) -> View:
    return replace(
        _frame(scene),
        mood=mood,
        icon=icon,
        headline=say(f"states.{state}"),
        why=say(f"why.{state}"),
        foot=foot,
    )


def _frame(scene: Scene) -> View:
    zone, door = scene.place.zone, scene.place.door
    same = door.name == zone.name
    return View(
        mood=Mood.IDLE,
        headline=Text("", ""),
        level=speech.word(zone.level),
        place=Text(
            zone.name if same else f"{zone.name} · {door.name}",
            zone.name_en if same else f"{zone.name_en} · {door.name_en}",
        ),
    )


def _time(scene: Scene) -> str:
    """Empty while nobody can be sure of it."""
    if not scene.clock_trusted:
        return ""
    return f"{scene.at.astimezone(scene.place.tz):%H:%M}"


def _offline(scene: Scene) -> bool:
    since = scene.offline_since
    return since is not None and scene.at >= since + s.OFFLINE_AFTER


def _frame_ends(scene: Scene) -> Iterator[datetime]:
    """When the top line changes, and when an open attempt or answer is over."""
    yield scene.at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    if scene.offline_since is not None:
        yield scene.offline_since + s.OFFLINE_AFTER


def _tick(scene: Scene, end: datetime) -> datetime:
    """When a countdown to `end` next shows another number."""
    return end - timedelta(seconds=_seconds(end - scene.at) - 1)


def _seconds(span: timedelta) -> int:
    return ceil(span.total_seconds())
