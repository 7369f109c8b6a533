"""A declaration of devices as it is typed: rows of a form, complete or not.

A row says what kind a device is, its type, make and serial number, and what becomes of
it: only what the check-in would take. A storage device has no way in (G5.3.2-2b), nor
has a phone or camera on a tour (G5.5.3-2) or to a core zone (G5.3.3-1). One that is
sent away is not declared.
"""

from dataclasses import dataclass
from typing import Final

from controller.services.desk import DeskVisit, DeskVisitor
from controller.services.reception.declaration import MAX_DEVICES
from controller.web.forms import Form
from domain.visit_devices import (
    ALWAYS_DEPOSITED,
    CarriedDevice,
    DeviceKind,
    Disposition,
    dispositions,
)
from domain.visit_problems import VisitProblem

SENT_AWAY: Final = "sent_away"  # 劝返


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    kind: DeviceKind
    type: str = ""
    make: str = ""
    serial: str = ""
    disposition: str = ""  # of `Disposition`, or sent away; "" is not chosen yet
    deposit: frozenset[DeviceKind] = frozenset()  # kinds that stay, on this visit

    @property
    def choices(self) -> tuple[str, ...]:
        """What may become of it."""
        return *dispositions(self.kind, self.deposit), SENT_AWAY

    @property
    def decided(self) -> bool:
        return self.disposition in (*Disposition, SENT_AWAY)

    @property
    def allowed(self) -> bool:
        return not self.decided or self.disposition in self.choices

    @property
    def problem(self) -> VisitProblem:
        """Why it can't be taken in, if it isn't allowed."""
        storage = self.kind in ALWAYS_DEPOSITED
        return VisitProblem.STORAGE if storage else VisitProblem.DEPOSIT

    def device(self) -> CarriedDevice | None:
        """As it is declared; None: it isn't there any more."""
        if self.disposition == SENT_AWAY or not self.decided:
            return None
        return CarriedDevice(
            kind=self.kind,
            type=self.type,
            make=self.make,
            serial=self.serial,
            disposition=Disposition(self.disposition),
        )


def declared(visit: DeskVisit, who: DeskVisitor) -> tuple[DeviceRow, ...]:
    """The rows of what was declared before."""
    devices = who.devices.devices if who.devices else ()
    return tuple(
        DeviceRow(
            kind=each.kind,
            type=each.type,
            make=each.make,
            serial=each.serial,
            disposition=each.disposition,
            deposit=visit.deposit,
        )
        for each in devices
    )


def has_unknown(form: Form) -> bool:
    """Whether a row is of a kind that no form of ours offers: nothing is left out."""
    kinds = (form[f"kind-{number}"] for number in range(MAX_DEVICES))
    return any(kind and kind not in set(DeviceKind) for kind in kinds)


def typed(visit: DeskVisit, form: Form) -> tuple[DeviceRow, ...]:
    """The rows of a form, and one more of the kind asked for with `add`."""
    rows = [
        DeviceRow(
            kind=DeviceKind(form[f"kind-{number}"]),
            type=form[f"type-{number}"],
            make=form[f"make-{number}"],
            serial=form[f"serial-{number}"],
            disposition=form[f"disposition-{number}"],
            deposit=visit.deposit,
        )
        for number in range(MAX_DEVICES)
        if form[f"kind-{number}"] in set(DeviceKind)
    ]
    if form["do"] == "add" and form["add"] in set(DeviceKind):
        kind = DeviceKind(form["add"])
        rows.append(DeviceRow(kind=kind, deposit=visit.deposit))
    return tuple(rows[:MAX_DEVICES])
