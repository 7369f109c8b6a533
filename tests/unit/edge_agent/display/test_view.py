"""What the display says in every state, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from config.locales import words
from domain.door import Phase
from domain.doorway import Doorway
from domain.events import Event
from domain.ids import PersonId
from domain.policy import Awaited, Verdict
from domain.policy.rules import RULES
from edge_agent.display.picture import Countdown, Mood, View
from edge_agent.display.scene import (
    NAMED_FOR,
    REFUSED_BESIDE,
    REFUSED_FOR,
    Scene,
)
from edge_agent.display.speech import Text
from edge_agent.display.view import view
from tests.builders import A_MOMENT, LI, WANG, ZHAO
from tests.displays import (
    ALL_GIVEN,
    LAB,
    NAMES,
    NOW,
    STATES,
    VISITOR,
    ago,
    denied,
    doorway,
    exit_button,
    finding,
    granted,
    released,
    scene,
    waiting,
)

_S: Final = timedelta(seconds=1)


def everything(picture: View) -> str:
    """All that stands on the screen, in either language."""
    return repr(replace(picture, until=None))


def later(before: Scene, seconds: float) -> View:
    return view(replace(before, at=before.at + timedelta(seconds=seconds)))


@pytest.mark.parametrize(
    ("state", "mood", "zh", "en"),
    [
        ("idle", Mood.IDLE, "热处理车间", "Heat treatment workshop"),
        ("idle-two-person", Mood.IDLE, "研发实验室", "R&D laboratory"),
        ("idle-important", Mood.IDLE, "精密磨削车间", "Precision grinding workshop"),
        ("idle-non-secret", Mood.IDLE, "食堂", "Canteen"),
        ("idle-no-camera", Mood.IDLE, "热处理车间", "Heat treatment workshop"),
        ("offline", Mood.IDLE, "热处理车间", "Heat treatment workshop"),
        ("fingerprint", Mood.ASK, "请按指纹", "Lay your finger on the reader"),
        ("face", Mood.ASK, "请看镜头", "Look at the camera"),
        ("declaration", Mood.ASK, "请申报设备", "Declare your devices"),
        ("pin", Mood.ASK, "请输密码", "Key in your PIN"),
        ("second-person", Mood.WAIT, "请第二人验证", "Second person, please"),
        ("escort", Mood.WAIT, "请陪同人验证", "Escort, please"),
        ("granted", Mood.GO, "请进", "Come in"),
        ("granted-pair", Mood.GO, "请进", "Come in"),
        ("granted-reminded", Mood.GO, "请进", "Come in"),
        ("granted-nameless", Mood.GO, "请进", "Come in"),
        ("open", Mood.GO, "请进", "Come in"),
        ("unlocked", Mood.GO, "请进", "Come in"),
        ("leaving", Mood.IDLE, "有人出门", "Somebody is coming out"),
        ("refused", Mood.STOP, "不能进入", "No entry"),
        ("refused-unknown", Mood.STOP, "不能进入", "No entry"),
        ("blocked", Mood.STOP, "尝试次数过多", "Too many tries"),
        ("held", Mood.STOP, "请关门", "Shut the door"),
        ("forced", Mood.STOP, "请关门", "Shut the door"),
        ("lockdown", Mood.LOCKDOWN, "封锁 禁止进入", "Lockdown, no entry"),
        ("fire", Mood.GO, "门已释放 请撤离", "The door is released, leave now"),
        ("unusable", Mood.OFF, "本门暂停使用", "This door is out of use"),
    ],
)
def test_each_state_has_its_headline(state: str, mood: Mood, zh: str, en: str) -> None:
    shown = view(STATES[state])

    assert (shown.mood, shown.headline.zh, shown.headline.en) == (mood, zh, en)


@pytest.mark.parametrize(
    ("state", "zh", "en"),
    [
        ("face", "面向摄像头，露出面部", "Face it, with nothing before your face"),
        (
            "declaration",
            "未带按 0#，已存柜按柜号加 #",
            "Nothing with you: 0#; in a locker: its number and #",
        ),
        (
            "second-person",
            "另一位授权人员在本门验证",
            "Another authorised person, at this door",
        ),
        (
            "escort",
            "陪同人用本人凭证在本门验证",
            "With your own credentials, at this door",
        ),
        ("granted", "请在 5 秒内开门", "Open the door within 5 s"),
        ("open", "请随手关门", "Shut the door behind you"),
        ("unlocked", "值班室已开门", "The guard has released the door"),
        ("leaving", "请在旁等候", "Please stand aside"),
        (
            "refused",
            "保密培训考核已过期，请到保密管理部补训",
            "Secrecy training out of date; see the secrecy office",
        ),
        (
            "blocked",
            "58 秒后再试，或联系值班室",
            "Try again in 58 s, or call the guard",
        ),
        ("held", "门打开时间过长", "It has been open too long"),
        (
            "forced",
            "门未经放行打开，值班室已接报警",
            "It was opened without a release; the guard has been told",
        ),
        ("lockdown", "请原地等候，听从指挥", "Wait here and follow the guard"),
        ("fire", "走最近的出口，听从指挥", "Take the nearest exit, follow the guard"),
        ("unusable", "请联系值班室", "Call the guard"),
    ],
)
def test_each_state_says_why_or_what_next(state: str, zh: str, en: str) -> None:
    why = view(STATES[state]).why

    assert why is not None
    assert (why.zh, why.en) == (zh, en)


def test_every_state_there_is_can_be_read_at_three_metres() -> None:
    assert {k: view(s).headline.zh for k, s in STATES.items()} == {
        k: view(s).headline.zh[:8] for k, s in STATES.items()
    }


# --- the sign ---


def test_the_sign_of_a_core_zone_forbids_and_names_who_answers_for_it() -> None:
    shown = view(STATES["idle"])

    assert (shown.level.zh, shown.level.en) == ("核心涉密区", "Core zone")
    assert [f.text.zh for f in shown.forbidden] == [
        *("禁止拍照", "禁止录音", "手机入柜", "禁带U盘"),
    ]
    assert shown.foot is not None
    assert shown.foot.zh == "责任人 李志远 · 电话 6203"
    assert [s.text.zh for s in shown.steps] == ["按指纹", "看镜头", "申报设备"]


def test_a_two_person_zone_says_so() -> None:
    assert "须两人同行" in [
        f.text.zh for f in view(STATES["idle-two-person"]).forbidden
    ]


def test_a_non_secret_zone_forbids_nothing_and_wants_a_badge() -> None:
    shown = view(STATES["idle-non-secret"])

    assert (shown.forbidden, shown.foot) == ((), None)
    assert [s.icon for s in shown.steps] == ["badge"]


def test_without_a_camera_the_sign_asks_for_the_other_way() -> None:
    shown = view(STATES["idle-no-camera"])

    assert [s.icon for s in shown.steps] == [
        *("badge", "fingerprint", "pin", "declaration"),
    ]


def test_a_door_with_a_name_of_its_own_says_it_beside_the_zones() -> None:
    plain = STATES["refused"]
    north = replace(plain.place.door, name="北门", name_en="north door")
    refused = replace(plain, place=replace(plain.place, door=north))

    assert view(refused).place == Text(
        "热处理车间 · 北门", "Heat treatment workshop · north door"
    )
    assert later(refused, 60).place == Text("北门", "north door")


# --- prompts ---


def test_a_prompt_shows_what_is_done_and_what_is_to_come() -> None:
    steps = view(STATES["second-person"]).steps

    assert [(s.text.zh, s.done) for s in steps] == [
        ("按指纹", True),
        ("看镜头", True),
        ("申报设备", True),
        ("第二人", False),
    ]


@pytest.mark.parametrize(
    ("passed", "left", "due"),
    [
        pytest.param(0, 20, 1, id="at its first instant all is left"),
        pytest.param(0.25, 20, 0.75, id="part of a second counts as one"),
        pytest.param(1, 19, 1, id="at a whole second the next number"),
        pytest.param(19.5, 1, 0.5, id="the last second"),
    ],
)
def test_a_wait_counts_whole_seconds_down(passed: float, left: int, due: float) -> None:
    begun = scene(waiting(Awaited.SECOND_PERSON, at=NOW, lasts=20), leads_to=LAB)
    shown = later(begun, passed)

    assert shown.countdown == Countdown(left, 20)
    assert shown.until == begun.at + timedelta(seconds=passed + due)


def test_at_the_end_of_a_wait_it_is_over() -> None:
    begun = scene(waiting(Awaited.ESCORT, at=NOW, lasts=10))

    assert later(begun, 9.999999).mood is Mood.WAIT
    assert later(begun, 10).mood is Mood.IDLE


def test_who_waits_is_not_named() -> None:
    for state in ("face", "second-person", "escort"):
        assert view(STATES[state]).names == ()


def test_the_newest_prompt_is_shown() -> None:
    shown = view(
        scene(
            waiting(Awaited.SECOND_PERSON, at=ago(5), lasts=20),
            waiting(Awaited.FACE, people=(WANG,), at=ago(1)),
            leads_to=LAB,
        )
    )

    assert shown.headline.zh == "请看镜头"


def test_the_first_of_a_pair_still_waits_when_a_stranger_was_refused() -> None:
    first = waiting(Awaited.SECOND_PERSON, at=ago(3), lasts=20, **ALL_GIVEN)
    both = scene(first, denied("credential.unknown", people=(), at=NOW), leads_to=LAB)

    assert later(both, 0).mood is Mood.STOP
    assert view(both).until == NOW + REFUSED_BESIDE
    assert later(both, REFUSED_BESIDE.total_seconds()).mood is Mood.WAIT


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(denied("two_person.timed_out", at=NOW), id="refused"),
        pytest.param(granted(LI, WANG, at=NOW), id="granted"),
    ],
)
def test_an_answer_ends_the_wait_of_its_people(answer: Event) -> None:
    begun = waiting(Awaited.SECOND_PERSON, at=ago(3), lasts=60)

    assert later(scene(begun, answer), 30).mood is Mood.IDLE


def test_whatever_may_be_awaited_has_its_words() -> None:
    for awaited in Awaited:
        shown = view(scene(waiting(awaited)))
        assert shown.why is not None
        for text in (shown.headline, shown.why, shown.steps[-1].text):
            assert "." not in text.zh + text.en, awaited


# --- answers ---


def test_the_name_is_there_for_three_seconds_and_then_gone() -> None:
    let_in = scene(granted(at=NOW), released("access", at=NOW), phase=Phase.RELEASED)
    gone = NAMED_FOR.total_seconds()

    assert later(let_in, 0).names == ("李志远",)
    assert later(let_in, 0).until == NOW + NAMED_FOR
    assert later(let_in, gone - 0.000001).names == ("李志远",)
    assert "李志远" not in everything(replace(later(let_in, gone), foot=None))
    assert later(let_in, gone).mood is Mood.GO


def test_both_of_a_pair_are_named_and_a_group_is_counted() -> None:
    assert view(STATES["granted-pair"]).names == ("李志远", "欧阳建国")
    group = scene(granted(LI, VISITOR, WANG, ZHAO), phase=Phase.RELEASED)
    assert view(group).names == ("李志远", "等 4 人")


def test_somebody_the_roster_no_longer_knows_is_not_named() -> None:
    assert view(scene(granted(PersonId("E9")), phase=Phase.RELEASED)).names == ()


def test_the_locker_is_told_with_the_name_and_goes_with_it() -> None:
    let_in = STATES["granted"]

    shown, after = view(let_in), later(let_in, 2)
    assert shown.foot is not None
    assert shown.foot.zh == "设备在 12 号柜"
    assert after.foot is None


def test_an_important_zone_reminds_of_camera_and_recorder() -> None:
    let_in = STATES["granted-reminded"]

    for shown in (view(let_in), later(let_in, 3)):
        assert shown.foot is not None
        assert shown.foot.zh == "请关闭手机摄像、录音功能"


def test_a_lock_that_did_not_release_invites_nobody() -> None:
    assert view(scene(granted(), phase=Phase.SECURED)).mood is Mood.IDLE


def test_a_refusal_is_read_for_six_seconds() -> None:
    refused = scene(denied("grant.missing", at=NOW))

    assert later(refused, 5.999999).mood is Mood.STOP
    assert later(refused, 6).mood is Mood.IDLE
    assert view(refused).until == NOW + REFUSED_FOR


def test_a_refusal_gives_way_to_the_next_person() -> None:
    shown = view(
        scene(
            denied("grant.missing", at=ago(2)),
            waiting(Awaited.FACE, people=(WANG,), at=ago(1)),
        )
    )

    assert shown.mood is Mood.ASK


@pytest.mark.parametrize("name", NAMES.values())
def test_a_refusal_names_nobody(name: str) -> None:
    told = denied("two_person.timed_out", people=(LI, WANG, ZHAO, VISITOR))
    shown = replace(view(scene(told)), foot=None)  # the sign's, who answers for it

    assert name not in everything(shown)


def test_factors_that_disagree_read_like_a_stranger() -> None:
    def said(reason: str, people: tuple[PersonId, ...]) -> str:
        shown = view(scene(denied(reason, people=people)))
        return everything(replace(shown, clause=None))

    assert said("attempt.mismatch", (LI, WANG)) == said("credential.unknown", ())


@pytest.mark.parametrize(
    "reason", sorted({r.reason for r in RULES if r.verdict is Verdict.FORBID})
)
def test_no_refusal_says_which_factor_failed(reason: str) -> None:
    shown = replace(view(scene(denied(reason))), steps=())

    named = {
        word
        for language in ("zh-CN", "en")
        for word in words(language).sections["factors"].values()
        if word.lower() in everything(shown).lower()
    }
    assert named == set()


def test_of_several_reasons_who_it_is_comes_before_what_has_lapsed() -> None:
    findings = tuple(map(finding, ("agreement.lapsed", "grant.missing", "person.left")))
    shown = view(scene(denied("x", findings=findings)))

    assert shown.why is not None
    assert shown.why.zh == "没有本区域的权限，请联系保密管理部"


def test_only_what_forbids_is_told_as_the_reason() -> None:
    findings = (
        finding("factors.incomplete", Verdict.WAIT),
        finding("attempt.timed_out", Verdict.FORBID, "G5.3.2-1"),
    )
    shown = view(scene(denied("x", findings=findings)))

    assert shown.why is not None
    assert (shown.why.zh, shown.clause) == ("验证超时，请重新开始", "G5.3.2-1")


def test_a_reason_without_words_sends_to_the_guard() -> None:
    shown = view(scene(denied("moon.full")))

    assert shown.why is not None
    assert shown.why.en == "Call the guard"


def test_a_block_counts_down_only_while_it_is_read() -> None:
    blocked = STATES["blocked"]

    assert view(blocked).until == NOW + _S
    assert later(blocked, 5).mood is Mood.IDLE


def test_a_block_of_somebody_else_is_not_told() -> None:
    shown = view(
        scene(
            denied("grant.missing", people=(WANG,)),
            doorway=STATES["blocked"].doorway,
        )
    )

    assert shown.headline.zh == "不能进入"


# --- the door itself ---


def test_who_leaves_is_not_shown_outside() -> None:
    shown = view(scene(granted(side="exit"), released("access"), phase=Phase.RELEASED))

    assert (shown.names, shown.headline.zh) == ((), "有人出门")


def test_an_exit_just_after_an_entry_does_not_hide_the_entry() -> None:
    shown = view(scene(granted(), exit_button(at=NOW), phase=Phase.OPEN))

    assert shown.headline.zh == "请进"


_URGENT: Final[list[tuple[str, Callable[[Doorway], Doorway]]]] = [
    (
        "门已释放 请撤离",
        lambda d: replace(d, door=replace(d.door, phase=Phase.FIRE_OPEN)),
    ),
    ("封锁 禁止进入", lambda d: replace(d, lockdown=True)),
    ("请关门", lambda d: replace(d, door=replace(d.door, phase=Phase.HELD))),
]


@pytest.mark.parametrize(("headline", "change"), _URGENT)
@pytest.mark.parametrize("state", STATES)
def test_what_is_urgent_is_shown_whatever_else_goes_on(
    state: str, headline: str, change: Callable[[Doorway], Doorway]
) -> None:
    calm = STATES[state]
    if state in ("fire", "lockdown"):
        calm = replace(calm, doorway=doorway())
    urgent = replace(calm, doorway=change(calm.doorway))

    assert view(urgent).headline.zh == headline


def test_fire_beats_lockdown_and_lockdown_a_door_held_open() -> None:
    burning = scene(doorway=doorway(Phase.FIRE_SHUT, lockdown=True))
    held = scene(doorway=doorway(Phase.HELD, lockdown=True))

    assert view(burning).headline.zh == "门已释放 请撤离"
    assert view(held).headline.zh == "封锁 禁止进入"


@pytest.mark.parametrize("state", ["lockdown", "fire", "unusable"])
def test_a_door_that_admits_nobody_says_that_the_way_out_is_free(state: str) -> None:
    foot = view(STATES[state]).foot

    assert foot is not None
    assert (foot.zh, foot.en) == ("出门不受限制", "The way out is free")


@pytest.mark.parametrize(
    "broken",
    [
        scene(clock_trusted=False),
        scene(journal_writable=False),
        scene(roster_expired=True),
    ],
)
def test_a_door_that_admits_nobody_invites_nobody(broken: Scene) -> None:
    assert view(broken).mood is Mood.OFF


# --- the top line ---


def test_a_clock_nobody_trusts_is_not_shown() -> None:
    assert view(STATES["idle"]).time == "09:00"
    assert view(scene(clock_trusted=False)).time == ""


def test_the_picture_is_due_again_at_the_next_minute() -> None:
    assert view(STATES["idle"]).until == NOW + 50 * _S


def test_without_the_office_a_small_notice_stands_after_ten_seconds() -> None:
    lost = scene(offline_since=NOW)

    assert later(lost, 9.999999).notice is None
    assert view(lost).until == NOW + 10 * _S
    shown = later(lost, 10)
    assert shown.notice is not None
    assert (shown.notice.zh, shown.mood) == ("脱网运行", Mood.IDLE)


@pytest.mark.parametrize("state", STATES)
def test_the_next_change_is_always_ahead(state: str) -> None:
    for ahead in (timedelta(), A_MOMENT, _S, 2.5 * _S, 61 * _S):
        now = replace(STATES[state], at=NOW + ahead)
        until = view(now).until

        assert until is not None
        assert until > now.at
