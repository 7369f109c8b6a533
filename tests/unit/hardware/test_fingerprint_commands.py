"""Commands and answers, against the manuals' own examples."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FrameLengthInvalid, FrameMalformed
from hardware.protocols import fingerprint_commands as say
from hardware.protocols.fingerprint_commands import (
    PACKET_BYTES,
    Answer,
    Colour,
    Command,
    Light,
    Parameter,
    Parameters,
)
from hardware.protocols.fingerprint_packet import Kind, Packet, PacketReader

GOLDEN = Path(__file__).parents[2] / "golden/frames/fingerprint.hex"

COMMANDS = {
    "verify_password": say.verify_password(0),
    "set_password": say.set_password(0x12345678),
    "get_image": say.GET_IMAGE,
    "image_to_char_1": say.image_to_char(1),
    "image_to_char_2": say.image_to_char(2),
    "match": say.MATCH,
    "search_163": say.search(1, 0, 0xA3),
    "reg_model": say.REG_MODEL,
    "store_1": say.store(1, 1),
    "load_char_1": say.load_char(1, 1),
    "up_char_1": say.up_char(1),
    "down_char_1": say.down_char(1),
    "delete_1": say.delete(1),
    "empty": say.EMPTY,
    "security_3": say.set_parameter(Parameter.SECURITY, 3),
    "read_parameters": say.READ_PARAMETERS,
    "template_count": say.TEMPLATE_COUNT,
    "read_index_0": say.read_index(0),
    "red_breathing": say.aura_led(
        Light.BREATHING, speed=0x80, colour=Colour.RED, times=0
    ),
    "soft_reset": say.SOFT_RESET,
}


def golden() -> dict[str, bytes]:
    """`name  hex bytes`; a line that begins with # is a comment."""
    lines = GOLDEN.read_text().splitlines()
    rows = [line.split(maxsplit=1) for line in lines if line and line[0] != "#"]
    return {name: bytes.fromhex(frame) for name, frame in rows}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_byte_for_byte_the_golden_frame(name: str) -> None:
    assert COMMANDS[name].packet() == golden()[name]


def test_every_golden_frame_is_checked() -> None:
    assert set(COMMANDS) == set(golden())


@given(
    st.builds(
        Parameters,
        status=st.integers(0, 0xFFFF),
        system_id=st.integers(0, 0xFFFF),
        capacity=st.integers(0, 0xFFFF),
        security=st.integers(1, 5),
        address=st.integers(0, 0xFFFF_FFFF),
        packet_bytes=st.sampled_from(PACKET_BYTES),
        baud=st.integers(1, 12).map(lambda unit: unit * 9600),
    )
)
def test_parameters_come_back_as_they_went(parameters: Parameters) -> None:
    assert say.parse_parameters(bytes(parameters)) == parameters


def test_parameters_match_the_vendor_manual() -> None:
    """R503 as delivered: 200 templates, security 3, 128 bytes, 57,600 baud."""
    answer = bytes.fromhex("0000 0000 00C8 0003 FFFFFFFF 0002 0006")

    parameters = say.parse_parameters(answer)

    assert parameters.capacity == 200
    assert parameters.packet_bytes == 128
    assert parameters.baud == 57_600


def test_parameters_of_another_size_are_refused() -> None:
    with pytest.raises(FrameLengthInvalid):
        say.parse_parameters(bytes(15))
    with pytest.raises(FrameMalformed, match="packet size code is 4"):
        say.parse_parameters(bytes(13) + b"\x04" + bytes(2))


@given(st.frozensets(st.integers(0, 1023)))
def test_the_index_tells_exactly_the_slots_in_use(slots: frozenset[int]) -> None:
    pages = [say.parse_index(say.index_of(slots, page), page) for page in range(4)]

    assert frozenset().union(*pages) == slots


def test_the_index_begins_with_the_lowest_bit() -> None:
    assert say.parse_index(b"\x05\x80" + bytes(30), 1) == {256, 258, 271}


def test_an_index_of_another_size_is_refused() -> None:
    with pytest.raises(FrameLengthInvalid):
        say.parse_index(bytes(31), 0)


@given(st.binary(max_size=2000), st.sampled_from(PACKET_BYTES))
def test_data_packets_carry_everything_and_end_once(data: bytes, size: int) -> None:
    reader, received = PacketReader(), list[Packet]()
    for wire in say.data_packets(data, packet_bytes=size):
        reader.feed(wire)
    while (packet := reader.next_packet()) is not None:
        received.append(packet)

    assert b"".join(packet.payload for packet in received) == data
    kinds = [packet.kind for packet in received]
    assert kinds == [Kind.DATA] * (len(kinds) - 1) + [Kind.END_OF_DATA]
    assert all(len(packet.payload) <= size for packet in received)


@pytest.mark.parametrize("answer", Answer)
def test_every_answer_has_words(answer: Answer) -> None:
    assert say.words_for(answer)
    assert not say.words_for(answer).startswith("unknown")


def test_an_answer_nobody_knows_is_shown_as_a_number() -> None:
    assert "0x7f" in say.words_for(0x7F)


def test_a_command_never_shows_its_password() -> None:
    assert repr(0x1234) not in repr(say.verify_password(0x1234))
    assert "arguments" not in repr(say.verify_password(0x1234))


def test_positive_answers_differ_in_size_from_the_parameters() -> None:
    """The handshake relies on it."""
    others = [c.answer for c in COMMANDS.values() if c is not say.READ_PARAMETERS]

    assert isinstance(say.READ_PARAMETERS, Command)
    assert say.READ_PARAMETERS.answer not in others
