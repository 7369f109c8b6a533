"""Every exception this system raises on purpose.

Three questions decide the class: whose fault is it, can the door go on, and what
should the reader of the message do?

- `CallerError`  our own code broke a contract: a bug, so let it crash a test;
- `PeerError`    a device or the network broke its protocol: count, retry, go on;
- `DeviceError`  hardware did not answer: degrade, raise an alarm, go on;
- `InputError`   a person gave us something unusable: say what, where, what to do;
- `StorageError` the disk failed us: the door denies and alarms.

A *denied* person is not an error. Denials are values (`domain.policy.Decision`).
"""

from typing import ClassVar


class AccessSystemError(Exception):
    """Base of all deliberate errors. Subclasses set `code`, the stable log key."""

    code: ClassVar[str] = "internal"


class CallerError(AccessSystemError, ValueError):
    """Our own code asked for something impossible."""

    code = "caller"


class PeerError(AccessSystemError):
    """A device or a remote process sent something its protocol forbids."""

    code = "peer"


class DeviceError(AccessSystemError):
    """Hardware did not respond, or responded that it failed."""

    code = "device"


class DeviceSilent(DeviceError):
    """Hardware did not answer in time."""

    code = "device.silent"


class DeviceRefused(DeviceError):
    """Hardware answered that it cannot do what was asked.

    `answer` is the device's own code, for the log.
    """

    code = "device.refused"

    def __init__(self, message: str, *, answer: int) -> None:
        super().__init__(message)
        self.answer = answer


class DeviceVanished(DeviceError):
    """The device's file or bus disappeared (unplugged, driver gone)."""

    code = "device.vanished"


class ChecksumMismatch(PeerError):
    """A frame arrived whole but its checksum does not match its content."""

    code = "peer.checksum"

    def __init__(self, *, expected: int, received: int) -> None:
        super().__init__(
            f"checksum mismatch: computed {expected:#06x}, received {received:#06x}"
        )
        self.expected = expected
        self.received = received


class FrameLengthInvalid(PeerError):
    """A frame is shorter or longer than its protocol allows."""

    code = "peer.length"


class FrameMalformed(PeerError):
    """A frame has the right length but content its protocol does not know."""

    code = "peer.malformed"


class UnknownPacketKind(PeerError):
    """A sound frame of a kind we do not know."""

    code = "peer.kind"


class ParityMismatch(PeerError):
    """A Wiegand frame fails its parity; ask for the card again."""

    code = "peer.parity"


class SignatureInvalid(PeerError):
    """A message is not signed by who it claims to come from."""

    code = "peer.signature"


class SealBroken(PeerError):
    """An encrypted message cannot be opened with this key, or was altered."""

    code = "peer.seal"


class MessageMalformed(PeerError):
    """A message is not of the form its type demands; quarantine it."""

    code = "peer.message"


class UnknownMessageType(PeerError):
    """A sound message of a type we do not know yet; quarantine it."""

    code = "peer.type"


class LinkDown(PeerError):
    """The broker cannot be reached now; what was to be sent stays with the caller."""

    code = "peer.link"


class SubscriptionRefused(PeerError):
    """The broker does not let this client listen there."""

    code = "peer.subscription"


class InputError(AccessSystemError):
    """A person gave us something unusable."""

    code = "input"


class SiteInvalid(InputError):
    """A site file has problems. `problems` holds one sentence each, with place."""

    code = "input.site"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ScenarioInvalid(SiteInvalid):
    """A scenario file has problems. `problems` holds one sentence each, with place."""

    code = "input.scenario"


class PictureUnusable(InputError):
    """A photograph cannot be enrolled: no face, several faces, unreadable."""

    code = "input.picture"


class StorageError(AccessSystemError):
    """A disk or database failed; nothing that was acknowledged is lost."""

    code = "storage"


class ValueUnstorable(StorageError):
    """The database is well and refuses this very value; trying again cannot help."""

    code = "storage.value"


class RosterRejected(PeerError):
    """A roster cannot be applied: damaged, foreign, unsigned or rolled back."""

    code = "peer.roster"
