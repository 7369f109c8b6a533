"""The settings of whom alarms are told: off without them, and every slip is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.notify import FILE, Says, load_recipients
from domain.errors import InputError, SiteInvalid

SECRET = "json://duty:swordfish@127.0.0.1:8099/alarm"  # noqa: S105 of the test


def settings(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / FILE
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return folder


def test_without_the_file_nobody_is_told(tmp_path: Path) -> None:
    assert load_recipients(tmp_path) == ()


def test_a_recipient_is_told_urgent_alarms_at_once_unless_it_says_otherwise(
    tmp_path: Path,
) -> None:
    text = f'[[to]]\nname = "duty"\nurl = "{SECRET}"\n'
    [one] = load_recipients(settings(tmp_path, text))

    assert one.priorities == {1}
    assert (one.says, one.after, one.language) == (Says.KIND, timedelta(), "zh-CN")
    assert "swordfish" not in repr(one)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="chmod 0600"):
        load_recipients(settings(tmp_path, "", 0o640))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('says = "door"', "says"),
        ('says = "person"', "says"),
        ('priorities = ["4"]', "priorities"),
        ('after = "2h"', "longer than an hour"),
        ('language = "fr"', "no such language"),
        ('when = "night"', "when"),
        ('[[to]]\nname = "duty"\nurl = "json://x"', "named twice"),
    ],
)
def test_a_slip_is_named_and_the_address_is_not_repeated(
    tmp_path: Path, line: str, said: str
) -> None:
    text = f'[[to]]\nname = "duty"\nurl = "{SECRET}"\n{line}\n'
    with pytest.raises(SiteInvalid) as caught:
        load_recipients(settings(tmp_path, text))

    told = "\n".join(caught.value.problems)
    assert said in told
    assert "swordfish" not in told
