"""A leaver from the personnel system to the doors and back: a real controller, doors
that answer over a broker, and the API on a real socket."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from controller.services.tokens import Tokens
from controller.web.app import build_app
from controller.web.server import run_web
from domain.agent_events import RosterApplied
from domain.tokens import TokenId, TokenScope
from tests.offices import ADA, LAB, LAB_ZONE, grant, office, person
from tests.tokens import bearing
from tests.web_site import fetch
from wire.clock import SystemClock


async def test_a_reported_leaver_is_gone_from_the_door_when_the_receipt_says_so(
    tmp_path: Path,
) -> None:
    clock = SystemClock()
    staff = [person(ADA, grant(LAB_ZONE))]
    async with office(f"sqlite:///{tmp_path / 'o.db'}", clock, people=staff) as world:
        operators = world.controller.operators
        token = await Tokens(operators.sessions.office).add(
            TokenId("hr"),
            {TokenScope.PEOPLE_LEAVE, TokenScope.CHANGES_READ},
            until=clock.now() + timedelta(days=1),
            by="test",
        )
        app = build_app(
            world.controller, site=world.site, operators=operators, clock=clock
        )
        ports: list[int] = []
        serving = asyncio.create_task(
            run_web(app, host="127.0.0.1", port=0, started=ports.append)
        )
        await asyncio.sleep(0)
        address = f"http://127.0.0.1:{ports[0]}"

        async def ask(method: str, path: str) -> Any:  # noqa: ANN401  JSON
            answer = await fetch(
                address, f"/api/v1{path}", method=method, headers=bearing(token)
            )
            assert answer.status == 200, answer
            return json.loads(answer.body)

        before = len(world.events(RosterApplied))
        change = await ask("POST", f"/people/{ADA}/leave")
        concerned = {r["door"] for r in change["receipts"]}

        def confirmed() -> bool:
            return {e.door for e in world.events(RosterApplied)[before:]} >= concerned

        async with asyncio.timeout(10):
            await world.until(confirmed)
        now = await ask("GET", f"/changes/{change['change']}")
        latest = world.doors[LAB].rosters[-1]
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    [lab] = [r for r in now["receipts"] if r["door"] == LAB]
    assert now["complete"]
    assert lab["roster"] == latest.number
    assert lab["confirmed_at"] is not None
    [entry] = [e for e in latest.entries if e.person.id == ADA]
    assert entry.person.state == "left"
    assert entry.person.grants == ()
