"""Who leads which visitor, as one door knows it: rights from its roster, who let them
in here, and who took over since.

A handing over at a door counts until the office names the visit's escorts anew, which
it does when it hears of it; so a door without a network goes on with the new escort.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.access_events import AccessGranted, VisitorHandedOver
from domain.ids import PersonId, is_visitor
from domain.visits import VisitorRight


@dataclass(frozen=True, slots=True)
class Visitors:
    """`rights`, `handed` and `let_in` by visitor; `let_in`: how they came in here."""

    rights: Mapping[PersonId, VisitorRight] = field(default_factory=dict)
    handed: Mapping[PersonId, VisitorHandedOver] = field(default_factory=dict)
    let_in: Mapping[PersonId, AccessGranted] = field(default_factory=dict)

    def escorts_of(self, visitor: PersonId) -> tuple[PersonId, ...]:
        right, handed = self.rights.get(visitor), self._since(visitor)
        if handed is not None:
            return handed.escorts
        return () if right is None else right.visit.escorts

    def deputies_of(self, visitor: PersonId) -> tuple[PersonId, ...]:
        right, handed = self.rights.get(visitor), self._since(visitor)
        if handed is not None:
            return handed.deputies
        return () if right is None else right.visit.deputies

    def led_by(
        self, visitor: PersonId, people: Iterable[PersonId]
    ) -> dict[PersonId, frozenset[PersonId]]:
        """For each of this visitor's escorts the other visitors among `people` whom
        they lead: those they let in themselves, also after they went out alone.

        Who let somebody in is not known after a restart, of another agent's door, or
        once their escort has changed: they count for every escort they have.
        """
        others = [p for p in people if p != visitor and is_visitor(p)]
        leading = {p: self._leading(p) for p in others}
        return {
            escort: frozenset(p for p in others if escort in leading[p])
            for escort in self.escorts_of(visitor)
        }

    def _leading(self, visitor: PersonId) -> tuple[PersonId, ...]:
        escorts = self.escorts_of(visitor)
        granted, handed = self.let_in.get(visitor), self._since(visitor)
        if handed is not None and (granted is None or granted.at <= handed.at):
            return (handed.new,)
        escort = None if granted is None else self._shared_out(granted).get(visitor)
        return escorts if escort is None else (escort,)

    def _shared_out(self, granted: AccessGranted) -> dict[PersonId, PersonId]:
        """Who led whom of those let in together: each one's escort who led fewest, as
        `domain.escort` chose."""
        leads: dict[PersonId, PersonId] = {}
        for one in filter(is_visitor, granted.people):
            theirs = self.escorts_of(one)
            there = [p for p in granted.people if p in theirs]
            so_far = Counter(leads.values())
            if there:
                leads[one] = min(there, key=so_far.__getitem__)
        return leads

    def _since(self, visitor: PersonId) -> VisitorHandedOver | None:
        right, handed = self.rights.get(visitor), self.handed.get(visitor)
        if right is None or handed is None or handed.visit != right.visit.id:
            return None
        return handed if handed.at > right.visit.escorts_since else None
