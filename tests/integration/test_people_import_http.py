"""People from files over a real socket: told first, then done exactly as told."""

import io
import re
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from controller.services import revoke
from controller.services.people_file import MAX_BYTES, MAX_ROWS, FileFault, Row, read
from controller.store import register as store
from controller.store.register import StoredPerson
from domain.ids import PersonId
from domain.office_events import PersonChanged, PersonRegistered
from domain.operators import OperatorRole
from domain.people import PersonState
from tests.alarms import Register
from tests.operators import csrf, form
from tests.peopled import CHEN, WANG, ZHAO, account_of, answer, events, peopled
from tests.web_site import Answer, Served, fetch

HEAD = "工号,姓名,英文名,岗位,保密协议至,年度保密承诺至,保密培训考核至"
NEW = "E2001,新来的,Xin Laide,磨削操作工,2027-12-31,,2027/3/5"
NEW = NEW.replace("磨削操作工", "精磨操作工")
GOOD = f"{HEAD}\r\n{NEW}\r\n{CHEN},,,,,,2027年2月28日\r\n{WANG},王强,,,,,\r\n"


async def upload(address: Served, who: dict[str, str], data: bytes) -> Answer:
    edge = "----a-b-c"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n'
        f"{csrf(who)}\r\n"
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; '
        'filename="../../x.csv"\r\nContent-Type: text/csv\r\n\r\n'
    ).encode() + data
    headers = {**who, "content-type": f"multipart/form-data; boundary={edge}"}
    return await fetch(
        address,
        "/people/import",
        method="POST",
        headers=headers,
        body=body + f"\r\n--{edge}--\r\n".encode(),
    )


async def tried(
    address: Served, who: dict[str, str], text: str
) -> tuple[str, str, int]:
    """Where the dry run is, its page, and its status."""
    where = (await upload(address, who, text.encode())).headers.get("location", "")
    page = await fetch(address, where, headers=who)
    return where, page.body, page.status


async def person(register: Register, id_: str) -> StoredPerson | None:
    return await register.office.database.read(lambda c: store.person(c, PersonId(id_)))


def xlsx(*rows: tuple[str | date | None, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def figures(page: str) -> list[int]:
    counts = page.partition('id="counts"')[2].partition("</div>")[0]
    return [int(n) for n in re.findall(r"<b>(\d+)</b>", counts)]


async def test_a_dry_run_changes_nothing_and_applying_does_exactly_what_it_showed() -> (
    None
):
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        where, page, _ = await tried(address, officer, GOOD)
        before = await person(register, "E2001")
        done = await fetch(
            address, where, method="POST", headers=officer, body=form(officer)
        )
        after, chen = await person(register, "E2001"), await person(register, CHEN)
        twice = await fetch(
            address, where, method="POST", headers=officer, body=form(officer)
        )
        shown = await fetch(address, where, headers=officer)
        told = await events(register)
        doors = re.findall(r'<tr id="receipt-(\w+)" class="unanswered"', shown.body)
        await answer(register, doors[0])
        half = (await fetch(address, where, headers=officer)).body
        for door in doors[1:]:
            await answer(register, door)
        whole = (await fetch(address, where, headers=officer)).body
        own_page = await fetch(address, f"/people/{CHEN}", headers=officer)

    assert {"heat_treatment", "canteen"} <= set(doors)  # Chen's, and everybody's
    assert f"还有 {len(doors)} 扇门没有回执" in shown.body
    assert f"还有 {len(doors) - 1} 扇门没有回执" in half
    assert f'<tr id="receipt-{doors[0]}">' in half
    assert 'http-equiv="refresh"' in half
    assert "各门均已生效" in whole
    assert 'http-equiv="refresh"' not in whole
    assert f"/people/{CHEN}/changes/" in own_page.body
    assert figures(page) == [1, 1, 1, 0]
    assert "2026-11-19 → <b>2027-02-28</b>" in page
    assert before is None
    assert (done.status, done.headers["location"]) == (303, where)
    assert after is not None
    assert (after.post, after.name) == ("grinder", "新来的")
    assert after.qualifications.training_until == date(2027, 3, 5)
    assert after.qualifications.commitment_until is None
    assert chen is not None
    assert chen.qualifications.agreement_until == date(2027, 12, 31)  # left alone
    assert twice.status == 404
    assert 'id="applied"' in shown.body
    acts = [e for e in told if isinstance(e, PersonRegistered | PersonChanged)]
    own = {(type(e), e.person) for e in acts if e.by == "secrecy_officer"}
    assert own == {(PersonRegistered, "E2001"), (PersonChanged, CHEN)}


async def test_every_error_has_its_line_and_column_and_nothing_can_be_applied() -> None:
    lines = [
        HEAD,
        "E2001,,,精磨操作工,,,",
        "E2002,甲,,宇航员,,,",
        "E2003,乙,,,,,2027-13-01",
        "V9,丙,,精磨操作工,,,",
        "../x,丁,,精磨操作工,,,",
        f"{WANG},,,精磨操作工,,,",
        "E2004,戊,,精磨操作工,,,2099-01-01",
        "E2005,己,,精磨操作工,,,",
        "E2005,己,,精磨操作工,,,",
        "=1+1,庚,,精磨操作工,,,",
        "E2006,辛,,精磨操作工,,,,多余",
        f"E2007,{'字' * 201},,精磨操作工,,,",
        f"{ZHAO},新名,,,,,",
    ]
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        await revoke.set_state(register.office, ZHAO, PersonState.LEFT, by="x")
        where, page, status = await tried(address, officer, "\n".join(lines))
        forced = await fetch(
            address, where, method="POST", headers=officer, body=form(officer)
        )
        nobody = await person(register, "E2005")

    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    assert [(c[0], c[1]) for c in cells] == [
        ("2", "姓名"),
        ("3", "岗位"),
        ("4", "保密培训考核至"),
        ("4", "岗位"),
        ("5", "工号"),
        ("6", "工号"),
        ("7", "岗位"),
        ("8", "保密培训考核至"),
        ("10", "工号"),
        ("11", "工号"),
        ("12", ""),
        ("13", "姓名"),
        ("14", "工号"),
    ]
    assert "调岗在人员页办理" in page
    assert status == 422
    assert f'action="{where}"' not in page
    assert forced.status in (409, 422)
    assert nobody is None


async def test_a_register_that_changed_meanwhile_asks_for_another_look() -> None:
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        where, _, _ = await tried(address, officer, GOOD)
        await revoke.set_state(register.office, CHEN, PersonState.SUSPENDED, by="x")
        stale = await fetch(
            address, where, method="POST", headers=officer, body=form(officer)
        )
        nobody = await person(register, "E2001")
        again = re.search(r'action="(/people/import/[0-9a-f]{64})"', stale.body)
        assert again is not None
        done = await fetch(
            address, again[1], method="POST", headers=officer, body=form(officer)
        )
        somebody = await person(register, "E2001")

    assert stale.status == 409
    assert 'id="stale-plan"' in stale.body
    assert nobody is None
    assert again[1] != where
    assert done.status == 303
    assert somebody is not None


async def test_a_dry_run_is_of_the_officer_who_made_it_and_leaves_their_own_alone() -> (
    None
):
    other = account_of(CHEN, OperatorRole.SECRECY_OFFICER, "chen")
    async with peopled(other) as (address, _):
        officer, chen = [await address.cookie(n) for n in ("secrecy_officer", "chen")]
        where, _, _ = await tried(address, officer, GOOD)
        theirs = await fetch(address, where, headers=chen)
        taken = await fetch(
            address, where, method="POST", headers=chen, body=form(chen)
        )
        _, page, status = await tried(address, chen, GOOD)

    assert (theirs.status, taken.status) == (404, 404)
    assert status == 422
    assert "由他人导入" in page


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode("utf-8"),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("gb18030"),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode("gb18030"),
        xlsx(
            tuple(HEAD.split(",")),
            ("E2001", "新来的", "Xin Laide", "grinder", date(2027, 12, 31), None),
            (CHEN, None, None, None, None, None, date(2027, 2, 28)),
            (WANG, "王强"),
        ),
    ],
    ids=["utf-8", "mark", "gb18030", "utf-16", "semicolon", "tab", "xlsx"],
)
async def test_a_list_is_read_however_a_spreadsheet_writes_it(data: bytes) -> None:
    async with peopled() as (address, _):
        officer = await address.cookie("secrecy_officer")
        where = (await upload(address, officer, data)).headers["location"]
        page = (await fetch(address, where, headers=officer)).body

    assert figures(page) == [1, 1, 1, 0]
    assert "新来的" in page


async def test_a_formula_is_text_and_never_worked_out() -> None:
    row = ("E2001", '=HYPERLINK("http://x","y")', "", "grinder")
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        sent = await upload(address, officer, xlsx(tuple(HEAD.split(",")), row))
        where = sent.headers["location"]
        page = (await fetch(address, where, headers=officer)).body
        await fetch(address, where, method="POST", headers=officer, body=form(officer))
        added = await person(register, "E2001")

    assert "=HYPERLINK(&#34;http://x&#34;" in page
    assert added is not None
    assert added.name == row[1]


async def test_a_file_that_cannot_be_read_is_answered_beside_its_field() -> None:
    async with peopled() as (address, _):
        officer = await address.cookie("secrecy_officer")
        empty = await upload(address, officer, b"")
        noise = await upload(address, officer, bytes(range(256)))
        large = await upload(address, officer, b"x" * (MAX_BYTES + 100_000))
        plain = await fetch(
            address,
            "/people/import",
            method="POST",
            headers=officer,
            body=form(officer),
        )
        lead = await address.cookie("shift_lead")
        barred = await upload(address, lead, GOOD.encode())
        template = await fetch(address, "/people/import/template.csv", headers=officer)

    assert [a.status for a in (empty, noise, plain)] == [422] * 3
    assert 'id="file-wrong"' in noise.body
    assert large.status == 413
    assert barred.status == 403
    assert template.body.lstrip("\ufeff") == f"{HEAD}\r\n"
    assert "attachment" in template.headers["content-disposition"]


def packed(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (packed("xl/workbook.xml", b" " * (33 * 1024 * 1024)), FileFault.UNSAFE),
        (
            packed("a.xml", b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'),
            FileFault.UNSAFE,
        ),
        (packed("a.xml", "<x/>".encode("utf-16")), FileFault.UNSAFE),
        (packed("a.txt", b"nothing"), FileFault.NO_TABLE),
        (xlsx(("工号",))[:-30], FileFault.NO_TABLE),
        (b"PK\x03\x04" + bytes(100), FileFault.NO_TABLE),
        (b'a,b\n"unclosed', FileFault.NO_TABLE),
        (b"a\0b", FileFault.NO_TABLE),
        (b"\xff\xff\xff", FileFault.ENCODING),
        (b"\n\n , \n", FileFault.EMPTY),
        (b"x\n" * (MAX_ROWS + 2), FileFault.TOO_MANY_ROWS),
        (b"," * 31 + b"x", FileFault.TOO_MANY_COLUMNS),
        (b"x" * (MAX_BYTES + 1), FileFault.TOO_BIG),
    ],
)
def test_what_a_stranger_makes_of_a_file_is_refused_by_its_fault(
    data: bytes, fault: FileFault
) -> None:
    assert read(data) is fault


def test_a_cell_far_down_and_right_is_no_million_of_rows() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "工号"
    sheet["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)

    assert read(out.getvalue()) == (Row(1, ("工号",)),)


def test_lines_are_counted_as_the_file_has_them() -> None:
    text = 'a,b\n\n"1\n2",x\ny,z\n'

    assert read(text.encode()) == (
        Row(1, ("a", "b")),
        Row(3, ("1\n2", "x")),
        Row(5, ("y", "z")),
    )
