"""What a simulated fingerprint module knows and does, command by command.

No wire and no time here: `execute` takes a command's payload and returns the answer's
payload, and the data that follows it. Volatile: image, char buffers, verified
password. In flash: templates, password, address, parameters.
"""

from dataclasses import dataclass, field

from hardware.protocols.fingerprint_commands import (
    PACKET_BYTES,
    Answer,
    Instruction,
    Parameter,
    Parameters,
    index_of,
)
from simulators.finger import Finger, same_finger, score_of

Reply = tuple[bytes, bytes | None]


@dataclass(slots=True, kw_only=True)
class FingerprintMemory:
    capacity: int
    password: int
    address: int
    packet_bytes: int
    security: int
    system_id: int
    baud: int
    has_ring: bool
    slots: dict[int, bytes] = field(default_factory=dict)
    finger: Finger | None = None  # on the glass now
    image: Finger | None = None
    buffers: dict[int, bytes] = field(default_factory=dict)
    verified: bool = False
    captures: int = 0
    light: bytes | None = None  # the last ring command: control, speed, colour, times
    flash_broken: bool = False  # for one command
    _download_to: int = 1

    def forget(self) -> None:
        """What a reset loses."""
        self.image = None
        self.buffers.clear()
        self.verified = False

    def downloaded(self, template: bytes) -> None:
        self.buffers[self._download_to] = template

    def execute(self, payload: bytes) -> Reply:
        instruction, arguments = Instruction(payload[0]), payload[1:]
        if instruction is Instruction.VERIFY_PASSWORD:
            return self._verify(arguments)
        if self.password != 0 and not self.verified:
            return _code(Answer.PASSWORD_MISSING)
        try:
            return self._execute(instruction, arguments)
        except (IndexError, ValueError):  # too few arguments
            return _code(Answer.PACKET_ERROR)

    def _execute(self, instruction: Instruction, arguments: bytes) -> Reply:
        match instruction:
            case Instruction.GET_IMAGE:
                return self._get_image()
            case Instruction.IMAGE_TO_CHAR:
                return self._image_to_char(arguments[0])
            case Instruction.MATCH:
                return self._match()
            case Instruction.SEARCH | Instruction.FAST_SEARCH:
                start, count = _word(arguments[1:3]), _word(arguments[3:5])
                return self._search(arguments[0], range(start, start + count))
            case Instruction.REG_MODEL:
                return self._reg_model()
            case Instruction.STORE:
                return self._store(arguments[0], _word(arguments[1:3]))
            case Instruction.LOAD_CHAR:
                return self._load(arguments[0], _word(arguments[1:3]))
            case Instruction.UP_CHAR:
                return self._up_char(arguments[0])
            case Instruction.DOWN_CHAR:
                self._download_to = arguments[0]
                return _code(Answer.OK)
            case Instruction.DELETE:
                return self._delete(_word(arguments[:2]), _word(arguments[2:4]))
            case Instruction.EMPTY:
                return self._empty()
            case Instruction.SET_PARAMETER:
                return self._set_parameter(arguments[0], arguments[1])
            case Instruction.READ_PARAMETERS:
                return bytes([Answer.OK]) + bytes(self._parameters()), None
            case Instruction.SET_PASSWORD:
                self.password = int.from_bytes(arguments[:4], "big")
                return _code(Answer.OK)
            case Instruction.SET_ADDRESS:
                self.address = int.from_bytes(arguments[:4], "big")
                return _code(Answer.OK)
            case Instruction.TEMPLATE_COUNT:
                return _result(len(self.slots))
            case Instruction.READ_INDEX:
                index = index_of(frozenset(self.slots), arguments[0])
                return bytes([Answer.OK]) + index, None
            case Instruction.AURA_LED:
                if not self.has_ring:
                    return _code(Answer.PACKET_ERROR)
                self.light = arguments[:4]
                return _code(Answer.OK)
            case Instruction.ECHO:
                return _code(Answer.ALIVE)
            case _:  # SOFT_RESET; the module itself starts anew behind the answer
                return _code(Answer.OK)

    def _verify(self, arguments: bytes) -> Reply:
        self.verified = int.from_bytes(arguments, "big") == self.password
        return _code(Answer.OK if self.verified else Answer.WRONG_PASSWORD)

    def _get_image(self) -> Reply:
        self.image = self.finger
        return _code(Answer.OK if self.finger is not None else Answer.NO_FINGER)

    def _image_to_char(self, buffer: int) -> Reply:
        if self.image is None:
            return _code(Answer.IMAGE_INVALID)
        if not self.image.readable:
            return _code(Answer.IMAGE_MESSY)
        self.captures += 1
        self.buffers[buffer] = self.image.template(self.captures)
        return _code(Answer.OK)

    def _match(self) -> Reply:
        one, other = self.buffers.get(1, b""), self.buffers.get(2, b"")
        if same_finger(one, other):
            return _result(score_of(one, other))
        return _result(0, code=Answer.NO_MATCH)

    def _search(self, buffer: int, where: range) -> Reply:
        probe = self.buffers.get(buffer, b"")
        for slot in sorted(self.slots):
            if slot in where and same_finger(probe, self.slots[slot]):
                return _result(slot, score_of(probe, self.slots[slot]))
        return _result(0, 0, code=Answer.NOT_FOUND)

    def _reg_model(self) -> Reply:
        one, other = self.buffers.get(1, b""), self.buffers.get(2, b"")
        if not same_finger(one, other):
            return _code(Answer.ENROL_MISMATCH)
        self.buffers[2] = one
        return _code(Answer.OK)

    def _store(self, buffer: int, slot: int) -> Reply:
        if slot >= self.capacity:
            return _code(Answer.BAD_SLOT)
        if self.flash_broken:
            return _code(Answer.FLASH_ERROR)
        self.slots[slot] = self.buffers.get(buffer, b"")
        return _code(Answer.OK)

    def _load(self, buffer: int, slot: int) -> Reply:
        if slot >= self.capacity:
            return _code(Answer.BAD_SLOT)
        if slot not in self.slots:
            return _code(Answer.TEMPLATE_UNREADABLE)
        self.buffers[buffer] = self.slots[slot]
        return _code(Answer.OK)

    def _up_char(self, buffer: int) -> Reply:
        if not (template := self.buffers.get(buffer)):
            return _code(Answer.UPLOAD_FAILED)
        return bytes([Answer.OK]), template

    def _delete(self, slot: int, count: int) -> Reply:
        if self.flash_broken or slot + count > self.capacity:
            return _code(Answer.DELETE_FAILED)
        for each in range(slot, slot + count):
            self.slots.pop(each, None)
        return _code(Answer.OK)

    def _empty(self) -> Reply:
        if self.flash_broken:
            return _code(Answer.CLEAR_FAILED)
        self.slots.clear()
        return _code(Answer.OK)

    def _set_parameter(self, number: int, value: int) -> Reply:
        match number:
            case Parameter.BAUD if 1 <= value <= 12:
                self.baud = value * 9600
            case Parameter.SECURITY if 1 <= value <= 5:
                self.security = value
            case Parameter.PACKET_SIZE if value < len(PACKET_BYTES):
                self.packet_bytes = PACKET_BYTES[value]
            case _:
                return _code(Answer.BAD_REGISTER)
        return _code(Answer.OK)

    def _parameters(self) -> Parameters:
        return Parameters(
            status=0,
            system_id=self.system_id,
            capacity=self.capacity,
            security=self.security,
            address=self.address,
            packet_bytes=self.packet_bytes,
            baud=self.baud,
        )


def _code(answer: Answer) -> Reply:
    return bytes([answer]), None


def _result(*words: int, code: Answer = Answer.OK) -> Reply:
    return bytes([code]) + b"".join(word.to_bytes(2, "big") for word in words), None


def _word(data: bytes) -> int:
    if len(data) != 2:
        raise ValueError("an argument is missing")
    return int.from_bytes(data, "big")
