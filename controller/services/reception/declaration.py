"""Declare what a visitor carries, and lock away what stays."""

from collections.abc import Iterable
from typing import Final

from controller.services import again
from controller.services.office import Act, Office
from controller.services.visit_step import Done, change
from controller.services.visit_texts import MAX_FIELD, demand_readable
from controller.store import visits
from controller.store.visits import StoredVisit
from domain import visit_acts
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.visit_devices import CarriedDevice, DeviceDeclaration
from domain.visit_events import DevicesDeclared
from domain.visit_problems import Refused
from domain.visits import Visit

MAX_DEVICES: Final = 50  # of one visitor
MAX_LOCKER: Final = 9999


async def declare_devices(
    office: Office,
    id_: VisitId,
    person: PersonId,
    devices: Iterable[CarriedDevice],
    *,
    locker: int | None,
    by: str,
) -> Done | Refused:
    """Everything they carry; none: "nothing besides" was said and ticked.

    One that refuses the check-in (a storage device to be carried in) is kept all the
    same, so that it can be seen and put right.

    Raises:
        InputError: no such visit, a text is too long, or the locker is taken.
    """
    listed = tuple(devices)
    demand_devices(listed)
    if locker is not None and not 1 <= locker <= MAX_LOCKER:
        raise InputError(f"a locker has a number from 1 to {MAX_LOCKER}")

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        mine = (id_, person)
        if locker is not None and visits.locker_taken(
            act.connection, locker, but_by=mine
        ):
            raise InputError(f"locker {locker} is taken")
        declared = DeviceDeclaration(devices=listed, locker=locker, at=act.at)
        return visit_acts.declare(stored.visit, person, declared)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            DevicesDeclared(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                person=person,
                devices=listed,
                locker=locker,
            )
        )

    same = again.declared(person, listed, locker)
    return await change(
        office, id_, "declare", step, then, by=by, person=person, same=same
    )


def demand_devices(devices: tuple[CarriedDevice, ...]) -> None:
    if len(devices) > MAX_DEVICES:
        raise InputError(f"nobody carries more than {MAX_DEVICES} devices")
    for each in devices:
        for text in (each.type, each.make, each.serial):
            if len(text) > MAX_FIELD:
                raise InputError(f"type, make and serial have at most {MAX_FIELD}")
            demand_readable("type, make or serial", text)
