"""`docs/site-file.md` tells of every key that a site file may have."""

import re
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Final

import pytest

from config import durations
from config.schema import ClimateLimits, FaceLimits, Role, Timing
from domain.people import Rank
from domain.zones import ZoneLevel
from tests.unit.config.sites import SOUND

PAGE: Final = Path("docs/site-file.md").read_text("utf-8")
CODE: Final = frozenset(re.findall(r"`([\w.]+)`", PAGE))


def test_every_setting_has_its_place() -> None:
    keys = {
        f.name for kind in (Timing, FaceLimits, ClimateLimits) for f in fields(kind)
    }

    assert keys - CODE == set()


@pytest.mark.parametrize("kind", [Role, Rank, ZoneLevel])
def test_every_choice_has_its_place(kind: type[StrEnum]) -> None:
    assert set(map(str, kind)) - CODE == set()


def test_the_defaults_it_tells_are_the_defaults() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| `(\w+)` \|$", PAGE, re.MULTILINE))

    defaults = Timing()
    wrong = {
        key: value
        for key, value in told.items()
        if key in {f.name for f in fields(Timing)}
        and durations.parse(value) != getattr(defaults, key)
    }
    assert len(told) >= 8
    assert wrong == {}


def test_it_tells_of_whatever_the_sound_site_uses() -> None:
    keys = set(re.findall(r"^(\w+) = (?!\{|\[\")", SOUND, re.MULTILINE))

    assert keys - CODE == set()
