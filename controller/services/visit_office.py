"""Everything the office does with visits, in one place for pages and commands.

Acts return what came of them, or `Refused` with every reason; either way it is in the
log. `by` is whom the log names. Raises InputError where something is unusable rather
than refused, StorageError where the database fails.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from controller.services import undertakings, visit_approvals, visit_ends, visit_request
from controller.services.badge_numbers import demand_number
from controller.services.badge_pool import BadgePool
from controller.services.board import Named
from controller.services.desk import Desk, DeskFacts, DeskVisit, desk, desk_visit
from controller.services.muster import Muster, muster
from controller.services.office import Office
from controller.services.reception import (
    check_in,
    check_out,
    declaration,
    escort,
    identity,
    undertaking,
)
from controller.services.rows import named
from controller.services.undertakings import Wording
from controller.services.visit_request import NewVisit
from controller.services.visit_step import Done, demand_visit
from controller.store import occupancy, register, sendings, visit_papers
from controller.store import visits as stored
from controller.store.sendings import Receipt
from controller.store.visit_papers import StoredUndertaking, UndertakingText
from controller.store.visits import StateSince, StoredVisit
from domain.errors import InputError
from domain.ids import PersonId, VisitId, ZoneId, is_visitor
from domain.people import Department, PersonState
from domain.visit_acts import Left
from domain.visit_approval import Approver
from domain.visit_classes import ReturnItem
from domain.visit_devices import CarriedDevice
from domain.visit_problems import Refused
from wire.sealing import badge_digest


class VisitOffice:
    def __init__(self, office: Office) -> None:
        self._office = office

    # --- before the day ---

    async def request(self, wanted: NewVisit, by: str) -> Done | Refused:
        """A walk-in begins with this as anybody does."""
        return await visit_request.request_visit(self._office, wanted, by=by)

    async def approve_core(
        self,
        visit: VisitId,
        approver: Approver,
        zone: ZoneId,
        by: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Done | Refused:
        return await visit_approvals.approve_core(
            self._office, visit, approver, zone, since=since, until=until, by=by
        )

    async def approve(
        self, visit: VisitId, approver: Approver, by: str
    ) -> Done | Refused:
        return await visit_approvals.approve(self._office, visit, approver, by=by)

    async def refuse(self, visit: VisitId, reason: str, by: str) -> Done | Refused:
        return await visit_approvals.refuse(self._office, visit, reason=reason, by=by)

    async def cancel(self, visit: VisitId, reason: str, by: str) -> Done | Refused:
        return await visit_ends.cancel(self._office, visit, reason=reason, by=by)

    async def block(self, visit: VisitId, reason: str, by: str) -> Done | Refused:
        return await visit_ends.block(self._office, visit, reason=reason, by=by)

    # --- at the desk ---

    async def identify(
        self, visit: VisitId, person: PersonId, document: str, digits: str, by: str
    ) -> Done | Refused:
        """`document` is a kind, `id_card`; `digits` its last 2 to 4, never more."""
        return await identity.identify(
            self._office, visit, person, document=document, last_digits=digits, by=by
        )

    async def sign(
        self,
        visit: VisitId,
        person: PersonId,
        text_digest: bytes,
        by: str,
        *,
        strokes: bytes | None,
        witness: PersonId | None,
        where: str,
        photo: bool | None = None,
    ) -> Done | Refused:
        return await undertaking.sign_undertaking(
            self._office,
            visit,
            person,
            text_digest=text_digest,
            strokes=strokes,
            witness=witness,
            where=where,
            by=by,
            photo=photo,
        )

    async def decline(
        self,
        visit: VisitId,
        person: PersonId,
        witness: PersonId,
        by: str,
        *,
        language: str,
        where: str,
    ) -> Done | Refused:
        return await undertaking.decline_undertaking(
            self._office,
            visit,
            person,
            witness=witness,
            language=language,
            where=where,
            by=by,
        )

    async def declare(
        self,
        visit: VisitId,
        person: PersonId,
        devices: Iterable[CarriedDevice],
        by: str,
        *,
        locker: int | None,
    ) -> Done | Refused:
        return await declaration.declare_devices(
            self._office, visit, person, devices, locker=locker, by=by
        )

    async def turn_away(
        self, visit: VisitId, person: PersonId, reason: str, by: str
    ) -> Done | Refused:
        return await identity.turn_away(
            self._office, visit, person, reason=reason, by=by
        )

    async def check_in(
        self,
        visit: VisitId,
        by: str,
        *,
        escorts_present: frozenset[PersonId],
        badges: Mapping[PersonId, bytes],
        chosen: Mapping[PersonId, int] | None = None,
    ) -> Done | Refused:
        """`badges`: the number of each one's badge, as a reader gives it; `chosen`: of
        the desk's own, by their place in the pool, for others.

        Raises:
            InputError: no such visit or badge, a number is none, or a badge is
                somebody else's.
        """
        known = await BadgePool(self._office).digests(chosen or {})
        if not known.keys().isdisjoint(badges):
            raise InputError("a badge is chosen or its number given, not both")
        digests = {
            person: badge_digest(self._office.badge_key, demand_number(number))
            for person, number in badges.items()
        } | known
        return await check_in.check_in(
            self._office,
            visit,
            escorts_present=escorts_present,
            badges=digests,
            by=by,
        )

    async def hand_over(
        self,
        visit: VisitId,
        by: str,
        *,
        old: PersonId,
        new: PersonId,
        present: frozenset[PersonId],
    ) -> Done | Refused:
        return await escort.hand_over(
            self._office, visit, old=old, new=new, present=present, by=by
        )

    async def check_out(
        self,
        visit: VisitId,
        person: PersonId,
        by: str,
        *,
        out: Iterable[CarriedDevice],
        returned: frozenset[ReturnItem],
    ) -> Left | Refused:
        return await check_out.check_out(
            self._office, visit, person, out=out, returned=returned, by=by
        )

    # --- questions ---

    async def desk(self) -> Desk:
        """Everything that is not over and begins today or before, and today's."""
        at = self._office.clock.now()
        local = at.astimezone(self._office.site.tz)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)

        def read(connection: Connection) -> Desk:
            found = stored.of_day(connection, midnight, midnight + timedelta(days=1))
            return desk(found, self._facts(connection, found), at=at)

        return await self._office.database.read(read)

    async def all_live(self) -> tuple[DeskVisit, ...]:
        """Every visit that is not over, also of days to come: for the approvals."""
        at = self._office.clock.now()

        def read(connection: Connection) -> tuple[DeskVisit, ...]:
            found = stored.live(connection)
            facts = self._facts(connection, found)
            return tuple(desk_visit(each, facts, at=at) for each in found)

        return await self._office.database.read(read)

    async def visit(self, id_: VisitId) -> DeskVisit:
        """One visit as the desk shows it."""
        at = self._office.clock.now()

        def read(connection: Connection) -> DeskVisit:
            found = demand_visit(connection, id_)
            return desk_visit(found, self._facts(connection, [found]), at=at)

        return await self._office.database.read(read)

    async def badge_digests(self, id_: VisitId) -> Mapping[PersonId, bytes]:
        """By what the doors know the badge that each of them has now."""
        vault = self._office.vault
        held = await self._office.database.read(
            lambda c: visit_papers.badges_of(c, vault, [id_])
        )
        return {
            person: badge.credential.data
            for person, badges in held.items()
            for badge in badges
            if badge.live
        }

    async def history(self, id_: VisitId) -> tuple[StateSince, ...]:
        return await self._office.database.read(lambda c: stored.states_of(c, id_))

    async def freeze_receipts(self, id_: VisitId) -> tuple[Receipt, ...]:
        """Which doors know that it is frozen; none if it isn't, or none had to hear."""

        def read(connection: Connection) -> tuple[Receipt, ...]:
            visit = demand_visit(connection, id_).visit
            people = {who.id for who in visit.visitors}
            found = (
                change
                for person in sorted(people)
                for change in sendings.changes_of(connection, person)
                if change.what == f"visit {id_} block"
            )
            frozen = next(found, None)
            if frozen is None:
                return ()
            return sendings.receipts(connection, frozen.id)

        return await self._office.database.read(read)

    async def staff(self) -> tuple[Named, ...]:
        """Who may ask for a visit or escort one: everybody employed, by id."""

        def read(connection: Connection) -> tuple[Named, ...]:
            return tuple(
                Named(id=each.id, name=each.name, name_en=each.name_en)
                for each in register.people(connection)
                if each.state is PersonState.ACTIVE and not is_visitor(each.id)
            )

        return await self._office.database.read(read)

    async def departments(self) -> tuple[Department, ...]:
        """Those that somebody asked to visit before: what need not be typed again."""
        return await self._office.database.read(stored.departments)

    async def muster(self) -> Muster:
        at = self._office.clock.now()
        return await self._office.database.read(
            lambda c: muster(c, self._office.site, at=at)
        )

    # --- texts ---

    async def texts(self, id_: str) -> Mapping[str, UndertakingText]:
        """The wording in force, by language; show it and send back its digest."""
        await undertakings.start_texts(self._office)
        return await self._office.database.read(lambda c: undertakings.in_force(c, id_))

    async def every_text(self, id_: str) -> tuple[UndertakingText, ...]:
        """All versions in all languages, latest first."""
        await undertakings.start_texts(self._office)
        return await self._office.database.read(lambda c: visit_papers.texts(c, id_))

    async def change_text(
        self, id_: str, wordings: Mapping[str, Wording], by: str
    ) -> int:
        """A new version, in every language; its number."""
        await undertakings.start_texts(self._office)
        return await undertakings.change_text(self._office, id_, wordings, by=by)

    async def undertaking(
        self, visit: VisitId, person: PersonId
    ) -> tuple[StoredUndertaking, UndertakingText] | None:
        """What this visitor signed or declined, strokes and the very wording."""

        def read(
            connection: Connection,
        ) -> tuple[StoredUndertaking, UndertakingText] | None:
            paper = visit_papers.undertaking(
                connection, self._office.vault, visit, person
            )
            if paper is None:
                return None
            text = visit_papers.text(
                connection, paper.text, paper.version, paper.language
            )
            return None if text is None else (paper, text)

        return await self._office.database.read(read)

    # --- inside ---

    def _facts(self, connection: Connection, found: Iterable[StoredVisit]) -> DeskFacts:
        people: set[PersonId] = set()
        for each in found:
            visit = each.visit
            people |= {*visit.escorts, *visit.deputies, visit.requested_by}
            people |= {who.id for who in visit.visitors}
        return DeskFacts(
            site=self._office.site,
            ratio=escort.ratio_of(self._office.site),
            names=named(connection, people),
            inside=occupancy.occupancy(connection),
            badges_out=visit_papers.holders_of_live_badges(connection),
            lockers_taken=stored.lockers_taken(connection),
        )
