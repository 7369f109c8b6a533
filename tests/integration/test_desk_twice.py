"""Each button of the desk pressed twice at once, and from two guards' tabs."""

import asyncio
from typing import Final

import pytest

from domain import visit_events as v
from domain.ids import VisitId
from domain.office_events import CredentialEnrolled
from domain.visit_life import VisitState
from tests.desk_client import BADGE, HERE, LAPTOP, Desk, desk
from tests.desks import ask, let_in
from tests.web_site import Answer

OUT: Final = [("visitor", "VT1"), ("out", "0"), *(("returned", i) for i in ("badge",))]
ALL_BACK: Final = [*OUT, ("returned", "locker"), ("returned", "media")]


async def twice(at: Desk, path: str, fields: list[tuple[str, str]]) -> list[Answer]:
    """Two clicks before the first answer."""
    await at.cookie("zhao")
    return list(await asyncio.gather(at.post(path, fields), at.post(path, fields)))


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("identity", v.VisitorIdentified),
        ("devices", v.DevicesDeclared),
        ("undertaking", v.UndertakingSigned),
        ("turn-away", v.VisitorTurnedAway),
    ],
)
async def test_a_step_that_is_sent_twice_is_done_once(step: str, kind: type) -> None:
    async with desk() as at:
        await at.approved()
        digest = (await at.office.texts("repair"))["zh-CN"].digest.hex()
        fields = {
            "identity": [("document", "id_card"), ("digits", "0417")],
            "devices": LAPTOP,
            "undertaking": [("do", "sign"), ("digest", digest), ("typed", "何志远")],
            "turn-away": [("reason", "没来"), ("visitor", "VT1")],
        }
        answers = await twice(at, f"/visits/T1/{step}", fields[step])

        assert [a.status for a in answers] == [303, 303]
        assert len(await at.told(kind)) == 1
        assert await at.told(v.VisitActRefused) == []


async def test_one_badge_is_given_and_one_check_in_told_however_often() -> None:
    async with desk() as at:
        await at.ready()
        answers = await twice(at, "/visits/T1/check-in", [HERE, BADGE])
        later = await at.post("/visits/T1/check-in", [HERE, BADGE])

        assert [a.status for a in (*answers, later)] == [303] * 3
        assert len(await at.told(v.VisitCheckedIn)) == 1
        assert len(await at.told(CredentialEnrolled)) == 1
        assert len(await at.office.badge_digests(VisitId("T1"))) == 1
        assert await at.told(v.VisitActRefused) == []


async def test_a_second_guard_with_another_badge_is_told_that_it_is_done() -> None:
    async with desk() as at:
        await at.ready()
        other = ("badge-VT1", "0F0F0F0F")
        await asyncio.gather(at.cookie("zhao"), at.cookie("guard"))
        answers = await asyncio.gather(
            at.post("/visits/T1/check-in", [HERE, BADGE]),
            at.post("/visits/T1/check-in", [HERE, other], "guard"),
        )

        assert sorted(a.status for a in answers) == [303, 409]
        assert len(await at.office.badge_digests(VisitId("T1"))) == 1
        assert len(await at.told(v.VisitCheckedIn)) == 1
        assert len(await at.told(v.VisitActRefused)) == 1


async def test_one_badge_goes_to_one_of_two_visits() -> None:
    async with desk() as at:
        await at.ready()
        await ask(at.office, "T2", "高翔", "江北风电", starts=1)
        await let_in(at.office, VisitId("T2"), steps=4)
        answers = await asyncio.gather(
            at.post("/visits/T1/check-in", [HERE, BADGE]),
            at.post("/visits/T2/check-in", [HERE, ("badge-VT2", BADGE[1])]),
        )
        states = {(await at.visit(id_)).state for id_ in ("T1", "T2")}

        assert sorted(a.status for a in answers) == [303, 422]
        assert states == {VisitState.CHECKED_IN, VisitState.UNDERTAKING_SIGNED}


@pytest.mark.parametrize("ticked", [OUT, ALL_BACK])
async def test_who_leaves_leaves_once_with_one_incident_or_none(
    ticked: list[tuple[str, str]],
) -> None:
    async with desk() as at:
        await at.ready()
        await at.post("/visits/T1/check-in", [HERE, BADGE])
        answers = await twice(at, "/visits/T1/check-out", ticked)
        whole = ticked is ALL_BACK

        assert [a.status for a in answers] == [303 if whole else 200] * 2
        assert len(await at.told(v.VisitorCheckedOut)) == 1
        assert len(await at.told(v.VisitIncident)) == (not whole)
        assert await at.told(v.VisitActRefused) == []


async def test_a_check_out_that_says_otherwise_afterwards_is_refused_and_recorded() -> (
    None
):
    async with desk() as at:
        await at.ready()
        await at.post("/visits/T1/check-in", [HERE, BADGE])
        await at.post("/visits/T1/check-out", ALL_BACK)
        other = await at.post("/visits/T1/check-out", OUT)
        stranger = [*ALL_BACK, ("more_kind", "storage"), ("more_serial", "X1")]
        unheard = await at.post("/visits/T1/check-out", stranger)

        assert [a.status for a in (other, unheard)] == [409, 409]
        assert len(await at.told(v.VisitActRefused)) == 2
        assert await at.told(v.VisitIncident) == []
