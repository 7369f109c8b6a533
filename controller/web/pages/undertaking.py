"""The text of an undertaking as paragraphs and clauses, in two languages at once.

A line that begins with a number and a full stop is a clause, any other a paragraph.
Where both wordings have the same form, each part stands with its translation; where
they differ, the translation follows as a whole.
"""

import re
from dataclasses import dataclass
from typing import Final

_CLAUSE: Final = re.compile(r"(\d{1,3})[.．、]\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Part:
    """`number` of a clause, 0 of a paragraph. `other`: in the other language."""

    number: int
    text: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """`after`: the other wording, where its parts don't go with these."""

    parts: tuple[Part, ...]
    after: tuple[Part, ...]


def paper(body: str, other: str) -> Paper:
    own, theirs = parts_of(body), parts_of(other)
    if [p.number for p in own] != [p.number for p in theirs]:
        return Paper(own, theirs)
    return Paper(
        tuple(Part(a.number, a.text, b.text) for a, b in zip(own, theirs, strict=True)),
        (),
    )


def parts_of(body: str) -> tuple[Part, ...]:
    lines = (line.strip() for line in body.splitlines())
    return tuple(_part(line) for line in lines if line)


def _part(line: str) -> Part:
    clause = _CLAUSE.fullmatch(line)
    return Part(int(clause[1]), clause[2]) if clause else Part(0, line)
