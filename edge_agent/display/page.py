"""A picture as HTML. Pure; every text is escaped, and nothing is inline but markup.

The fragment has no line ends, so that it travels as one line of a server-sent event.
Markup without script shows the same: the page then asks again every second.
"""

from collections.abc import Iterable
from functools import cache
from html import escape
from math import pi
from pathlib import Path
from string import Template
from typing import Final

from edge_agent.display.picture import Countdown, Icon, Mood, Step, View
from edge_agent.display.speech import say

FOLDER: Final = Path(__file__).parent
_RADIUS: Final = 45  # of the ring, in a box of 100
_ONE_LINE: Final = 8  # characters of a zone's name, in the narrower box


def page(view: View) -> str:
    """The whole page, with the picture of now."""
    return _template().substitute(
        title=escape(f"{view.place.zh} · 门神"),
        icons=(FOLDER / "icons.svg").read_text("utf-8"),
        screen=fragment(view),
        lost=fragment(lost(view)),
    )


def lost(view: View) -> View:
    """What a page shows that no longer hears from its door: nothing of what was."""
    return View(
        mood=Mood.OFF,
        icon=Icon.OFF,
        headline=say("states.lost"),
        why=say("why.lost"),
        level=view.level,
        place=view.place,
    )


def fragment(view: View) -> str:
    """The picture alone, in one line."""
    middle = _sign(view) if view.icon is None and view.countdown is None else _mid(view)
    return (
        f'<div class="picture picture--{view.mood}">'
        f"{_top(view)}{middle}{_foot(view)}</div>"
    )


def _top(view: View) -> str:
    notice = view.notice
    parts = [
        _span("level", view.level.zh),
        _span("place", view.place.zh) if view.place != view.headline else "",
        "" if notice is None else _span("notice", notice.zh),
        _span("time", view.time) if view.time else "",
    ]
    return f'<div class="top">{"".join(parts)}</div>'


def _mid(view: View) -> str:
    sign = _icon(view.icon or Icon.WAIT) if view.countdown is None else ""
    ring = "" if view.countdown is None else _ring(view.countdown)
    english = [view.headline.en, "" if view.why is None else view.why.en]
    return (
        f'<div class="mid">{sign}{ring}<div><h1>{escape(view.headline.zh)}</h1>'
        f"{_why(view)}{_steps(view.steps)}{_english(english)}</div></div>"
    )


def _why(view: View) -> str:
    names = "".join(_span("name", name) for name in view.names)
    why = "" if view.why is None else escape(view.why.zh)
    return f'<p class="why">{names}{why}</p>' if names or why else ""


def _sign(view: View) -> str:
    forbidden = "".join(
        f"<li>{_icon(f.icon)}{escape(f.text.zh)}</li>" for f in view.forbidden
    )
    rules = f'<ul class="forbidden">{forbidden}</ul>' if forbidden else ""
    steps = f"</li><li>{_icon('next', 'next')}".join(map(_step_of_sign, view.steps))
    long = len(view.headline.zh) > _ONE_LINE
    english = [view.headline.en, view.level.en]
    if not long:
        english += [f.text.en for f in view.forbidden]
    return (
        f'<div class="sign{" sign--long" if long else ""}">'
        f"<h1>{escape(view.headline.zh)}</h1>{_english(english)}"
        f'{rules}<ul class="steps"><li>{steps}</li></ul></div>'
    )


def _step_of_sign(step: Step) -> str:
    return f"{_icon(step.icon)}<span>{escape(step.text.zh)}</span>"


def _steps(steps: Iterable[Step]) -> str:
    items = "".join(
        f"<li>{_icon('done' if step.done else 'wait')}{escape(step.text.zh)}</li>"
        for step in steps
    )
    return f'<ul class="steps">{items}</ul>' if items else ""


def _foot(view: View) -> str:
    foot, clause = view.foot, view.clause
    said = "" if foot is None else f"<span>{escape(foot.zh)}</span>"
    if clause is not None:
        said += _span("clause", clause)
    elif foot is not None:
        said += f'<span class="en" lang="en">{escape(foot.en)}</span>'
    return f'<div class="foot">{said}</div>'


def _ring(countdown: Countdown) -> str:
    around = 2 * pi * _RADIUS
    part = around * min(1.0, countdown.left / countdown.of)
    label = say("units.left", seconds=countdown.left).zh
    circle = f'cx="50" cy="50" r="{_RADIUS}"'
    return (
        f'<div class="ring"><svg viewBox="0 0 100 100" role="img" '
        f'aria-label="{escape(label)}"><circle class="all" {circle}/>'
        f'<circle class="left" {circle} stroke-dasharray="{part:.1f} {around:.1f}" '
        f'transform="rotate(-90 50 50)"/><text x="50" y="57">{countdown.left}</text>'
        f'<text class="unit" x="50" y="74">{escape(say("units.seconds").zh)}</text>'
        "</svg></div>"
    )


def _english(parts: Iterable[str]) -> str:
    said = " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts if part)
    return f'<p class="en" lang="en">{escape(said)}</p>'


def _icon(name: str, kind: str = "") -> str:
    class_ = f' class="{kind}"' if kind else ""
    return (
        f'<svg{class_} viewBox="0 0 24 24" aria-hidden="true">'
        f'<use href="#i-{escape(name)}"/></svg>'
    )


def _span(kind: str, text: str) -> str:
    return f'<span class="{kind}">{escape(text)}</span>'


@cache
def _template() -> Template:
    return Template((FOLDER / "page.html").read_text("utf-8"))
