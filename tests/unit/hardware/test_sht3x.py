"""Readings of the climate sensor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ChecksumMismatch, FrameLengthInvalid
from hardware.protocols.sht3x import Reading, crc8, decode, encode


def test_the_checksum_is_the_one_in_the_data_sheet() -> None:
    """Datasheet SHT3x-DIS, section 4.12, table 19."""
    assert crc8(bytes.fromhex("BEEF")) == 0x92


@pytest.mark.parametrize(
    ("frame", "temperature", "humidity"),
    [
        pytest.param("0000 81 0000 81", -45.0, 0.0, id="lowest"),
        pytest.param("FFFF AC FFFF AC", 130.0, 100.0, id="highest"),
        pytest.param("BEEF 92 BEEF 92", 85.523, 74.584, id="BEEF"),
    ],
)
def test_a_frame_is_converted(frame: str, temperature: float, humidity: float) -> None:
    reading = decode(bytes.fromhex(frame))

    assert reading.temperature_c == pytest.approx(temperature, abs=0.001)
    assert reading.humidity_percent == pytest.approx(humidity, abs=0.001)


@given(st.floats(-45, 130), st.floats(0, 100))
def test_a_reading_survives_the_wire_to_a_hundredth(t: float, rh: float) -> None:
    reading = decode(encode(Reading(t, rh)))

    assert reading.temperature_c == pytest.approx(t, abs=0.01)
    assert reading.humidity_percent == pytest.approx(rh, abs=0.01)


@given(st.binary(min_size=2, max_size=2), st.integers(0, 47))
def test_no_single_damaged_bit_goes_unnoticed(word: bytes, bit: int) -> None:
    frame = bytearray((word + bytes([crc8(word)])) * 2)
    frame[bit // 8] ^= 1 << bit % 8

    with pytest.raises(ChecksumMismatch):
        decode(bytes(frame))


@pytest.mark.parametrize("length", [0, 5, 7])
def test_a_frame_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(FrameLengthInvalid):
        decode(bytes(length))
