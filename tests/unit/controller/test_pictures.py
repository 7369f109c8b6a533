"""What is kept of a picture is its pixels; what is no picture is told from one."""

from io import BytesIO
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from controller.services.pictures import MAX_BYTES, PictureFault, small_jpeg
from tests.photos import ASIDE, camera_jpeg, drawn_face, png_claiming


def opened(picture: bytes | PictureFault) -> Image.Image:
    assert isinstance(picture, bytes)
    return Image.open(BytesIO(picture))


def as_png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


_SMALL_JPEG: Final = camera_jpeg((64, 48), turned=6)
_SMALL_PNG: Final = as_png(drawn_face((64, 48)))


def test_a_picture_becomes_small_and_says_nothing_but_itself() -> None:
    data = camera_jpeg()
    small = small_jpeg(data)
    picture = opened(small)

    assert ASIDE.encode() in data
    assert isinstance(small, bytes)
    assert ASIDE.encode() not in small
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
    }
    assert (picture.format, picture.size) == ("JPEG", (360, 480))
    assert len(small) < 30_000
    assert small_jpeg(data) == small


def test_a_camera_that_was_held_sideways_still_gives_an_upright_picture() -> None:
    assert opened(small_jpeg(camera_jpeg((1200, 900), turned=6))).size == (360, 480)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_kind_becomes_a_jpeg_on_white(mode: str) -> None:
    picture = Image.new(mode, (40, 30))
    shown = opened(small_jpeg(as_png(picture))).convert("RGB")

    assert shown.size == (40, 30)
    clear = mode in ("LA", "RGBA")
    assert shown.getpixel((20, 15)) == ((255,) * 3 if clear else (0,) * 3)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", PictureFault.NONE),
        (b"\xff" * (MAX_BYTES + 1), PictureFault.TOO_LARGE),
        (b"%PDF-1.7 not a picture", PictureFault.NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureFault.NO_PICTURE),
        (_SMALL_JPEG[:200], PictureFault.NO_PICTURE),
        (_SMALL_PNG[:200], PictureFault.NO_PICTURE),
        (png_claiming(5001, 5000), PictureFault.TOO_MANY_PIXELS),
        (png_claiming(30_000, 30_000), PictureFault.TOO_MANY_PIXELS),
    ],
)
def test_what_cannot_be_taken_is_told_apart(data: bytes, fault: PictureFault) -> None:
    assert small_jpeg(data) is fault


def test_another_format_of_pillows_is_not_opened() -> None:
    out = BytesIO()
    drawn_face((40, 30)).save(out, "GIF")

    assert small_jpeg(out.getvalue()) is PictureFault.NO_PICTURE


@given(
    whole=st.sampled_from([_SMALL_JPEG, _SMALL_PNG]),
    at=st.integers(0, 1500),
    bits=st.binary(min_size=1, max_size=12),
)
@settings(max_examples=150, deadline=None)
@pytest.mark.filterwarnings("ignore:::PIL")  # it grumbles, and goes on
def test_damage_anywhere_is_a_picture_or_a_fault_and_never_a_crash(
    whole: bytes, at: int, bits: bytes
) -> None:
    at %= len(whole)
    damaged = whole[:at] + bits + whole[at + len(bits) :]

    assert isinstance(small_jpeg(damaged), bytes | PictureFault)
