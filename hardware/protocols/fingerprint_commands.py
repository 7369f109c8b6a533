"""What one says to an R503 / ZFM fingerprint module, and what it answers.

A command is one packet of kind COMMAND whose payload is an instruction byte and its
arguments. The answer is one packet of kind ACK whose payload is an `Answer` byte and
results; around `upload` and `download` follow packets of kind DATA, the last of kind
END_OF_DATA. Answers name neither their command nor a sequence number: `Command.answer`
is the one size that a positive answer has, and the only thing that tells a late
answer from the right one.

Slots ("pages" in the manuals) count from 0; char buffers are 1 and 2. Big-endian.
Source: Hangzhou Grow, "R503 User Manual" v1.1 (2019-06), section V; ZhianTec, "ZFM
user manual" v13, chapter 5.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Literal

from domain.errors import FrameLengthInvalid, FrameMalformed
from hardware.protocols.fingerprint_packet import ANY_ADDRESS, Kind, Packet

Buffer = Literal[1, 2]

PACKET_BYTES: Final = (32, 64, 128, 256)  # by the code in the system parameters
SLOTS_PER_INDEX: Final = 256
BAUD_UNIT: Final = 9600


class Instruction(IntEnum):
    GET_IMAGE = 0x01
    IMAGE_TO_CHAR = 0x02
    MATCH = 0x03
    SEARCH = 0x04
    REG_MODEL = 0x05
    STORE = 0x06
    LOAD_CHAR = 0x07
    UP_CHAR = 0x08
    DOWN_CHAR = 0x09
    DELETE = 0x0C
    EMPTY = 0x0D
    SET_PARAMETER = 0x0E
    READ_PARAMETERS = 0x0F
    SET_PASSWORD = 0x12
    VERIFY_PASSWORD = 0x13
    SET_ADDRESS = 0x15
    FAST_SEARCH = 0x1B  # the same arguments and answers as SEARCH
    TEMPLATE_COUNT = 0x1D
    READ_INDEX = 0x1F
    AURA_LED = 0x35
    SOFT_RESET = 0x3D
    ECHO = 0x53


class Answer(IntEnum):
    """Confirmation codes, common to all commands."""

    OK = 0x00
    PACKET_ERROR = 0x01
    NO_FINGER = 0x02
    IMAGE_FAILED = 0x03
    IMAGE_MESSY = 0x06
    TOO_FEW_FEATURES = 0x07
    NO_MATCH = 0x08
    NOT_FOUND = 0x09
    ENROL_MISMATCH = 0x0A
    BAD_SLOT = 0x0B
    TEMPLATE_UNREADABLE = 0x0C
    UPLOAD_FAILED = 0x0D
    DATA_REFUSED = 0x0E
    IMAGE_UPLOAD_FAILED = 0x0F
    DELETE_FAILED = 0x10
    CLEAR_FAILED = 0x11
    WRONG_PASSWORD = 0x13
    IMAGE_INVALID = 0x15
    FLASH_ERROR = 0x18
    BAD_REGISTER = 0x1A
    BAD_ADDRESS = 0x20
    PASSWORD_MISSING = 0x21
    ALIVE = 0x55  # only to ECHO


_WORDS: Final = {
    Answer.OK: "done",
    Answer.PACKET_ERROR: "the command arrived damaged",
    Answer.NO_FINGER: "no finger on the glass",
    Answer.IMAGE_FAILED: "the finger could not be imaged",
    Answer.IMAGE_MESSY: "the image is too messy",
    Answer.TOO_FEW_FEATURES: "the image shows too few features",
    Answer.NO_MATCH: "the templates do not match",
    Answer.NOT_FOUND: "no stored template matches",
    Answer.ENROL_MISMATCH: "the two captures are not of the same finger",
    Answer.BAD_SLOT: "the slot is outside the library",
    Answer.TEMPLATE_UNREADABLE: "the slot holds no readable template",
    Answer.UPLOAD_FAILED: "the template cannot be sent",
    Answer.DATA_REFUSED: "data packets are not accepted now",
    Answer.IMAGE_UPLOAD_FAILED: "the image cannot be sent",
    Answer.DELETE_FAILED: "the template cannot be deleted",
    Answer.CLEAR_FAILED: "the library cannot be cleared",
    Answer.WRONG_PASSWORD: "wrong password",
    Answer.IMAGE_INVALID: "there is no valid image",
    Answer.FLASH_ERROR: "the module's flash failed",
    Answer.BAD_REGISTER: "no such parameter",
    Answer.BAD_ADDRESS: "wrong address",
    Answer.PASSWORD_MISSING: "the password was not verified",
    Answer.ALIVE: "alive",
}


def words_for(code: int) -> str:
    """What a confirmation code means, for people."""
    try:
        return _WORDS[Answer(code)]
    except ValueError:
        return f"unknown answer {code:#04x}"


class Parameter(IntEnum):
    BAUD = 4  # value x 9600
    SECURITY = 5  # 1..5
    PACKET_SIZE = 6  # code of PACKET_BYTES


class Light(IntEnum):
    """How the ring shines."""

    BREATHING = 1
    FLASHING = 2
    ON = 3
    OFF = 4


class Colour(IntEnum):
    RED = 1
    BLUE = 2
    PURPLE = 3


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `slow` ones compute or write flash: they get more time."""

    instruction: Instruction
    arguments: bytes = field(default=b"", repr=False)  # may be a password
    answer: int = 1  # bytes of a positive answer, the code included
    slow: bool = False

    def packet(self, address: int = ANY_ADDRESS) -> bytes:
        payload = bytes([self.instruction]) + self.arguments
        return bytes(Packet(Kind.COMMAND, payload, address))


GET_IMAGE: Final = Command(Instruction.GET_IMAGE)
REG_MODEL: Final = Command(Instruction.REG_MODEL, slow=True)
EMPTY: Final = Command(Instruction.EMPTY, slow=True)
READ_PARAMETERS: Final = Command(Instruction.READ_PARAMETERS, answer=17)
TEMPLATE_COUNT: Final = Command(Instruction.TEMPLATE_COUNT, answer=3)
SOFT_RESET: Final = Command(Instruction.SOFT_RESET)
MATCH: Final = Command(Instruction.MATCH, answer=3, slow=True)


def image_to_char(buffer: Buffer) -> Command:
    return Command(Instruction.IMAGE_TO_CHAR, bytes([buffer]), slow=True)


def search(buffer: Buffer, start: int, count: int) -> Command:
    """Search `count` slots from `start`; answers slot and score."""
    where = bytes([buffer]) + start.to_bytes(2, "big") + count.to_bytes(2, "big")
    return Command(Instruction.SEARCH, where, answer=5, slow=True)


def store(buffer: Buffer, slot: int) -> Command:
    where = bytes([buffer]) + slot.to_bytes(2, "big")
    return Command(Instruction.STORE, where, slow=True)


def load_char(buffer: Buffer, slot: int) -> Command:
    where = bytes([buffer]) + slot.to_bytes(2, "big")
    return Command(Instruction.LOAD_CHAR, where, slow=True)


def up_char(buffer: Buffer) -> Command:
    """Module to host: data packets follow the answer."""
    return Command(Instruction.UP_CHAR, bytes([buffer]))


def down_char(buffer: Buffer) -> Command:
    """Host to module: data packets must follow the answer; none answers them."""
    return Command(Instruction.DOWN_CHAR, bytes([buffer]))


def delete(slot: int, count: int = 1) -> Command:
    where = slot.to_bytes(2, "big") + count.to_bytes(2, "big")
    return Command(Instruction.DELETE, where, slow=True)


def set_parameter(parameter: Parameter, value: int) -> Command:
    return Command(Instruction.SET_PARAMETER, bytes([parameter, value]), slow=True)


def verify_password(password: int) -> Command:
    return Command(Instruction.VERIFY_PASSWORD, password.to_bytes(4, "big"))


def set_password(password: int) -> Command:
    return Command(Instruction.SET_PASSWORD, password.to_bytes(4, "big"), slow=True)


def read_index(page: int) -> Command:
    """Which of slots 256 x page … + 255 are in use: one bit each."""
    return Command(Instruction.READ_INDEX, bytes([page]), answer=33)


def aura_led(light: Light, *, speed: int, colour: Colour, times: int) -> Command:
    """`speed` 0 (fast) … 255 (slow); `times` 0 is for ever."""
    how = bytes([light, speed, colour, times])
    return Command(Instruction.AURA_LED, how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The module's own account of itself (ReadSysPara, 16 bytes)."""

    status: int  # bit 0 busy, 1 last match passed, 2 password ok, 3 image valid
    system_id: int
    capacity: int
    security: int
    address: int
    packet_bytes: int
    baud: int

    def __bytes__(self) -> bytes:
        words = (
            self.status,
            self.system_id,
            self.capacity,
            self.security,
            self.address >> 16,
            self.address & 0xFFFF,
            PACKET_BYTES.index(self.packet_bytes),
            self.baud // BAUD_UNIT,
        )
        return b"".join(word.to_bytes(2, "big") for word in words)


def parse_parameters(result: bytes) -> Parameters:
    """The 16 bytes behind the code.

    Raises:
        FrameLengthInvalid: not 16 bytes.
        FrameMalformed: a packet size no manual knows.
    """
    if len(result) != 16:
        raise FrameLengthInvalid(f"expected 16 bytes of parameters, got {len(result)}")
    words = [int.from_bytes(result[i : i + 2], "big") for i in range(0, 16, 2)]
    if words[6] >= len(PACKET_BYTES):
        raise FrameMalformed(f"packet size code is {words[6]}")
    return Parameters(
        status=words[0],
        system_id=words[1],
        capacity=words[2],
        security=words[3],
        address=words[4] << 16 | words[5],
        packet_bytes=PACKET_BYTES[words[6]],
        baud=words[7] * BAUD_UNIT,
    )


def index_of(slots: frozenset[int], page: int) -> bytes:
    """32 bytes: bit i of byte n stands for slot 256 x page + 8 n + i."""
    bits = 0
    for slot in slots:
        if slot // SLOTS_PER_INDEX == page:
            bits |= 1 << slot % SLOTS_PER_INDEX
    return bits.to_bytes(32, "little")


def parse_index(result: bytes, page: int) -> frozenset[int]:
    """The slots in use, of 256 from 256 x `page` on."""
    if len(result) != 32:
        raise FrameLengthInvalid(f"expected 32 bytes of index, got {len(result)}")
    bits, first = int.from_bytes(result, "little"), page * SLOTS_PER_INDEX
    return frozenset(first + i for i in range(SLOTS_PER_INDEX) if bits >> i & 1)


def data_packets(
    data: bytes, *, packet_bytes: int, address: int = ANY_ADDRESS
) -> Iterator[bytes]:
    """`data` in packets of at most `packet_bytes`, the last marked as the end."""
    last = max(0, (len(data) - 1) // packet_bytes * packet_bytes)
    for start in range(0, max(1, len(data)), packet_bytes):
        kind = Kind.END_OF_DATA if start == last else Kind.DATA
        yield bytes(Packet(kind, data[start : start + packet_bytes], address))
