"""Checking in over HTTP, step by step: what is refused, and with which words."""

from domain import visit_events as v
from domain.ids import VisitId
from domain.operator_events import OperatorActRefused
from domain.visit_classes import VisitClass
from domain.visit_life import VisitState
from tests.desk_client import BADGE, HERE, LAPTOP, STICK, desk
from tests.desks import ESCORT, GUARD, HOST, ask, let_in
from tests.web_site import fetch


async def test_the_badge_waits_for_every_step_and_a_post_names_the_same() -> None:
    """Design 13.16."""
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
    """Design 13.17."""
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


async def test_a_kind_that_no_form_offers_is_not_left_out_silently() -> None:
    async with desk() as at:
        await at.approved()
        unheard = [("kind-0", "drone"), ("type-0", "X"), ("nothing_else", "yes")]
        answer = await at.post("/visits/T1/devices", unheard)

        assert answer.status == 422
        assert (await at.visit()).visitors[0].devices is None


async def test_a_serial_number_that_turns_its_line_around_is_refused() -> None:
    async with desk() as at:
        await at.approved()
        turned = [(k, v + "\u202e" if k == "serial-0" else v) for k, v in STICK]
        answer = await at.post(
            "/visits/T1/devices", [*turned, ("disposition-0", "deposited")]
        )

        assert answer.status == 422
        assert (await at.visit()).visitors[0].devices is None


async def test_a_tour_is_offered_no_way_to_take_a_phone_in() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "周敏", "协会", kind=VisitClass.TOUR)
        assert (await at.post("/visits/T1/approve", [], "manager")).status == 303
        phone = [("kind-0", "phone"), ("type-0", "P50"), ("nothing_else", "yes")]
        adding = [*phone, ("do", "add"), ("add", "instrument")]
        page = (await at.post("/visits/T1/devices", adding)).body
        of_phone, of_tool = (
            page.partition(f'name="kind-{n}"')[2].partition("</fieldset>")[0]
            for n in (0, 1)
        )
        by_hand = [*phone, ("do", "save"), ("disposition-0", "sealed")]
        answer = await at.post("/visits/T1/devices", by_hand)

        assert 'value="sealed"' not in of_phone
        assert 'value="deposited"' in of_phone
        assert 'value="sealed"' in of_tool
        assert answer.status == 409
        assert "G5.5.3-2" in answer.body
        assert 'value="P50"' in answer.body  # what was typed stays
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


async def test_a_group_is_taken_in_with_one_form_a_line_each() -> None:
    async with desk() as at:
        names = ("李敏", "王强")
        await ask(at.office, "T1", "周敏", "协会", *names, kind=VisitClass.TOUR)
        assert (await at.post("/visits/T1/approve", [], "manager")).status == 303
        digest = (await at.office.texts("tour"))["zh-CN"].digest.hex()
        fields = [("digest", digest), ("nothing_else", "yes")]
        for n, who in enumerate((await at.visit()).visitors):
            fields += [
                (f"digits-{who.person.id}", f"001{n}"),
                (f"carries-{who.person.id}", ("phone", "nothing")[n > 0]),
                (f"locker-{who.person.id}", ("7", "")[n > 0]),
                (f"typed-{who.person.id}", who.person.name if n < 2 else "别人"),
            ]
        page = (await at.get("/visits/T1/check-in")).body
        answer = await at.post("/visits/T1/party", fields)
        after = (await at.visit()).visitors

        assert page.count('name="digits-') == 3
        assert answer.status == 422
        assert "王强" in answer.body.partition('id="problems"')[2].partition("</ul>")[0]
        assert 'value="别人"' in answer.body  # what was typed stays
        assert [len(who.missing) for who in after] == [0, 0, 1]
        assert (await at.office.desk()).lockers_taken == (7,)
        last = after[2].person.id
        right = [("digest", digest), (f"typed-{last}", "王 强")]
        assert (await at.post("/visits/T1/party", right)).status == 303
        assert (await at.visit()).state is VisitState.UNDERTAKING_SIGNED


async def test_a_group_carries_nothing_that_was_not_asked_for() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "周敏", "协会", "李敏", kind=VisitClass.TOUR)
        assert (await at.post("/visits/T1/approve", [], "manager")).status == 303
        [who, _] = (await at.visit()).visitors
        fields = [(f"carries-{who.person.id}", "nothing")]
        answer = await at.post("/visits/T1/party", fields)

        assert answer.status == 422
        assert (await at.visit()).visitors[0].devices is None


async def test_a_locker_is_free_and_something_lies_in_it() -> None:
    async with desk() as at:
        await at.approved()
        await at.identified_and_signed()
        early = await at.post("/visits/T1/locker", [("locker", "7")])
        assert (await at.post("/visits/T1/devices", LAPTOP)).status == 303
        nothing = await at.post("/visits/T1/locker", [("locker", "7")])
        deposited = [*STICK, ("disposition-0", "deposited")]
        assert (await at.post("/visits/T1/devices", deposited)).status == 303
        page = (await at.get("/visits/T1/check-in")).body
        await ask(at.office, "T2", "高翔", "江北风电", starts=1)
        await let_in(at.office, VisitId("T2"), steps=0)
        await at.post("/visits/T2/devices", deposited)
        assert (await at.post("/visits/T2/locker", [("locker", "7")])).status == 303
        taken = await at.post("/visits/T1/locker", [("locker", "7")])

        assert [a.status for a in (early, nothing, taken)] == [409, 422, 422]
        assert 'id="step-3" open' in page
        assert (await at.post("/visits/T1/locker", [("locker", "8")])).status == 303
        assert (await at.office.desk()).lockers_taken == (7, 8)


async def test_an_inspector_may_decline_before_a_witness_and_nobody_else() -> None:
    async with desk() as at:
        await ask(at.office, "T2", "张怡", "监管局", kind=VisitClass.INSPECTION)
        await let_in(at.office, VisitId("T2"), steps=0)
        page = (await at.get("/visits/T2/check-in")).body
        fields = [("do", "decline"), ("text", "zh-CN")]
        assert (await at.post("/visits/T2/undertaking", fields)).status == 303
        [told] = await at.told(v.UndertakingDeclined)
        await at.approved()

        assert 'value="decline"' in page
        assert isinstance(told, v.UndertakingDeclined)
        assert told.witness == GUARD
        assert 'value="decline"' not in (await at.get("/visits/T1/check-in")).body
        assert (await at.post("/visits/T1/undertaking", fields)).status == 409


async def test_nobody_receives_a_visit_that_they_escort() -> None:
    async with desk() as at:
        await ask(at.office, "T1", "何志远", "苏测量仪", escorts=(GUARD,))
        await let_in(at.office, VisitId("T1"), steps=4)
        given = await at.post("/visits/T1/check-in", [("with", GUARD), BADGE])
        step = await at.post(
            "/visits/T1/identity", [("document", "passport"), ("digits", "E41")]
        )
        whole = await at.post("/visits/T1/cancel", [("reason", "不来了")])

        assert [a.status for a in (given, step, whole)] == [409] * 3
        assert (await at.visit()).state is VisitState.UNDERTAKING_SIGNED
        assert len(await at.told(OperatorActRefused)) == 3


async def test_too_many_for_the_escorts_who_came_is_said_before_the_badges() -> None:
    async with desk() as at:
        more = [f"客{n}" for n in range(5)]
        await ask(at.office, "T1", "周敏", "协会", *more, escorts=(ESCORT, HOST))
        await let_in(at.office, VisitId("T1"), steps=4)
        one = (await at.get(f"/visits/T1/check-in?with={ESCORT}")).body
        here = f"with={ESCORT}&with={HOST}"
        both = (await at.get(f"/visits/T1/check-in?{here}")).body
        settled = await at.get(f"/visits/T1/check-in?{here}&lang=en")

        assert "disabled" in one.partition('id="give-badge"')[2].partition(">")[0]
        assert "disabled" not in both.partition('id="give-badge"')[2].partition(">")[0]
        assert settled.headers["location"].endswith(here)  # both stay there


async def test_a_visitors_badge_number_is_as_long_as_everybodys() -> None:
    async with desk() as at:
        await at.ready()
        for short in ("01", "0102", "zz", "ab" * 33):
            answer = await at.post("/visits/T1/check-in", [HERE, ("badge-VT1", short)])
            assert answer.status == 422
            assert "6 至 64 位十六进制" in answer.body
        assert (await at.visit()).state is VisitState.UNDERTAKING_SIGNED


async def test_the_text_is_in_the_visitors_language_and_signed_as_it_was_shown() -> (
    None
):
    async with desk() as at:
        await at.approved()
        texts = await at.office.texts("repair")
        here = "/visits/T1/check-in?visitor=VT1"
        cookie = await at.cookie("zhao")
        english = {"cookie": f"{cookie['cookie']}; lang=en"}
        unasked = await fetch(at.address, here, headers=english)
        asked = (await at.get(f"{here}&text=en")).body
        identity = [("document", "id_card"), ("digits", "0417"), ("text", "en")]
        step = await at.post("/visits/T1/identity", [*identity, ("visitor", "VT1")])
        paper = [("do", "sign"), ("digest", texts["en"].digest.hex())]
        await at.post("/visits/T1/undertaking", [*paper, ("typed", "何志远")])
        [signed] = await at.told(v.UndertakingSigned)

        assert 'lang="en"' in unasked.body.partition(">")[2].partition(">")[0]
        assert texts["zh-CN"].title in unasked.body
        assert texts["zh-CN"].digest.hex() in unasked.body
        assert texts["en"].digest.hex() in asked
        assert texts["zh-CN"].digest.hex() not in asked
        assert step.headers["location"].endswith("visitor=VT1&text=en")
        assert isinstance(signed, v.UndertakingSigned)
        assert (signed.language, signed.text_digest) == ("en", texts["en"].digest.hex())
