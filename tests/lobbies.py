"""A lobby to sign in: a desk with visits, and tablets that speak plain HTTP."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from controller.services.lobby_desk import LobbyDesk, NewTablet
from controller.services.office import Office
from controller.services.sessions import csrf_of
from controller.services.visit_office import VisitOffice
from controller.store import envelopes
from controller.web.roles import TABLET_COOKIE
from domain.ids import PersonId, VisitId
from domain.operators import Operator, OperatorRole
from domain.people import Department, Rank
from domain.visit_approval import Approver
from domain.visit_classes import VisitClass
from domain.visits import Visitor
from tests.boards import BUSY
from tests.desks import GUARD, MANAGER, ask, desk_gate, office_of
from tests.operators import csrf
from tests.web_site import Answer, Served, SetClock, Told, fetch, served

# A signature as a tablet sends it.
INK: Final = "[[100,300,200,80,300,300],[340,100,700,120],[420,200]]"
_TASK: Final = re.compile(r'name="task" value="(\d+)"')
_TEXT: Final = re.compile(r'name="text" value="([0-9a-f]{64})"')
_BOSS: Final = Approver(
    person=MANAGER,
    rank=Rank.GENERAL_MANAGER,
    heads=frozenset({Department("production")}),
)


@dataclass(slots=True)
class Tablet:
    """A browser in the lobby that keeps the cookie it is given."""

    address: Served
    token: str = ""

    async def get(self, path: str = "/lobby") -> Answer:
        return self._kept(await fetch(self.address, path, headers=self._headers()))

    async def post(self, path: str, *, mark: str = "", **fields: str) -> Answer:
        body = urlencode({**fields, "csrf": mark or csrf_of(self.token)})
        return self._kept(
            await fetch(
                self.address, path, method="POST", headers=self._headers(), body=body
            )
        )

    async def sign(self, **fields: str) -> Answer:
        """What the page on the screen would send; `fields` are filled in."""
        page = (await self.get()).body
        given = {"task": _one(_TASK, page), "text": _one(_TEXT, page), "read": "1"}
        return await self.post("/lobby/sign", **{**given, **fields})

    async def press(self, path: str) -> Answer:
        return await self.post(path, task=_one(_TASK, (await self.get()).body))

    def _headers(self) -> dict[str, str]:
        return {"cookie": f"{TABLET_COOKIE}={self.token}"} if self.token else {}

    def _kept(self, answer: Answer) -> Answer:
        given = answer.headers.get("set-cookie", "")
        if given.startswith(f"{TABLET_COOKIE}="):
            self.token = given.partition("=")[2].partition(";")[0]
        return answer


@dataclass(slots=True)
class Lobby:
    address: Served
    clock: SetClock
    visits: VisitOffice
    desk: LobbyDesk
    office: Office
    guard: Operator
    cookies: dict[str, dict[str, str]]

    async def visit(
        self, id_: str, name: str, *, kind: VisitClass = VisitClass.REPAIR
    ) -> VisitId:
        """An approved one, of one visitor `V…`."""
        visit = await ask(self.visits, id_, name, "苏测量仪", kind=kind)
        await self.visits.approve(visit, _BOSS, "test")
        return visit

    async def send(self, visit: str, tablet: str) -> None:
        """By the guard, of the visit's one visitor."""
        person = PersonId(f"V{visit}")
        assert await self.desk.send(VisitId(visit), person, tablet, by=self.guard) == ()

    async def paired(self, name: str = "一号") -> tuple[Tablet, str]:
        """A tablet and its id."""
        made = await self.desk.add(name, by=self.guard)
        assert isinstance(made, NewTablet)
        tablet = Tablet(self.address)
        await tablet.get()
        assert (await tablet.post("/lobby/pair", code=made.code)).status == 303
        return tablet, made.id

    async def reading(self) -> tuple[Tablet, str]:
        """One at which He Zhiyuan, who repairs, stands."""
        tablet, id_ = await self.paired()
        await self.visit("T1", "何志远")
        await self.send("T1", id_)
        return tablet, id_

    async def visitor(self, visit: str = "T1") -> Visitor:
        found = await self.visits.visit(VisitId(visit))
        [who] = found.visitors
        return Visitor(
            id=who.person.id,
            identity=who.identity,
            undertaking=who.undertaking,
            devices=who.devices,
            checked_in_at=who.checked_in_at,
            checked_out_at=who.checked_out_at,
            turned_away=who.turned_away,
        )

    async def get(self, path: str, by: str = "zhao") -> Answer:
        return await fetch(self.address, path, headers=await self._cookie(by))

    async def post(self, path: str, by: str = "zhao", **fields: str) -> Answer:
        cookie = await self._cookie(by)
        body = urlencode({**fields, "csrf": csrf(cookie)})
        return await fetch(self.address, path, method="POST", headers=cookie, body=body)

    async def told(self, kind: type) -> list[object]:
        entries = await self.office.database.read(lambda c: envelopes.page(c, limit=99))
        return [e.event for e in entries if isinstance(e.event, kind)]

    async def _cookie(self, name: str) -> dict[str, str]:
        if name not in self.cookies:
            self.cookies[name] = await self.address.cookie(name)
        return self.cookies[name]


@asynccontextmanager
async def lobby() -> AsyncIterator[Lobby]:
    clock = SetClock()
    gate = await desk_gate(clock)
    assert gate.office is not None
    guard = next(o for o in await gate.operators.all() if o.id == "zhao")
    assert guard == replace(guard, person=GUARD, roles=frozenset({OperatorRole.GUARD}))
    try:
        async with served(Told(BUSY), clock=clock, gate=gate) as address:
            yield Lobby(
                address=address,
                clock=clock,
                visits=office_of(gate),
                desk=LobbyDesk(gate.office),
                office=gate.office,
                guard=guard,
                cookies={},
            )
    finally:
        await gate.close()


def _one(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    return found[1] if found else ""
