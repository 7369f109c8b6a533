"""The desk's own visitor badges: each presented once and called by a label, 访客 07.

At the check-in a free one is chosen by its label instead of typing its number, which
the office never keeps. A label says nothing of who has it; a badge that wasn't returned
is not offered again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from controller.services.badge_numbers import number_of
from controller.services.office import Act, Office
from controller.store import badge_pool, credentials, visit_papers
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CONTROLLER, CredentialId, PersonId, VisitId
from domain.visit_events import DeskBadgeAdded, DeskBadgeRetired
from wire.sealing import badge_digest

MAX_LABEL: Final = 20
_EVERY_VISIT: Final = VisitId("")


class PoolProblem(StrEnum):
    NO_LABEL = "no_label"
    SAME_LABEL = "same_label"
    NO_NUMBER = "no_number"
    TAKEN = "taken"  # somebody's, out, or in the pool by another label


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskBadge:
    """`free`: it lies at the desk."""

    id: int
    label: str
    free: bool


class BadgePool:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def badges(self) -> tuple[DeskBadge, ...]:
        def read(connection: Connection) -> tuple[DeskBadge, ...]:
            return tuple(
                DeskBadge(
                    id=each.id,
                    label=each.label,
                    free=not visit_papers.badge_is_out(connection, each.mark),
                )
                for each in badge_pool.badges(connection)
            )

        return await self._office.database.read(read)

    async def add(self, label: str, number: str, by: str) -> PoolProblem | None:
        """`number`: in hex, as a reader gives it."""
        name = " ".join(label.split())
        if not 1 <= len(name) <= MAX_LABEL:
            return PoolProblem.NO_LABEL
        try:
            raw = number_of(number)
        except InputError:
            return PoolProblem.NO_NUMBER
        data = badge_digest(self._office.badge_key, raw)
        return await self._office.act(lambda act: self._add(act, name, data, by))

    def _add(self, act: Act, label: str, data: bytes, by: str) -> PoolProblem | None:
        link, vault = act.connection, self._office.vault
        mark = vault.mark(Credential(CredentialId(""), Factor.BADGE, data))
        if mark is None:
            return PoolProblem.NO_NUMBER
        known = badge_pool.badges(link)
        if any((each.label, each.mark) == (label, mark) for each in known):
            return None  # sent twice
        if any(each.label == label for each in known):
            return PoolProblem.SAME_LABEL
        if (
            any(each.mark == mark for each in known)
            or visit_papers.badge_is_out(link, mark)
            or credentials.holder_of_badge(link, mark) is not None
        ):
            return PoolProblem.TAKEN
        badge_pool.add(link, vault, label, data, mark, at=act.at, by=by)
        act.say(
            DeskBadgeAdded(
                door=CONTROLLER, at=act.at, visit=_EVERY_VISIT, by=by, label=label
            )
        )
        return None

    async def retire(self, id_: int, by: str) -> None:
        """It is offered no more; who holds it keeps it until they leave."""

        def work(act: Act) -> None:
            label = badge_pool.retire(act.connection, id_, at=act.at, by=by)
            if label is None:
                return
            act.say(
                DeskBadgeRetired(
                    door=CONTROLLER, at=act.at, visit=_EVERY_VISIT, by=by, label=label
                )
            )

        await self._office.act(work)

    async def digests(self, chosen: Mapping[PersonId, int]) -> dict[PersonId, bytes]:
        """What the doors know them by.

        Raises:
            InputError: one isn't in the pool.
        """
        vault = self._office.vault

        def read(connection: Connection) -> dict[PersonId, bytes]:
            found: dict[PersonId, bytes] = {}
            for person, id_ in chosen.items():
                data = badge_pool.digest(connection, vault, id_)
                if data is None:
                    raise InputError("the badge that was chosen is not the desk's")
                found[person] = data
            return found

        return await self._office.database.read(read)
