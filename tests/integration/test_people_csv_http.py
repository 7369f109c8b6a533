"""The list of people as a file: what the page shows, for whom, and on record."""

import csv
import html
import io
import re
from dataclasses import replace
from urllib.parse import quote

import pytest

from controller.web.sheets import csv_of, plain
from domain.ids import PersonId
from domain.person_acts import PeopleExported
from tests.peopled import events, peopled, staff
from tests.web_site import Served, fetch

MANY = [
    replace(staff()[0], id=PersonId(f"F{n:04}"), name=f"员工{n}", name_en=f"Staff {n}")
    for n in range(70)
]
EVIL = ('=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "＝1+1", " =1", 'a";=1')


async def exported(
    address: Served, who: str, query: str = ""
) -> tuple[list[list[str]], list[list[str]]]:
    """The first lines, and the table below them."""
    answer = await fetch(
        address, f"/people.csv?{query}", headers=await address.cookie(who)
    )
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.body.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(answer.body.removeprefix("\ufeff"))))
    return rows[:3], rows[3:]


async def shown(address: Served, who: str, query: str) -> list[list[str]]:
    """The table as the pages show it, one after the other."""
    cookie, path = await address.cookie(who), f"/people?{query}"
    rows: list[list[str]] = []
    while path:
        page = (await fetch(address, path, headers=cookie)).body
        table = page.partition('id="people"')[2].partition("</table>")[0]
        found = [
            [
                html.unescape(re.sub(r"<[^>]+>", "", cell))
                for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
            ]
            for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        ]
        rows += found[1:] if rows else found
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(older[1]) if older else ""
    return rows


@pytest.mark.parametrize("query", ["", "ending=1", f"q={quote('员工')}&state=active"])
async def test_the_file_is_what_the_pages_show(query: str) -> None:
    async with peopled(extra=MANY) as (address, register):
        cookie = await address.cookie("reviewer")
        page = (await fetch(address, f"/people?{query}", headers=cookie)).body
        table = await shown(address, "reviewer", query)
        head, body = await exported(address, "reviewer", query)
        told = [e for e in await events(register) if isinstance(e, PeopleExported)]

    assert body == table
    assert len(body) > 1
    assert head[1][1] == "reviewer"
    assert head[2][1].isdecimal()
    assert 'href="/people.csv?' in page
    [event] = told
    assert (event.by, event.people) == ("reviewer", len(body) - 1)


async def test_the_first_lines_name_the_filter_and_the_log() -> None:
    async with peopled() as (address, register):
        query = f"q={quote('王')}&post=cook&state=left&ending=1"
        head, body = await exported(address, "secrecy_officer", query)
        whole, everybody = await exported(address, "secrecy_officer")
        _, one = await exported(address, "secrecy_officer", "q=E1003&before=E1003")
        told = [e for e in await events(register) if isinstance(e, PeopleExported)]

    assert head[0][0] == "筛选"
    for word in ("王", "已离职", "30 天"):
        assert word in head[0][1]
    assert len(body) == 1
    assert whole[0][1] == "无，全部人员"
    assert int(whole[2][1]) > int(head[2][1])  # the export before counts
    assert len(everybody) > 10
    assert [row[0] for row in one[1:]] == ["E1003"]  # whole, whatever page it was
    assert "state=left" in told[-1].wanted


async def test_no_cell_is_a_formula_and_none_is_cut_apart() -> None:
    people = [replace(each, name=evil) for each, evil in zip(MANY, EVIL, strict=False)]
    async with peopled(extra=people) as (address, _):
        _, body = await exported(address, "reviewer", "q=F0")
        head, _ = await exported(address, "reviewer", f"q={quote('=1+1')}")

    names = [row[1] for row in body[1:]]
    assert names == [f"'{evil}" for evil in EVIL[:-1]] + [EVIL[-1]]
    assert "=1+1" in head[0][1]
    assert not head[0][1].startswith("=")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
def test_whatever_a_cell_begins_with_a_spreadsheet_takes_it_as_text(
    begin: str,
) -> None:
    cell = f"{begin}1;2,3"
    [row] = csv.reader(io.StringIO(csv_of([[cell, "a"]]).decode("utf-8-sig")))

    assert row == [f"'{cell}", "a"]
    assert plain("E1003") == "E1003"
    assert plain("—") == "—"
