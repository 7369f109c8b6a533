"""One picture of the display, as a value: what `view` makes and `page` draws."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge_agent.display.speech import Text


class Mood(StrEnum):
    """What the colour says, beside sign and word. Green means go, red means stop."""

    IDLE = "idle"
    ASK = "ask"
    WAIT = "wait"  # for another person
    GO = "go"
    STOP = "stop"
    LOCKDOWN = "lockdown"
    OFF = "off"


class Icon(StrEnum):
    """Pictures in `icons.svg`."""

    GO = "go"
    STOP = "stop"
    LOCKDOWN = "lockdown"
    FIRE = "fire"
    HELD = "held"
    OPEN = "open"
    WAIT = "wait"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to present. `icon`: its name in `icons.svg`."""

    icon: str
    text: Text
    done: bool


@dataclass(frozen=True, slots=True)
class Countdown:
    """Whole seconds that are left, of how many."""

    left: int
    of: int


@dataclass(frozen=True, slots=True)
class Forbidden:
    icon: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`level`, `place`, `time`, `notice` are the top line. `steps` of the sign are
    what will be asked; of a prompt, what is done and what is to come. `until`: None
    if the picture stays as it is."""

    mood: Mood
    headline: Text
    level: Text
    place: Text
    icon: Icon | None = None
    why: Text | None = None
    names: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    countdown: Countdown | None = None
    foot: Text | None = None
    clause: str | None = None
    time: str = ""
    notice: Text | None = None
    until: datetime | None = None
