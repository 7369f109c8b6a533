"""The handing over of watch: the next guard accepts each open alarm by name.

Alarms of all priorities, so that also those that call nobody (3) pass from hand to
hand. One that came while the guard was reading isn't accepted unseen: nothing happens
then, and the page shows it.
"""

from typing import Final

from controller.services.office import Act, Office
from controller.store import alarms as store
from domain.alarm_acts import AlarmName, WatchStarted
from domain.ids import CONTROLLER
from domain.operators import Operator

# More nobody can take over by reading; the rest stays as it is.
MOST: Final = 500


async def start_watch(
    office: Office, *, by: Operator, accepted: frozenset[int]
) -> frozenset[int]:
    """Alarms that `by` hasn't accepted; none: the watch is theirs, and in the log."""

    def work(act: Act) -> frozenset[int]:
        open_ = store.listed(act.connection, limit=MOST)
        missing = frozenset(alarm.id for alarm in open_) - accepted
        if not missing:
            names = (
                AlarmName(
                    target=alarm.door,
                    code=alarm.code,
                    device=alarm.device,
                    since=alarm.since,
                )
                for alarm in open_
            )
            act.say(
                WatchStarted(door=CONTROLLER, at=act.at, by=by.id, alarms=tuple(names))
            )
        return missing

    return await office.act(work)
