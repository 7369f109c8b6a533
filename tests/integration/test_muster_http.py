"""Who is inside, on the page and on paper, over a real socket and the real register."""

from controller.store import envelopes
from domain.person_acts import MusterPrinted
from tests.mustered import mustered
from tests.pdfs import read
from tests.web_site import Served, fetch

FULL = """create trigger no_room before insert on envelopes
begin select raise(abort, 'database or disk is full'); end"""


def group(page: str, zone: str) -> str:
    return page.partition(f'id="in-{zone}"')[2].partition("</tbody>")[0]


async def prints(address: Served) -> list[MusterPrinted]:
    office = address.gate.office
    assert office is not None
    entries = await office.database.read(lambda c: envelopes.page(c, limit=500))
    return [e.event for e in entries if isinstance(e.event, MusterPrinted)]


async def test_the_list_has_everybody_by_zone_the_longest_inside_first() -> None:
    async with mustered() as (address, _):
        guard = await address.cookie("guard")
        page = (await fetch(address, "/muster", headers=guard)).body

    heat = group(page, "heat_treatment")
    assert heat.index("周建华") < heat.index("林晓彤")
    assert "2 人" in heat
    assert "1 小时 30 分" in heat
    assert heat.count('class="tick-box"') == 2
    assert "无人：" in page
    assert "食堂" in page.partition('id="empty"')[2]


async def test_a_visitor_stands_with_organisation_and_escort_also_in_no_zone() -> None:
    async with mustered() as (address, _):
        guard = await address.cookie("guard")
        page = (await fetch(address, "/muster", headers=guard)).body

    row = group(page, "elsewhere")
    assert "何志远" in row
    assert "访客" in row
    assert "苏测量仪" in row
    assert "陪同" in row


async def test_what_is_not_known_is_said_with_the_door_and_since_when() -> None:
    async with mustered() as (address, _):
        guard = await address.cookie("guard")
        page = (await fetch(address, "/muster", headers=guard)).body

    assert "名单可能不全" in page
    archive = group(page, "archive")
    assert "自 14:02 失联，最后进出记录 14:22" in archive
    assert "王强" in archive
    assert "可能有未登记的人在内" in group(page, "core_assembly")
    assert "失联" not in group(page, "heat_treatment")


async def test_the_paper_says_what_the_page_says_on_one_page_and_is_recorded() -> None:
    async with mustered() as (address, _):
        officer = await address.cookie("secrecy_officer")
        answer = await fetch(address, "/muster.pdf", headers=officer)
        [event] = await prints(address)
        got = read(answer.content)

    assert answer.headers["content-disposition"].startswith('inline; filename="muster-')
    assert got.sizes == ((210, 297),)
    for words in (
        "在场名单",
        "名单可能不全",
        "周建华",
        "何志远",
        "苏测量仪",
        "自 14:02 失联",
        "可能有未登记的人在内",
        "Op secrecy_officer打印",
    ):
        assert words in got.text
    assert got.text.count("□") == 5
    assert (event.by, event.inside, event.reliable) == ("secrecy_officer", 5, False)


async def test_a_list_that_cannot_be_recorded_is_printed_all_the_same() -> None:
    async with mustered() as (address, _):
        guard = await address.cookie("guard")
        office = address.gate.office
        assert office is not None

        await office.database.write(lambda c: c.exec_driver_sql(FULL))
        answer = await fetch(address, "/muster.pdf", headers=guard)

        recorded = await prints(address)

    assert answer.status == 200
    assert "何志远" in read(answer.content).text
    assert recorded == []


async def test_the_roles_without_business_with_people_inside_are_refused() -> None:
    async with mustered() as (address, _):
        for name in ("zone_owner", "approver", "administrator"):
            who = await address.cookie(name)
            assert (await fetch(address, "/muster", headers=who)).status == 403
            assert (await fetch(address, "/muster.pdf", headers=who)).status == 403
        assert await prints(address) == []
