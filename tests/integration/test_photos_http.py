"""A visitor's photograph over HTTP: by consent, seen at the desk, until they leave."""

import pytest
from sqlalchemy import select

from controller.services.pictures import MAX_BYTES
from controller.store import envelopes
from controller.store.visit_tables import visitor_photos
from domain import visit_events as v
from domain.visit_photos import PhotoConsent
from tests.desk_client import BADGE, HERE, Desk, desk
from tests.desks import ESCORT, GUARD, HOST, ask
from tests.photos import ASIDE, camera_jpeg, send_photo
from tests.web_site import Answer, fetch

PHOTO = "/visits/T1/visitors/VT1/photo"
FORM = f"{PHOTO}?visitor=VT1&with={ESCORT}"


async def send(
    at: Desk,
    data: bytes | None,
    *,
    agreed: bool = True,
    path: str = FORM,
    name: str = "zhao",
) -> Answer:
    cookie = await at.cookie(name)
    return await send_photo(at.address, cookie, path, data, agreed=agreed)


async def test_a_photograph_is_shown_at_the_desk_and_gone_after_check_out() -> None:
    async with desk() as at:
        await at.ready()
        nothing = (await at.get("/visits/T1/check-in")).body
        sent = await send(at, camera_jpeg((300, 400)))
        steps = (await at.get("/visits/T1/check-in")).body
        picture = await fetch(at.address, PHOTO, headers=await at.cookie("zhao"))
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303
        whole = (await at.get("/visits/T1")).body
        out = [("visitor", "VT1"), ("out", "0"), ("returned", "badge")]
        await at.post("/visits/T1/check-out", out)

        assert (sent.status, sent.headers["location"]) == (
            303,
            f"/visits/T1/check-in?visitor=VT1&with={ESCORT}#step-1",
        )
        assert f'src="{PHOTO}"' not in nothing
        assert f'src="{PHOTO}" alt="何志远的照片"' in steps
        assert f'src="{PHOTO}"' in whole
        assert (picture.status, picture.headers["content-type"]) == (200, "image/jpeg")
        assert picture.headers["cache-control"] == "no-store"
        assert (await at.get(PHOTO)).status == 404
        assert f'src="{PHOTO}"' not in (await at.get("/visits/T1")).body


async def test_the_box_is_not_ticked_for_anybody_and_without_it_nothing_is_kept() -> (
    None
):
    async with desk() as at:
        await at.approved()
        page = (await at.get("/visits/T1/check-in")).body
        box = page.partition('name="agreed"')[2].partition(">")[0]
        answer = await send(at, camera_jpeg((300, 400)), agreed=False)

        assert "checked" not in box
        assert "required" in box
        assert answer.status == 422
        assert 'href="#photo"' in answer.body
        assert answer.body.count("没有来访人的同意") == 2  # on top, and by the field
        assert (await at.get(PHOTO)).status == 404
        assert await at.told(v.VisitorPhotographed) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "请选择一张照片"),
        (b"", "请选择一张照片"),
        (b"\xff" * (MAX_BYTES + 1), "照片超过 2 MB"),
        (b"%PDF-1.7 <script>alert(1)</script>", "不是 JPEG 或 PNG"),
    ],
)
async def test_what_is_no_photograph_is_said_and_changes_nothing(
    data: bytes | None, said: str
) -> None:
    async with desk() as at:
        await at.approved()
        answer = await send(at, data)

        assert answer.status == 422
        assert said in answer.body
        assert (await at.get(PHOTO)).status == 404


async def test_a_file_past_any_photograph_is_not_read_to_its_end() -> None:
    async with desk() as at:
        await at.approved()
        answer = await send(at, b"\xff" * (MAX_BYTES + 80 * 1024))

        assert answer.status == 413


async def test_consent_is_withdrawn_at_any_time_by_the_button() -> None:
    async with desk() as at:
        await at.ready()
        await send(at, camera_jpeg((300, 400)))
        gone = await at.post(f"{PHOTO}/remove", [("visitor", "VT1"), HERE])
        await send(at, camera_jpeg((300, 400)))
        await at.post("/visits/T1/check-in", [HERE, BADGE])
        inside = await at.post(f"{PHOTO}/remove", [])
        again = await at.post(f"{PHOTO}/remove", [])
        told = [
            e for e in await at.told(v.PhotoRemoved) if isinstance(e, v.PhotoRemoved)
        ]

        assert gone.headers["location"].startswith("/visits/T1/check-in?visitor=VT1")
        assert inside.headers["location"] == "/visits/T1"
        assert again.status == 303
        assert [e.why for e in told] == ["withdrawn"] * 2
        assert (await at.get(PHOTO)).status == 404


async def test_a_photograph_is_in_no_event_and_sealed_in_the_register() -> None:
    async with desk() as at:
        await at.approved()
        await send(at, camera_jpeg((300, 400)))
        office = at.address.gate.office
        assert office is not None
        entries = await office.database.read(lambda c: envelopes.page(c, limit=500))
        sealed = await office.database.read(
            lambda c: c.execute(select(visitor_photos.c.sealed)).scalar()
        )
        [told] = await at.told(v.VisitorPhotographed)

        assert isinstance(told, v.VisitorPhotographed)
        assert (told.by, told.consent) == ("zhao", PhotoConsent.DESK)
        assert max(len(repr(e.event)) for e in entries) < 1500
        assert sealed is not None
        assert b"JFIF" not in sealed
        assert ASIDE.encode() not in sealed


async def test_a_face_is_for_those_who_receive_visitors() -> None:
    async with desk() as at:
        await at.approved()
        await send(at, camera_jpeg((300, 400)))
        officer = await at.get("/visits/T1", "secrecy_officer")

        assert (await at.get(PHOTO, "shift_lead")).status == 200
        assert (await at.get(PHOTO, "secrecy_officer")).status == 403
        assert (await at.get(PHOTO, "reviewer")).status == 403
        assert PHOTO not in officer.body
        assert (await at.get("/visits/T1/visitors/VT9/photo")).status == 404
        assert (await at.get("/visits/T9/visitors/VT1/photo")).status == 404


async def test_nobody_photographs_the_visit_that_they_escort() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "何志远", "苏测", escorts=(GUARD, HOST))
        assert (await at.post("/visits/T1/approve", [], "manager")).status == 303
        answer = await send(at, camera_jpeg((300, 400)))

        assert answer.status == 409
        assert (await at.get(PHOTO)).status == 404


async def test_a_form_without_the_mark_of_the_session_leaves_no_photograph() -> None:
    async with desk() as at:
        await at.approved()
        cookie = await at.cookie("zhao")
        answer = await fetch(
            at.address,
            FORM,
            method="POST",
            headers={**cookie, "content-type": "multipart/form-data; boundary=x"},
            body=b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"'
            b"\r\n\r\n" + camera_jpeg((30, 40)) + b"\r\n--x--\r\n",
        )

        assert answer.status == 403
        assert (await at.get(PHOTO)).status == 404
