"""A whole group at the desk, one line a visitor: what is filled in is done at once.

A tour of thirty can't be taken in form by form. Of each only what they still lack is
asked; what they carry is nothing, or a telephone that goes into a locker: whoever has
more is declared by themselves. One undertaking each, as ever.
"""

from dataclasses import dataclass
from typing import Final

from controller.services.desk import DeskVisit, DeskVisitor
from controller.web.forms import Form
from controller.web.pages.desk import DOCUMENTS
from domain.ids import PersonId
from domain.visit_devices import CarriedDevice, DeviceKind, Disposition

NOTHING: Final = "nothing"
PHONE: Final = "phone"
_PHONE: Final = CarriedDevice(
    kind=DeviceKind.PHONE,
    type="",
    make="",
    serial="",
    disposition=Disposition.DEPOSITED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was typed for one visitor; empty fields are left for later."""

    person: PersonId
    document: str = DOCUMENTS[0]
    digits: str = ""
    carries: str = ""  # NOTHING, PHONE
    locker: str = ""
    typed: str = ""

    @property
    def devices(self) -> tuple[CarriedDevice, ...]:
        return (_PHONE,) if self.carries == PHONE else ()


def lines(visit: DeskVisit, form: Form) -> dict[PersonId, Line]:
    """One for each who comes."""
    coming = [v.person.id for v in visit.visitors if not v.turned_away]
    return {
        person: Line(
            person=person,
            document=form[f"document-{person}"] or DOCUMENTS[0],
            digits=form[f"digits-{person}"],
            carries=form[f"carries-{person}"],
            locker=form[f"locker-{person}"],
            typed=form[f"typed-{person}"],
        )
        for person in coming
    }


def is_name_of(typed: str, who: DeskVisitor) -> bool:
    """Whether somebody typed their own name, in either script, however spaced."""
    names = {_plain(who.person.name), _plain(who.person.name_en)} - {""}
    return _plain(typed) in names


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
