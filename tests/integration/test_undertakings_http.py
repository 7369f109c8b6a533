"""The texts of the undertakings over a real socket (G5.3.2-2a, G5.4.3-1)."""

from urllib.parse import urlencode

from controller.services.visit_office import VisitOffice
from controller.store import envelopes
from domain.visit_events import UndertakingTextChanged
from tests.alarms import Register, alarmed
from tests.operators import csrf
from tests.web_site import Answer, Served, fetch

ZH, EN = "zh-CN", "en"


async def write(
    address: Served, who: dict[str, str], *, version: str = "1", **changes: str
) -> Answer:
    fields = {
        "csrf": csrf(who),
        "version": version,
        f"title-{ZH}": "维修保密协议",
        f"title-{EN}": "Repair agreement",
        f"body-{ZH}": "本人同意：\r\n\r\n1. 不拍照。",
        f"body-{EN}": "I agree:\r\n\r\n1. to take no pictures.",
    }
    fields |= {name.replace("_", "-", 1): text for name, text in changes.items()}
    if "title-zh" in fields:
        fields[f"title-{ZH}"] = fields.pop("title-zh")
    return await fetch(
        address,
        "/undertakings/repair",
        method="POST",
        headers=who,
        body=urlencode(fields),
    )


async def changes_in(register: Register) -> list[UndertakingTextChanged]:
    entries = await register.office.database.read(lambda c: envelopes.page(c, limit=99))
    found = [each.event for each in entries]
    return [e for e in found if isinstance(e, UndertakingTextChanged)]


async def test_the_list_has_every_text_with_its_kinds_and_version() -> None:
    async with alarmed() as (address, _):
        guard = await address.cookie("guard")
        page = (await fetch(address, "/undertakings", headers=guard)).body
        text = (await fetch(address, "/undertakings/repair", headers=guard)).body

    assert page.count("<tr><td>") == 5
    assert "参观" in page
    assert "随附" in page
    assert "存储设备不带入" in text
    assert "bring in no storage device" in text
    assert 'name="body-' not in text  # a guard reads


async def test_the_officer_writes_a_new_version_and_the_old_one_stays() -> None:
    async with alarmed() as (address, register):
        officer = await address.cookie("secrecy_officer")
        answer = await write(
            address, officer, body_en="I agree:\r\n\r\n1. no <b>pictures</b>."
        )
        now = await VisitOffice(register.office).texts("repair")
        page = (await fetch(address, "/undertakings/repair", headers=officer)).body
        old = await fetch(address, "/undertakings/repair?version=1", headers=officer)
        none = await fetch(address, "/undertakings/repair?version=9", headers=officer)
        said = await changes_in(register)

    assert (answer.status, answer.headers["location"]) == (303, "/undertakings/repair")
    assert {t.version for t in now.values()} == {2}
    assert now[EN].body == "I agree:\n\n1. no <b>pictures</b>."
    assert "no &lt;b&gt;pictures&lt;/b&gt;" in page
    assert "<b>pictures" not in page
    assert "Op secrecy_officer" in page
    assert "存储设备不带入" in old.body
    assert none.status == 404
    latest = [e for e in said if e.text == "repair/2"]
    assert [e.by for e in latest] == ["secrecy_officer"]
    assert set(latest[0].text_digests) == {t.digest.hex() for t in now.values()}


async def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost() -> None:
    async with alarmed() as (address, register):
        officer = await address.cookie("secrecy_officer")
        answer = await write(address, officer, title_zh=" ", body_en="x" * 20_001)
        now = await VisitOffice(register.office).texts("repair")

    assert answer.status == 422
    assert "<title>错误：" in answer.body
    assert 'href="#title-zh-CN"' in answer.body
    assert 'id="body-en-wrong"' in answer.body
    assert "x" * 20_001 in answer.body
    assert {t.version for t in now.values()} == {1}


async def test_who_read_an_older_version_overwrites_nothing() -> None:
    async with alarmed() as (address, register):
        officer = await address.cookie("secrecy_officer")
        await write(address, officer)
        late = await write(address, officer, title_en="Another agreement")
        unknown = await write(address, officer, version="newest")
        now = await VisitOffice(register.office).texts("repair")

    assert late.status == unknown.status == 422
    assert "已有新版本" in late.body
    assert "Another agreement" in late.body
    assert {t.version for t in now.values()} == {2}


async def test_a_text_as_long_as_is_allowed_gets_through() -> None:
    async with alarmed() as (address, register):
        officer = await address.cookie("secrecy_officer")
        answer = await write(address, officer, body_en="密" * 20_000)
        now = await VisitOffice(register.office).texts("repair")

    assert answer.status == 303
    assert len(now[EN].body) == 20_000
