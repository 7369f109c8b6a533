"""Whom alarms are told outside of the console: `notify.toml` in the key folder.

Off while there is no such file. It stands beside the keys because its addresses carry
passwords and tokens: readable by its owner alone, in the same encrypted backup.

    [[to]]
    name = "duty"                 # how the log calls it
    url = "json://127.0.0.1:8099/alarm"
    priorities = ["1", "2"]       # default 1
    says = "kind"                 # or "priority", which leaves the kind out
    after = "30s"                 # not told if acknowledged by then; default 0s
    language = "en"               # default zh-CN
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from config.load import text_of
from config.locales import DEFAULT, languages
from config.toml_reader import Problems, Reader
from config.toml_table import parse
from domain.errors import InputError

FILE: Final = "notify.toml"
_LONGEST: Final = timedelta(hours=1)


class Says(StrEnum):
    """The most that leaves the site; nothing says more than KIND."""

    KIND = "kind"  # priority, what kind of alarm, a number to find it by
    PRIORITY = "priority"  # priority and number


class Priority(StrEnum):
    URGENT = "1"
    IMPORTANT = "2"
    NOTICE = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """`url` is a secret."""

    name: str
    url: str = field(repr=False)
    priorities: frozenset[int]
    says: Says
    after: timedelta
    language: str


def load_recipients(keys: Path) -> tuple[Recipient, ...]:
    """Those of the file in the folder `keys`; none without one.

    Raises:
        SiteInvalid: all problems, with their lines.
        InputError: others may read the file.
    """
    path = keys / FILE
    if not path.exists():
        return ()
    if path.stat().st_mode & 0o077:
        raise InputError(f"{path} may be read by others: chmod 0600 it")
    problems = Problems()
    root = Reader(parse(text_of(path), str(path)), problems)
    found = tuple(_recipient(reader) for reader in root.tables("to"))
    root.finish()
    names = [each.name for each in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        root.problem(None, f"`{name}` is named twice; give each its own name")
    problems.raise_if_any()
    return found


def _recipient(reader: Reader) -> Recipient:
    name = reader.identifier("name")
    url = reader.text("url")
    priorities = reader.choices("priorities", Priority) or (Priority.URGENT,)
    says = reader.choice("says", Says, default=Says.KIND)
    after = reader.duration("after", default=timedelta())
    if after > _LONGEST:
        reader.problem("after", "is longer than an hour; write less")
    language = reader.text("language", default=DEFAULT)
    if language not in languages():
        reader.problem("language", f"no such language; {', '.join(languages())}")
    reader.finish()
    return Recipient(
        name=name,
        url=url,
        priorities=frozenset(int(each) for each in priorities),
        says=says,
        after=after,
        language=language,
    )
