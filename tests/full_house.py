"""A console on which every page has something to show, and one operator sees them all.

For what holds of all pages, also of those of one thing: `Full.pages()` is made from the
router, and an address whose places nobody filled is a failure.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from controller.services.alarm_desk import AlarmDesk
from controller.services.lobby_desk import LobbyDesk
from controller.web.roles import ACCESS
from domain.ids import VisitId, ZoneId
from domain.operators import Operator, OperatorRole
from domain.people import Rank
from tests.alarms import STORY
from tests.boards import SITE
from tests.desks import GUARD, busy_desk
from tests.integration.test_people_import_http import GOOD, upload
from tests.operators import form, operator
from tests.peopled import CHEN, WANG
from tests.reviewed import ROUND, Reviewing, reviewing
from tests.web_site import Served, SetClock, fetch

# Everything but the administrator, who has no other role.
ALL: Final = "everything"
# Answers that are no page, and one that only a locked console has.
_NO_PAGE: Final = re.compile(
    r"\.(pdf|csv|xlsx|json)$|/(stream|photo)$|^/api/|^/unlock$"
)

# Not of the visit that is on site; of the person who was frozen.
_OF_OTHERS: Final = {
    "/visits/{visit}/check-in": "/visits/T1/check-in?visitor=VT1",
    "/people/{person}/changes/{change}": f"/people/{CHEN}/changes/{{change}}",
    "/people/{person}/reinstate": f"/people/{CHEN}/reinstate",
}


@dataclass(frozen=True, slots=True)
class Full:
    address: Served
    clock: SetClock
    places: dict[str, str]

    def pages(self, *, of_one_thing: bool = False) -> list[tuple[str, str]]:
        """Who looks, and at which address; perhaps only those with places."""
        return [
            (
                ALL if row.allows(everything()) else "administrator",
                self._filled(_OF_OTHERS.get(row.path, row.path)),
            )
            for row in ACCESS
            if row.method == "GET" and row.roles and not _NO_PAGE.search(row.path)
            if "{" in row.path or not of_one_thing
        ]

    def _filled(self, path: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda place: self.places[place[1]], path)


def everything() -> Operator:
    return replace(
        operator(OperatorRole.ZONE_OWNER, ZoneId("heat_treatment"), ALL),
        person=GUARD,
        roles=frozenset(OperatorRole) - {OperatorRole.ADMINISTRATOR},
        zones=frozenset(SITE.zones),
        rank=Rank.GENERAL_MANAGER,
    )


@asynccontextmanager
async def full_house() -> AsyncIterator[Full]:
    clock = SetClock()
    async with reviewing(everything(), clock=clock) as it:
        yield Full(it.address, clock, await _filled(it, clock))


async def _filled(it: Reviewing, clock: SetClock) -> dict[str, str]:
    """Something of everything; what stands in the places of the addresses."""
    [me] = [o for o in await it.operators() if o.id == ALL]
    await it.register.tell(STORY)
    await AlarmDesk(it.register.office).acknowledge(3, by=me, note="孙伟去现场")
    lobby = LobbyDesk(it.register.office)
    await lobby.add("一号", by=me)
    await busy_desk(it.address.gate, clock)
    cookie = await it.address.cookie(ALL)

    async def led_to(path: str, **fields: str) -> str:
        body = form(cookie, **fields)
        done = await fetch(it.address, path, method="POST", headers=cookie, body=body)
        assert done.status == 303, (path, done.body)
        return done.headers["location"].rpartition("/")[2]

    command = {"act": "start_lockdown:door", "reason": "演练"}
    clock.pass_by(timedelta(minutes=1))
    code = it.address.gate.code(ALL)
    checked = await upload(it.address, cookie, GOOD.encode())
    return {
        "alarm": "1",
        "visit": VisitId("T3"),
        "person": WANG,
        "door": "archive",
        "text": "repair",
        "round": ROUND,
        "grant": await it.grant(WANG, ZoneId("precision_grinding")),
        "act": await led_to("/doors/archive/commands", **command),
        "mark": checked.headers["location"].rpartition("/")[2],
        "change": await led_to(f"/people/{CHEN}/freeze", reason="调查", code=code),
    }
