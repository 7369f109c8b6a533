"""A small clean picture out of whatever a camera or a stranger's file holds.

Decoded and encoded anew: what is kept has the pixels and nothing else, no EXIF (place,
device, instant), no comment, no profile, nothing that hid behind the picture. The size
is looked at before anything is unpacked.
"""

import struct
import zlib
from enum import StrEnum
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000  # a tablet's camera has 5 to 12 million
_SIDE: Final = 480
_QUALITY: Final = 82
_FORMATS: Final = ("JPEG", "PNG")
# What Pillow raises on damaged files: beside its own, whatever a bad offset runs into.
_DAMAGED: Final = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class PictureFault(StrEnum):
    NONE = "none"  # no file was chosen
    TOO_LARGE = "too_large"
    NO_PICTURE = "no_picture"  # not JPEG or PNG, or damaged
    TOO_MANY_PIXELS = "too_many_pixels"


def small_jpeg(data: bytes) -> bytes | PictureFault:
    """Upright, at most 480 pixels a side. The same file gives the same bytes."""
    if not data:
        return PictureFault.NONE
    if len(data) > MAX_BYTES:
        return PictureFault.TOO_LARGE
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                return PictureFault.TOO_MANY_PIXELS
            # A JPEG is unpacked no larger than needed.
            picture.draft("RGB", (_SIDE, _SIDE))
            return _encoded(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError:
        return PictureFault.TOO_MANY_PIXELS
    except _DAMAGED:
        return PictureFault.NO_PICTURE


def _encoded(picture: Image.Image) -> bytes:
    picture.thumbnail((_SIDE, _SIDE))
    seen = picture.convert("RGBA")
    # Onto a new one: the old one still carries what was written beside its pixels.
    clean = Image.new("RGB", seen.size, "white")
    clean.paste(seen, mask=seen.getchannel("A"))
    out = BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
