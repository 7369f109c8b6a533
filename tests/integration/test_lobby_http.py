"""The tablet in the lobby over a real socket: what it shows and of whom (G5.3.2-2a)."""

import asyncio
from datetime import timedelta
from typing import Final

import pytest

from controller.services.undertakings import check_code, signature_digest
from domain.ids import PersonId, VisitId
from domain.tablets import (
    CODE_LASTS,
    IDLE,
    WITNESS_WITHIN,
    TabletAdded,
    TabletPaired,
    TabletRevoked,
    UndertakingNotAgreed,
    UndertakingShown,
)
from domain.visit_classes import VisitClass
from domain.visit_events import UndertakingSigned
from domain.visits import Declined, Signed
from tests.lobbies import INK, Tablet, lobby
from tests.web_site import fetch

NAME: Final = "何志远"
T1, HE = VisitId("T1"), PersonId("VT1")
TICK: Final = timedelta(microseconds=1)


async def test_a_tablet_that_is_not_paired_has_the_form_and_nothing_else() -> None:
    async with lobby() as site:
        await site.reading()
        stranger = Tablet(site.address)
        pages = [await stranger.get()]
        pages.append(await stranger.get())
        for act in ("use", "language", "sign", "end", "done"):
            answer = await stranger.post(f"/lobby/{act}", task="1", strokes=INK)
            assert (answer.status, answer.headers["location"]) == (303, "/lobby")
        pages.append(await stranger.get())
        visitor = await site.visitor()

    assert all('name="code"' in page.body for page in pages)
    assert not any(NAME in page.body or "T1" in page.body for page in pages)
    assert visitor.undertaking is None


async def test_a_code_pairs_one_tablet_once_and_within_ten_minutes() -> None:
    async with lobby() as site:
        page = await site.post("/lobby/tablets", name="一号")
        code = page.body.partition('id="pairing-code">')[2].partition("<")[0]
        again = await site.get("/lobby/tablets")
        first, second = Tablet(site.address), Tablet(site.address)
        await first.get()
        await second.get()
        wrong = await first.post("/lobby/pair", code="AAAA-AAAA")
        before = first.token
        right = await first.post("/lobby/pair", code=code.lower().replace("-", " "))
        reused = await second.post("/lobby/pair", code=code)
        late = await site.post("/lobby/tablets", name="二号")
        late_code = late.body.partition('id="pairing-code">')[2].partition("<")[0]
        site.clock.pass_by(CODE_LASTS)
        expired = await second.post("/lobby/pair", code=late_code)
        idle = await first.get()
        said = [await site.told(kind) for kind in (TabletAdded, TabletPaired)]

    assert len(code) == 9
    assert code not in again.body
    assert wrong.status == reused.status == expired.status == 422
    assert right.status == 303
    assert first.token != before  # what was there before pairing opens nothing
    cookie = right.headers["set-cookie"].lower()
    assert all(w in cookie for w in ("httponly", "samesite=strict", "path=/lobby;"))
    assert "欢迎来访" in idle.body
    assert [len(each) for each in said] == [2, 1]
    assert code not in repr(said)


async def test_a_revoked_tablet_is_one_that_was_never_paired() -> None:
    async with lobby() as site:
        tablet, id_ = await site.reading()
        before = await tablet.get()
        await site.post(f"/lobby/tablets/{id_}/revoke")
        after = await tablet.get()
        late = await tablet.sign(strokes=INK)
        sent = await site.post("/lobby/send", visit=T1, person=HE, tablet=id_)
        said = await site.told(TabletRevoked)

    assert NAME in before.body
    assert NAME not in after.body
    assert 'name="code"' in after.body
    assert late.headers["location"] == "/lobby"
    assert sent.status == 409
    assert len(said) == 1


async def test_a_tablet_shows_its_own_visitor_and_no_other() -> None:
    async with lobby() as site:
        one, _ = await site.reading()
        two, id_two = await site.paired("二号")
        await site.visit("T2", "郭伟", kind=VisitClass.TOUR)
        empty = await two.get()
        await site.send("T2", id_two)
        hers, his = (await two.get()).body, (await one.get()).body
        for path in ("/lobby?visit=T2", "/lobby?person=VT2", "/lobby?task=2"):
            assert "郭伟" not in (await one.get(path)).body
        # The other's form, sent from here, does nothing.
        other = await one.sign(task="2", strokes=INK)
        closed = [
            (await one.get(path)).status
            for path in ("/lobby/tablets", "/lobby/send?visit=T2&person=VT2", "/desk")
        ]
        unsigned = await site.visitor("T2")
        shown = await site.told(UndertakingShown)

    assert NAME not in empty.body
    assert "郭伟" in hers
    assert NAME not in hers
    assert NAME in his
    assert "维修保密协议" in his
    assert other.headers["location"] == "/lobby"
    assert closed == [303, 303, 303]  # to the sign-in
    assert unsigned.undertaking is None
    assert len(shown) == 2


async def test_strokes_are_kept_with_text_time_and_place_and_give_a_check_code() -> (
    None
):
    async with lobby() as site:
        tablet, _ = await site.reading()
        page = (await tablet.get()).body
        sent = await tablet.sign(strokes=INK, photo="1")
        done = (await tablet.get()).body
        found = await site.visits.undertaking(T1, HE)
        visitor = await site.visitor()
        await tablet.press("/lobby/done")
        after = (await tablet.get()).body

    assert sent.status == 303
    assert found is not None
    paper, text = found
    assert paper.strokes == INK.encode()
    assert paper.where == "一号"
    assert paper.at == site.clock.now()
    assert (paper.witness, paper.photo) == (None, True)
    assert text.digest == paper.text_digest
    assert text.digest.hex() in page
    assert paper.digest == signature_digest(paper)
    assert isinstance(visitor.undertaking, Signed)
    assert check_code(paper.digest) in done
    assert NAME not in done
    assert check_code(paper.digest) not in after


async def test_a_finger_that_taps_twice_signs_once() -> None:
    async with lobby() as site:
        tablet, _ = await site.reading()
        page = (await tablet.get()).body
        text = page.partition('name="text" value="')[2][:64]
        form = {"task": "1", "text": text, "read": "1", "strokes": INK}
        both = await asyncio.gather(
            *(tablet.post("/lobby/sign", **form) for _ in range(3))
        )
        witnessed, wid = await site.paired("二号")
        await site.visit("T2", "郭伟")
        await site.send("T2", wid)
        await witnessed.sign(typed="郭伟")
        await site.get("/desk")  # signed in once
        path = f"/lobby/tablets/{wid}/witness"
        pressed = await asyncio.gather(*(site.post(path, task="2") for _ in range(3)))
        signed = await site.told(UndertakingSigned)

    assert {answer.status for answer in both} == {303}
    assert sorted(answer.status for answer in pressed) == [303, 422, 422]
    assert len(signed) == 2


@pytest.mark.parametrize(
    ("strokes", "because"),
    [
        ("[]", "没有认出签名"),
        ("[[1,2]]", "没有认出签名"),  # a tap
        ("[[0,0,1001,0]]", "没有认出签名"),  # outside the box
        ("[[0,0,500]]", "没有认出签名"),
        ("[[-1,0,500,0]]", "没有认出签名"),
        ("[[0.5,0,500,0]]", "没有认出签名"),
        ("[[00,0,500,0]]", "没有认出签名"),
        ('[["0","0"]]', "没有认出签名"),
        ("[" * 50_000, "没有认出签名"),
        ("[[" + "1,2," * 6_001 + "3,4]]", "没有认出签名"),
        ("[" + "[0,0,500,0]," * 200 + "[0,0,500,0]]", "没有认出签名"),
        ("<svg onload=alert(1)>", "没有认出签名"),
        ("", "请签名"),
    ],
)
async def test_what_is_no_signature_signs_nothing(strokes: str, because: str) -> None:
    """Design 13.19."""
    async with lobby() as site:
        tablet, _ = await site.reading()
        answer = await tablet.sign(strokes=strokes)
        visitor = await site.visitor()

    assert answer.status == 422
    assert because in answer.body
    assert "<title>错误：" in answer.body
    assert "onload" not in answer.body
    assert visitor.undertaking is None


async def test_more_than_a_signature_is_not_read_at_all() -> None:
    async with lobby() as site:
        tablet, _ = await site.reading()
        answer = await tablet.sign(strokes="9" * 6 * 65_536)

    assert answer.status == 413


async def test_a_form_without_the_tablets_own_mark_does_nothing() -> None:
    async with lobby() as site:
        tablet, _ = await site.reading()
        unmarked = await tablet.post("/lobby/end", mark="0" * 64, task="1")
        # A guard's session is no tablet, and marks no form of one.
        guard = await site.post("/lobby/end", task="1")
        foreign = await fetch(
            site.address,
            "/lobby/sign",
            method="POST",
            headers={
                "cookie": f"menshen_tablet={tablet.token}",
                "origin": "http://x.example",
            },
            body="task=1",
        )
        still = await tablet.get()

    assert unmarked.status == guard.status == foreign.status == 403
    assert NAME in still.body


async def test_the_consent_to_a_photograph_is_apart_and_not_ticked_beforehand() -> None:
    """Design 13.19."""
    async with lobby() as site:
        tablet, _ = await site.reading()
        page = (await tablet.get()).body
        unread = await tablet.sign(strokes=INK, read="")
        await tablet.sign(strokes=INK)
        found = await site.visits.undertaking(T1, HE)

    boxes = [tag for tag in page.split("<input")[1:] if 'type="checkbox"' in tag]
    assert len(boxes) == 2
    assert not any("checked" in box.partition(">")[0] for box in boxes)
    assert unread.status == 422
    assert INK in unread.body  # what was drawn is not lost
    assert found is not None
    assert found[0].photo is False


async def test_a_typed_name_signs_once_the_guard_has_witnessed_it() -> None:
    async with lobby() as site:
        tablet, id_ = await site.reading()
        other = await tablet.sign(typed="郭伟")
        typed = await tablet.sign(typed="何 志远", photo="1")
        waiting = (await tablet.get()).body
        before = await site.visitor()
        rows = (await site.get("/lobby/tablets")).body
        path = f"/lobby/tablets/{id_}/witness"
        nobody = await site.post(path, "shift_lead", task="1")  # of no person
        wrong = await site.post(path, task="7")
        seen = await site.post(path, task="1")
        twice = await site.post(path, task="1")
        after = (await tablet.get()).body
        found = await site.visits.undertaking(T1, HE)

    assert other.status == 422
    assert "不符" in other.body
    assert typed.status == 303
    assert NAME not in waiting
    assert before.undertaking is None
    assert "请到场见证" in rows
    assert NAME in rows
    assert nobody.status == wrong.status == twice.status == 422
    assert seen.status == 303
    assert found is not None
    paper = found[0]
    assert paper.strokes is None
    assert (paper.witness, paper.photo) == (site.guard.person, True)
    assert paper.digest is not None
    assert check_code(paper.digest) in after


async def test_who_does_not_agree_signs_nothing_and_the_guard_is_told() -> None:
    async with lobby() as site:
        tablet, _ = await site.reading()
        await tablet.press("/lobby/end")
        page = await tablet.get()
        rows = (await site.get("/lobby/tablets")).body
        visitor = await site.visitor()
        said = await site.told(UndertakingNotAgreed)

    assert NAME not in page.body
    assert "欢迎来访" in page.body
    assert "不同意，未签" in rows
    assert visitor.undertaking is None
    assert len(said) == 1


async def test_an_inspector_who_declines_is_witnessed_and_recorded() -> None:
    """G5.5.3-1: told of the duty, before a witness, on record."""
    async with lobby() as site:
        tablet, id_ = await site.paired()
        await site.visit("T3", "吴检", kind=VisitClass.INSPECTION)
        await site.send("T3", id_)
        await tablet.press("/lobby/end")
        waiting = (await tablet.get()).body
        before = await site.visitor("T3")
        rows = (await site.get("/lobby/tablets")).body
        done = await site.post(f"/lobby/tablets/{id_}/witness", task="1")
        after = await site.visitor("T3")

    assert "吴检" not in waiting
    assert before.undertaking is None
    assert "告知义务后记录" in rows
    assert done.status == 303
    assert isinstance(after.undertaking, Declined)
    assert after.undertaking.witness == site.guard.person


async def test_two_minutes_without_use_leave_no_name_on_the_tablet() -> None:
    async with lobby() as site:
        tablet, id_ = await site.reading()
        site.clock.pass_by(IDLE - TICK)
        await tablet.press("/lobby/use")
        site.clock.pass_by(IDLE - TICK)
        just = await tablet.get()
        site.clock.pass_by(TICK)
        page = await tablet.get()
        late = await tablet.post("/lobby/sign", task="1", read="1", strokes=INK)
        visitor = await site.visitor()
        rows = (await site.get("/lobby/tablets")).body
        again = await site.post("/lobby/send", visit=T1, person=HE, tablet=id_)

    assert NAME in just.body
    assert NAME not in page.body
    assert "欢迎来访" in page.body
    assert (late.status, late.headers["location"]) == (303, "/lobby")
    assert visitor.undertaking is None
    assert "空闲" in rows
    assert again.status == 303


async def test_a_guard_has_ten_minutes_to_witness() -> None:
    async with lobby() as site:
        tablet, id_ = await site.reading()
        await tablet.sign(typed=NAME)
        site.clock.pass_by(WITNESS_WITHIN)
        late = await site.post(f"/lobby/tablets/{id_}/witness", task="1")
        visitor = await site.visitor()

    assert late.status == 422
    assert visitor.undertaking is None


async def test_the_text_is_signed_in_the_language_it_was_read_in() -> None:
    async with lobby() as site:
        tablet, id_ = await site.paired()
        await site.visit("T4", "John <b>Smith</b>")
        await site.send("T4", id_)
        english = (await tablet.get()).body
        task = "1"
        await tablet.post("/lobby/language", task=task, language="zh-CN")
        chinese = (await tablet.get()).body
        await tablet.post("/lobby/language", task=task, language="fr")
        await tablet.post("/lobby/language", task=task, language="en")
        await tablet.sign(strokes=INK)
        found = await site.visits.undertaking(VisitId("T4"), PersonId("VT4"))

    assert '<html lang="en"' in english
    assert "John &lt;b&gt;Smith" in english
    assert "Agree and sign" in english
    assert '<html lang="zh-CN"' in chinese
    assert found is not None
    assert found[0].language == "en"


async def test_who_read_an_older_wording_signs_nothing() -> None:
    async with lobby() as site:
        tablet, _ = await site.reading()
        old = await tablet.sign(strokes=INK, text="0" * 64)
        bad = await tablet.sign(strokes=INK, text="<script>")
        visitor = await site.visitor()

    assert old.status == bad.status == 422
    assert "<script>" not in bad.body
    assert visitor.undertaking is None


async def test_a_visitor_is_sent_only_where_there_is_something_to_sign() -> None:
    async with lobby() as site:
        tablet, id_ = await site.reading()
        await site.visit("T2", "郭伟")
        busy = await site.post("/lobby/send", visit="T2", person="VT2", tablet=id_)
        page = await site.get("/lobby/send?visit=T2&person=VT2&next=//x.example")
        nobody = await site.post("/lobby/send", visit="T2", person=HE, tablet=id_)
        none = await site.post("/lobby/send", visit="T9", person=HE, tablet=id_)
        await tablet.sign(strokes=INK)
        signed = await site.post("/lobby/send", visit=T1, person=HE, tablet=id_)
        link = (await site.get("/visits/T2/check-in")).body
        free = await site.post(
            "/lobby/send", visit="T2", person="VT2", tablet=id_, next="/desk"
        )

    assert busy.status == signed.status == 409
    assert "另一位访客" in busy.body
    assert none.status == nobody.status == 404
    assert "有人在用" in page.body
    assert 'class="btn btn--q" href="/"' in page.body  # not to another host
    assert 'href="/lobby/send?visit=T2&amp;person=VT2' in link
    assert (free.status, free.headers["location"]) == (303, "/desk")
