"""Scenario files: TOML in, `Story` out, every problem at once with its line.

Paths in a file are relative to the working directory. `[[people]]` are laid over the
site's people or added to them; `[[visits]]` come; `[[step]]` are played in the order
of the file. The form is described in `docs/scenarios.md`.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from config.load import load_site, merge_person
from config.schema import PersonSpec, Site
from config.toml_reader import Problems, Reader, nearest
from config.toml_table import parse
from domain.errors import ScenarioInvalid, SiteInvalid
from domain.ids import DoorId, PersonId, VisitId
from domain.policy import Awaited, Outcome, Side
from simulators.people import Shown, parse_shown
from simulators.scenario_visits import (
    Here,
    read_desk_step,
    read_visits,
    visitors_of,
)
from simulators.story import (
    NEEDS_DOOR,
    NEEDS_PERSON,
    Deed,
    Expectation,
    Step,
    Story,
)
from simulators.story_visits import VisitSpec

DEFAULT_SITE: Final = Path("config/sites/example.toml")
# A Monday morning, for stories that don't care when they begin.
DEFAULT_START: Final = datetime(2026, 11, 23, tzinfo=UTC)


def load_story(path: Path) -> tuple[Story, Site]:
    """The story in `path`, and its site.

    Raises:
        ScenarioInvalid: with every problem, each with file and line.
        SiteInvalid: its site file has problems.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ScenarioInvalid((f"{path}: cannot be read: {why}",)) from None
    try:
        table = parse(text, str(path))
    except SiteInvalid as error:
        raise ScenarioInvalid(error.problems) from None
    problems = Problems(ScenarioInvalid)
    reader = Reader(table, problems)
    site_path = Path(reader.text("site", default=str(DEFAULT_SITE)))
    if not site_path.is_file():
        reader.problem("site", f"there is no file `{site_path}`; correct the path")
        problems.raise_if_any()
    site = load_site(site_path)
    title = reader.text("title", default=path.stem)
    starts = reader.instant("starts", site.tz) or DEFAULT_START
    people = _people(reader, site)
    here = Here(site, people, starts)
    visits = read_visits(reader, here)
    steps = tuple(
        _step(number, table, here, visits)
        for number, table in enumerate(reader.tables("step"), 1)
    )
    if not steps:
        reader.problem(None, "has no [[step]]; write at least one")
    reader.finish()
    problems.raise_if_any()
    story = Story(
        path=path,
        title=title,
        site=site_path,
        starts=starts,
        people=people,
        steps=steps,
        visits=visits,
    )
    return story, replace(site, people=people)


def _people(reader: Reader, site: Site) -> dict[PersonId, PersonSpec]:
    people = dict(site.people)
    for table in reader.tables("people"):
        named = table.table.items.get("id")
        base = people.get(PersonId(str(named.value))) if named is not None else None
        person = merge_person(base, table, site)
        people[person.id] = person
    return people


def _step(
    number: int, table: Reader, here: Here, visits: dict[VisitId, VisitSpec]
) -> Step:
    known = {*here.people, *visitors_of(visits)}
    person = table.name_of("person", known, "person", optional=True)
    door = table.name_of("door", here.site.doors, "door", optional=True)
    deed = table.choice("do", Deed, default=None)
    shown = _shown(table, person)
    if table.has("do") and table.has("presents"):
        table.problem("presents", "a `do` step presents nothing; make it two steps")
    if not table.has("do"):
        if not table.has("presents"):
            table.problem(None, "needs `presents` or `do`; write one of them")
        elif not table.has("door"):
            table.problem(None, "`door` is missing; say where this is presented")
    if deed in NEEDS_PERSON and person is None:
        table.problem("do", f"`{deed}` needs a `person`; write whom it concerns")
    if deed in NEEDS_DOOR and door is None:
        table.problem("do", f"`{deed}` needs a `door`; write which")
    whose = PersonId(person) if person is not None else None
    desk = read_desk_step(table, deed, visits, here, who=whose)
    expect = table.table_at("expect")
    step = Step(
        number=number,
        line=table.table.line,
        after=table.duration("after", default=None),
        door=DoorId(door) if door is not None else None,
        side=table.choice("side", Side, default=Side.ENTRY),
        person=whose,
        shown=shown,
        passes=table.flag("passes", default=True),
        deed=deed,
        expect=_expectation(expect) if expect is not None else None,
        desk=desk,
    )
    table.finish()
    return step


def _shown(table: Reader, person: str | None) -> tuple[Shown, ...]:
    out = []
    whose = PersonId(person) if person is not None else None
    for text in table.texts("presents", repeats=True):
        one = parse_shown(text, whose)
        if one is not None:
            out.append(one)
            continue
        if whose is None and parse_shown(text, PersonId("E0000")) is not None:
            table.problem("presents", f"`{text}` needs a `person`; write who presents")
            continue
        known = ["badge", "fingerprint", "face", "pin", "pin:wrong", "badge:unknown"]
        known += ["fingerprint:duress", "pin:duress"]
        hint = nearest(text, known) or f"write one of {', '.join(known)}"
        table.problem("presents", f"`{text}` can't be presented; {hint}")
    if table.has("presents") and table.table.items["presents"].value == []:
        table.problem("presents", "is empty; write what is presented")
    return tuple(out)


def _expectation(table: Reader) -> Expectation:
    waiting_for = table.choices("waiting_for", Awaited)
    expectation = Expectation(
        outcome=table.choice("outcome", Outcome, default=None),
        people=_listed(table, "people"),
        waiting_for=waiting_for if table.has("waiting_for") else None,
        reasons=_listed(table, "reasons"),
        clauses=_listed(table, "clauses"),
        alarms=_listed(table, "alarms"),
        no_alarms=_listed(table, "no_alarms"),
    )
    table.finish()
    return expectation


def _listed(table: Reader, key: str) -> tuple[str, ...] | None:
    texts = table.texts(key)
    return texts if table.has(key) else None
