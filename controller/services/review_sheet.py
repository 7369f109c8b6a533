"""A round of review on paper: each grant with what its reviewer must know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from config.schema import Site
from controller.services.board import Named
from controller.services.rows import named
from controller.store import register, reviews
from controller.store.register import StoredGrant, StoredPerson
from controller.store.reviews import StoredItem, StoredRound
from domain.ids import PersonId, ZoneId
from domain.review import ReviewState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    item: StoredItem
    person: StoredPerson
    stored: StoredGrant
    last_used: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSheet:
    zone: ZoneId
    rows: tuple[ReviewRow, ...]

    def count(self, *states: ReviewState) -> int:
        return sum(row.item.state in states for row in self.rows)

    @property
    def decided(self) -> int:
        """All but those that wait for somebody."""
        return len(self.rows) - self.count(ReviewState.OUTSTANDING, ReviewState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSheet:
    """`zones` in the order of the site file; `names` of those who approved."""

    round: StoredRound
    zones: tuple[ZoneSheet, ...]
    names: Mapping[PersonId, Named]


def sheet(connection: Connection, site: Site, round_: StoredRound) -> RoundSheet:
    items = reviews.items(connection, round_.id)
    zones = [*site.zones, *sorted({i.zone for i in items} - set(site.zones))]
    grants = reviews.grants(connection, round_.id)
    people = {p.id: p for p in register.people(connection)}
    used = reviews.last_used(connection, zones)
    names = named(
        connection,
        {g.grant.approved_by for g in grants.values() if g.grant.approved_by},
    )
    rows = [
        ReviewRow(
            item=item,
            person=people[item.person],
            stored=grants[item.grant],
            last_used=used.get((item.zone, item.person)),
        )
        for item in items
    ]
    sheets = (
        ZoneSheet(zone=zone, rows=tuple(r for r in rows if r.item.zone == zone))
        for zone in zones
    )
    return RoundSheet(
        round=round_, zones=tuple(s for s in sheets if s.rows), names=names
    )
