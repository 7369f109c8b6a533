"""The list of zones, and the sign of each (G5.3.1-2), over a real socket."""

from itertools import pairwise
from typing import Final

import pytest

from config.zone_sign import sign_of
from controller.papers.fonts import Fonts, FontsMissing
from domain.ids import ZoneId
from tests.boards import CALM, SITE
from tests.pdfs import read
from tests.web_site import Told, fetch, served


async def test_the_list_names_each_zone_with_its_rule_owner_and_signs() -> None:
    async with served(Told(CALM)) as address:
        who = await address.cookie("reviewer")
        page = (await fetch(address, "/zones", headers=who)).body

    for zone in SITE.zones.values():
        row = page.partition(f'<tr id="{zone.id}">')[2].partition("</tr>")[0]
        assert zone.name in row
        assert row.count(f"/zones/{zone.id}/sign.pdf?size=") == 4
        if zone.responsible:
            assert zone.responsible.phone in row
    archive = page.partition('<tr id="archive">')[2].partition("</tr>")[0]
    assert "最多 6 人" in archive
    assert "访客 2 小时 0 分" in archive
    lab = page.partition('<tr id="rd_lab">')[2].partition("</tr>")[0]
    assert "须两人同行" in lab


# One of each level: what is forbidden, who may enter, and who answers differ.
SIGNS: Final = ("rd_lab", "precision_grinding", "purchasing", "canteen")


@pytest.mark.parametrize(
    ("language", "size", "millimetres"),
    [("zh-CN", "a4", (210, 297)), ("en", "a3", (297, 420))],
)
async def test_a_zone_has_a_sign_of_one_page_that_says_what_the_display_says(
    language: str, size: str, millimetres: tuple[int, int]
) -> None:
    async with served(Told(CALM)) as address:
        who = await address.cookie("zone_owner")
        for zone in (SITE.zones[ZoneId(name)] for name in SIGNS):
            path = f"/zones/{zone.id}/sign.pdf?size={size}&lang={language}"
            answer = await fetch(address, path, headers=who)
            assert answer.status == 200
            assert answer.headers["content-type"] == "application/pdf"
            got, said = read(answer.content), sign_of(zone, language)
            spaceless = "".join(got.text.split()).lower()

            assert got.sizes == (millimetres,)
            for words in (said.level, said.name, said.two_person, said.responsible):
                assert "".join(words.split()).lower() in spaceless
            for _, words in said.forbidden:
                assert "".join(words.split()).lower() in spaceless
            assert "G5.3.1-2" in got.text


async def test_a_core_sign_tells_staff_the_steps_and_visitors_who_must_approve() -> (
    None
):
    async with served(Told(CALM)) as address:
        who = await address.cookie("guard")
        path = "/zones/rd_lab/sign.pdf?lang=zh-CN"
        got = read((await fetch(address, path, headers=who)).content)

    text = got.text
    steps = [text.index(word) for word in ("按指纹", "看镜头", "申报设备")]
    assert all(a < b for a, b in pairwise(steps))
    assert "仅限本区授权人员进入" in text
    assert "外来人员未经保密委员会批准不得入内" in text  # G2.4
    assert "须两人同行" in text  # G6.1.2-3
    assert "打印于 2026-11-23" in text


@pytest.mark.parametrize(
    "path",
    [
        "/zones/nowhere/sign.pdf",
        "/zones/rd_lab/sign.pdf?size=a5",
        "/zones/rd_lab/sign.pdf?lang=xx",
    ],
)
async def test_a_sign_that_is_not_there_is_not_found(path: str) -> None:
    async with served(Told(CALM)) as address:
        who = await address.cookie("guard")
        assert (await fetch(address, path, headers=who)).status == 404


async def test_without_a_font_the_page_names_the_package_and_all_else_works() -> None:
    def none() -> Fonts:
        raise FontsMissing

    async with served(Told(CALM), fonts=none) as address:
        who = await address.cookie("guard")
        answer = await fetch(address, "/zones/rd_lab/sign.pdf", headers=who)
        board = await fetch(address, "/", headers=who)

    assert answer.status == 503
    assert "apt install fonts-noto-cjk" in answer.body
    assert board.status == 200
