"""Which visitors a zone's doors know, read from the register.

From check-in to check-out, on the zones of their route and nowhere else (G2.4). Their
right is made here from the visit, or not at all: `domain.visits.right_of`.
"""

import logging

from sqlalchemy import Connection

from controller.services.rosters import KnownVisitor
from controller.services.visit_step import badge_holders
from controller.store import register, visit_papers, visits
from controller.store.vault import Vault
from domain.ids import PersonId, ZoneId
from domain.visits import VisitorRight, right_of

log = logging.getLogger(__name__)


def right_in_zone(
    connection: Connection, person: PersonId, zone: ZoneId
) -> VisitorRight | None:
    """The right by which this zone's doors know the visitor now; None: they don't."""
    for stored in visits.of_visitor(connection, person):
        visit = stored.visit
        here = {who.id for who in badge_holders(visit)} if zone in visit.route else ()
        right = right_of(visit, person) if person in here else None
        if isinstance(right, VisitorRight):
            return right
    return None


def known_visitors(
    connection: Connection, vault: Vault, zone: ZoneId
) -> tuple[KnownVisitor, ...]:
    here = [s.visit for s in visits.badged(connection) if zone in s.visit.route]
    badges = visit_papers.badges_of(connection, vault, [v.id for v in here])
    found = []
    for visit in here:
        for who in badge_holders(visit):
            right = right_of(visit, who.id)
            person = register.person(connection, who.id)
            if not isinstance(right, VisitorRight) or person is None:
                log.error("visitor.no_right", extra={"visit": visit.id})
                continue
            held = [b for b in badges.get(who.id, ()) if b.visit == visit.id and b.live]
            found.append(
                KnownVisitor(
                    person=person,
                    right=right,
                    badges=tuple(each.credential for each in held),
                )
            )
    return tuple(sorted(found, key=lambda each: each.person.id))
