"""The API as another system uses it, over a register with the example site's people."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from controller.services import people
from controller.services.office import Office
from controller.store import envelopes
from domain.events import Event
from domain.tokens import TokenScope
from tests.alarms import Register, alarmed
from tests.boards import SITE
from tests.tokens import bearing, make_token
from tests.web_site import Answer, Served, SetClock, fetch

JSON: Final = {"content-type": "application/json"}
LI: Final = next(p for p in SITE.people.values() if p.grants)
VISIT: Final = {
    "id": "ERP-2026-117",
    "kind": "customer",
    "department": "production",
    "purpose": "来料检验",
    "requested_by": LI.id,
    "since": "2026-11-24T09:00:00+08:00",
    "until": "2026-11-24T11:30:00+08:00",
    "route": ["reception"],
    "escorts": [LI.id],
    "visitors": [{"name": "赵一", "organisation": "华北钢铁"}],
}


@dataclass(slots=True)
class System:
    """One that holds a token."""

    address: Served
    register: Register
    clock: SetClock
    token: str

    @property
    def office(self) -> Office:
        return self.register.office

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON; text of `body` is sent as it is."""
        answer = await self.raw(method, path, body, headers=headers)
        return answer.status, json.loads(answer.body)

    async def raw(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        text = body if isinstance(body, str) else json.dumps(body)
        return await fetch(
            self.address,
            quote(f"/api/v1{path}", safe="/?&=%"),
            method=method,
            headers={**JSON, **bearing(self.token), **(headers or {})},
            body="" if body is None else text,
        )

    async def log(self) -> list[Event]:
        """Everything that was said, oldest first."""
        entries = await self.office.database.read(
            lambda c: envelopes.page(c, limit=1000)
        )
        return [e.event for e in reversed(entries) if e.event is not None]


@asynccontextmanager
async def system(*scopes: TokenScope) -> AsyncIterator[System]:
    """With these scopes; with none named, all of them."""
    clock = SetClock()
    async with alarmed(clock=clock) as (address, register):
        await people.seed(register.office, SITE.people.values(), {}, by="site file")
        token = await make_token(address.gate, *scopes)
        yield System(address, register, clock, token)
