"""Pictures as cameras and strangers send them, drawn here: nobody's face."""

import struct
import zlib
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from tests.operators import csrf
from tests.web_site import Answer, Served, fetch

ASIDE: Final = "GPS 31.2304 N, Redmi K70"
_EDGE: Final = "----p-q-r"


def drawn_face(size: tuple[int, int] = (900, 1200)) -> Image.Image:
    """A head and shoulders."""
    width, height = size
    picture = Image.new("RGB", size, (206, 214, 222))
    draw = ImageDraw.Draw(picture)
    draw.ellipse(
        (width * 0.1, height * 0.62, width * 0.9, height * 1.4), fill=(70, 84, 110)
    )
    draw.ellipse(
        (width * 0.27, height * 0.15, width * 0.73, height * 0.68), fill=(222, 184, 155)
    )
    for x in (0.4, 0.6):
        draw.ellipse(
            (width * x - 20, height * 0.38, width * x + 20, height * 0.41), fill="black"
        )
    draw.arc((width * 0.4, height * 0.46, width * 0.6, height * 0.56), 20, 160, "black")
    return picture


def camera_jpeg(size: tuple[int, int] = (900, 1200), *, turned: int = 1) -> bytes:
    """With what a telephone writes beside the pixels; `turned`: EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = ASIDE
    out = BytesIO()
    drawn_face(size).save(out, "JPEG", exif=exif, comment=ASIDE.encode())
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are an enormous picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return (
            struct.pack(">I", len(data))
            + checked
            + struct.pack(">I", zlib.crc32(checked))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


async def send_photo(
    address: Served,
    who: dict[str, str],
    path: str,
    data: bytes | None,
    *,
    agreed: bool,
) -> Answer:
    """The form of the identity step, as a browser sends it; `data` None: no file."""
    edge = f"--{_EDGE}\r\nContent-Disposition: form-data; "
    body = f'{edge}name="csrf"\r\n\r\n{csrf(who)}\r\n'.encode()
    if data is not None:
        body += f'{edge}name="photo"; filename="DSC.jpg"\r\n\r\n'.encode()
        body += data + b"\r\n"
    if agreed:
        body += f'{edge}name="agreed"\r\n\r\nyes\r\n'.encode()
    return await fetch(
        address,
        path,
        method="POST",
        headers={**who, "content-type": f"multipart/form-data; boundary={_EDGE}"},
        body=body + f"--{_EDGE}--\r\n".encode(),
    )
