"""Who leads which visitor, as one door knows it: rights from its roster, and who took
over since.

A handing over at a door counts until the office names the visit's escorts anew, which
it does when it hears of it; so a door without a network goes on with the new escort.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.access_events import VisitorHandedOver
from domain.ids import PersonId, is_visitor
from domain.visits import VisitorRight


@dataclass(frozen=True, slots=True)
class Visitors:
    """`rights` and `handed` by visitor."""

    rights: Mapping[PersonId, VisitorRight] = field(default_factory=dict)
    handed: Mapping[PersonId, VisitorHandedOver] = field(default_factory=dict)

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

    def led_beside(
        self, visitor: PersonId, people: Iterable[PersonId]
    ) -> frozenset[PersonId]:
        """The visitors among `people` whose only escort is this visitor's only escort.

        Where several escorts lead one group, nobody knows who leads whom.
        """
        escorts = self.escorts_of(visitor)
        if len(escorts) != 1:
            return frozenset()
        return frozenset(
            p
            for p in people
            if p != visitor and is_visitor(p) and self.escorts_of(p) == escorts
        )

    def _since(self, visitor: PersonId) -> VisitorHandedOver | None:
        right, handed = self.rights.get(visitor), self.handed.get(visitor)
        if right is None or handed is None or handed.visit != right.visit.id:
            return None
        return handed if handed.at > right.visit.escorts_since else None
