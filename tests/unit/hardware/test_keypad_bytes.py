"""One byte a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CallerError
from hardware.protocols.keypad_bytes import KEYS, decode, encode


@given(st.text(KEYS))
def test_keys_come_back_as_they_were_sent(keys: str) -> None:
    assert decode(encode(keys)) == (keys, 0)


@given(st.binary())
def test_every_byte_is_a_key_or_counted_or_a_line_end(data: bytes) -> None:
    keys, damaged = decode(data)

    assert len(keys) + damaged + data.count(b"\r") + data.count(b"\n") == len(data)
    assert set(keys) <= set(KEYS)


def test_what_is_no_key_cannot_be_sent() -> None:
    with pytest.raises(CallerError):
        encode("A")
