"""What every use case of the office works with, and the shape of an act.

An act is one transaction: it changes the register and records what it did in the log,
both or neither. Whoever must follow (rosters, pages) is told after the commit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from config.schema import Site
from controller.services.recorder import Recorder
from controller.store import register, sendings
from controller.store.database import Database
from controller.store.envelopes import Stored
from controller.store.register import StoredPerson
from controller.store.sendings import ChangeId
from controller.store.vault import Vault
from domain.clock import Clock
from domain.errors import InputError
from domain.events import Event
from domain.ids import DoorId, PersonId, ZoneId

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What an act left behind: its entries, and doors whose roster must follow."""

    entries: tuple[Stored, ...]
    doors: frozenset[DoorId]


@dataclass(slots=True, kw_only=True)
class Act:
    """One act under way, inside its transaction."""

    connection: Connection
    at: datetime
    events: list[Event] = field(default_factory=list)
    doors: set[DoorId] = field(default_factory=set)

    def say(self, *events: Event) -> None:
        self.events += events

    def change(
        self, what: str, person: PersonId, *, by: str, doors: Iterable[DoorId]
    ) -> ChangeId:
        """Note a change whose arrival at `doors` somebody may ask for."""
        concerned = set(doors)
        self.doors |= concerned
        return sendings.add_change(
            self.connection,
            at=self.at,
            what=what,
            person=person,
            by=by,
            doors=concerned,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """`acted` is called on the loop after each act's commit. `badge_key`: the site's,
    under whose digest badges and PINs are known."""

    site: Site
    database: Database
    recorder: Recorder
    vault: Vault
    badge_key: bytes = field(repr=False)
    clock: Clock
    new_id: Callable[[], str]
    acted: Callable[[Acted], None]

    async def act(self, work: Callable[[Act], T]) -> T:
        """Do `work` in one transaction and record what it says.

        Raises:
            InputError: from `work`; nothing has happened.
            StorageError: the database failed; nothing has happened.
        """

        def transact(connection: Connection) -> tuple[T, Acted]:
            act = Act(connection=connection, at=self.clock.now())
            result = work(act)
            entries = self.recorder.record(connection, act.events)
            return result, Acted(entries=tuple(entries), doors=frozenset(act.doors))

        result, acted = await self.database.write(transact)
        self.acted(acted)
        return result

    def demand_zone(self, zone: ZoneId) -> None:
        if zone not in self.site.zones:
            raise InputError(f"no zone `{zone}` in this site")

    def demand_door(self, door: DoorId) -> None:
        if door not in self.site.doors:
            raise InputError(f"no door `{door}` in this site")


def demand_person(connection: Connection, person: PersonId) -> StoredPerson:
    """The person.

    Raises:
        InputError: the register does not know them.
    """
    found = register.person(connection, person)
    if found is None:
        raise InputError(f"the register knows no person `{person}`")
    return found
