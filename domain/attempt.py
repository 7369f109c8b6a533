"""What has been presented at one reader so far, and what it comes to.

    take(gathering, presentation) -> judge(...) -> Gathering, Judgement
                                  expire(...)   -> Gathering, what ran out

One person's factors are gathered within a window from the first presentation; all
must name the same person. Once decided, an attempt *lingers* until its window ends,
so that a further factor of the same person belongs to it and doesn't start another:
somebody refused at the badge who still lays on the finger is refused once.

Two persons (G6.1.2-3): who is complete becomes `first` and waits; the grant is for
both, if another person completes within the pair window. Whatever the first presents
meanwhile changes nothing: it neither prolongs the wait nor starts an attempt that
would be in the second's way (a badge may lie on the reader). Every window is
half-open: at its very end it is over.

Visitors who wait for their escort (G5.3.2-2a) stand beside the attempt and are in
nobody's way: see `domain.escort`.

A duress finger or PIN changes nothing here: the attempt goes on as usual and carries
the mark, for a silent alarm.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.credentials import Declaration, Factor
from domain.ids import DoorId, PersonId, VisitId
from domain.policy import (
    Awaited,
    Clause,
    Decision,
    Facts,
    Finding,
    Outcome,
    Reason,
    Request,
    Rule,
    RuleBook,
    Side,
    Verdict,
    book_of,
    decide,
)

DEFAULT_FACTOR_WINDOW: Final = timedelta(seconds=15)
DEFAULT_PAIR_WINDOW: Final = timedelta(seconds=20)  # G6.1.2-3

TIMED_OUT: Final = Reason("attempt.timed_out")
PAIR_TIMED_OUT: Final = Reason("two_person.timed_out")

_PAIR_ONLY: Final = (Awaited.SECOND_PERSON,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """One factor at one instant. `person` is None if this door knows nobody by it.

    `credential`: keyed digest (hex) of a badge nobody is known by.
    """

    factor: Factor
    person: PersonId | None
    at: datetime
    credential: str | None = None
    duress: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One person's try at one reader, in [since, until)."""

    side: Side
    since: datetime
    until: datetime
    presented: tuple[Presentation, ...]
    declaration: Declaration | None
    decision: Decision | None  # the last one; None: not judged yet

    @property
    def named(self) -> tuple[PersonId, ...]:
        """Everybody whom some factor named, in order, each once."""
        people = (p.person for p in self.presented if p.person is not None)
        return tuple(dict.fromkeys(people))

    @property
    def person(self) -> PersonId | None:
        """The one person whom all factors name, or None."""
        return self.named[0] if len(self.named) == 1 and not self.unknown else None

    @property
    def unknown(self) -> bool:
        return any(p.person is None for p in self.presented)

    @property
    def mismatch(self) -> bool:
        return len(self.named) > 1 or (self.unknown and bool(self.named))

    @property
    def factors(self) -> tuple[Factor, ...]:
        return tuple(dict.fromkeys(p.factor for p in self.presented))

    @property
    def duress(self) -> bool:
        return any(p.duress for p in self.presented)

    @property
    def credential(self) -> str | None:
        return next((p.credential for p in self.presented if p.credential), None)

    @property
    def lingers(self) -> bool:
        """Decided: granted, refused, or complete but for the second person."""
        d = self.decision
        return d is not None and (
            d.outcome is not Outcome.WAITING or d.waiting_for == _PAIR_ONLY
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first person of a pair, complete, waiting until `until` (exclusive)."""

    attempt: Attempt
    request: Request
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A visitor's badge that waits for one of `escorts`."""

    attempt: Attempt
    escorts: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Somebody employed who was let in here and may lead visitors until `until`.

    `leads`: the visitors let in with them.
    """

    attempt: Attempt
    request: Request
    until: datetime
    leads: frozenset[PersonId]

    @property
    def person(self) -> PersonId | None:
        return self.request.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """A visitor who was let in with `escort`. While `badge` would still wait, a deputy
    who completes here takes over."""

    visit: VisitId
    visitor: PersonId
    badge: Attempt
    escort: PersonId
    escorts: tuple[PersonId, ...]
    deputies: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Gathering:
    """The state of one reader between presentations.

    `dismissed`: who waited as the first of a pair and was forbidden meanwhile;
    `expire` hands them out as refused. `visitors`, `completed`, `led`: see
    `domain.escort`.
    """

    attempt: Attempt | None = None
    first: First | None = None
    dismissed: "tuple[Judgement, ...]" = ()
    visitors: tuple[Waiting, ...] = ()
    completed: tuple[Completed, ...] = ()
    led: tuple[Led, ...] = ()

    @property
    def next_deadline(self) -> datetime | None:
        """When `expire` has something to do."""
        ends = [x.until for x in (self.attempt, self.first) if x is not None]
        return min((*ends, *(j.until for j in self.dismissed)), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an attempt came to just now.

    `attempts` are those decided together: one, or the pair, first person first, then
    the visitors they lead. The first `before` of them were let in already and are only
    named. `repeated`: nothing new; it must not be recorded or counted again.
    `until`: by when what is awaited must come.
    """

    decision: Decision
    attempts: tuple[Attempt, ...]
    repeated: bool
    until: datetime
    before: int = 0

    @property
    def people(self) -> tuple[PersonId, ...]:
        return tuple(dict.fromkeys(p for a in self.attempts for p in a.named))


FactsOf = Callable[[Attempt], Facts]


def take(
    gathering: Gathering,
    presentation: Presentation,
    *,
    side: Side,
    window: timedelta = DEFAULT_FACTOR_WINDOW,
) -> Gathering:
    """The gathering with one more factor. Call `expire` at the same instant first."""
    current = gathering.attempt
    at = presentation.at
    first = _marked(gathering.first, presentation)
    if first is not None and not (current and _belongs(current, presentation)):
        own = current if current is not None and current.presented else None
        return replace(gathering, attempt=own, first=first)
    if current is None or not _belongs(current, presentation):
        declared_ahead = (
            current.declaration
            if current is not None and not current.presented and at < current.until
            else None
        )
        fresh = Attempt(
            side=side,
            since=at,
            until=at + window,
            presented=(presentation,),
            declaration=declared_ahead,
            decision=None,
        )
        return replace(gathering, attempt=fresh)
    if _is_repeat(current, presentation):
        return gathering
    longer = replace(current, presented=(*current.presented, presentation))
    if first is not None and longer.person == first.request.person:
        return replace(gathering, attempt=longer, first=first)
    return replace(gathering, attempt=longer)


def declare(
    gathering: Gathering,
    declaration: Declaration,
    *,
    at: datetime,
    side: Side,
    window: timedelta = DEFAULT_FACTOR_WINDOW,
) -> Gathering:
    """The gathering with a device declaration; it may come before the first factor."""
    current = gathering.attempt
    if current is not None and at < current.until:
        if not current.lingers:
            return replace(gathering, attempt=replace(current, declaration=declaration))
        refused = current.decision is not None and (
            current.decision.outcome is Outcome.DENIED
        )
        if refused:  # too late for it, and not yet the next person's
            return gathering
    ahead = Attempt(
        side=side,
        since=at,
        until=at + window,
        presented=(),
        declaration=declaration,
        decision=None,
    )
    return replace(gathering, attempt=ahead)


def judge(
    gathering: Gathering,
    *,
    door: DoorId,
    at: datetime,
    facts_of: FactsOf,
    rules: Iterable[Rule],
    pair_window: timedelta = DEFAULT_PAIR_WINDOW,
) -> tuple[Gathering, Judgement | None]:
    """Decide what the current attempt comes to; None if nothing was presented.

    The first person of a pair is judged again beside the second: what changed in
    between (a withdrawal, a lockdown) counts, and dismisses them.
    """
    attempt = gathering.attempt
    if attempt is None or not attempt.presented:
        return gathering, None
    if attempt.lingers and _already_told(attempt):
        return gathering, _repeat(attempt, gathering)

    book = book_of(rules)
    first, dismissed = gathering.first, gathering.dismissed
    if first is not None:
        again = _beside(first, attempt, at, facts_of, book)
        if again.outcome is Outcome.DENIED:
            dismissed = (*dismissed, _dismissal(first, again, at))
            first = None
    partner = first.request.person if first is not None else None
    request = request_of(attempt, door=door, at=at, partner=partner)
    decision = decide(request, facts_of(attempt), book)
    decided = replace(attempt, decision=decision)

    if decision.outcome is Outcome.GRANTED and first is not None:
        judgement = Judgement(
            decision=decision,
            attempts=(first.attempt, decided),
            repeated=False,
            until=attempt.until,
        )
        done = replace(gathering, attempt=decided, first=None, dismissed=dismissed)
        return done, judgement
    if decision.waiting_for == _PAIR_ONLY:
        first = First(attempt=decided, request=request, until=at + pair_window)
    until = first.until if decision.waiting_for == _PAIR_ONLY and first else None
    judgement = Judgement(
        decision=decision,
        attempts=(decided,),
        repeated=attempt.decision == decision,
        until=until or attempt.until,
    )
    after = replace(gathering, attempt=decided, first=first, dismissed=dismissed)
    return after, judgement


def expire(
    gathering: Gathering, *, at: datetime
) -> tuple[Gathering, tuple[Judgement, ...]]:
    """Drop what is over at `at`; what was still waiting comes back as refused."""
    out = list(gathering.dismissed)
    attempt, first = gathering.attempt, gathering.first
    if attempt is not None and at >= attempt.until:
        if attempt.presented and not attempt.lingers:
            out.append(ran_out(attempt, TIMED_OUT))
        attempt = None
    if first is not None and at >= first.until:
        out.append(ran_out(first.attempt, PAIR_TIMED_OUT))
        first = None
        if attempt is not None and attempt.decision is not None:
            still_named = attempt.decision.waiting_for == _PAIR_ONLY
            attempt = None if still_named else attempt
    after = replace(gathering, attempt=attempt, first=first, dismissed=())
    return after, tuple(out)


def request_of(
    attempt: Attempt,
    *,
    door: DoorId,
    at: datetime,
    partner: PersonId | None,
    escort: PersonId | None = None,
    led: frozenset[PersonId] = frozenset(),
    ahead: int = 0,
) -> Request:
    return Request(
        door=door,
        side=attempt.side,
        at=at,
        person=attempt.person,
        factors=frozenset(attempt.factors),
        unknown=attempt.unknown,
        mismatch=attempt.mismatch,
        declaration=attempt.declaration,
        partner=partner,
        escort=escort,
        led=led,
        ahead=ahead + (partner is not None),
    )


def _belongs(current: Attempt, presentation: Presentation) -> bool:
    if presentation.at >= current.until or not current.presented:
        return False
    if not current.lingers:
        return True
    # A decided attempt only takes a further factor of somebody it already named;
    # the same factor again is the same person trying anew.
    return (
        presentation.factor not in current.factors
        and presentation.person is not None
        and presentation.person in current.named
    )


def _is_repeat(current: Attempt, presentation: Presentation) -> bool:
    return any(
        p.factor is presentation.factor
        and p.person == presentation.person
        and p.credential == presentation.credential
        and p.duress == presentation.duress
        for p in current.presented
    )


def _already_told(attempt: Attempt) -> bool:
    return attempt.decision is not None


def _repeat(attempt: Attempt, gathering: Gathering) -> Judgement:
    decision = attempt.decision
    assert decision is not None  # noqa: S101  `lingers` says so
    return Judgement(
        decision=decision, attempts=(attempt,), repeated=True, until=attempt.until
    )


def _marked(first: First | None, presentation: Presentation) -> First | None:
    """`first`, if they are still waiting and it is they who present (once more). Only
    a sign of duress is new."""
    if (
        first is None
        or presentation.at >= first.until
        or presentation.person != first.request.person
    ):
        return None
    if not presentation.duress or first.attempt.duress:
        return first
    presented = (*first.attempt.presented, presentation)
    return replace(first, attempt=replace(first.attempt, presented=presented))


def _beside(
    first: First,
    second: Attempt,
    at: datetime,
    facts_of: FactsOf,
    rules: RuleBook,
) -> Decision:
    """What the first of a pair comes to now."""
    request = replace(first.request, at=at, partner=second.person)
    return decide(request, facts_of(first.attempt), rules)


def _dismissal(first: First, decision: Decision, at: datetime) -> Judgement:
    refused = replace(first.attempt, decision=decision)
    return Judgement(decision=decision, attempts=(refused,), repeated=False, until=at)


def ran_out(attempt: Attempt, reason: Reason) -> Judgement:
    """A refusal by time-out: the reason, with the clauses of what did not come."""
    waits = tuple(
        f
        for f in (attempt.decision.findings if attempt.decision else ())
        if f.verdict is Verdict.WAIT
    )
    clauses = tuple(dict.fromkeys(c for f in waits for c in f.clauses))
    over = Finding(reason, Verdict.FORBID, clauses or (Clause("G5.3.2-1"),))
    decision = Decision(outcome=Outcome.DENIED, findings=(over, *waits))
    refused = replace(attempt, decision=decision)
    return Judgement(
        decision=decision, attempts=(refused,), repeated=False, until=attempt.until
    )
