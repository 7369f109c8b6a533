"""Badges over HTTP: who gives which, and that no number comes back."""

from pathlib import Path

from domain.ids import DoorId
from tests.boards import SITE
from tests.door_consoles import door_console
from tests.operators import form
from tests.web_site import Answer, Served, fetch

NUMBER = "0a0b0c0d7e"


async def post(
    address: Served, cookie: dict[str, str], path: str, **fields: str
) -> Answer:
    body = form(cookie, **fields)
    return await fetch(address, path, method="POST", headers=cookie, body=body)


async def test_a_guard_gives_a_day_badge_and_takes_it_back(tmp_path: Path) -> None:
    async with door_console(tmp_path) as (address, world):
        await world.controller.seed(list(SITE.people.values())[:3], {}, by="test")
        person = next(iter(SITE.people))
        guard = await address.cookie()
        found = await fetch(address, f"/day-badges?q={person}", headers=guard)
        bad = await post(
            address, guard, "/day-badges", person=person, q=person, number=NUMBER
        )
        done = await post(
            address,
            guard,
            "/day-badges",
            person=person,
            document="id_card",
            number=NUMBER,
        )
        await world.settle()
        shown = await fetch(address, done.headers["location"], headers=guard)
        twice = await post(
            address,
            guard,
            "/day-badges",
            person=person,
            document="id_card",
            number=NUMBER,
        )
        end = await post(address, guard, f"/day-badges/{person}/end")
        over = await fetch(address, "/day-badges", headers=guard)

        assert f'value="{person}"' in found.body
        assert (bad.status, done.status, twice.status) == (422, 303, 422)
        assert "选择已核对的证件" in bad.body
        assert f'action="/day-badges/{person}/end"' in shown.body
        assert "已生效" in shown.body
        assert end.status == 303
        assert "收回" in over.body
        assert f'action="/day-badges/{person}/end"' not in over.body
        assert all(NUMBER not in page.body for page in (bad, shown, twice, over))
        stored = repr([each.event for each in world.heard])
        assert "DayBadgeIssued" in stored
        assert NUMBER not in stored


async def test_an_administrator_gives_and_withdraws_and_sees_no_people(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        await world.controller.seed(list(SITE.people.values())[:3], {}, by="test")
        person = next(iter(SITE.people))
        admin = await address.cookie("administrator")
        page = await fetch(address, "/badges", headers=admin)
        nobody = await post(
            address, admin, "/badges/assign", person="E0000", number=NUMBER
        )
        given = await post(
            address, admin, "/badges/assign", person=person, number=NUMBER
        )
        await world.settle()
        after = await fetch(address, given.headers["location"], headers=admin)
        withdrawn = await post(
            address, admin, "/badges/withdraw", person=person, reason="<b>lost</b>"
        )
        again = await post(
            address, admin, "/badges/withdraw", person=person, reason="lost"
        )
        await world.settle()
        canteen = world.doors[DoorId("canteen")].rosters[-1].entry_of(person)

        assert SITE.people[person].name not in page.body
        assert (nobody.status, given.status) == (422, 303)
        assert (withdrawn.status, again.status) == (303, 422)
        assert NUMBER not in nobody.body + after.body + again.body
        assert canteen is not None
        assert canteen.credentials == ()
