"""One reader with everything behind it, and nothing but values: who presents what, and
what is recorded of it.

    gate = Gate(ZoneLevel.IMPORTANT)
    gate.show(BADGE, GUEST, seconds=0)

Everybody has a grant or a right; what the door knows of them can be changed on the way.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from domain import admission
from domain import attempt as attempts
from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    VisitorHandedOver,
)
from domain.attempt import Attempt
from domain.credentials import Declaration, Factor
from domain.door import Input
from domain.doorway import Deadline, Doorway, Moment, Setting, Turn, deadlines
from domain.escorting import Visitors
from domain.events import Event
from domain.ids import DoorId, PersonId, is_visitor
from domain.movement import move
from domain.occupancy import Occupancy, after
from domain.people import Person
from domain.policy import Facts, Side
from domain.policy.rules import RULES
from domain.visits import Visit
from domain.zones import Zone, ZoneLevel
from tests.builders import NINE, facts, person, zone
from tests.visits import guest, right, visit, visitor

BADGE: Final = Factor.BADGE
FINGER: Final = Factor.FINGERPRINT
FACE: Final = Factor.FACE

E = TypeVar("E", bound=Event)


class Gate:
    def __init__(
        self, level: ZoneLevel = ZoneLevel.IMPORTANT, **changes: object
    ) -> None:
        self.zone: Zone = zone(level, **changes)
        self.setting = Setting(
            door=DoorId(str(level)),
            zone=self.zone,
            camera=None,
            factor_window=timedelta(seconds=15),
            pair_window=timedelta(seconds=20),
            escort_window=timedelta(seconds=10),
            alone_for=timedelta(seconds=20),
            visitor_alone=timedelta(seconds=60),
            watches_zone=True,
        )
        self.doorway = Doorway()
        self.visits: dict[PersonId, Visit] = {}
        self.people: dict[PersonId, Person] = {}
        self.handed: dict[PersonId, VisitorHandedOver] = {}
        self.let_in: dict[PersonId, AccessGranted] = {}
        self.occupancy = Occupancy()
        self.events: list[Event] = []
        self.changes: dict[str, object] = {}

    def expect(self, *who: PersonId, of: Visit | None = None) -> None:
        """Visitors of one visit, everything done at the desk."""
        plain = of if of is not None else visit(route=(self.zone.id,))
        theirs = tuple(visitor(each, plain.kind) for each in who)
        for each in who:
            self.visits[each] = replace(plain, visitors=theirs)

    # --- what happens ---

    def show(
        self,
        factor: Factor,
        who: PersonId,
        *,
        seconds: float = 0,
        side: Side = Side.ENTRY,
    ) -> tuple[Event, ...]:
        at = NINE + timedelta(seconds=seconds)
        shown = attempts.Presentation(factor=factor, person=who, at=at)
        return self._take(
            admission.present(
                self.doorway,
                shown,
                side=side,
                setting=self.setting,
                moment=self._moment(at),
            )
        )

    def declare(self, *, seconds: float) -> tuple[Event, ...]:
        at = NINE + timedelta(seconds=seconds)
        return self._take(
            admission.declare(
                self.doorway,
                Declaration(None),
                setting=self.setting,
                moment=self._moment(at),
            )
        )

    def wait(self, *, until: float) -> tuple[Event, ...]:
        """Time passes; each deadline is met at its instant."""
        end = NINE + timedelta(seconds=until)
        told: tuple[Event, ...] = ()
        while True:
            due = [
                deadlines(self.doorway)[kind]
                for kind in (Deadline.ENTRY_ATTEMPT, Deadline.EXIT_ATTEMPT)
            ]
            at = min((d for d in due if d is not None), default=None)
            if at is None or at > end:
                return told
            told += self._take(
                admission.expire(
                    self.doorway, setting=self.setting, moment=self._moment(at)
                )
            )

    def pass_through(self, *, seconds: float) -> tuple[Event, ...]:
        """Open, go, shut: a second each."""
        told: tuple[Event, ...] = ()
        for n, input_ in enumerate((Input.OPENED, Input.CLOSED)):
            at = NINE + timedelta(seconds=seconds + n)
            told += self._take(
                move(
                    self.doorway,
                    input_,
                    setting=self.setting,
                    moment=self._moment(at),
                    cause="",
                )
            )
        return told

    def let_close(self, *, seconds: float) -> tuple[Event, ...]:
        """The release runs out and nobody opened."""
        at = NINE + timedelta(seconds=seconds)
        return self._take(
            move(
                self.doorway,
                Input.RELEASE_EXPIRED,
                setting=self.setting,
                moment=self._moment(at),
                cause="",
            )
        )

    def _take(self, turn: Turn) -> tuple[Event, ...]:
        self.doorway = turn.doorway
        for event in turn.events:
            self.occupancy = after(self.occupancy, event)
            if isinstance(event, VisitorHandedOver):
                self.handed[event.visitor] = event
            if isinstance(event, AccessGranted) and event.side is Side.ENTRY:
                self.let_in.update((p, event) for p in event.people if is_visitor(p))
        self.events += turn.events
        return turn.events

    # --- what is so ---

    def _moment(self, at: datetime) -> Moment:
        return Moment(
            at=at,
            facts_of=self.facts_of,
            rules=RULES,
            here=self.occupancy.zone(self.zone.id),
            visitors=Visitors(),
            roster=1,
        )

    def facts_of(self, attempt: Attempt) -> Facts:
        who = attempt.person
        here = self.occupancy.zone(self.zone.id)
        going = {p.person for p in self.doorway.passage.passengers}
        inside = here.certain | going
        plain = replace(
            facts(self.zone.level),
            zone=self.zone,
            person=None,
            inside=len(inside - {who}),
        )
        if who is None:
            return plain
        plain = replace(plain, presence=self.occupancy.presence(who, self.zone.id))
        if not is_visitor(who):
            known = self.people.get(who, person(who))
            return replace(plain, person=known, **self.changes)  # type: ignore[arg-type]  # any field
        theirs = self.visits.get(who)
        rights = {v: right(of, v) for v, of in self.visits.items()}
        visitors = Visitors(rights, self.handed, self.let_in)
        return replace(
            plain,
            person=self.people.get(who, guest(who)),
            right=None if theirs is None else rights[who],
            escorts=visitors.escorts_of(who),
            deputies=visitors.deputies_of(who),
            led=visitors.led_by(who, inside),
            **self.changes,  # type: ignore[arg-type]  # any field
        )

    # --- what was recorded ---

    def of(self, kind: type[E]) -> list[E]:
        return [e for e in self.events if isinstance(e, kind)]

    @property
    def granted(self) -> list[tuple[PersonId, ...]]:
        return [e.people for e in self.of(AccessGranted)]

    @property
    def denied(self) -> list[tuple[PersonId, ...]]:
        return [e.people for e in self.of(AccessDenied)]

    @property
    def waiting(self) -> list[tuple[PersonId, ...]]:
        return [e.people for e in self.of(AccessWaiting)]
