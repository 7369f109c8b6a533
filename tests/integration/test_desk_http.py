"""The visitor desk over HTTP, without script, on the real office and SQLite: from the
request to the way out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlencode

from controller.services.desk import DeskVisit
from controller.store import envelopes
from domain import visit_events as v
from domain.events import OperatorActRefused
from domain.ids import VisitId
from domain.visit_life import VisitState
from tests.boards import BUSY
from tests.desks import ESCORT, GRINDING, HOST, ask, desk_gate, office_of
from tests.operators import csrf
from tests.web_site import Answer, Served, SetClock, Told, fetch, served


class Desk:
    """One console, and browsers of its operators."""

    def __init__(self, address: Served) -> None:
        self.address = address
        self.office = office_of(address.gate)
        self._cookies: dict[str, dict[str, str]] = {}

    async def cookie(self, name: str) -> dict[str, str]:
        if name not in self._cookies:
            self._cookies[name] = await self.address.cookie(name)
        return self._cookies[name]

    async def get(self, path: str, name: str = "zhao") -> Answer:
        return await fetch(self.address, path, headers=await self.cookie(name))

    async def post(
        self, path: str, fields: Sequence[tuple[str, str]], name: str = "zhao"
    ) -> Answer:
        cookie = await self.cookie(name)
        body = urlencode([*fields, ("csrf", csrf(cookie))])
        return await fetch(self.address, path, method="POST", headers=cookie, body=body)

    async def visit(self, id_: str = "T1") -> DeskVisit:
        return await self.office.visit(VisitId(id_))

    async def told(self, kind: type) -> list[object]:
        office = self.address.gate.office
        assert office is not None
        entries = await office.database.read(lambda c: envelopes.page(c, limit=500))
        return [e.event for e in entries if isinstance(e.event, kind)]

    async def approved(self) -> None:
        await ask(self.office, "T1", "何志远", "苏测量仪")
        assert (await self.post("/visits/T1/approve", [], "manager")).status == 303

    async def identified_and_signed(self) -> None:
        fields = [("document", "id_card"), ("digits", "0417")]
        assert (await self.post("/visits/T1/identity", fields)).status == 303
        digest = (await self.office.texts("repair"))["zh-CN"].digest.hex()
        paper = [("do", "sign"), ("digest", digest), ("typed", "何志远")]
        assert (await self.post("/visits/T1/undertaking", paper)).status == 303

    async def ready(self) -> None:
        await self.approved()
        await self.identified_and_signed()
        assert (await self.post("/visits/T1/devices", LAPTOP)).status == 303


LAPTOP = [
    ("kind-0", "laptop"),
    ("type-0", "T14"),
    ("make-0", "Lenovo"),
    ("serial-0", "PF-3K9H2M"),
    ("disposition-0", "sealed"),
    ("nothing_else", "yes"),
    ("do", "save"),
]
STICK = [
    ("kind-0", "storage"),
    ("type-0", "64 GB"),
    ("make-0", "Kingston"),
    ("serial-0", "DT-0093"),
    ("nothing_else", "yes"),
    ("do", "save"),
]
BADGE = ("badge-VT1", "0A0B0C0D")
HERE = ("with", ESCORT)


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    clock = SetClock()
    gate = await desk_gate(clock)
    try:
        async with served(Told(BUSY), clock=clock, gate=gate) as address:
            yield Desk(address)
    finally:
        await gate.close()


async def test_a_walk_in_goes_from_the_request_to_the_way_out_without_script() -> None:
    async with desk() as at:
        fields = [
            ("kind", "customer"),
            ("names", "高翔\r\n范雪"),
            ("organisation", "江北风电"),
            ("purpose", "交货"),
            ("department", "process"),
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


async def test_the_badge_waits_for_every_step_and_a_post_names_the_same() -> None:
    wanted = ["身份未核对", "未申报", "未签", "陪同人"]
    async with desk() as at:
        await at.approved()
        page = (await at.get("/visits/T1/check-in")).body
        button = page.partition('id="give-badge"')[2].partition(">")[0]
        shown = page.partition('id="lacks"')[2].partition("</ul>")[0]
        answer = await at.post("/visits/T1/check-in", [BADGE])
        said = answer.body.partition('id="problems"')[2].partition("</ul>")[0]

        assert "disabled" in button
        assert answer.status == 409
        assert said.partition("<li>")[2] == shown.partition("<li>")[2]
        assert "G5.3.2-2a" in said
        assert "G5.3.2-2b" in said
        assert said.count("<li>") == len(wanted)
        assert (await at.visit()).state is VisitState.APPROVED


async def test_a_badge_is_not_given_without_its_number_or_the_escort() -> None:
    async with desk() as at:
        await at.ready()
        without_badge = await at.post("/visits/T1/check-in", [HERE])
        alone = await at.post("/visits/T1/check-in", [BADGE])
        unreadable = await at.post(
            "/visits/T1/check-in", [HERE, ("badge-VT1", "a card")]
        )

        refused = [a.status for a in (without_badge, alone, unreadable)]
        assert refused == [409, 409, 422]
        assert (await at.visit()).state is VisitState.UNDERTAKING_SIGNED
        assert (await at.post("/visits/T1/check-in", [HERE, BADGE])).status == 303


async def test_a_storage_device_has_no_way_in_on_the_page_or_by_hand() -> None:
    async with desk() as at:
        await at.approved()
        page = await at.post("/visits/T1/devices", [("do", "add"), ("add", "storage")])
        choices = page.body.partition('name="kind-0"')[2].partition("</fieldset>")[0]
        taken_in = [*STICK, ("disposition-0", "sealed")]
        answer = await at.post("/visits/T1/devices", taken_in)

        assert page.status == 200
        assert 'value="deposited"' in choices
        assert 'value="sent_away"' in choices
        assert 'value="sealed"' not in choices
        assert answer.status == 409
        assert "G5.3.2-2b" in answer.body
        assert "DT-0093" in answer.body  # what was typed stays
        assert (await at.visit()).visitors[0].devices is None


async def test_a_deposited_device_wants_a_locker_one_sent_away_is_not_listed() -> None:
    async with desk() as at:
        await at.approved()
        deposited = [*STICK, ("disposition-0", "deposited")]
        assert (await at.post("/visits/T1/devices", deposited)).status == 303
        lacking = (await at.visit()).visitors[0].missing
        assert "visit.no_locker" in lacking
        await at.post("/visits/T1/devices", [*deposited, ("locker", "7")])
        assert (await at.office.desk()).lockers_taken == (7,)
        await at.post("/visits/T1/devices", [*STICK, ("disposition-0", "sent_away")])
        declared = (await at.visit()).visitors[0].devices

        assert declared is not None
        assert declared.devices == ()


async def test_nothing_is_declared_until_it_is_said_that_nothing_is_besides() -> None:
    async with desk() as at:
        await at.approved()
        unticked = [f for f in LAPTOP if f[0] != "nothing_else"]
        answer = await at.post("/visits/T1/devices", unticked)

        assert answer.status == 409
        assert "PF-3K9H2M" in answer.body
        assert (await at.visit()).visitors[0].devices is None


async def test_a_typed_signature_is_the_visitors_own_name_before_a_known_guard() -> (
    None
):
    async with desk() as at:
        await at.approved()
        digest = (await at.office.texts("repair"))["zh-CN"].digest.hex()
        paper = [("do", "sign"), ("digest", digest)]
        other = await at.post("/visits/T1/undertaking", [*paper, ("typed", "高翔")])
        own = [*paper, ("typed", "何志远")]
        unknown = await at.post("/visits/T1/undertaking", own, "guard")
        declined = await at.post("/visits/T1/undertaking", [("do", "decline")])

        assert [a.status for a in (other, unknown, declined)] == [422, 409, 409]
        assert (await at.visit()).visitors[0].undertaking is None
        assert "no-witness" in (await at.get("/visits/T1/check-in", "guard")).body


async def test_more_than_the_last_digits_is_refused_and_not_shown_again() -> None:
    async with desk() as at:
        await at.approved()
        whole = [("document", "id_card"), ("digits", "320501199001010417")]
        answer = await at.post("/visits/T1/identity", whole)

        assert answer.status == 422
        assert "320501199001010417" not in answer.body
        assert (await at.visit()).visitors[0].identity is None


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


async def test_an_approver_of_another_department_is_barred_and_recorded() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "何志远", "苏测量仪")
        cards = (await at.get("/visits", "approver")).body
        answers = [
            await at.post(f"/visits/T1/{act}", [("reason", "x")], "approver")
            for act in ("approve", "approve-core", "refuse")
        ]

        assert 'action="/visits/T1/approve"' not in cards
        assert [a.status for a in answers] == [409] * 3
        assert (await at.visit()).state is VisitState.REQUESTED
        assert len(await at.told(OperatorActRefused)) == 3


async def test_a_visit_is_refused_with_a_reason_or_not_at_all() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "何志远", "苏测量仪")
        without = await at.post("/visits/T1/refuse", [], "manager")
        assert without.status == 422
        assert (await at.visit()).state is VisitState.REQUESTED
        await at.post("/visits/T1/refuse", [("reason", "停产")], "manager")
        assert (await at.visit()).state is VisitState.REFUSED


async def test_an_overdue_visit_stands_first_and_what_a_stranger_wrote_is_text() -> (
    None
):
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
