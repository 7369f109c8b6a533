"""Visitors at a reader: a badge waits, the escort's own factors open (G5.3.2-2a).

    take(gathering, badge) -> judge(gathering, …) -> gathering, Verdicts
                              expire(gathering, at) -> gathering, who waited in vain

Laws, W being the site's escort window:

- nobody is let in as a visitor unless one of their escorts completed, at this reader,
  everything that this door asks of staff, the first of it less than W before or after
  the visitor's badge, and is let in themselves;
- in either order: visitors' badges are collected before the escort comes and after;
- a visitor goes on waiting while an escort who began in time has not run out of time;
- presenting the badge again while it waits changes nothing;
- in a two-person zone the escort is let in with a partner or not at all, and so are
  their visitors, who are no half of any pair;
- a deputy who completes beside the escort, both within W of the visitor's badge, takes
  over: a handing over, recorded as such.

What an escort is refused meanwhile (a lockdown, a withdrawal) their visitors are too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.attempt import (
    Attempt,
    Completed,
    FactsOf,
    Gathering,
    Judgement,
    Led,
    Presentation,
    Waiting,
    ran_out,
    request_of,
)
from domain.ids import DoorId, PersonId, VisitId
from domain.policy import (
    Awaited,
    Decision,
    Facts,
    Outcome,
    Presence,
    Reason,
    Rule,
    RuleBook,
    Side,
    book_of,
    decide,
)
from domain.policy.conclude import ordered

DEFAULT_ESCORT_WINDOW: Final = timedelta(seconds=10)  # G5.3.2-2a

ESCORT_TIMED_OUT: Final = Reason("visit.escort_timed_out")

_PAIR: Final = (Awaited.SECOND_PERSON,)


@dataclass(frozen=True, slots=True)
class Handover:
    """`new` took over a visitor from `old`."""

    visit: VisitId
    visitor: PersonId
    old: PersonId
    new: PersonId
    escorts: tuple[PersonId, ...]  # from now on
    deputies: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the waiting visitors came to just now, each judgement to be recorded."""

    judgements: tuple[Judgement, ...]
    handovers: tuple[Handover, ...]


def take(
    gathering: Gathering, badge: Presentation, *, side: Side, window: timedelta
) -> Gathering:
    """The gathering with a visitor's badge. Call `expire` at the same instant first."""
    if any(w.attempt.person == badge.person for w in gathering.visitors):
        return gathering
    attempt = Attempt(
        side=side,
        since=badge.at,
        until=badge.at + window,
        presented=(badge,),
        declaration=None,
        decision=None,
    )
    waiting = Waiting(attempt=attempt, escorts=())
    return replace(gathering, visitors=(*gathering.visitors, waiting))


def completed(
    gathering: Gathering,
    granted: Judgement,
    *,
    door: DoorId,
    at: datetime,
    window: timedelta,
) -> Gathering:
    """Whoever was just let in may lead visitors while the window lasts."""
    more = []
    for one in granted.attempts:
        others = (p.person for p in granted.attempts if p is not one)
        request = request_of(one, door=door, at=at, partner=next(others, None))
        more.append(
            Completed(
                attempt=one,
                request=replace(request, ahead=0),  # they are on their way in by then
                until=one.since + window,
                leads=frozenset(),
            )
        )
    return replace(gathering, completed=(*gathering.completed, *more))


def judge(
    gathering: Gathering,
    *,
    granted: Judgement | None,
    door: DoorId,
    at: datetime,
    facts_of: FactsOf,
    rules: Iterable[Rule],
) -> tuple[Gathering, Verdicts]:
    """Decide what each waiting visitor comes to.

    `granted`: what was just granted to staff; the visitors they lead are let in by the
    same judgement, which then stands in the place of it.
    """
    turn = _Turn(gathering, granted, door, at, facts_of, book_of(rules))
    for waiting in gathering.visitors:
        turn.visitor(waiting)
    return turn.done()


def expire(
    gathering: Gathering, *, at: datetime
) -> tuple[Gathering, tuple[Judgement, ...]]:
    """Drop what is over at `at`; visitors whose escort did not come are refused."""
    out, kept = [], []
    for waiting in gathering.visitors:
        if at >= deadline_of(waiting, gathering):
            out.append(ran_out(waiting.attempt, ESCORT_TIMED_OUT))
        else:
            kept.append(waiting)
    after = replace(
        gathering,
        visitors=tuple(kept),
        completed=tuple(c for c in gathering.completed if at < c.until),
        led=tuple(each for each in gathering.led if at < each.badge.until),
    )
    return after, tuple(out)


def deadline_of(waiting: Waiting, gathering: Gathering) -> datetime:
    """Until when this visitor waits: the end of the window, or of the try of an escort
    who began within it."""
    badge = waiting.attempt
    ends = [
        until
        for person, since, until in _under_way(gathering)
        if person in waiting.escorts and _near(badge, since)
    ]
    return max((badge.until, *ends))


def next_deadline(gathering: Gathering) -> datetime | None:
    """When `expire` has a visitor to refuse."""
    return min((deadline_of(w, gathering) for w in gathering.visitors), default=None)


def _near(badge: Attempt, factor: datetime) -> bool:
    """Whether less than the window, which is how long a badge waits by itself, lies
    between a visitor's badge and a first factor, whichever came first."""
    return abs(badge.since - factor) < badge.until - badge.since


def _under_way(gathering: Gathering) -> Iterable[tuple[PersonId, datetime, datetime]]:
    """Staff who may yet complete: who, since their first factor, until when."""
    now, first = gathering.attempt, gathering.first
    if now is not None and now.person is not None:
        decided = now.decision
        if decided is None or (
            decided.outcome is Outcome.WAITING and decided.waiting_for != _PAIR
        ):
            yield now.person, now.since, now.until
    if first is not None and first.request.person is not None:
        yield first.request.person, first.attempt.since, first.until


class _Turn:
    """One pass over the waiting visitors; gathers what is said and what remains."""

    def __init__(
        self,
        gathering: Gathering,
        granted: Judgement | None,
        door: DoorId,
        at: datetime,
        facts_of: FactsOf,
        rules: RuleBook,
    ) -> None:
        self._before = gathering
        self._granted = granted
        self._door = door
        self._at = at
        self._facts_of = facts_of
        self._rules = rules
        self._completed = [c for c in gathering.completed if self._stands(c)]
        self._waiting: list[Waiting] = []
        self._led = list(gathering.led)
        self._said: list[Judgement] = []
        self._handovers: list[Handover] = []

    def visitor(self, waiting: Waiting) -> None:
        attempt = waiting.attempt
        facts = self._facts_of(attempt)
        escort = self._escort_of(attempt, facts)
        request = request_of(
            attempt,
            door=self._door,
            at=self._at,
            partner=None,
            escort=None if escort is None else escort.person,
            led=frozenset() if escort is None else escort.leads,
            ahead=self._ahead(),
        )
        decision = decide(request, facts, self._rules)
        decided = replace(attempt, decision=decision)
        match decision.outcome:
            case Outcome.GRANTED if escort is not None:
                self._grant(decided, decision, escort, facts)
            case Outcome.GRANTED:  # INVARIANT: whatever the rules are, not without
                self._waiting.append(waiting)
            case Outcome.WAITING:
                self._waiting.append(Waiting(attempt=decided, escorts=facts.escorts))
                self._said.append(self._judgement(decision, (decided,), attempt))
            case Outcome.DENIED:
                self._said.append(self._judgement(decision, (decided,), attempt))

    def done(self) -> tuple[Gathering, Verdicts]:
        after = replace(
            self._before,
            visitors=tuple(self._waiting),
            completed=tuple(self._completed),
            led=tuple(self._hand_over(each) for each in self._led),
        )
        said = (*([self._granted] if self._granted else []), *self._said)
        told = tuple(j for j in said if not j.repeated)
        return after, Verdicts(told, tuple(self._handovers))

    def _grant(
        self, decided: Attempt, decision: Decision, escort: Completed, facts: Facts
    ) -> None:
        self._completed = [
            replace(c, leads=c.leads | {*decided.named}) if c is escort else c
            for c in self._completed
        ]
        granted = self._granted
        if granted is not None and escort.attempt in granted.attempts:
            self._granted = replace(
                granted,
                decision=_together(granted.decision, decision),
                attempts=(*granted.attempts, decided),
            )
        else:
            # The escort was let in a moment ago: named, and not let in once more.
            both = (escort.attempt, decided)
            late = self._judgement(decision, both, decided)
            self._said.append(replace(late, before=1, repeated=False))
        right = facts.right
        if right is not None and escort.person is not None:
            self._led.append(
                Led(
                    visit=right.visit.id,
                    visitor=right.person,
                    badge=decided,
                    escort=escort.person,
                    escorts=facts.escorts,
                    deputies=tuple(
                        d for d in facts.deputies if d not in right.visit.approvers
                    ),
                )
            )

    def _judgement(
        self, decision: Decision, attempts: tuple[Attempt, ...], before: Attempt
    ) -> Judgement:
        return Judgement(
            decision=decision,
            attempts=attempts,
            repeated=before.decision == decision,
            until=before.until,
        )

    def _escort_of(self, attempt: Attempt, facts: Facts) -> Completed | None:
        """Whoever of the visitor's escorts completed in time and leads fewest, those
        led in before counted."""
        there = [
            c
            for c in self._completed
            if c.person in facts.escorts and _near(attempt, c.attempt.since)
        ]

        def led(one: Completed) -> int:
            before = facts.led.get(one.person, frozenset()) if one.person else ()
            return len(one.leads.union(before))

        return min(there, key=led, default=None)

    def _stands(self, one: Completed) -> bool:
        """Whether somebody let in a moment ago would still be."""
        if self._granted is not None and one.attempt in self._granted.attempts:
            return True
        # Going in is what they were let in for, and no reason to be refused.
        facts = replace(self._facts_of(one.attempt), presence=Presence.OUTSIDE)
        again = decide(replace(one.request, at=self._at), facts, self._rules)
        return again.outcome is Outcome.GRANTED

    def _ahead(self) -> int:
        """How many this turn lets in before the next visitor."""
        joined = len(self._granted.attempts) if self._granted is not None else 0
        return joined + sum(
            len(j.attempts) - j.before
            for j in self._said
            if j.decision.outcome is Outcome.GRANTED
        )

    def _hand_over(self, led: Led) -> Led:
        """The next escort, if a deputy completed beside the one who leads."""
        new = next(
            (
                c.person
                for c in self._completed
                if c.person in led.deputies
                and c.person is not None
                and _near(led.badge, c.attempt.since)
            ),
            None,
        )
        if new is None:
            return led
        old, escorts = led.escort, led.escorts
        done = Handover(
            led.visit,
            led.visitor,
            old,
            new,
            escorts=tuple(new if e == old else e for e in escorts),
            # Who hands over may take over again.
            deputies=tuple(old if d == new else d for d in led.deputies),
        )
        self._handovers.append(done)
        return replace(led, escort=new, escorts=done.escorts, deputies=())


def _together(granted: Decision, more: Decision) -> Decision:
    """What was found of those let in together."""
    return replace(granted, findings=ordered((*granted.findings, *more.findings)))
