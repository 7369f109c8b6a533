"""Identifiers. Each is a string that never changes and is never re-used."""

from typing import Final, NewType

SiteId = NewType("SiteId", str)
DoorId = NewType("DoorId", str)  # "heat_treatment"; also the name in its certificate
ZoneId = NewType("ZoneId", str)
PersonId = NewType("PersonId", str)  # "E1001"; visitors "V…"
GrantId = NewType("GrantId", str)
CredentialId = NewType("CredentialId", str)
CommandId = NewType("CommandId", str)
ScheduleId = NewType("ScheduleId", str)
DeviceId = NewType("DeviceId", str)  # "heat_treatment.reader"
VisitId = NewType("VisitId", str)

_VISITORS: Final = "V"


def is_visitor(person: PersonId) -> bool:
    """Visitors' ids begin with a V, and nobody else's do (`config.lint`)."""
    return person.startswith(_VISITORS)


# The controller signs its own acts under this sender name, beside the doors.
CONTROLLER = DoorId("controller")
