"""A declaration of devices as it is typed: rows of a form, complete or not.

A row says what kind a device is, its type, make and serial number, and what becomes of
it. A storage device has no way in (G5.3.2-2b). One that is sent away is not declared.
"""

from dataclasses import dataclass
from typing import Final

from controller.services.desk import DeskVisitor
from controller.services.reception import MAX_DEVICES
from controller.web.forms import Form
from domain.visit_devices import (
    ALWAYS_DEPOSITED,
    CarriedDevice,
    DeviceKind,
    Disposition,
)

SENT_AWAY: Final = "sent_away"  # 劝返


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    kind: DeviceKind
    type: str = ""
    make: str = ""
    serial: str = ""
    disposition: str = ""  # of `Disposition`, or sent away; "" is not chosen yet

    @property
    def choices(self) -> tuple[str, ...]:
        """What may become of it."""
        if self.kind in ALWAYS_DEPOSITED:
            return Disposition.DEPOSITED, SENT_AWAY
        return *Disposition, SENT_AWAY

    @property
    def decided(self) -> bool:
        return self.disposition in (*Disposition, SENT_AWAY)

    @property
    def allowed(self) -> bool:
        return not self.decided or self.disposition in self.choices

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


def declared(who: DeskVisitor) -> tuple[DeviceRow, ...]:
    """The rows of what was declared before."""
    devices = who.devices.devices if who.devices else ()
    return tuple(
        DeviceRow(
            kind=each.kind,
            type=each.type,
            make=each.make,
            serial=each.serial,
            disposition=each.disposition,
        )
        for each in devices
    )


def typed(form: Form) -> tuple[DeviceRow, ...]:
    """The rows of a form, and one more of the kind asked for with `add`."""
    rows = [
        DeviceRow(
            kind=DeviceKind(form[f"kind-{number}"]),
            type=form[f"type-{number}"],
            make=form[f"make-{number}"],
            serial=form[f"serial-{number}"],
            disposition=form[f"disposition-{number}"],
        )
        for number in range(MAX_DEVICES)
        if form[f"kind-{number}"] in set(DeviceKind)
    ]
    if form["do"] == "add" and form["add"] in set(DeviceKind):
        rows.append(DeviceRow(kind=DeviceKind(form["add"])))
    return tuple(rows[:MAX_DEVICES])
