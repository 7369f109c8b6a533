"""The desk's own badges over HTTP: registered once, chosen by label at the check-in."""

from domain.ids import VisitId
from domain.visit_life import VisitState
from tests.desk_client import BADGE, HERE, desk

NUMBER = "0A0B0C0D0E"
HOSTILE = "<b>07</b>"


async def test_a_guard_registers_a_badge_and_gives_it_by_its_label() -> None:
    async with desk() as at:
        await at.ready()
        plain = (await at.get("/visits/T1/check-in")).body
        fields = [("label", "访客 07"), ("number", NUMBER)]
        assert (await at.post("/visitor-badges", fields)).status == 303
        pool = (await at.get("/visitor-badges")).body
        page = (await at.get("/visits/T1/check-in")).body
        both = await at.post("/visits/T1/check-in", [HERE, BADGE, ("pool-VT1", "1")])
        strange = await at.post("/visits/T1/check-in", [HERE, ("pool-VT1", "77")])
        given = await at.post("/visits/T1/check-in", [HERE, ("pool-VT1", "1")])
        after = (await at.get("/visitor-badges")).body

        assert "<select" not in plain.partition('id="badge-form"')[2]
        assert '<option value="1">访客 07</option>' in page
        assert (both.status, strange.status, given.status) == (422, 422, 303)
        assert 'value="1" selected' in both.body  # what was chosen stays
        assert (await at.visit()).state is VisitState.CHECKED_IN
        assert set(await at.office.badge_digests(VisitId("T1"))) == {"VT1"}
        assert "在岗亭" in pool
        assert "已发出或未交回" in after
        for body in (pool, page, after, both.body):
            assert NUMBER.lower() not in body.lower()


async def test_what_cannot_be_registered_is_said_by_its_field() -> None:
    async with desk() as at:
        answers = [
            await at.post("/visitor-badges", [("label", label), ("number", number)])
            for label, number in (("", NUMBER), (HOSTILE, "no number"))
        ]

        assert [a.status for a in answers] == [422, 422]
        assert 'href="#label"' in answers[0].body
        assert 'href="#number"' in answers[1].body
        assert HOSTILE not in answers[1].body
        assert "&lt;b&gt;07" in answers[1].body  # what was typed stays


async def test_a_retired_badge_is_offered_no_more() -> None:
    async with desk() as at:
        await at.ready()
        await at.post("/visitor-badges", [("label", "07"), ("number", NUMBER)])
        assert (await at.post("/visitor-badges/1/retire", [])).status == 303
        assert (await at.post("/visitor-badges/x/retire", [])).status == 303
        given = await at.post("/visits/T1/check-in", [HERE, ("pool-VT1", "1")])

        assert "pool-VT1" not in (await at.get("/visits/T1/check-in")).body
        assert given.status == 422
