"""Breaking text into lines, also where it is Chinese.

Chinese has no spaces and breaks between any two characters, except that closing
marks (，。」) never begin a line and opening ones (「（) never end one. Latin words and
numbers stay whole unless one alone is wider than the line.
"""

from collections.abc import Callable, Iterator
from typing import Final
from unicodedata import east_asian_width

_NEVER_FIRST: Final = frozenset("，。、；：？！）》」』】〉”’…·—～,.;:?!)]}%")
_NEVER_LAST: Final = frozenset("（《「『【〈“‘([{")


def broken(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """`text` in lines no wider than `width`; a newline in it begins a new one."""
    return [
        line
        for paragraph in text.split("\n")
        for line in _paragraph(paragraph, width, measure)
    ]


def _paragraph(
    text: str, width: float, measure: Callable[[str], float]
) -> Iterator[str]:
    line = ""
    for part in _unbreakable(text):
        if measure((line + part).rstrip()) <= width:
            line += part
            continue
        if line.strip():
            yield line.rstrip()
        line = part.lstrip()
        while measure(line.rstrip()) > width and len(line) > 1:
            head = _longest(line, width, measure)
            yield line[:head]
            line = line[head:]
    yield line.rstrip()


def _longest(text: str, width: float, measure: Callable[[str], float]) -> int:
    """How many characters of `text` fit; one always does."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _unbreakable(text: str) -> Iterator[str]:
    """The parts between which a line may break; a space belongs to the part before."""
    part = ""
    for character in text:
        if part and _may_break(part[-1], character):
            yield part
            part = ""
        part += character
    if part:
        yield part


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return before == " " or _wide(before) or _wide(after)


def _wide(character: str) -> bool:
    return east_asian_width(character) in "WF"
