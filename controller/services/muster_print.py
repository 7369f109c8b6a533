"""Printing the muster: that somebody took the list of everybody inside is recorded.

Life first: a list that can't be recorded is printed all the same.
"""

import logging

from controller.services.muster import Muster
from controller.services.office import Act, Office
from controller.services.visit_office import VisitOffice
from domain.errors import StorageError
from domain.ids import CONTROLLER
from domain.operators import Operator
from domain.person_acts import MusterPrinted

_log = logging.getLogger(__name__)


async def muster_to_print(office: Office, *, by: Operator) -> Muster:
    found = await VisitOffice(office).muster()

    def work(act: Act) -> None:
        act.say(
            MusterPrinted(
                door=CONTROLLER,
                at=act.at,
                inside=found.inside,
                reliable=found.reliable,
                by=by.id,
            )
        )

    try:
        await office.act(work)
    except StorageError as error:
        _log.error("muster.print_unrecorded code=%s by=%s", error.code, by.id)
    return found
