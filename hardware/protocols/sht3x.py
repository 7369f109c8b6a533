"""The SHT3x temperature and humidity sensor, without I/O.

    command   MSB LSB                                        to the sensor
    reading   T msb, T lsb, crc, RH msb, RH lsb, crc         from the sensor

Each pair of bytes carries its own CRC-8: polynomial 0x31, initial 0xFF, not
reflected, no final xor; CRC(0xBEEF) = 0x92.
Source: Sensirion, "Datasheet SHT3x-DIS" version 6 (2019-02), sections 4.3 (single
shot), 4.9 (soft reset), 4.12 (checksum) and 4.13 (conversion).
"""

from typing import Final, NamedTuple

from domain.errors import ChecksumMismatch, FrameLengthInvalid

ADDRESS: Final = 0x44  # ADDR pin low; 0x45 when high
# High repeatability, no clock stretching: the sensor does not hold the bus, which
# other devices share, and answers "not acknowledged" until it has measured.
MEASURE: Final = bytes.fromhex("2400")
MEASURE_S: Final = 0.0155  # longest, section 2.2, table 4
SOFT_RESET: Final = bytes.fromhex("30A2")
RESET_S: Final = 0.0015
READING_BYTES: Final = 6

_FULL_SCALE: Final = 0xFFFF


class Reading(NamedTuple):
    temperature_c: float  # -45..130
    humidity_percent: float  # 0..100


def decode(frame: bytes) -> Reading:
    """What the sensor measured.

    Raises:
        FrameLengthInvalid: not six bytes.
        ChecksumMismatch: one of the two words is damaged.
    """
    if len(frame) != READING_BYTES:
        raise FrameLengthInvalid(
            f"a reading has {READING_BYTES} bytes, {len(frame)} came"
        )
    temperature, humidity = _word(frame[:3]), _word(frame[3:])
    return Reading(-45 + 175 * temperature / _FULL_SCALE, 100 * humidity / _FULL_SCALE)


def encode(reading: Reading) -> bytes:
    """The frame a sensor sends for `reading`, for simulators and tests."""
    temperature = round((reading.temperature_c + 45) / 175 * _FULL_SCALE)
    humidity = round(reading.humidity_percent / 100 * _FULL_SCALE)
    return b"".join(
        word + bytes([crc8(word)])
        for word in (temperature.to_bytes(2), humidity.to_bytes(2))
    )


def crc8(data: bytes) -> int:
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1) ^ (0x31 if crc & 0x80 else 0)
        crc &= 0xFF
    return crc


def _word(three: bytes) -> int:
    computed, received = crc8(three[:2]), three[2]
    if computed != received:
        raise ChecksumMismatch(expected=computed, received=received)
    return int.from_bytes(three[:2])
