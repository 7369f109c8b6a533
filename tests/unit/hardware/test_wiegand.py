"""Wiegand bursts, worked out by hand and turned over by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    CallerError,
    FrameLengthInvalid,
    FrameMalformed,
    ParityMismatch,
    PeerError,
)
from hardware.protocols.wiegand import Card, Key, decode, encode_card, encode_key

numbers = st.binary(min_size=3, max_size=4)


def bits(text: str) -> list[bool]:
    return [char == "1" for char in text if char in "01"]


@pytest.mark.parametrize(
    ("burst", "expected"),
    [
        pytest.param(
            "1 00000001 0000000000000001 0",
            Card("wiegand26", bytes.fromhex("010001")),
            id="facility 1, card 1",
        ),
        pytest.param(
            "0 00000000 0000000000000000 1",
            Card("wiegand26", bytes(3)),
            id="all zero",
        ),
        pytest.param(
            "0 11111111 1111111111111111 1",
            Card("wiegand26", b"\xff\xff\xff"),
            id="all one",
        ),
        pytest.param(
            "0 0111 1011 0011 0000 0011 1001 1",
            Card("wiegand26", bytes.fromhex("7B3039")),
            id="facility 123, card 12345",
        ),
        pytest.param(
            "0 1101 1110 1010 1101 1011 1110 1110 1111 0",
            None,
            id="34 bits with a wrong parity",
        ),
        pytest.param(
            "1 1101 1110 1010 1101 1011 1110 1110 1111 0",
            Card("wiegand34", bytes.fromhex("DEADBEEF")),
            id="34 bits",
        ),
        pytest.param("0101", Key("5"), id="5, four bits"),
        pytest.param("1010 0101", Key("5"), id="5, eight bits"),
        pytest.param("1010", Key("*"), id="escape"),
        pytest.param("0100 1011", Key("#"), id="enter"),
    ],
)
def test_a_burst_worked_out_by_hand(burst: str, expected: Card | Key | None) -> None:
    if expected is None:
        with pytest.raises(ParityMismatch):
            decode(bits(burst))
    else:
        assert decode(bits(burst)) == expected


@given(numbers)
def test_a_card_comes_back_as_it_went(number: bytes) -> None:
    card = decode(encode_card(number))

    assert isinstance(card, Card)
    assert card.number == number


@given(numbers, st.integers(0, 33))
def test_one_wrong_bit_never_passes(number: bytes, at: int) -> None:
    burst = encode_card(number)
    burst[at % len(burst)] ^= True

    with pytest.raises(ParityMismatch):
        decode(burst)


@given(numbers, st.integers(0, 33))
def test_a_lost_pulse_never_passes(number: bytes, at: int) -> None:
    burst = encode_card(number)
    del burst[at % len(burst)]

    with pytest.raises(FrameLengthInvalid):
        decode(burst)


@pytest.mark.parametrize("key", "0123456789*#")
def test_a_key_comes_back_as_it_went(key: str) -> None:
    assert decode(encode_key(key, bits=4)) == Key(key)
    assert decode(encode_key(key, bits=8)) == Key(key)


@given(st.sampled_from("0123456789*#"), st.integers(0, 7))
def test_one_wrong_bit_never_makes_another_key(key: str, at: int) -> None:
    burst = encode_key(key)
    burst[at] ^= True

    with pytest.raises(FrameMalformed):
        decode(burst)


@given(st.lists(st.booleans(), max_size=64))
def test_any_burst_is_a_card_a_key_or_an_error(burst: list[bool]) -> None:
    try:
        decode(burst)
    except PeerError:
        return
    assert len(burst) in (4, 8, 26, 34)


def test_what_no_reader_sends_is_our_mistake() -> None:
    with pytest.raises(CallerError):
        encode_card(b"12345")
    with pytest.raises(CallerError):
        encode_key("A")


def test_neither_numbers_nor_keys_are_shown() -> None:
    assert "dead" not in repr(Card("wiegand34", bytes.fromhex("DEADBEEF"))).lower()
    assert "5" not in repr(Key("5"))
