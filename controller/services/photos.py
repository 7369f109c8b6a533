"""Photographs of visitors at the desk: taken by consent, removed when it ends.

    take     at the desk, with a consent given there or on the lobby's tablet
    remove   whenever the visitor says so
    end_in   by the office itself, when they left or the visit is over

The log says that there was consent and when the picture went; the picture is in no
event. It lies sealed, is shown at the desk, and goes nowhere else.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import Connection

from controller.services.office import Act, Office
from controller.services.pictures import PictureFault, small_jpeg
from controller.store import photos, visits
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.visit_events import PhotoRemoved, VisitorPhotographed
from domain.visit_photos import PhotoConsent, PhotoEnd, is_of_use, may_be_taken
from domain.visits import Visit


class PhotoRefusal(StrEnum):
    NO_CONSENT = "no_consent"
    NOT_NOW = "not_now"  # they don't stand at the desk, or have their badge


NotTaken: TypeAlias = PictureFault | PhotoRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`taken`: who is photographed, since when; `agreed`: who said so on the tablet."""

    taken: dict[PersonId, datetime]
    agreed: frozenset[PersonId]


class PhotoDesk:
    def __init__(self, office: Office) -> None:
        self._office = office
        # One is unpacked at a time: each may want some 100 MB for a moment.
        self._unpacking = asyncio.Lock()

    async def take(
        self, visit: VisitId, person: PersonId, data: bytes, by: str, *, agreed: bool
    ) -> NotTaken | None:
        """`agreed`: at the desk, in the guard's hearing.

        Raises:
            InputError: no such visit.
        """
        # Before the file is looked at: without consent nothing is done with it.
        if not agreed and person not in (await self.of(visit)).agreed:
            return PhotoRefusal.NO_CONSENT
        async with self._unpacking:
            picture = await asyncio.to_thread(small_jpeg, data)
        if isinstance(picture, PictureFault):
            return picture

        def work(act: Act) -> PhotoRefusal | None:
            return self._take(act, visit, person, picture, by, agreed=agreed)

        return await self._office.act(work)

    def _take(
        self,
        act: Act,
        id_: VisitId,
        person: PersonId,
        picture: bytes,
        by: str,
        *,
        agreed: bool,
    ) -> PhotoRefusal | None:
        link, vault = act.connection, self._office.vault
        visit = _visit(link, id_)
        who = visit.visitor(person)
        if who is None or not may_be_taken(visit, who):
            return PhotoRefusal.NOT_NOW
        if not agreed and person not in photos.agreed_on_tablet(link, id_):
            return PhotoRefusal.NO_CONSENT  # withdrawn in this moment
        if photos.photo(link, vault, id_, person) == picture:
            return None  # sent twice
        consent = PhotoConsent.DESK if agreed else PhotoConsent.TABLET
        photos.remove(link, id_, person, why=PhotoEnd.REPLACED, at=act.at)
        photos.add(link, vault, id_, person, picture, consent=consent, at=act.at, by=by)
        act.say(
            VisitorPhotographed(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                consent=consent,
            )
        )
        return None

    async def remove(self, visit: VisitId, person: PersonId, by: str) -> None:
        """Consent was withdrawn, that of the tablet too. Without a picture nothing
        happens."""
        await self._office.act(lambda act: withdraw_in(act, visit, person, by=by))

    async def photo(self, visit: VisitId, person: PersonId) -> bytes | None:
        vault = self._office.vault
        return await self._office.database.read(
            lambda c: photos.photo(c, vault, visit, person)
        )

    async def of(self, visit: VisitId) -> Standing:
        return await self._office.database.read(
            lambda c: Standing(
                taken=photos.photographed(c, visit),
                agreed=photos.agreed_on_tablet(c, visit),
            )
        )


def withdraw_in(act: Act, id_: VisitId, person: PersonId, *, by: str) -> None:
    """The visitor's latest word is that they don't agree."""
    _remove(act, id_, person, PhotoEnd.WITHDRAWN, by=by)


def end_in(act: Act, visit: Visit, *, by: str) -> None:
    """Remove those whose purpose is over, after whatever was done to the visit."""
    for person in photos.photographed(act.connection, visit.id):
        who = visit.visitor(person)
        if who is None or not is_of_use(visit, who):
            _remove(act, visit.id, person, PhotoEnd.OVER, by=by)


def _remove(
    act: Act, id_: VisitId, person: PersonId, why: PhotoEnd, *, by: str
) -> None:
    if photos.remove(act.connection, id_, person, why=why, at=act.at):
        act.say(
            PhotoRemoved(
                door=CONTROLLER, at=act.at, visit=id_, by=by, person=person, why=why
            )
        )


def _visit(connection: Connection, id_: VisitId) -> Visit:
    found = visits.visit(connection, id_)
    if found is None:
        raise InputError(f"there is no visit `{id_}`")
    return found.visit
