"""What the board's page says, from values alone."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from controller.services.board import Board, DoorLook, Named
from controller.services.event_filter import EventFilter, EventKind
from controller.web.pages import board as board_page
from controller.web.pages.board import View
from controller.web.pages.frame import Preferences, Seat, Times
from controller.web.words import CHINESE, ENGLISH, LANGUAGES, Language, words
from domain.door_events import DoorForced, LockdownStarted
from domain.ids import CONTROLLER, DeviceId, DoorId, PersonId, ZoneId
from domain.operators import OperatorRole
from domain.policy import Reason, Verdict
from domain.zones import ZoneLevel
from tests.boards import (
    BUSY,
    CALM,
    NOW,
    SITE,
    ago,
    board,
    denied,
    finding,
    plain_tile,
    row,
    with_zone,
)
from tests.operators import operator

GUARD = operator(OperatorRole.GUARD, ZoneId(""))
SEAT = Seat(
    operator=GUARD, locked=False, csrf="0" * 64, nav=(), here="/", commands=True
)
MARKUP = "<script>alert('x')</script>"


def page(shown: Board, language: Language = CHINESE, view: View | None = None) -> str:
    preferences = Preferences(language=language)
    return board_page.page(shown, SITE, preferences, view or View(), SEAT)


def text(html: str) -> str:
    """What somebody reads: no tags, one space."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_every_zone_and_door_of_the_site_is_on_the_page() -> None:
    shown = text(page(CALM))

    assert [z.name for z in SITE.zones.values() if z.name not in shown] == []
    assert page(CALM).count('class="tile ') == len(SITE.doors)


@pytest.mark.parametrize(
    ("language", "shown"),
    [(CHINESE, "9999年12月31日 23:59"), (ENGLISH, "31 Dec 9999 23:59")],
)
def test_a_time_of_another_year_shows_the_year(language: Language, shown: str) -> None:
    far = datetime(9999, 12, 31, 23, 59, tzinfo=SITE.tz)
    times = Times(words(language), SITE.tz, NOW)

    assert times.short(far) == shown
    assert str(NOW.year) not in times.short(NOW - timedelta(days=2))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_person_reasons_and_clauses(language: Language) -> None:
    refusal = denied(
        "server_room",
        ago(14),
        "E1014",
        finding("grant.missing", Verdict.FORBID, "G2.4"),
        finding("training.lapsed", Verdict.FORBID, "G5.1.1-4", "G5.1.2-1"),
    )

    shown = text(page(replace(CALM, events=(row(1, refusal),)), language))

    say = words(language)
    assert say.of(SITE.people[PersonId("E1014")]) in shown
    for reason in ("grant.missing", "training.lapsed"):
        assert say.reason(reason) in shown
    for clause in ("G2.4", "G5.1.1-4", "G5.1.2-1"):
        assert clause in shown


def test_what_was_never_heard_of_never_looks_closed() -> None:
    tile = replace(plain_tile("archive"), look=DoorLook.UNKNOWN, since=None)

    html = page(board(tiles={"archive": tile}))

    assert 'id="door-archive" class="tile tile--unknown"' in html


def test_a_lost_door_says_what_it_said_last_and_since_when() -> None:
    tile = replace(
        plain_tile("archive"),
        look=DoorLook.OFFLINE,
        phase=DoorLook.OPEN,
        since=ago(200),
        online=False,
    )

    shown = text(page(board(tiles={"archive": tile})))

    assert "失联 断前开 · 自 14:28:48" in shown


def test_an_instant_of_another_day_says_its_day() -> None:
    event = DoorForced(door=DoorId("archive"), at=ago(86400))

    assert "11月22日 14:32:08" in page(replace(CALM, events=(row(1, event),)))
    assert "22 Nov 14:32:08" in page(replace(CALM, events=(row(1, event),)), ENGLISH)


def test_a_doubtful_zone_says_so() -> None:
    assert "存疑" not in page(CALM)
    assert "存疑" in page(with_zone(CALM, "archive", doubtful=True))


def test_what_came_late_stands_where_it_happened() -> None:
    told = [
        row(p, DoorForced(door=DoorId("archive"), at=ago(s)))
        for p, s in ((1, 30), (2, 10), (3, 20))
    ]

    html = page(replace(CALM, events=tuple(reversed(told))))

    assert re.findall(r'id="event-(\d)"', html) == ["2", "3", "1"]


def test_an_event_that_this_version_cannot_read_is_still_a_line() -> None:
    unread = replace(
        row(9, DoorForced(door=DoorId("archive"), at=NOW)),
        event=None,
        type="door_sang",
    )

    assert "door_sang" in text(page(replace(CALM, events=(unread,))))


def test_markup_in_names_and_reasons_is_text() -> None:
    nasty = Named(id=PersonId(MARKUP), name=MARKUP, name_en=MARKUP)
    told = denied("archive", NOW, "E1001", finding(MARKUP, Verdict.FORBID, MARKUP))
    shown = replace(
        board(
            tiles={
                "archive": replace(
                    plain_tile("archive"),
                    name=MARKUP,
                    last_people=(nasty,),
                    last_at=NOW,
                )
            }
        ),
        events=(
            replace(row(1, told), people=(nasty,)),
            replace(row(2, told), event=None, type=MARKUP),
            row(3, LockdownStarted(door=DoorId("archive"), at=NOW, reason=MARKUP)),
        ),
    )
    shown = with_zone(shown, "archive", name=MARKUP)

    html = page(shown, view=View(wanted=EventFilter(door=DoorId('"><script>'))))

    assert "<script>alert" not in html
    assert html.count("<script") == 1  # our own file
    assert 'data-only-door="&#34;&gt;&lt;script&gt;"' in html


@pytest.mark.parametrize("shown", [CALM, BUSY], ids=["calm", "busy"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_inline_script_style_or_a_foreign_address(
    shown: Board, language: Language
) -> None:
    html = page(shown, language)

    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", html) == []
    assert re.findall(r"<script(?![^>]* src=\"/static/)", html) == []
    assert re.findall(r"(?:src|href|action)=\"(?!/|#|\")", html) == []


def test_a_quiet_board_has_no_alarm_colour() -> None:
    html = page(CALM)

    assert (
        re.findall(r"band--[123]|tile--(?:forced|held|fire)|ev--a|class=\"pr ", html)
        == []
    )


def test_links_of_a_view_change_one_filter_and_keep_the_others() -> None:
    view = View(
        abnormal=True,
        wanted=EventFilter(kind=EventKind.REFUSAL, door=DoorId("a b&c")),
    )

    assert view.every_event == ("/?show=abnormal&events=all&kind=refusal&door=a+b%26c")
    assert view.without("door") == "/?show=abnormal&kind=refusal"
    assert View().address == "/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_a_filter_has_its_word_and_a_way_back(language: Language) -> None:
    wanted = EventFilter(
        kind=EventKind.ALARM,
        level=ZoneLevel.CORE,
        zone=ZoneId("archive"),
        door=DoorId("rd_lab"),
    )
    html = page(CALM, language, view=View(wanted=wanted))
    chips = html.partition('class="chips"')[2].partition("</p>")[0]

    assert chips.count("<a ") == 4
    assert 'href="/?kind=alarm&amp;level=core&amp;zone=archive"' in chips
    assert html.count(" selected") == 3


def test_fragments_are_exactly_the_elements_of_the_page() -> None:
    html = page(BUSY)
    pieces = board_page.fragments(BUSY, SITE, CHINESE)

    for key, piece in pieces.states.items():
        assert f'id="{key}"' in piece
        assert piece.strip() in html
    assert [p for p, piece in pieces.rows if piece.strip() not in html] == []
    assert pieces.position == max(r.position for r in BUSY.events)


def test_an_alarm_of_a_review_says_which_round_and_zone_in_words() -> None:
    held = replace(
        BUSY.alarms[0],
        door=CONTROLLER,
        code=Reason("review.held"),
        device=DeviceId("review:2026-H2:archive"),
        person=None,
    )
    html = page(replace(BUSY, alarms=(held,)))

    assert "权限复核 2026-H2 · 涉密档案室" in html
    assert "review:2026" not in html


def test_a_thousand_doors_are_a_page_of_reasonable_size() -> None:
    zone = CALM.levels[0].zones[0]
    many = tuple(
        replace(zone.doors[0], door=DoorId(f"d{n}"), name=f"门{n}") for n in range(1024)
    )

    html = page(with_zone(CALM, zone.zone, doors=many))

    assert len(html.encode()) < 1024 * 700
    assert "board--folded" in html
