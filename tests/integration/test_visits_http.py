"""Asking for visits and deciding them, over HTTP on the real office."""

import asyncio
import re
from dataclasses import replace

from domain.ids import PersonId, ZoneId
from domain.operator_events import OperatorActRefused
from domain.operators import OperatorRole
from domain.visit_classes import VisitClass
from domain.visit_life import VisitState
from tests.desk_client import desk
from tests.desks import ESCORT, GRINDING, HOST, ask
from tests.operators import PASSWORD, operator

ARCHIVE = ZoneId("archive")


async def test_an_approver_of_another_department_is_barred_and_recorded() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "何志远", "苏测量仪", route=(ARCHIVE,))
        await ask(at.office, "T2", "段鹏", "启明")
        cards = (await at.get("/visits", "approver")).body
        answers = [
            await at.post(f"/visits/T1/{act}", [("reason", "x")], "approver")
            for act in ("approve", "approve-core", "refuse")
        ]

        assert 'id="visit-T1"' not in cards  # names and firms are theirs to know
        assert 'id="visit-T2"' in cards
        assert 'id="visit-T1"' in (await at.get("/visits", "manager")).body
        assert [a.status for a in answers] == [409] * 3
        assert (await at.visit()).state is VisitState.REQUESTED
        assert len(await at.told(OperatorActRefused)) == 3


async def test_a_department_that_was_typed_does_not_choose_the_approver() -> None:
    async with desk() as at:
        fields = [
            ("kind", "customer"),
            ("names", "高翔"),
            ("organisation", "江北风电"),
            ("purpose", "交货"),
            ("requested_by", str(HOST)),
            ("escort", str(ESCORT)),
            ("since", "2026-11-23T14:30"),
            ("until", "2026-11-23T16:00"),
            ("route", str(GRINDING)),
        ]
        wrong = await at.post("/visits", [*fields, ("department", "sales")])
        none = await at.office.all_live()
        here = (await at.post("/visits", fields)).headers["location"]

        assert wrong.status == 409
        assert "路线经过的不是所填的被访部门" in wrong.body
        assert none == ()
        assert (await at.visit(here.rpartition("/")[2])).department == "production"


async def test_a_request_that_is_sent_twice_is_one_visit() -> None:
    async with desk() as at:
        form = (await at.get("/visits/new")).body
        [id_] = re.findall(r'name="id" value="([0-9a-f]{16})"', form)
        fields = [
            ("id", id_),
            ("kind", "customer"),
            ("names", "高翔"),
            ("organisation", "江北风电"),
            ("purpose", "交货"),
            ("requested_by", str(HOST)),
            ("escort", str(ESCORT)),
            ("since", "2026-11-23T14:30"),
            ("until", "2026-11-23T16:00"),
            ("route", str(GRINDING)),
        ]
        answers = await asyncio.gather(*(at.post("/visits", fields) for _ in range(3)))
        again = await at.post("/visits", fields)

        there = {a.headers.get("location") for a in (*answers, again)}
        assert there == {f"/visits/{id_}"}
        assert len(await at.office.all_live()) == 1


async def test_a_visit_is_refused_with_a_reason_or_not_at_all() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "何志远", "苏测量仪")
        without = await at.post("/visits/T1/refuse", [], "manager")
        assert without.status == 422
        assert (await at.visit()).state is VisitState.REQUESTED
        await at.post("/visits/T1/refuse", [("reason", "停产")], "manager")
        assert (await at.visit()).state is VisitState.REFUSED


async def test_a_core_zone_is_the_committees_word_first() -> None:
    async with desk() as at:
        core = (ZoneId("heat_treatment"),)
        await ask(at.office, "T1", "段鹏", "启明", kind=VisitClass.REPAIR, route=core)
        early = await at.post("/visits/T1/approve", [], "manager")
        zone = [("zone", "heat_treatment")]
        given = await at.post("/visits/T1/approve-core", zone, "manager")
        done = await at.post("/visits/T1/approve", [], "manager")

        assert [early.status, given.status, done.status] == [409, 303, 303]
        assert "G2.4" in early.body
        assert (await at.visit()).state is VisitState.APPROVED


async def test_who_sent_the_request_does_not_decide_it_whoever_it_was_for() -> None:
    async with desk() as at:
        both = replace(
            operator(OperatorRole.APPROVER, GRINDING, "both"),
            roles=frozenset({OperatorRole.GUARD, OperatorRole.APPROVER}),
            person=PersonId("E1006"),
            department="",
        )
        gate = at.address.gate
        gate.handed["both"] = await gate.operators.add(both, PASSWORD, by="test")
        fields = [
            ("kind", "customer"),
            ("names", "高翔"),
            ("organisation", "江北风电"),
            ("purpose", "交货"),
            ("requested_by", str(HOST)),
            ("escort", str(ESCORT)),
            ("since", "2026-11-23T14:30"),
            ("until", "2026-11-23T16:00"),
            ("route", str(GRINDING)),
        ]
        here = (await at.post("/visits", fields, "both")).headers["location"]
        cards = (await at.get("/visits", "both")).body
        answer = await at.post(f"{here}/approve", [], "both")

        assert f'action="{here}/approve"' not in cards
        assert answer.status == 409
        assert (await at.post(f"{here}/approve", [], "manager")).status == 303


async def test_a_request_that_cannot_be_comes_back_with_what_was_typed() -> None:
    async with desk() as at:
        fields = [("names", "高翔"), ("kind", "tour"), ("since", "soon")]
        answer = await at.post("/visits", fields)
        nowhere = [
            ("kind", "customer"),
            ("names", "高翔"),
            ("purpose", "交货"),
            ("department", "process"),
            ("requested_by", str(HOST)),
            ("since", "2026-11-23T14:30"),
            ("until", "2026-11-23T13:00"),
        ]
        refused = await at.post("/visits", nowhere)

        assert answer.status == 422
        assert ">高翔</textarea>" in answer.body
        assert refused.status == 409
        assert refused.body.partition('id="problems"')[2].count("<li>") >= 3
        assert (await at.office.all_live()) == ()


async def test_a_zone_owner_sees_the_visits_to_their_own_zones_alone() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "何志远", "苏测量仪")
        own = (ZoneId("heat_treatment"),)
        await ask(at.office, "T2", "段鹏", "启明", kind=VisitClass.REPAIR, route=own)
        cards = (await at.get("/visits", "zone_owner")).body

        assert 'id="visit-T2"' in cards
        assert 'id="visit-T1"' not in cards
        assert "/approve" not in cards
