"""A browser at the visitor desk, without script: the guard's, or another's."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlencode

from controller.services.desk import DeskVisit
from controller.store import envelopes
from domain.ids import VisitId
from tests.boards import BUSY
from tests.desks import ESCORT, ask, desk_gate, office_of
from tests.operators import csrf
from tests.web_site import Answer, Served, SetClock, Told, fetch, served


class Desk:
    """One console, and browsers of its operators."""

    def __init__(self, address: Served) -> None:
        self.address = address
        self.office = office_of(address.gate)
        self._cookies: dict[str, dict[str, str]] = {}

    async def cookie(self, name: str) -> dict[str, str]:
        if name not in self._cookies:
            self._cookies[name] = await self.address.cookie(name)
        return self._cookies[name]

    async def get(self, path: str, name: str = "zhao") -> Answer:
        return await fetch(self.address, path, headers=await self.cookie(name))

    async def post(
        self, path: str, fields: Sequence[tuple[str, str]], name: str = "zhao"
    ) -> Answer:
        cookie = await self.cookie(name)
        body = urlencode([*fields, ("csrf", csrf(cookie))])
        return await fetch(self.address, path, method="POST", headers=cookie, body=body)

    async def visit(self, id_: str = "T1") -> DeskVisit:
        return await self.office.visit(VisitId(id_))

    async def told(self, kind: type) -> list[object]:
        office = self.address.gate.office
        assert office is not None
        entries = await office.database.read(lambda c: envelopes.page(c, limit=500))
        return [e.event for e in entries if isinstance(e.event, kind)]

    async def approved(self) -> None:
        await ask(self.office, "T1", "何志远", "苏测量仪")
        assert (await self.post("/visits/T1/approve", [], "manager")).status == 303

    async def identified_and_signed(self) -> None:
        fields = [("document", "id_card"), ("digits", "0417")]
        assert (await self.post("/visits/T1/identity", fields)).status == 303
        digest = (await self.office.texts("repair"))["zh-CN"].digest.hex()
        paper = [("do", "sign"), ("digest", digest), ("typed", "何志远")]
        assert (await self.post("/visits/T1/undertaking", paper)).status == 303

    async def ready(self) -> None:
        await self.approved()
        await self.identified_and_signed()
        assert (await self.post("/visits/T1/devices", LAPTOP)).status == 303


LAPTOP: Final = [
    ("kind-0", "laptop"),
    ("type-0", "T14"),
    ("make-0", "Lenovo"),
    ("serial-0", "PF-3K9H2M"),
    ("disposition-0", "sealed"),
    ("nothing_else", "yes"),
    ("do", "save"),
]
STICK: Final = [
    ("kind-0", "storage"),
    ("type-0", "64 GB"),
    ("make-0", "Kingston"),
    ("serial-0", "DT-0093"),
    ("nothing_else", "yes"),
    ("do", "save"),
]
BADGE: Final = ("badge-VT1", "0A0B0C0D")
HERE: Final = ("with", ESCORT)


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    clock = SetClock()
    gate = await desk_gate(clock)
    try:
        async with served(Told(BUSY), clock=clock, gate=gate) as address:
            yield Desk(address)
    finally:
        await gate.close()
