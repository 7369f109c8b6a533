"""The paper of a signed undertaking, read back (G5.3.2-2a, G5.5.3-1)."""

from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from sqlalchemy import text as sql

from controller.services.undertakings import Wording, check_code
from domain.ids import PersonId, VisitId
from domain.visit_classes import VisitClass
from domain.visit_events import UndertakingCopied
from tests.lobbies import INK, Lobby, lobby
from tests.pdfs import read

T1, HE = VisitId("T1"), PersonId("VT1")
PAPER: Final = "/visits/T1/undertakings/VT1.pdf"


def lines_of(content: bytes) -> list[list[tuple[float, float]]]:
    """The points of every line that is drawn, page by page, from the top left in mm."""
    document = pypdfium2.PdfDocument(content)
    found = []
    for page in document:
        height = page.get_height()
        for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
            count = pdfium.FPDFPath_CountSegments(thing.raw)
            points = []
            for n in range(count):
                segment = pdfium.FPDFPath_GetPathSegment(thing.raw, n)
                x, y = pdfium.c_float(), pdfium.c_float()
                pdfium.FPDFPathSegment_GetPoint(segment, x, y)
                points.append((x.value / 72 * 25.4, (height - y.value) / 72 * 25.4))
            found.append(points)
    document.close()
    return found


async def signed(site: Lobby, **fields: str) -> None:
    tablet, id_ = await site.reading()
    await tablet.sign(**fields)
    if "typed" in fields:
        done = await site.post(f"/lobby/tablets/{id_}/witness", task="1")
        assert done.status == 303


async def test_the_paper_has_text_strokes_digests_time_place_and_code() -> None:
    async with lobby() as site:
        await signed(site, strokes=INK, photo="1")
        answer = await site.get(PAPER)
        found = await site.visits.undertaking(T1, HE)
        copies = await site.told(UndertakingCopied)
        again = await site.get(PAPER)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert found is not None
    stored, wording = found
    assert stored.digest is not None
    paper = read(answer.content)
    plain = "".join(paper.text.split())
    assert paper.title == "维修保密协议"
    assert set(paper.sizes) == {(210, 297)}
    for line in wording.body.splitlines():
        assert "".join(line.split()).lstrip("0123456789.") in plain
    for said in ("何志远", "苏测量仪", "T1", "磨床主轴检修", "精密磨削车间", "一号"):
        assert said in plain
    assert "2026-11-2314:32:08+0800" in plain
    assert stored.digest.hex() in plain
    assert stored.text_digest.hex() in plain
    assert check_code(stored.digest) in plain
    assert "不符" not in plain
    assert len(copies) == 1
    assert again.content == answer.content  # the same paper, byte for byte


async def test_strokes_are_drawn_as_lines_in_their_own_proportions() -> None:
    async with lobby() as site:
        await signed(site, strokes=INK)
        answer = await site.get(PAPER)

    [stroke] = [p for p in lines_of(answer.content) if len(p) == 3]
    (x0, y0), (x1, y1), (x2, y2) = stroke
    # [[100,300,200,80,300,300], …]: as wide as high in the ratio 200 to 220.
    assert abs((x2 - x0) / (y0 - y1) - 200 / 220) < 0.01
    assert abs((x1 - x0) - (x2 - x1)) < 0.01
    assert abs(y0 - y2) < 0.01


async def test_a_witnessed_name_and_a_decline_say_who_saw_it() -> None:
    async with lobby() as site:
        await signed(site, typed="何志远")
        typed = read((await site.get(PAPER)).content)
        tablet, id_ = await site.paired("二号")
        await site.visit("T3", "吴检", kind=VisitClass.INSPECTION)
        await site.send("T3", id_)
        await tablet.press("/lobby/end")
        await site.post(f"/lobby/tablets/{id_}/witness", task="2")
        told = read((await site.get("/visits/T3/undertakings/VT3.pdf")).content)
        guard = site.address.gate.operators
        witness = next(o for o in await guard.all() if o.id == "zhao").person
        assert witness is not None
        names = {p.id: p.name for p in site.office.site.people.values()}

    assert "见证" in typed.text
    assert names[witness] in typed.text
    assert "校验码" in typed.text
    assert "未签" in told.text
    assert names[witness] in told.text
    assert "校验码" not in told.text


async def test_the_wording_on_paper_is_the_one_that_was_signed() -> None:
    async with lobby() as site:
        await signed(site, strokes=INK)
        new = {one: Wording(title="新", body="另一份") for one in ("zh-CN", "en")}
        await site.visits.change_text("repair", new, "officer")
        paper = read((await site.get(PAPER)).content)

    assert "存储设备不带入" in paper.text
    assert "另一份" not in paper.text
    assert "第1版" in "".join(paper.text.split())


async def test_a_paper_that_was_tampered_with_says_so() -> None:
    async with lobby() as site:
        await signed(site, strokes=INK)
        change = sql("UPDATE undertakings SET \"where\" = 'elsewhere'")
        await site.office.database.write(lambda c: c.execute(change) and None)
        paper = read((await site.get(PAPER)).content)

    assert "不符" in paper.text


async def test_there_is_no_paper_of_what_was_not_signed_or_for_whom_it_is_not() -> None:
    async with lobby() as site:
        await site.reading()
        unsigned = await site.get(PAPER)
        nobody = await site.get("/visits/T1/undertakings/V9.pdf")
        nowhere = await site.get("/visits/T9/undertakings/VT1.pdf")
        other = await site.get(PAPER, by="administrator")

    assert [a.status for a in (unsigned, nobody, nowhere, other)] == [
        404,
        404,
        404,
        403,
    ]
