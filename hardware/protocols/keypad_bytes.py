"""Keys of a serial keypad: one ASCII byte a key, "0".."9", "*" and "#".

There is no checksum: a damaged byte is another key or none, and a PIN with it is
wrong. CR and LF between keys are allowed and mean nothing.
"""

from typing import Final

from domain.errors import CallerError

KEYS: Final = "0123456789*#"

_SILENT: Final = b"\r\n"


def decode(data: bytes) -> tuple[str, int]:
    """The keys in `data`, and how many bytes were none."""
    keys = "".join(char for char in data.decode("latin-1") if char in KEYS)
    silent = sum(data.count(byte) for byte in _SILENT)
    return keys, len(data) - len(keys) - silent


def encode(keys: str) -> bytes:
    """The bytes for `keys`.

    Raises:
        CallerError: something that is no key (it is not repeated: it may be a PIN).
    """
    if not set(keys) <= set(KEYS):
        raise CallerError(f"a keypad has only the keys {KEYS}")
    return keys.encode()
