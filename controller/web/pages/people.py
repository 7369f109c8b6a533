"""What the pages about people say: qualifications as bars, grants, why or why not.

Pure. A bar spans half a year back and a year ahead, one unit a day, with today's mark;
what it shows stands beside it in words. Amber is only what has ended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from config import locales
from config.schema import Site
from controller.services.board import EventRow, Named
from controller.services.why import Why
from controller.store.register import StoredGrant, StoredPerson
from controller.store.reviews import StoredItem
from controller.web.pages.events import EventView, event_view
from controller.web.pages.frame import Times
from controller.web.pages.lines.said import Names
from controller.web.words import CHINESE, Words
from controller.web.words import Named as Called
from domain.ids import DoorId, GrantId, PersonId, ZoneId
from domain.people import PersonState, Post, Qualifications
from domain.policy import Outcome, Verdict
from domain.policy.demands import WARN_BEFORE

BEFORE: Final = 180  # days of a bar before today
AHEAD: Final = 360
SPAN: Final = BEFORE + AHEAD
_CLAUSES: Final = {
    "agreement": "G5.1.1-3",
    "commitment": "G5.1.2-2",
    "training": "G5.1.1-4 G5.1.2-1",
}
_BARS: Final = {"core": 3, "important": 2, "general": 1, "non_secret": 0}
_HINDERS: Final = frozenset({Verdict.FORBID, Verdict.WAIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`state`: "never", "lapsed", "ending" or "current". `width`: of `SPAN`."""

    name: str
    state: str
    word: str
    width: int
    clauses: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    id: GrantId
    zone: str
    level: str
    bars: int
    purpose: str
    approver: str
    span: str
    hours: str
    reviewed: str  # when it was last confirmed, and by whom
    reviewer: str
    ended: str  # why it is no more; "": it is live


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    text: str
    clauses: str
    failed: bool
    way_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Why, or why not, in words. `outcome`: "granted", "denied", "waiting"."""

    outcome: str
    headline: str
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]
    recorded: EventView | None


@dataclass(frozen=True, slots=True)
class Speech:
    """How one page speaks of people."""

    say: Words
    times: Times
    site: Site

    def post(self, post: Post) -> str:
        named = self.site.posts.get(post)
        return post if named is None else named[self.say.language != CHINESE]

    def posts(self, present: tuple[Post, ...] = ()) -> list[tuple[Post, str]]:
        """Those of the site and those that somebody still has."""
        known = dict.fromkeys((*self.site.posts, *present))
        return [(post, self.post(post)) for post in known]

    def state(self, state: str) -> str:
        return self.say.code("people.state", state)

    def change(self, what: str) -> str:
        """What was changed, as the register calls it: "state left", "grant"."""
        return self.say.code("people.change", what.replace(" ", "_"))

    def zone(self, id_: ZoneId) -> str:
        zone = self.site.zones.get(id_)
        return id_ if zone is None else self.say.of(zone)

    def door(self, id_: DoorId) -> str:
        door = self.site.doors.get(id_)
        return id_ if door is None else self.say.of(door)

    def bars_of(self, zone: ZoneId) -> int:
        known = self.site.zones.get(zone)
        return 0 if known is None else _BARS[known.level]

    def joined(self, said: Iterable[str]) -> str:
        """Different things said, in one line."""
        return self.say("board.decision.list").join(dict.fromkeys(said))

    def day(self, day: date | None) -> str:
        return "—" if day is None else day.isoformat()

    def at(self, at: datetime) -> str:
        return at.astimezone(self.site.tz).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def today(self) -> date:
        return self.times.now.astimezone(self.site.tz).date()

    def ends_next(self, person: StoredPerson) -> str:
        """What has ended or ends within the time of warning; "" if nothing."""
        found = [bar for bar in self.bars(person.qualifications) if bar.width]
        told = [bar for bar in found if bar.state in ("lapsed", "ending")]
        return self.say("board.decision.list").join(
            f"{bar.name} {bar.word}" for bar in told
        )

    def row(self, person: StoredPerson) -> tuple[str, ...]:
        """Somebody in the columns of the list."""
        return (
            person.id,
            self.say.of(person),
            self.post(person.post),
            self.state(person.state),
            self.ends_next(person),
        )

    def filter(self, asked: Mapping[str, str]) -> str:
        """What a list was filtered by, in words."""
        state = asked["state"]
        said = {
            f"{self.say('people.search')}: {asked['q']}": asked["q"],
            self.post(Post(asked["post"])): asked["post"],
            self.state(state) if state in set(PersonState) else "": state,
            self.say("people.ending_soon"): asked["ending"],
        }
        given = [words for words, so in said.items() if words and so]
        return self.joined(given) or self.say("people.csv.all")

    def bars(self, known: Qualifications) -> list[Bar]:
        ends = {
            "agreement": known.agreement_until,
            "commitment": known.commitment_until,
            "training": known.training_until,
        }
        return [self._bar(name, end) for name, end in ends.items()]

    def _bar(self, name: str, end: date | None) -> Bar:
        left = None if end is None else (end - self.today).days
        if left is None:
            state, word = "never", self.say("people.never")
        elif left < 0:
            state, word = "lapsed", self.say("people.lapsed", n=-left, day=end)
        elif left < WARN_BEFORE.days:
            state, word = "ending", self.say("people.ending", n=left, day=end)
        else:
            state, word = "current", self.say("people.until", day=end)
        width = 0 if left is None else min(max(left + 1 + BEFORE, 1), SPAN)
        return Bar(
            name=self.say(f"people.qualification.{name}"),
            state=state,
            word=word,
            width=width,
            clauses=_CLAUSES[name],
        )

    def grant(
        self,
        stored: StoredGrant,
        names: Mapping[PersonId, Named],
        reviewed: StoredItem | None = None,
    ) -> GrantRow:
        grant = stored.grant
        at = None if reviewed is None else reviewed.at
        approver = self.say.code("rank", grant.rank)
        if grant.approved_by is not None:
            approver += f" {self.say.of(names[grant.approved_by])}"
        return GrantRow(
            id=grant.id,
            zone=self.zone(grant.zone),
            level=self._level(grant.zone),
            bars=self.bars_of(grant.zone),
            purpose=grant.purpose,
            approver=approver,
            span=self._span(grant.since, grant.until),
            hours=grant.schedule or self.say("people.any_hour"),
            reviewed="—" if at is None else self._date(at),
            reviewer="" if reviewed is None else reviewed.by,
            ended=self._ended(stored),
        )

    def doors_with(self, told: Mapping[DoorId, Outcome], outcome: Outcome) -> str:
        """The doors that would say so, in the order of the site; "" if none."""
        found = (door for door in self.site.doors if told.get(door) is outcome)
        return self.joined(map(self.door, found))

    def _level(self, zone: ZoneId) -> str:
        known = self.site.zones.get(zone)
        return "" if known is None else self.say.code("board.level", known.level)

    def _span(self, since: datetime, until: datetime | None) -> str:
        for_ever = since.year <= 1970  # since before there was a register
        if for_ever and until is None:
            return self.say("people.always")
        begin = "…" if for_ever else self._date(since)
        return f"{begin} → {'…' if until is None else self._date(until, last=True)}"

    def _date(self, at: datetime, *, last: bool = False) -> str:
        """The day of an instant; of an end, the last before it."""
        shown = at - timedelta(microseconds=1) if last else at
        return shown.astimezone(self.site.tz).date().isoformat()

    def _ended(self, stored: StoredGrant) -> str:
        if stored.withdrawal is not None:
            why = self.say.code("people.withdrawn", stored.withdrawal.reason)
            return f"{self._date(stored.withdrawal.at)} {why}"
        until = stored.grant.until
        if until is not None and until <= self.times.now:
            return self.say("people.run_out")
        return ""

    def entry(self, row: EventRow) -> EventView:
        return event_view(row, self._names(), self.times)

    def _names(self) -> Names:
        doors: dict[DoorId, Called] = {**self.site.doors}
        zones = {zone: self.zone(zone) for zone in self.site.zones}
        return Names(self.say, doors, zones)

    def answer(self, why: Why) -> Answer:
        """The reasons that hinder first, each with what to do."""
        codes = locales.words(self.say.language)
        reasons = [
            Reason(
                text=self.say.reason(each.reason),
                clauses=" ".join(each.clauses),
                failed=each.verdict in _HINDERS,
                way_out=(codes.door(each.reason) or "")
                if each.verdict in _HINDERS
                else "",
            )
            for each in why.decision.findings
        ]
        outcome = why.decision.outcome
        failed = sum(each.failed for each in reasons)
        headline = self.say(f"people.why.{outcome}", n=failed)
        if outcome is Outcome.WAITING:
            headline += self.say("page.between") + self.say("board.decision.list").join(
                self.say.code("board.awaited", each)
                for each in why.decision.waiting_for
            )
        notes = {
            "unknown": not why.known,
            "pending": why.pending,
            "no_roster": why.roster is None,
        }
        return Answer(
            outcome=outcome,
            headline=headline,
            reasons=tuple(sorted(reasons, key=lambda each: not each.failed)),
            notes=tuple(self.say(f"people.why.{n}") for n, so in notes.items() if so),
            recorded=None if why.recorded is None else self.entry(why.recorded),
        )
