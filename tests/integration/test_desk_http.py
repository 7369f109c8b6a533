"""The visitor desk over HTTP, without script, on the real office and SQLite: from the
request to the way out."""

from datetime import timedelta

from controller.services.visit_step import Done
from domain import visit_events as v
from domain.ids import VisitId
from domain.visit_life import VisitState
from tests.desk_client import BADGE, HERE, LAPTOP, desk
from tests.desks import ESCORT, GRINDING, GUARD, HOST, ask, busy_desk
from tests.web_site import SetClock


async def test_a_walk_in_goes_from_the_request_to_the_way_out_without_script() -> None:
    async with desk() as at:
        fields = [
            ("kind", "customer"),
            ("names", "高翔\r\n范雪"),
            ("organisation", "江北风电"),
            ("purpose", "交货"),
            ("requested_by", HOST),
            ("escort", ESCORT),
            ("since", "2026-11-23T14:30"),
            ("until", "2026-11-23T16:00"),
            ("route", GRINDING),
        ]
        asked = await at.post("/visits", fields)
        page = (await at.get("/desk")).body
        assert "高翔等 2 人" in page
        assert "还差： 批准" in page
        [row] = (await at.office.desk()).visits
        here = f"/visits/{row.visit}"
        assert asked.headers["location"] == here
        cards = (await at.get("/visits", "manager")).body
        assert f'action="{here}/approve"' in cards
        assert (await at.post(f"{here}/approve", [], "manager")).status == 303

        digest = (await at.office.texts("visitor"))["zh-CN"].digest.hex()
        badges = []
        for n, who in enumerate(row.visitors):
            me = ("visitor", str(who.person.id))
            passport = [me, ("document", "passport"), ("digits", "E41")]
            assert (await at.post(f"{here}/identity", passport)).status == 303
            none = [me, ("do", "save"), ("nothing_else", "yes")]
            assert (await at.post(f"{here}/devices", none)).status == 303
            paper = [me, ("do", "sign"), ("digest", digest), ("typed", who.person.name)]
            assert (await at.post(f"{here}/undertaking", paper)).status == 303
            badges.append((f"badge-{who.person.id}", f"0A0B0C{n:02x}"))
        page = (await at.get(f"{here}/check-in?with={ESCORT}")).body
        assert "disabled" not in page.partition('id="give-badge"')[2].partition(">")[0]
        given = await at.post(f"{here}/check-in", [HERE, *badges])
        assert given.headers["location"] == "/desk"
        assert (await at.visit(row.visit)).people_on_site == 2

        for who in row.visitors:
            back = [("visitor", str(who.person.id))]
            back += [("returned", item) for item in ("badge", "locker")]
            left = await at.post(f"{here}/check-out", back)
            assert left.status == 303, left.body
        assert (await at.visit(row.visit)).state is VisitState.CHECKED_OUT
        assert await at.told(v.VisitIncident) == []


async def test_what_leaves_otherwise_than_it_came_is_an_incident_and_holds_nobody() -> (
    None
):
    async with desk() as at:
        await at.ready()
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303
        more = [
            ("more_kind", "storage"),
            ("more_serial", "X-1"),
            ("returned", "locker"),
        ]
        answer = await at.post("/visits/T1/check-out", more)

        assert answer.status == 200
        incident = answer.body.partition('id="incident"')[2].partition("</ul>")[0]
        assert "PF-3K9H2M" in incident
        assert "X-1" in incident
        assert "访客证" in incident
        assert (await at.visit()).state is VisitState.CHECKED_OUT
        assert len(await at.told(v.VisitIncident)) == 1
        assert len(await at.told(v.VisitorBadgeRevoked)) == 1


async def test_an_overdue_visit_stands_first_and_what_a_stranger_wrote_is_text() -> (
    None
):
    """Design 13.18."""
    async with desk() as at:
        await at.ready()
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303
        await ask(at.office, "T2", "<script>alert(1)</script>", "=1+1", starts=30)
        clock = at.address.gate.clock
        assert isinstance(clock, SetClock)
        clock.pass_by(timedelta(minutes=181))
        at._cookies.clear()
        page = (await at.get("/desk")).body

        assert page.index("tgroup--2") < page.index('id="group-requested"')
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        assert (await at.get("/visits/T9/check-in")).status == 404


async def test_an_escort_hands_over_with_both_at_the_desk() -> None:
    async with desk() as at:
        await at.ready()
        there = [("old", str(ESCORT)), ("new", str(HOST)), ("old_here", "yes")]
        alone = await at.post("/visits/T1/escort", there)
        nobody = await at.post("/visits/T1/escort", [("old", ESCORT), ("new", "E9")])
        both = await at.post("/visits/T1/escort", [*there, ("new_here", "yes")])

        assert [a.status for a in (alone, nobody, both)] == [409, 422, 303]
        assert "G5.3.2-2a" in alone.body
        assert [e.id for e in (await at.visit()).escorts] == [HOST]
        assert len(await at.told(v.EscortHandedOver)) == 1


async def test_a_guard_hands_nobody_to_themselves_and_lets_out_whom_they_lead() -> None:
    async with desk() as at:
        await at.ready()
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303
        there = [("old", str(ESCORT)), ("old_here", "yes"), ("new_here", "yes")]
        to_self = await at.post("/visits/T1/escort", [*there, ("new", str(GUARD))])
        assert to_self.status == 409
        assert [e.id for e in (await at.visit()).escorts] == [ESCORT]

        # Handed over to the guard on duty by another: the way out is theirs to open.
        both = frozenset({ESCORT, GUARD})
        handed = await at.office.hand_over(
            VisitId("T1"), "lead", old=ESCORT, new=GUARD, present=both
        )
        assert isinstance(handed, Done)
        out = await at.post("/visits/T1/check-out", [("visitor", "VT1"), ("out", "0")])
        assert out.status in (200, 303), out.body
        assert (await at.visit()).people_on_site == 0


async def test_nothing_is_done_to_somebody_who_was_not_named() -> None:
    async with desk() as at:
        await at.ready()
        other = ("visitor", "VT9")
        digits = [other, ("document", "id_card"), ("digits", "9999")]
        away = [other, ("reason", "不来了")]
        assert (await at.post("/visits/T1/identity", digits)).status == 404
        assert (await at.post("/visits/T1/devices", [other, *LAPTOP])).status == 404
        assert (await at.post("/visits/T1/turn-away", away)).status == 404
        assert (await at.get("/visits/T1/check-in?visitor=VT9")).status == 404
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303
        assert (await at.post("/visits/T1/check-out", [other])).status == 404
        assert (await at.get("/visits/T1/check-out?visitor=VT9")).status == 404

        assert (await at.visit()).people_on_site == 1
        assert await at.told(v.VisitorTurnedAway) == []
        assert len(await at.told(v.VisitorIdentified)) == 1


async def test_a_visit_until_the_end_of_time_is_refused_with_the_reason() -> None:
    async with desk() as at:
        fields = [
            ("kind", "customer"),
            ("names", "高翔"),
            ("organisation", "江北风电"),
            ("purpose", "交货"),
            ("department", "process"),
            ("requested_by", HOST),
            ("escort", ESCORT),
            ("since", "2026-11-23T14:30"),
            ("until", "9999-12-31T23:59"),
            ("route", GRINDING),
        ]
        answer = await at.post("/visits", fields)

        assert answer.status == 409
        assert "超过此类来访最长时限" in answer.body
        assert (await at.office.all_live()) == ()


async def test_a_visit_is_cancelled_before_it_begins_and_never_after() -> None:
    async with desk() as at:
        await at.ready()
        without = await at.post("/visits/T1/cancel", [])
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303
        late = await at.post("/visits/T1/cancel", [("reason", "不来了")])
        await ask(at.office, "T2", "高翔", "江北风电", starts=30)
        done = await at.post("/visits/T2/cancel", [("reason", "不来了")])

        assert [a.status for a in (without, late, done)] == [422, 409, 303]
        assert (await at.visit("T2")).state is VisitState.CANCELLED
        assert "不来了" in (await at.get("/visits/T2")).body


async def test_the_officer_freezes_a_visit_and_its_way_out_stays() -> None:
    async with desk() as at:
        await at.ready()
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303
        reason = [("reason", "泄密调查")]
        guard = await at.post("/visits/T1/block", reason)
        officer = await at.post("/visits/T1/block", reason, "secrecy_officer")
        frozen = (await at.visit()).state
        page = (await at.get("/visits/T1", "secrecy_officer")).body
        assert "receipts-title" in page
        out = await at.post(
            "/visits/T1/check-out",
            [("out", "0"), *(("returned", r) for r in ("badge", "locker", "media"))],
        )

        assert [guard.status, officer.status] == [403, 303]
        assert frozen is VisitState.BLOCKED
        assert out.status == 303
        assert (await at.visit()).people_on_site == 0


async def test_the_desk_finds_by_name_organisation_zone_and_shows_who_has_left() -> (
    None
):
    async with desk() as at:
        clock = at.address.gate.clock
        assert isinstance(clock, SetClock)
        await busy_desk(at.address.gate, clock)
        at._cookies.clear()
        await at.post("/visits/T6/cancel", [("reason", "改期")])
        rows = {
            q: (await at.get(f"/desk?q={q}")).body.count('<tr id="visit-')
            for q in ("", "weber", "%E5%8D%8F%E4%BC%9A", "nobody")
        }
        day = (await at.get("/desk")).body

        assert rows == {"": 6, "weber": 1, "%E5%8D%8F%E4%BC%9A": 1, "nobody": 0}
        assert day.index("group-overdue") < day.index("group-checking_in")
        assert day.index("group-on_site") < day.index("group-expected")
        assert 'id="visit-T6"' not in day
        assert 'id="visit-T6"' in (await at.get("/desk?over=1")).body
        assert 'http-equiv="refresh"' in day
