"""Where an arriving entry belongs, case by case, and for any order of arrival."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.services.chain import Placement, place
from controller.services.reading import Sound, sound
from domain.door_events import DoorOpened
from domain.events import Event
from domain.ids import DoorId
from domain.journal import EMPTY, Tip
from wire import json_v1
from wire.envelope import decode, encode, sign
from wire.sealing import SigningKey

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = SigningKey(bytes(32))


def entry(event: Event, tip: Tip) -> Sound:
    envelope = json_v1.envelope_of(event, seq=tip.seq + 1, previous=tip.digest)
    signed = sign(KEY, encode(envelope))
    return sound(decode(signed.signed), signed)


def journal(length: int, *, second: int = 0, tip: Tip = EMPTY) -> list[Sound]:
    """A chain; another `second` makes other entries with the same numbers."""
    entries = []
    for _ in range(length):
        event = DoorOpened(door=DoorId("lab"), at=NINE.replace(second=second))
        entries.append(entry(event, tip))
        tip = Tip(entries[-1].seq, entries[-1].digest)
    return entries


FIVE = journal(5)
OTHER = journal(5, second=1)


@dataclass(frozen=True)
class Held:
    """What the log holds of this door before something arrives."""

    chain: list[Sound]
    waiting: list[Sound]


def after(held: Held, arrivals: list[Sound]) -> Placement:
    tip = Tip(held.chain[-1].seq, held.chain[-1].digest) if held.chain else EMPTY
    return place(
        tip,
        arrivals,
        held={e.seq: e.digest for e in held.chain},
        waiting={e.seq: e for e in held.waiting},
    )


def numbers(entries: list[Sound]) -> list[int]:
    return [e.seq for e in entries]


@pytest.mark.parametrize(
    ("chain", "waiting", "arrives", "appended", "waits", "forks"),
    [
        pytest.param([], [], FIVE[:2], [0, 1], [], [], id="the first entries"),
        pytest.param(FIVE[:2], [], FIVE[2:3], [2], [], [], id="the next"),
        pytest.param(FIVE[:2], [], FIVE[:2], [], [], [], id="all held already"),
        pytest.param(FIVE[:2], [], FIVE[:4], [2, 3], [], [], id="partly held already"),
        pytest.param(FIVE[:1], [], FIVE[2:4], [], [2, 3], [], id="a gap"),
        pytest.param(
            FIVE[:1], FIVE[2:4], FIVE[1:2], [1, 2, 3], [], [], id="the gap is filled"
        ),
        pytest.param(
            FIVE[:1], FIVE[2:3], FIVE[2:3], [], [], [], id="behind the gap, again"
        ),
        pytest.param(
            [], [], [FIVE[1], FIVE[0]], [0, 1], [], [], id="swapped on the way"
        ),
        pytest.param(
            FIVE[:2], [], OTHER[1:2], [], [], [1], id="another entry of a held number"
        ),
        pytest.param(
            FIVE[:2], [], OTHER[2:3], [], [], [2], id="the next, of another past"
        ),
        pytest.param(
            FIVE[:1], FIVE[3:4], OTHER[3:4], [], [], [3], id="another one waits"
        ),
        pytest.param(
            FIVE[:1], OTHER[2:3], FIVE[1:2], [1], [], [2], id="what waited was forged"
        ),
        pytest.param([], [], [], [], [], [], id="nothing"),
    ],
)
def test_an_entry_goes_where_it_belongs(
    chain: list[Sound],
    waiting: list[Sound],
    arrives: list[Sound],
    appended: list[int],
    waits: list[int],
    forks: list[int],
) -> None:
    placement = after(Held(chain, waiting), arrives)

    assert numbers(placement.appended) == appended
    assert sorted(placement.waits) == waits
    assert numbers(placement.forks) == forks


def test_an_overtaken_entry_that_waited_waits_no_more() -> None:
    placement = after(Held(FIVE[:1], FIVE[2:4]), FIVE[1:3])

    assert placement.moved == {2, 3}
    assert placement.tip == Tip(3, FIVE[3].digest)


LONG = journal(12)


@given(st.data())
def test_any_order_with_any_repeats_gives_the_journal(data: st.DataObject) -> None:
    extra = data.draw(st.lists(st.sampled_from(LONG), max_size=10))
    arrivals = data.draw(st.permutations([*LONG, *extra]))
    cut = data.draw(st.integers(0, len(arrivals)))
    first = after(Held([], []), arrivals[:cut])

    waiting = list(first.waits.values())
    second = after(Held(first.appended, waiting), arrivals[cut:])

    assert numbers(first.appended + second.appended) == numbers(LONG)
    assert second.tip == Tip(11, LONG[-1].digest)
    assert not first.forks
    assert not second.forks


@given(st.permutations(range(12)), st.integers(0, 11))
def test_nothing_behind_a_missing_entry_is_acknowledged(
    order: list[int], missing: int
) -> None:
    placement = after(Held([], []), [LONG[n] for n in order if n != missing])

    assert placement.tip.seq == missing - 1
