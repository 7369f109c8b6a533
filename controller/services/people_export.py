"""The list of people, taken out of the console whole: that is an entry of the log.

What it says is as of one position of the log, which the export names, so that two
exports can be told apart and what came later is known to be missing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from controller.services.office import Act, Office
from controller.store import envelopes, register
from controller.store.register import StoredPerson, Wanted
from domain.ids import CONTROLLER
from domain.operators import Operator
from domain.person_acts import PeopleExported

_ALL: Final = 1_000_000
_LONGEST: Final = 200  # of the filter, in the log


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """`position`: of the last entry of the log that counts."""

    people: tuple[StoredPerson, ...]
    position: int
    at: datetime


async def export(
    office: Office, wanted: Wanted, *, said: str, by: Operator
) -> Exported:
    """Everybody who is wanted, on one page; `said`: the filter as it was asked for."""
    whole = replace(wanted, after="", before="")

    def work(act: Act) -> Exported:
        people = tuple(register.search(act.connection, whole, limit=_ALL))
        position = envelopes.last_position(act.connection)
        act.say(
            PeopleExported(
                door=CONTROLLER,
                at=act.at,
                wanted=said[:_LONGEST],
                people=len(people),
                by=by.id,
            )
        )
        return Exported(people=people, position=position, at=act.at)

    return await office.act(work)
