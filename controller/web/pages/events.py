"""One line of the stream: who, what, and why, with the clauses.

What is said of an event is in `controller.web.pages.lines`.
`minor` lines are the mechanics behind a decision (a lock, a contact, a report of
health); the stream shows them on demand.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.services.board import EventRow
from controller.services.event_filter import kind_of
from controller.web.pages.frame import Times
from controller.web.pages.lines import said as line_of
from controller.web.pages.lines.access import FAILED
from controller.web.pages.lines.said import Names
from controller.web.words import Words
from domain.policy import Clause, Finding, Verdict


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


def event_view(row: EventRow, names: Names, times: Times) -> EventView:
    said = line_of(row, names)
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
        failed = finding.verdict in FAILED
        if failed or all_of_them or finding.verdict is Verdict.PERMIT:
            text = say.reason(finding.reason)
            told.append(Why(text, " ".join(finding.clauses), failed))
        else:
            proof += finding.clauses
    said = {clause for why in told for clause in why.clauses.split()}
    if rest := [clause for clause in dict.fromkeys(proof) if clause not in said]:
        told.append(Why("", " ".join(rest), failed=False))
    return tuple(told)
