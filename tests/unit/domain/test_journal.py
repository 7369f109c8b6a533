"""The hash chain of one door."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.journal import (
    EMPTY,
    GENESIS,
    Continuity,
    Entry,
    Tip,
    continuity,
    first_break,
)


def chain(bodies: list[bytes]) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    previous = GENESIS
    for seq, body in enumerate(bodies):
        # As the real body does, this one contains sequence and previous digest.
        entry = Entry(seq, previous, seq.to_bytes(8) + previous + body, bytes(64))
        entries.append(entry)
        previous = entry.digest
    return tuple(entries)


FIVE = chain([b"a", b"b", b"c", b"d", b"e"])
bodies = st.lists(st.binary(max_size=8), min_size=2, max_size=12)


@given(bodies)
def test_a_whole_chain_has_no_break(made: list[bytes]) -> None:
    assert first_break(chain(made)) is None


@given(bodies, st.data())
def test_a_changed_entry_breaks_the_chain_behind_it(
    made: list[bytes], data: st.DataObject
) -> None:
    entries = list(chain(made))
    where = data.draw(st.integers(0, len(entries) - 2))
    entries[where] = replace(entries[where], body=entries[where].body + b"!")

    assert first_break(tuple(entries)) == where + 1


@given(bodies, st.data())
def test_a_missing_entry_is_noticed_at_the_next(
    made: list[bytes], data: st.DataObject
) -> None:
    entries = chain(made)
    where = data.draw(st.integers(0, len(entries) - 2))

    assert first_break((*entries[:where], *entries[where + 1 :])) == where + 1


@given(bodies, st.data())
def test_a_chain_can_be_checked_from_any_tip(
    made: list[bytes], data: st.DataObject
) -> None:
    entries = chain(made)
    where = data.draw(st.integers(1, len(entries) - 1))
    tip = Tip(entries[where - 1].seq, entries[where - 1].digest)

    assert first_break(entries[where:], tip) is None


@pytest.mark.parametrize(
    ("seq", "previous", "verdict"),
    [
        pytest.param(3, FIVE[2].digest, Continuity.NEXT, id="the next"),
        pytest.param(2, FIVE[1].digest, Continuity.REPEAT, id="the last again"),
        pytest.param(0, GENESIS, Continuity.REPEAT, id="the first again"),
        pytest.param(4, FIVE[3].digest, Continuity.GAP, id="one too far"),
        pytest.param(3, FIVE[1].digest, Continuity.FORK, id="another past"),
        pytest.param(3, GENESIS, Continuity.FORK, id="no past"),
    ],
)
def test_how_an_entry_stands_to_a_chain_of_three(
    seq: int, previous: bytes, verdict: Continuity
) -> None:
    assert continuity(Tip(2, FIVE[2].digest), seq, previous) is verdict


def test_the_first_entry_of_all_names_the_genesis() -> None:
    assert continuity(EMPTY, 0, GENESIS) is Continuity.NEXT
    assert continuity(EMPTY, 0, bytes([1] * 32)) is Continuity.FORK
    assert continuity(EMPTY, 1, GENESIS) is Continuity.GAP


def test_the_same_entry_twice_is_a_break_of_a_chain() -> None:
    assert first_break((*FIVE, FIVE[-1])) == 4


def test_no_entries_have_no_break() -> None:
    assert first_break(()) is None
