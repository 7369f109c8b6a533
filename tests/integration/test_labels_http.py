"""The label of a visitor's badge, over a real socket and the real register."""

from tests.mustered import mustered
from tests.pdfs import read
from tests.web_site import fetch


async def test_a_label_says_who_with_whom_where_and_until_when_and_no_badge() -> None:
    async with mustered() as (address, _):
        guard = await address.cookie("guard")
        path = "/visits/T1/visitors/VT1/label.pdf"
        one = read((await fetch(address, path, headers=guard)).content)
        all_ = read(
            (await fetch(address, "/visits/T1/labels.pdf", headers=guard)).content
        )

    assert one.sizes == ((62, 100),)
    for words in (
        "访客",
        "VISITOR",
        "何志远",
        "苏测量仪",
        "维修",
        "胡斌",
        "精密磨削车间",
        "11-23 17:32",
        "T1",
    ):
        assert words in one.text
    assert "0a0b0c0d" not in one.text.lower()
    assert "磨床主轴检修" not in one.text
    assert all_.text == one.text


async def test_the_pages_of_who_is_here_lead_to_the_label() -> None:
    async with mustered() as (address, _):
        guard = await address.cookie("guard")
        officer = await address.cookie("secrecy_officer")
        visit = (await fetch(address, "/visits/T1", headers=guard)).body
        out = (await fetch(address, "/visits/T1/check-out", headers=guard)).body
        steps = (await fetch(address, "/visits/T1/check-in", headers=guard)).body
        theirs = (await fetch(address, "/visits/T1", headers=officer)).body

    assert 'href="/visits/T1/labels.pdf"' in visit
    assert 'href="/visits/T1/visitors/VT1/label.pdf"' in out
    assert 'href="/visits/T1/visitors/VT1/label.pdf"' in visit
    assert 'href="/visits/T1/labels.pdf"' in steps
    assert "label.pdf" not in theirs
    assert "labels.pdf" not in theirs


async def test_nobody_else_has_a_label() -> None:
    async with mustered() as (address, _):
        guard = await address.cookie("guard")
        got = [
            (await fetch(address, path, headers=guard)).status
            for path in (
                "/visits/T1/visitors/E1001/label.pdf",
                "/visits/none/labels.pdf",
            )
        ]

    assert got == [404, 404]
